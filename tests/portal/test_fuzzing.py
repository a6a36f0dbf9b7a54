"""schemathesis, all checks, right questions and wrong ones, alone and along the links: some thousand calls; `python -m bench fuzz` makes 50,000."""

from bench.fuzz import fuzz, statuses
from tests.portal.conftest import Program

EXAMPLES = 10
SEED = 20261123


def test_schemathesis_finds_nothing(program: Program) -> None:
    before = statuses(program.log.read_text(encoding="utf-8", errors="replace"))
    assert fuzz(f"http://{program.host}", SEED, EXAMPLES) == ""
    seen = statuses(program.log.read_text(encoding="utf-8", errors="replace")) - before
    assert seen.total() > 900 and {200, 400, 404, 405, 413, 415} <= seen.keys()
    assert max(seen) < 500
