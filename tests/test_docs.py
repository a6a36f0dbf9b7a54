"""The documents say what the code does."""

import re
import subprocess
import sys

import pytest

from indexer.settings import TABLE
from tests.servers import CHECKOUT


def test_the_pages_made_from_code_are_what_the_code_says() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "docs.generate", "--check"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr


@pytest.mark.parametrize("env", [row.env for row in TABLE.values()])
def test_every_setting_is_documented(env: str) -> None:
    assert f"| `{env}` |" in (CHECKOUT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_contributing_names_only_make_targets_that_there_are() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9]+):.*## ", makefile, re.MULTILINE))
    named = re.findall(r"`make ([a-z0-9]+)", (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert named
    assert set(named) <= targets


def test_the_makefile_tells_every_target_in_its_help() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()) - {"mend"}
    told = subprocess.run(["make", "help"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    assert phony == set(re.findall(r"^  ([a-z0-9-]+) ", told, re.MULTILINE))


def test_the_lock_pins_by_hash_and_names_no_address_and_no_folder() -> None:
    lock = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    for line in lock.splitlines():
        assert re.match(r"#|[a-z0-9.-]+==\S+.* \\$|    --hash=sha256:[0-9a-f]{64}", line), line
