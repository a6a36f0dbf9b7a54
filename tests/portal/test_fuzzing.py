"""schemathesis, all checks, right questions and wrong ones, alone and along the links: some thousand calls; `python -m bench fuzz` makes 50,000."""

from bench.fuzz import fuzz
from tests.portal.conftest import Program

EXAMPLES = 12
SEED = 20261123


def test_schemathesis_finds_nothing(program: Program) -> None:
    found = fuzz(f"http://{program.host}", SEED, EXAMPLES)
    assert found.failures == [], "\n".join(found.failures)
    assert found.server_errors == 0
    assert found.calls > 1000 and len(found.statuses) > 4
