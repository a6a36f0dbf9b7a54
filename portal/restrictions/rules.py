"""The rule table (规则表): what `rules.toml` may say, read and checked whole before any of it is used.

A wrong table stops the start and names all that is wrong at once; a rule without a legal basis and a source is wrong (domain.md 3.4:
no measure without a cited basis). The fields are explained for operators in docs/restrictions.md.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from indexer.errors import ZhixinError
from portal.restrictions.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
