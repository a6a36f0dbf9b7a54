"""The states that rules see are those that the register's record has, day by day."""

import itertools
from datetime import UTC, date, datetime, timedelta
from random import Random

from indexer.kinds import kinds
from indexer.kinds.base import State
from indexer.register.disclosure import PublicRecord
from portal.restrictions.status import states

BEGIN = date(2024, 2, 20)


def a_record(random: Random, kind: str) -> PublicRecord:
    """A record with up to three states and any validity."""

    def day() -> date | None:
        return BEGIN + timedelta(days=random.randrange(30)) if random.randrange(4) else None

    codes = [term.code for term in kinds()[kind].statuses]
    stored = tuple(State(day(), random.choice(codes)) for _ in range(random.randrange(4) if codes else 0))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return PublicRecord(
        id="r1",
        kind=kinds()[kind],
        subject=None,
        name=None,
        title="示例",
        number=None,
        category=None,
        status=None,
        region=None,
        dated=None,
        valid_from=day(),
        valid_until=random.choice([day(), date.max]),
        public_until=None,
        values={},
        extra={},
        source=None,
        batch=1,
        recorded_at=now,
        states=stored,
        notes=(),
    )


def test_periods_of_states_cover_all_days_and_agree_with_each_of_them() -> None:
    for seed in range(3000):
        random = Random(seed)
        record = a_record(
            random, random.choice(["certificate", "licence", "penalty", "listing", "inspection"])
        )
        periods = states(record)
        assert periods[0].first == date.min and periods[-1].last == date.max
        for one, two in itertools.pairwise(periods):
            assert two.first - one.last == timedelta(days=1)
        for place in range(-2, 34):
            day = BEGIN + timedelta(days=place)
            [status] = [each.status for each in periods if each.first <= day <= each.last]
            assert status == record.status_on(day), (seed, day)
