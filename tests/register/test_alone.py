"""What only one process may do at a time."""

import pytest

from indexer.errors import ServiceUnavailable
from indexer.register.database import alone, connect


def test_a_lock_holds_off_the_second_and_goes_when_the_work_fails(migrated_database: str) -> None:
    one, other = connect(migrated_database), connect(migrated_database)

    def failing() -> None:
        with alone(one, "reindex"):
            with pytest.raises(ServiceUnavailable, match="另一个进程"), alone(other, "reindex"):
                pass
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    with alone(other, "reindex"):
        pass
    one.dispose()
    other.dispose()
