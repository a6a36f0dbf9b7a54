"""docs/adding-a-kind.md keeps its promise: the file on that page, put into the package, is a kind like any other."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-a-kind.md").read_text(encoding="utf-8")
CODE, TEST = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
RUN_THE_TEST = f"""
from datetime import date
from indexer.kinds.base import Value
from indexer.kinds.measurement_standard import KIND
{TEST}
test_an_examination_of_tomorrow_is_refused()
"""
RECOGNISE = """
from datetime import date
from indexer.kinds import kinds
from indexer.sources.check import Checker
from indexer.sources.columns import detect_kind, match_header
from indexer.sources.table import Row
headings = ["统一社会信用代码", "单位名称", "计量标准名称", "考核证书号", "测量范围", "有效期止", "联系电话"]
kind = detect_kind(headings)
assert kind is kinds()["measurement_standard"], kind.name
assert match_header(headings, kind).unknown == ()
cells = ["", "示例计量测试有限公司", "示例砝码标准装置", "示例量标1号", "1 mg～500 g", "2027年3月5日", "示例电话"]
draft = Checker(kind, headings, date(2026, 11, 23)).check(Row(2, cells))
assert draft.name == "示例计量测试有限公司", draft
assert draft.values["number"] == "示例量标1号" and draft.values["valid_until"] == "2027-03-05", draft
for other in kinds().values():
    assert detect_kind([column.label for column in other.all_columns()]) is other, other.name
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the page's one new file in it."""
    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(ROOT / "indexer", folder / "indexer", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "indexer" / "kinds" / "measurement_standard.py").write_text(CODE, encoding="utf-8")
    return folder


def run(package: Path, *arguments: str) -> str:
    """What a new Python says that knows only the copy; warnings are errors there too."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=package,
        env={"PYTHONPATH": str(package), "PYTHONUTF8": "1"},
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode()


def test_the_page_names_the_file_that_it_shows() -> None:
    assert "`indexer/kinds/measurement_standard.py`:" in PAGE


def test_a_file_of_the_new_kind_is_read_and_no_other_kind_is_disturbed(package: Path) -> None:
    run(package, "-c", RECOGNISE)


def test_the_test_on_the_page_passes(package: Path) -> None:
    run(package, "-c", RUN_THE_TEST)


def test_what_holds_for_every_kind_holds_for_the_new_one(package: Path) -> None:
    shutil.copy(Path(__file__).with_name("test_every_kind.py"), package / "test_every_kind.py")
    chosen = ["-k", "measurement_standard and not contract"]
    said = run(package, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_every_kind.py", *chosen)
    assert "passed" in said
