"""Supervision grades: in SQL as in Python, from what is public and in force, and moved by a rule as its preview said."""

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.engine import Engine

from indexer.register.bulk import insert_rows
from indexer.register.database import connect, filing, reading
from indexer.supervision.grading import PRODUCTS as TEXT
from indexer.supervision.grading import Criteria, graded, in_class
from indexer.supervision.models import Supervised
from indexer.supervision.rule import RATINGS, RuleRefused, read_rule
from tests.register.conftest import row, uscc
from tests.register.statements import statements
from tests.supervision.conftest import RULE, Bureau

PRODUCTS = st.one_of(
    st.none(),
    st.lists(st.sampled_from(["水泥", "低压电器", "电缆%", "童装", "ABC儿童", "无关_"]), max_size=4).map(
        "\n".join
    ),
)
ENTERPRISES = st.lists(st.tuples(PRODUCTS, st.sampled_from([*RATINGS[:-1], None])), min_size=1, max_size=25)
GRADES = ("A", "B", "C", "D")


@st.composite
def rules(draw: st.DrawFn) -> str:
    """A sound rule of two or three classes, with any matrix, one of its lines for a single class."""
    words = draw(
        st.lists(st.sampled_from(["水泥", "电", "%", "_", "abc", "童"]), min_size=1, max_size=3, unique=True)
    )
    lines = ['grades = ["A", "B", "C", "D"]', 'risks = ["低", "高"]']
    for n, word in enumerate(words):
        lines.append(
            f'[[class]]\ncode = "c{n}"\nname = "类{n}"\nrisk = "高"\nwords = ["{word}"]\nbasis = "示例"'
        )
    lines.append('[[class]]\ncode = "rest"\nname = "其他"\nrisk = "低"\nwords = []\nbasis = "示例"')
    for head in ('risk = "低"', 'risk = "高"', 'class = "c0"'):
        to = ", ".join(f'{rating} = "{draw(st.sampled_from(GRADES))}"' for rating in RATINGS)
        lines.append(f'[[matrix]]\n{head}\nbasis = "示例"\nto = {{ {to} }}')
    return "\n".join(lines)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with request.getfixturevalue("databases").fresh(request.param) as url:
        engine = connect(url)
        yield engine
        engine.dispose()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules(), ENTERPRISES)
def test_sql_grades_as_the_rule_judges(
    engine: Engine, text: str, enterprises: list[tuple[str | None, str | None]]
) -> None:
    rule = read_rule(text)
    rows = [
        (n, uscc(n), f"示例{n}", None, products.lower() if products else None, rating, None)
        for n, (products, rating) in enumerate(enterprises, 1)
    ]
    with filing(engine, 10) as connection:
        connection.execute(delete(Supervised))
        insert_rows(connection, Supervised.__table__, rows)  # type: ignore[arg-type]
    classes = [in_class(rule, each, TEXT).label(each.code) for each in rule.classes]
    with reading(engine) as connection:
        found = connection.execute(select(graded(rule), *classes).order_by(Supervised.subject_id)).all()
    for (_n, _code, _name, _region, products, rating, _record), (grade, *within) in zip(
        rows, found, strict=True
    ):
        assert grade == rule.judge(products, rating).grade
        own = {each.code for each in rule.classes_of(products)}
        assert {each.code for each, inside in zip(rule.classes, within, strict=True) if inside} == own


def test_the_shipped_example_is_sound_and_names_a_basis_for_every_class_and_line() -> None:
    rule = read_rule(RULE)
    assert rule.judge("低压电线电缆", "D").grade == "D"
    assert rule.judge(None, "AAA").grade == "A"
    assert all(each.basis for each in rule.classes) and all(line.basis for line in rule.lines.values())


def test_all_that_is_wrong_with_a_rule_is_told_at_once() -> None:
    broken = RULE.replace('risk = "低"\nwords = []', 'risk = "没有"\nwords = ["x"]').replace(
        'D = "C", none = "A"', 'D = "Z"'
    )
    with pytest.raises(RuleRefused) as refused:
        read_rule(broken + "\nspelt_wrong = 1")
    assert len(refused.value.problems) >= 4
    with pytest.raises(RuleRefused, match="TOML"):
        read_rule("grades = [")


def test_a_grade_is_made_from_what_is_public_and_in_force_today(bureau: Bureau) -> None:
    bureau.firms(1, 2, 3)
    bureau.license(1, "电线电缆")
    bureau.license(2, "水泥", valid_until="2026-02-01")
    bureau.rate(1, "AAA", rated_on="2023-01-05")
    bureau.rate(1, "C")
    bureau.rate(2, "D", valid_until="2026-01-31")
    bureau.rate(3, "D", status="withdrawn")
    bureau.desk.publish("enterprise", [row(9, "示例9有限公司", uscc(9), status="cancelled")])
    bureau.refresh()
    rule = read_rule(RULE)
    found = {
        each.code: (each.rating, each.grade)
        for each in bureau.supervision.grading.some(rule, Criteria(), 0, 50)
    }
    assert found == {uscc(1): ("C", "D"), uscc(2): (None, "A"), uscc(3): (None, "A")}


def test_an_enterprise_that_is_gone_is_gone_after_the_next_refresh(bureau: Bureau) -> None:
    bureau.firms(1, 2)
    bureau.refresh()
    bureau.desk.publish("enterprise", [row(2, "示例2有限公司", uscc(2), status="cancelled")])
    bureau.refresh()
    assert [each.code for each in bureau.supervision.grading.some(None, Criteria(), 0, 50)] == [uscc(1)]
    fresh = bureau.supervision.grading.freshness()
    assert fresh is not None and (fresh.enterprises, fresh.register_version) == (1, 2)


def test_a_preview_says_who_moves_and_costs_the_same_however_many_there_are(bureau: Bureau) -> None:
    bureau.rule()
    bureau.firms(*range(1, 4))
    bureau.license(1, "水泥")
    bureau.refresh()
    stricter = RULE.replace(
        'to = { AAA = "A", AA = "A", A = "B", B = "C", C = "D", D = "D", none = "C" }',
        'to = { AAA = "A", AA = "A", A = "B", B = "C", C = "D", D = "D", none = "D" }',
    )
    assert stricter != RULE
    with statements(bureau.desk.engine) as few:
        moves = bureau.supervision.rulebook.preview(stricter)
    assert moves.looked_at == 3
    assert moves.moves == (("C", "D", 1),)
    assert [(code, old, new) for code, _name, old, new in moves.examples] == [(uscc(1), "C", "D")]
    bureau.firms(*range(10, 60))
    bureau.refresh()
    with statements(bureau.desk.engine) as many:
        assert bureau.supervision.rulebook.preview(stricter).looked_at == 53
    assert len(many) == len(few)


def test_a_rule_holds_from_its_day_and_a_late_approval_changes_nothing_back(bureau: Bureau) -> None:
    book, first = bureau.supervision.rulebook, bureau.rule()
    later = book.propose(bureau.operator, RULE, date(2026, 4, 1), "四月起")
    late = book.propose(bureau.operator, RULE, bureau.today, "当天")
    book.decide(bureau.reviewer, later, True, "")
    current = book.current()
    assert current is not None and current[0] == first
    bureau.wait(days=10)
    book.decide(bureau.reviewer, late, True, "")
    assert book.one(late).effective_from == bureau.today
    bureau.wait(days=30)
    current = book.current()
    assert current is not None and current[0] == later
    assert [each.id for each in book.versions()] == [late, later, first]
