"""Who a bidder is: exactly by code, by name only where it is one alone, with the way it was found, and nobody below certainty."""

from datetime import date, timedelta
from typing import Any

import pytest

from indexer.identifiers import uscc_check
from portal.checks.model import Bidder, BidderResult
from tests.checks.conftest import Office, Unreachable
from tests.register.conftest import row, uscc

FIRM, OTHER = "示例恒达（苏州）仪表有限公司", "示例永丰电缆有限公司"


def codes(notes: Any) -> list[str]:
    return [note.code for note in notes]


def taken(result: BidderResult) -> tuple[str, str | None]:
    return result.match.certainty, result.match.code


@pytest.fixture
def filled(office: Office) -> Office:
    """Two firms, one of which had another name, and an index of both."""
    office.desk.publish("enterprise", [row(2, FIRM, uscc(1)), row(3, "示例旧丰电缆厂", uscc(2))])
    office.desk.publish("enterprise", [row(2, OTHER, uscc(2), former_names="示例更早电缆社")])
    office.index()
    return office


def test_a_code_in_any_writing_is_exact_and_needs_no_explanation(filled: Office) -> None:
    result = filled.one(f" {uscc(1).lower()} ", "示例恒达(苏州)仪表有限公司")
    assert taken(result) == ("exact", uscc(1))
    assert result.match.path == result.match.notes == ()


def test_an_organisation_code_is_exact_and_the_way_is_told(filled: Office) -> None:
    result = filled.one(uscc(1)[8:17])
    assert taken(result) == ("exact", uscc(1))
    assert codes(result.match.path) == ["old-code"]
    assert uscc(1) in result.match.path[0].zh


def test_an_old_registration_number_is_exact_and_the_way_is_told(office: Office) -> None:
    number = "3205000000012"
    office.desk.publish("enterprise", [row(2, FIRM, number)])
    result = office.one(number)
    assert result.match.certainty == "exact"
    assert codes(result.match.path) == ["old-code"]
    assert "注册号" in result.match.path[0].zh


def test_a_code_and_a_name_that_disagree_go_by_the_code_and_are_flagged(filled: Office) -> None:
    result = filled.one(uscc(1), OTHER)
    assert taken(result) == ("exact", uscc(1))
    assert codes(result.match.notes) == ["name-differs"]
    assert FIRM in result.match.notes[0].zh and OTHER in result.match.notes[0].zh


@pytest.mark.parametrize("earlier", ["示例旧丰电缆厂", "示例更早电缆社"])
def test_an_earlier_name_beside_the_code_is_no_disagreement_and_is_told(filled: Office, earlier: str) -> None:
    result = filled.one(uscc(2), earlier)
    assert codes(result.match.path) == ["former-name"]
    assert result.match.notes == ()


def test_a_wrong_check_character_takes_nobody_and_offers_who_was_probably_meant(filled: Office) -> None:
    right = uscc(1)
    wrong = right[:17] + next(c for c in "0123456789ABCD" if c != uscc_check(right[:17]))
    result = filled.one(wrong)
    assert taken(result) == ("none", None)
    assert codes(result.match.notes) == ["code-check-wrong"]
    assert [candidate.code for candidate in result.match.candidates] == [right]
    assert result.domains == ()
    assert result.restricted is None


def test_a_code_that_is_not_there_is_never_replaced_by_the_name_beside_it(filled: Office) -> None:
    result = filled.one(uscc(77), FIRM)
    assert taken(result) == ("none", None)
    assert codes(result.match.notes) == ["code-unknown"]
    assert [candidate.code for candidate in result.match.candidates] == [uscc(1)]


@pytest.mark.parametrize("junk", ["9.13205E+17", "见附件", "11010519491231002X", "9" * 300])
def test_what_is_no_code_takes_nobody_and_says_why(filled: Office, junk: str) -> None:
    result = filled.one(junk)
    assert taken(result) == ("none", None)
    assert codes(result.match.notes) == ["not-a-code"]
    assert junk not in result.match.notes[0].zh


