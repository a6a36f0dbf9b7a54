"""The table of plans: the shipped one is sound, and one that is not stops the start and says where."""

from pathlib import Path

import pytest

from indexer.keys.plans import SHIPPED, PlansRefused, Scope, Window, load_plans
from indexer.settings import Settings


def table(folder: Path, old: str = "", new: str = "") -> Settings:
    """Settings with the shipped table, some of it replaced."""
    content = SHIPPED.read_text("utf-8")
    assert old in content
    path = folder / "plans.toml"
    path.write_text(content.replace(old, new, 1), "utf-8")
    return Settings(plans=str(path))


def test_the_shipped_plans() -> None:
    plans = load_plans(Settings(rate_limits=("2000/day", "60/minute")))
    assert plans.anonymous.windows == (Window("minute", 60, 60), Window("day", 2000, 86400))
    assert list(plans.named) == ["basic", "partner"]
    assert not plans.named["basic"].approved
    assert plans.named["partner"].approved
    for plan in plans.named.values():
        assert [each.seconds for each in plan.windows] == sorted({each.seconds for each in plan.windows})
    assert Scope.EXCHANGE not in plans.named["basic"].scopes
    assert plans.of("gone") is plans.anonymous


def test_another_table_takes_its_place(tmp_path: Path) -> None:
    plans = load_plans(table(tmp_path, '"1200/minute"', '"600/minute"'))
    assert Window("minute", 600, 60) in plans.named["basic"].windows


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('"50/second"', '"50 a second"', "plan.0.windows.0"),
        ('"50/second"', '"40/minute"', "basic"),
        ("at_once = 8", "at_once = 0", "plan.0.at_once"),
        ('scopes = ["read", "checks"]', 'scopes = ["write"]', "plan.0.scopes.0"),
        ("days = 365", "", "plan.0.days"),
        ("days = 365", "days = 365\ncolour = 1", "plan.0.colour"),
        ('name = "partner"', 'name = "basic"', "basic"),
        ('name = "partner"', 'name = "anonymous"', "anonymous"),
        ("[anonymous]", "[anonymous", "plans.toml"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, where: str) -> None:
    with pytest.raises(PlansRefused) as caught:
        load_plans(table(tmp_path, old, new))
    assert where in caught.value.zh
    assert where in caught.value.en
