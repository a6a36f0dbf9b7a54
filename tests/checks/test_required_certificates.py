"""Each required certificate: met by which number, or why not, in words that a bidder can answer to."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.register.database import connect
from indexer.search.embedded.engine import EmbeddedEngine
from portal.checks.model import Bidder, Cell, Requirement
from portal.checks.standards import fits
from tests import servers
from tests.checks.conftest import Office
from tests.register.conftest import Desk, row, uscc

NAME = "示例恒达仪表有限公司"
QUALITY: dict[str, Any] = {
    "category": "质量管理体系认证",
    "standard": "GB/T 19001-2016/ISO 9001:2015",
    "scope": "电梯的安装、维修；自动扶梯销售",
    "issued_on": "2025-01-10",
    "valid_until": "2027-02-17",
    "status": "valid",
}
OPENING = date(2026, 3, 1)

Judge = Callable[..., Cell]


@pytest.fixture(scope="module")
def desk_of_module(databases: servers.Databases) -> Iterator[Desk]:
    with databases.fresh("sqlite") as url:
        engine = connect(url)
        yield Desk(engine)
        engine.dispose()


@pytest.fixture
def judge(desk_of_module: Desk, tmp_path: Path) -> Judge:
    """Publishes certificates of a firm of its own, and says what they are worth for a requirement."""
    desk = desk_of_module
    office = Office(desk, EmbeddedEngine(tmp_path))
    number = desk.register.version().number + 1
    code = uscc(number)

    def judged(
        required: Requirement, *certificates: dict[str, Any], kind: str = "certificate", holder: str = ""
    ) -> Cell:
        desk.publish("enterprise", [row(2, NAME, code)])
        given = [
            row(n, holder or NAME, code, **{"number": f"999Q{number:04d}{n}"} | one)
            for n, one in enumerate(certificates)
        ]
        assert desk.publish(kind, given) == []
        [cell] = office.one(code, as_of=OPENING, requirements=(required,)).cells
        return cell

    return judged


@pytest.mark.parametrize(
    "required",
    [
        Requirement("质量管理体系认证"),
        Requirement("质量管理体系认证证书"),
        Requirement("质量管理体系"),
        Requirement("ISO9001"),
        Requirement(standard="ISO 9001"),
        Requirement(standard="iso9001:2015"),
        Requirement(standard="GB/T 19001"),
        Requirement(standard="GB/T19001-2016"),
        Requirement(scope="电梯安装"),
        Requirement("质量管理体系认证", "ISO 9001", "电梯的维修", date(2027, 2, 17)),
    ],
)
def test_a_valid_certificate_meets_what_it_is_for_and_its_number_is_told(
    judge: Judge, required: Requirement
) -> None:
    cell = judge(required, QUALITY)
    assert (cell.met, cell.reason) == ("met", "met")
    assert cell.number and cell.number in cell.zh and cell.number in cell.en
    assert cell.record
    assert "2027-02-17" in cell.zh


def test_an_expired_certificate_says_since_how_many_days(judge: Judge) -> None:
    cell = judge(Requirement("质量管理体系认证"), QUALITY | {"valid_until": "2026-02-17"})
    assert (cell.met, cell.reason) == ("not_met", "expired")
    assert "证书已于 12 天前到期" in cell.zh
    assert "expired 12 days before" in cell.en


def test_the_last_day_is_still_valid_and_the_next_is_not(judge: Judge) -> None:
    until = QUALITY | {"valid_until": "2026-03-01"}
    assert judge(Requirement(standard="ISO 9001"), until).met == "met"
    assert "1 天前" in judge(Requirement(standard="ISO 9001", valid_on=date(2026, 3, 2)), until).zh


@pytest.mark.parametrize(
    ("status", "word"), [("suspended", "暂停"), ("revoked", "撤销"), ("cancelled", "注销")]
)
def test_a_certificate_in_another_state_says_in_which_and_since_when(
    judge: Judge, status: str, word: str
) -> None:
    stopped = QUALITY | {"status": status, "status_changed_on": "2026-02-10"}
    cell = judge(Requirement("质量管理体系认证"), stopped)
    assert (cell.met, cell.reason) == ("not_met", status)
    assert f"自 2026-02-10 起处于“{word}”状态" in cell.zh
    before = Requirement("质量管理体系认证", valid_on=date(2026, 2, 9))
    assert judge(before, stopped).met == "met"


def test_a_certificate_that_begins_later_is_not_valid_yet(judge: Judge) -> None:
    cell = judge(
        Requirement("质量管理体系认证"), QUALITY | {"issued_on": "2026-03-02", "valid_from": "2026-03-02"}
    )
    assert (cell.met, cell.reason) == ("not_met", "not_yet_valid")
    assert "2026-03-02" in cell.zh


def test_a_certificate_that_names_another_holder_does_not_count(judge: Judge) -> None:
    cell = judge(Requirement("质量管理体系认证"), QUALITY, holder="示例永丰电缆有限公司")
    assert (cell.met, cell.reason) == ("not_met", "other_holder")
    assert "示例永丰电缆有限公司" in cell.zh


@pytest.mark.parametrize(
    ("asked", "met", "reason"),
    [
        ("锅炉制造", "not_met", "other_scope"),
        ("电梯制造", "unknown", "scope_unsure"),
        ("自动扶梯的销售", "met", "met"),
    ],
)
def test_a_scope_is_held_when_all_its_words_are_and_unsure_when_some_are(
    judge: Judge, asked: str, met: str, reason: str
) -> None:
    cell = judge(Requirement("质量管理体系认证", scope=asked), QUALITY)
    assert (cell.met, cell.reason) == (met, reason)
    assert asked[-2:] in cell.zh or met == "met"


@pytest.mark.parametrize("scope", ["", "电梯的安装、维修（电梯改造除外）"])
def test_a_scope_that_is_not_stated_or_excepts_something_is_for_a_person_to_read(
    judge: Judge, scope: str
) -> None:
    cell = judge(Requirement("质量管理体系认证", scope="电梯安装"), QUALITY | {"scope": scope})
    assert (cell.met, cell.reason) == ("unknown", "scope_unsure")


def test_nothing_on_file_is_said_not_to_be_proof(judge: Judge) -> None:
    cell = judge(Requirement("环境管理体系认证"), QUALITY)
    assert (cell.met, cell.reason, cell.number) == ("not_met", "none_on_file", None)
    assert "不等于没有证书" in cell.zh


def test_another_standard_of_the_required_kind_is_named(judge: Judge) -> None:
    cell = judge(Requirement("质量管理体系认证", "GB/T 50430"), QUALITY)
    assert (cell.met, cell.reason) == ("not_met", "other_standard")
    assert "GB/T 19001-2016" in cell.zh


def test_of_several_certificates_the_one_that_meets_decides_then_the_nearest(judge: Judge) -> None:
    required = Requirement("质量管理体系认证", scope="电梯安装")
    expired = QUALITY | {"number": "过期", "valid_until": "2026-02-01"}
    later = QUALITY | {"number": "刚过期", "valid_until": "2026-02-27"}
    elsewhere = QUALITY | {"number": "别处", "scope": "锅炉制造"}
    assert judge(required, elsewhere, expired, later).number == "刚过期"
    assert judge(required, elsewhere, expired, QUALITY | {"number": "有效"}, later).number == "有效"


def test_a_licence_is_a_certificate_too(judge: Judge) -> None:
    licence = {
        "category": "特种设备生产许可证",
        "content": "电梯安装（含修理）",
        "issued_on": "2025-01-10",
        "valid_until": "2029-01-09",
        "status": "valid",
    }
    assert judge(Requirement("特种设备生产许可", scope="电梯安装"), licence, kind="licence").met == "met"
    lost = licence | {"status": "forfeited", "status_changed_on": "2026-01-01"}
    assert judge(Requirement("特种设备生产许可证"), lost, kind="licence").reason == "forfeited"


def test_the_short_name_of_a_kind_is_understood(judge: Judge) -> None:
    compulsory = QUALITY | {"category": "强制性产品认证（CCC）", "standard": "GB 4943.1-2022"}
    assert judge(Requirement("3C认证"), compulsory).met == "met"


@pytest.mark.parametrize(
    ("required", "stated", "category", "fitting"),
    [
        ("ISO 14001", "GB/T 24001-2016", "", True),
        ("ISO 14001:2015", "GB/T 24001-2016", "", True),
        ("GB/T 24001-2004", "GB/T 24001-2016", "", False),
        ("GB/T 24001-2004", "ISO 14001:2015", "", False),
        ("GB/T 22080-2025", "ISO/IEC 27001:2022", "", None),
        ("ISO 9001:2008", "ISO 9001", "", None),
        ("ISO 9001", "", "质量管理体系认证", True),
        ("ISO 9001", "", "质量管理体系认证（ISO9000）", True),
        ("ISO 9001", "", "医疗器械质量管理体系认证", None),
        ("ISO 9001", "", "强制性产品认证", None),
        ("ISO 9001", "ISO 14001:2015", "质量管理体系认证", False),
        ("ISO 9001, ISO 14001", "ISO 9001:2015", "", False),
        ("ISO/IEC 27001", "ISO 27001:2022", "", True),
        ("ISO 20000-1", "ISO/IEC 20000-1:2018", "", True),
        ("T/CAS 100", "T/CAS 100-2020", "", True),
        ("T/CAS 100", "T/CAS 200-2020", "", False),
        ("T/CAS 100", "", "", None),
    ],
)
def test_standards_are_one_where_a_national_one_adopts_an_international_one(
    required: str, stated: str, category: str, fitting: bool | None
) -> None:
    assert fits(required, stated, category) is fitting


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=20))
def test_whatever_is_written_as_a_standard_is_compared(required: str, stated: str, category: str) -> None:
    assert fits(required, stated, category) in (True, False, None)


def test_what_speaks_for_a_bidder_is_listed_unless_it_stands_on_a_black_list(office: Office) -> None:
    desk = office.desk
    desk.publish("enterprise", [row(n, f"示例{n}号有限公司", uscc(n)) for n in (1, 2)])
    rating: Any = {
        "grade": "AAA",
        "scheme": "江苏工业企业质量信用",
        "rated_on": "2025-06-01",
        "valid_until": "2028-05-31",
    }
    desk.publish("rating", [row(n, f"示例{n}号有限公司", uscc(n), **rating) for n in (1, 2)])
    desk.publish("rating", [row(1, "示例1号有限公司", uscc(1), **rating | {"grade": "B", "scheme": "示例"})])
    award: Any = {"title": "示例市市长质量奖", "awarded_on": "2024-05-01"}
    desk.publish("brand", [row(1, "示例1号有限公司", uscc(1), **award)])
    red: Any = {"list": "red", "scheme": "守信红名单", "listed_on": "2025-12-01", "status": "listed"}
    desk.publish("listing", [row(1, "示例1号有限公司", uscc(1), subject_kind="organisation", **red)])
    black: Any = red | {"list": "black", "scheme": "严重违法失信名单"}
    desk.publish("listing", [row(2, "示例2号有限公司", uscc(2), subject_kind="organisation", **black)])
    good, bad = office.check([Bidder(1, uscc(1)), Bidder(2, uscc(2))]).bidders
    assert sorted(honour.kind for honour in good.honours) == ["brand", "listing", "rating"]
    assert any("AAA" in honour.title and "2028-05-31" in honour.zh for honour in good.honours)
    assert bad.honours == ()
    assert office.one(uscc(2), as_of=date(2025, 11, 30)).honours[0].kind == "rating"
