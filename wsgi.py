"""What gunicorn starts: `gunicorn wsgi:app`. Settings come from the environment."""

import gc
import sys

from indexer.errors import ZhixinError
from indexer.settings import Settings
from portal.app import create_app
from portal.context import EXTENSION

COLLECT = (20_000, 10, 10)
"""New objects between two looks of the collector: a check of a thousand bidders makes a hundred thousand that are no garbage."""

BOOT_ERROR = 3  # with this code gunicorn stops instead of starting the worker again and again

try:
    app = create_app(Settings.load())
    app.extensions[EXTENSION].accounts.refuse_strangers()
    gc.freeze()  # what is loaded stays; looking through it again and again costs every request
    gc.set_threshold(*COLLECT)
except ZhixinError as error:
    sys.stderr.write(f"{error.zh}\n{error.en}\n")
    sys.exit(BOOT_ERROR)
