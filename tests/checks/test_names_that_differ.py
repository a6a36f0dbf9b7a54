"""Of names written wrong, none is ever taken for another enterprise; of names written otherwise, the right one is."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.register.database import connect
from indexer.search.embedded.engine import EmbeddedEngine
from portal.checks.model import Bidder
from tests import servers
from tests.checks.conftest import Office
from tests.register.conftest import Desk, row, uscc

NAMES = [
    f"{place}示例{mark}{trade}{form}"
    for place, mark, trade, form in product(
        ("苏州", "南京", ""),
        ("恒", "横", "恒达"),
        ("仪表", "电气", "电梯"),
        ("有限公司", "（集团）有限公司", "厂"),
    )
]
"""Neighbours of each other: other places, characters of the same sound, one character more, other trades and forms."""

KNOWN = [name for at, name in enumerate(NAMES) if at % 3]
"""Those the register has; each third is an enterprise that it does not know."""

CODES = {name: uscc(at) for at, name in enumerate(NAMES, 1)}

WRITINGS = (
    lambda name: name,
    lambda name: name.replace("（", "(").replace("）", ")"),
    lambda name: name.replace("（", "【").replace("）", "】"),
    lambda name: name.replace("（", "").replace("）", ""),
    lambda name: f" {name[:2]} {name[2:]}\u3000",
    lambda name: name.replace("苏", "蘇").replace("电", "電").replace("仪", "儀").replace("达", "達"),
)
"""Ways to write one name that make no other one."""


@pytest.fixture(scope="module")
def neighbours(databases: servers.Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with databases.fresh("sqlite") as url:
        engine = connect(url)
        office = Office(Desk(engine), EmbeddedEngine(Path(tmp_path_factory.mktemp("neighbours"))))
        office.desk.publish("enterprise", [row(n, name, CODES[name]) for n, name in enumerate(KNOWN)])
        office.index()
        yield office
        engine.dispose()


@pytest.mark.parametrize("write", WRITINGS)
def test_each_enterprise_is_taken_by_its_name_in_every_writing_and_an_unknown_one_by_none(
    neighbours: Office, write: object
) -> None:
    assert callable(write)
    result = neighbours.check([Bidder(at, name=write(name)) for at, name in enumerate(NAMES)])
    taken = {name: each.match.code for name, each in zip(NAMES, result.bidders, strict=True)}
    assert taken == {name: CODES[name] if name in KNOWN else None for name in NAMES}


def mistaken(name: str, random: Random) -> str:
    """A name with up to three slips of people who type."""
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(name))
        name = random.choice(
            [
                name[:at] + name[at + 1 :],
                name[:at] + random.choice("恒横达苏州南京仪电气梯厂示例") + name[at + 1 :],
                name[:at] + random.choice("恒横达新（）- 1") + name[at:],
                name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
                name + random.choice(["苏州分公司", "厂", "是不是黑名单", "（原示例厂）"]),
            ]
        )
    return name


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_whatever_slips_are_made_nobody_is_taken_but_the_bearer_of_the_very_name(
    neighbours: Office, random: Random
) -> None:
    typed = [mistaken(random.choice(NAMES), random) for _ in range(20)]
    result = neighbours.check([Bidder(at, name=name) for at, name in enumerate(typed)])
    plain = str.maketrans("", "", "（）() ")
    for name, each in zip(typed, result.bidders, strict=True):
        if each.match.name is not None:
            assert each.match.name.translate(plain) == name.translate(plain)
        else:
            assert all(name.translate(plain) != known.translate(plain) for known in KNOWN)