def test_an_organisation_code_given_out_twice_takes_nobody_and_names_both(office: Office) -> None:
    first = uscc(1)
    other17 = "91329901" + first[8:17]
    second = other17 + uscc_check(other17)
    office.desk.publish("enterprise", [row(2, FIRM, first), row(3, OTHER, second)])
    result = office.one(first[8:17])
    assert taken(result) == ("uncertain", None)
    assert {candidate.code for candidate in result.match.candidates} == {first, second}
    assert codes(result.match.notes) == ["code-given-twice"]


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        (FIRM, []),
        ("示例恒达(苏州)仪表有限公司", []),
        (" 示例恒达（苏州） 仪表有限公司", []),
        ("示例恆達（蘇州）儀表有限公司", ["other-writing"]),
        ("示例恒达苏州仪表有限公司", ["other-writing"]),
    ],
)
def test_the_name_that_one_alone_bears_is_certain_however_it_is_written(
    filled: Office, typed: str, path: list[str]
) -> None:
    result = filled.one(name=typed)
    assert taken(result) == ("certain", uscc(1))
    assert codes(result.match.path) == path


@pytest.mark.parametrize("earlier", ["示例旧丰电缆厂", "示例更早电缆社"])
def test_an_earlier_name_that_one_alone_bore_is_certain_and_both_names_are_told(
    filled: Office, earlier: str
) -> None:
    result = filled.one(name=earlier)
    assert taken(result) == ("certain", uscc(2))
    [told] = result.match.path
    assert (told.code, earlier in told.zh, OTHER in told.zh) == ("former-name", True, True)


def test_a_name_that_two_bear_takes_nobody_and_names_both(filled: Office) -> None:
    filled.desk.publish("enterprise", [row(2, FIRM, uscc(3))])
    for _indexed in range(2):
        result = filled.one(name=FIRM)
        assert taken(result) == ("uncertain", None)
        assert codes(result.match.notes) == ["name-shared"]
        assert {candidate.code for candidate in result.match.candidates} == {uscc(1), uscc(3)}
        filled.index()


def test_an_earlier_name_that_two_bore_takes_nobody(filled: Office) -> None:
    filled.desk.publish(
        "enterprise", [row(2, "示例新设电缆有限公司", uscc(3), former_names="示例旧丰电缆厂")]
    )
    filled.index()
    result = filled.one(name="示例旧丰电缆厂")
    assert taken(result) == ("uncertain", None)
    assert {candidate.code for candidate in result.match.candidates} == {uscc(2), uscc(3)}


def test_on_a_past_day_a_name_may_have_been_another_ones_and_takes_nobody(filled: Office) -> None:
    filled.desk.publish("enterprise", [row(2, "示例旧丰电缆厂", uscc(3))])
    filled.index()
    assert taken(filled.one(name="示例旧丰电缆厂")) == ("certain", uscc(3))
    before = filled.one(name="示例旧丰电缆厂", as_of=filled.desk.clock.today() - timedelta(days=30))
    assert taken(before) == ("uncertain", None)
    assert {candidate.code for candidate in before.match.candidates} == {uscc(2), uscc(3)}


def test_what_was_known_then_decides_whose_name_it_was(filled: Office) -> None:
    """uscc(2) was still called 示例旧丰电缆厂 then; uscc(3) took that name later."""
    with_first_name = filled.desk.clock.instant - timedelta(minutes=30)
    filled.desk.publish("enterprise", [row(2, "示例旧丰电缆厂", uscc(3))])
    filled.index()
    result = filled.one(name="示例旧丰电缆厂", known_at=with_first_name)
    assert (taken(result), result.match.name) == (("certain", uscc(2)), "示例旧丰电缆厂")
    assert filled.one(uscc(3), known_at=with_first_name).match.certainty == "none"


def test_a_character_that_is_simplified_too_may_make_another_enterprise(office: Office) -> None:
    office.desk.publish("enterprise", [row(2, "示例干元仪表有限公司", uscc(1))])
    office.index()
    result = office.one(name="示例乾元仪表有限公司")
    assert taken(result) == ("uncertain", None)
    [candidate] = result.match.candidates
    assert (candidate.code, candidate.score) == (uscc(1), 0.99)
    assert "异体字" in candidate.why_zh


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("示例横达（苏州）仪表有限公司", "同音字：横→恒"),
        ("示例恒达仪表有限公司", "多“苏”字"),
        ("江苏示例恒达（苏州）仪表厂", ""),
        ("无锡示例恒达仪表有限公司", ""),
        ("示例恒达（苏州）仪表有限公司第一分公司", ""),
        ("示例恒达", "全部文字"),
        ("示例恒达（苏州）仪表股份有限公司", ""),
        ("示例恒达（苏州）仪表有限公司-1", ""),
    ],
)
def test_a_near_name_is_a_candidate_with_its_reason_and_never_taken(
    filled: Office, typed: str, said: str
) -> None:
    result = filled.one(name=typed)
    assert taken(result) == ("uncertain", None)
    best = result.match.candidates[0]
    assert best.code == uscc(1)
    assert 0 < best.score < 1
    assert said in best.why_zh
    assert best.why_en and "：" not in best.why_en


def test_no_name_and_no_code_is_said(filled: Office) -> None:
    assert codes(filled.one(" ", "　").match.notes) == ["empty"]
    assert codes(filled.one(name="示" * 301).match.notes) == ["not-a-name"]
    assert codes(filled.one(name="毫不相干").match.notes) == ["name-unknown"]


def test_several_names_in_a_cell_are_a_consortium_to_be_given_apart(filled: Office) -> None:
    result = filled.one(name=f"{FIRM}、{OTHER}")
    assert taken(result) == ("uncertain", None)
    assert "several-names" in codes(result.match.notes)


@pytest.mark.parametrize("status", ["cancelled", "revoked", "annulled", "liquidating"])
def test_an_enterprise_that_is_gone_is_found_and_said_to_be_gone(office: Office, status: str) -> None:
    day = date(2026, 2, 1)
    office.desk.publish(
        "enterprise", [row(2, FIRM, uscc(1), status=status, status_changed_on=day.isoformat())]
    )
    assert codes(office.one(uscc(1)).match.notes) == [f"subject-{status}"]
    assert "2026-02-01" in office.one(uscc(1)).match.notes[0].zh
    assert office.one(uscc(1), as_of=day - timedelta(days=1)).match.notes == ()


def test_while_search_is_down_whole_names_are_certain_and_others_wait(filled: Office) -> None:
    filled.search = Unreachable()  # type: ignore[assignment]
    bidders = [
        Bidder(1, name=FIRM),
        Bidder(2, name="示例旧丰电缆厂"),
        Bidder(3, uscc(2)),
        Bidder(4, name="示例恒达"),
    ]
    result = filled.check(bidders)
    assert result.closing.degraded
    assert [each.match.certainty for each in result.bidders] == ["certain", "uncertain", "exact", "uncertain"]
    assert [codes(each.match.notes) for each in result.bidders] == [
        [],
        ["search-degraded"],
        [],
        ["search-degraded"],
    ]
    assert not filled.check(bidders[:1]).closing.degraded


def test_each_engine_gives_the_same_candidates_with_the_same_scores(searching_office: Office) -> None:
    office = searching_office
    names = [
        "示例恒达（苏州）仪表有限公司",
        "示例恒大仪表厂",
        "无锡示例恒达仪表有限公司",
        "示例永丰电缆有限公司",
    ]
    office.desk.publish(
        "enterprise",
        [
            row(at, name, uscc(at), former_names="示例从前仪表社" if at == 2 else "")
            for at, name in enumerate(names, 2)
        ],
    )
    office.index()
    found = office.check(
        [Bidder(1, name="示例恒达仪表"), Bidder(2, name="示例从前仪表社"), Bidder(3, name="示例永丰电缆")]
    )
    near, former, short = (each.match for each in found.bidders)
    assert [(c.code, c.score) for c in near.candidates[:2]] == [(uscc(4), 0.98), (uscc(2), 0.792)]
    assert (former.certainty, former.code) == ("certain", uscc(2))
    assert (short.certainty, short.candidates[0].code) == ("uncertain", uscc(5))
