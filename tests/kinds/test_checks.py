"""What each kind refuses, fills in and brings to one form."""

from datetime import date

import pytest

from indexer.kinds import kinds
from indexer.kinds.base import Value
from indexer.kinds.penalty import penalty_kinds

TODAY = date(2026, 11, 23)
FIRM = {"uscc": "91329900MA0000000X", "name": "示例电器有限公司"}


def checked(kind: str, /, **values: Value) -> tuple[dict[str, Value], list[str]]:
    """A row after its check, and the columns at fault."""
    row: dict[str, Value] = {**FIRM, **values} if kinds()[kind].needs_subject else dict(values)
    return row, [problem.column for problem in kinds()[kind].check(row, TODAY)]


def faults(kind: str, /, **values: Value) -> list[str]:
    return checked(kind, **values)[1]


class TestCertificate:
    def test_validity_begins_on_the_day_of_issue_unless_stated(self) -> None:
        row, _ = checked("certificate", number="1", issued_on="2024-01-05")
        assert row["valid_from"] == "2024-01-05"
        row, _ = checked("certificate", number="1", issued_on="2024-01-05", valid_from="2024-02-01")
        assert row["valid_from"] == "2024-02-01"

    def test_the_platforms_code_stands_in_for_a_missing_state(self) -> None:
        assert checked("certificate", number="1", status_code="02")[0]["status"] == "suspended"
        assert checked("certificate", number="1", status_code="02", status="valid")[0]["status"] == "valid"

    def test_a_code_of_unknown_meaning_is_not_taken_for_valid(self) -> None:
        assert faults("certificate", number="1", status_code="07") == ["证书状态"]

    def test_a_change_of_state_is_not_older_than_the_certificate(self) -> None:
        dates: dict[str, Value] = {"issued_on": "2024-01-05", "status": "suspended"}
        assert faults("certificate", number="1", **dates, status_changed_on="2024-01-04") == ["状态变更日期"]
        assert faults("certificate", number="1", **dates, status_changed_on="2024-01-05") == []
        assert (
            faults(
                "certificate",
                number="1",
                **dates,
                status_changed_on="2022-06-01",
                first_issued_on="2021-01-05",
            )
            == []
        )

    def test_expiry_is_left_to_the_calendar(self) -> None:
        row, problems = checked("certificate", number="1", status="expired", valid_until="2026-11-22")
        assert (row["status"], problems) == ("valid", [])

    def test_expired_on_its_last_day_contradicts_itself(self) -> None:
        assert faults("certificate", number="1", status="expired", valid_until="2026-11-23") == ["有效期至"]

    def test_expired_without_a_last_day_stays_expired(self) -> None:
        assert checked("certificate", number="1", status="expired")[0]["status"] == "expired"

    @pytest.mark.parametrize("number", ["00114E22766R2L/3502", "示例（2024）第1号", "X" * 120])
    def test_no_form_of_a_number_is_refused(self, number: str) -> None:
        assert faults("certificate", number=number) == []


class TestLicence:
    def test_a_licence_needs_its_own_number_or_that_of_its_decision(self) -> None:
        assert faults("licence", category="食品生产许可") == ["许可证编号"]
        assert faults("licence", document_number="示例许〔2024〕1号") == []

    def test_states_of_the_template_of_2018(self) -> None:
        new: dict[str, Value] = {"number": "1", "issuer_code": "11320000000000000X"}
        assert checked("licence", **new, status_code="1")[0]["status"] == "valid"
        assert checked("licence", **new, status_code="2")[0]["status"] == "invalid"

    def test_states_of_the_template_before_2018(self) -> None:
        assert checked("licence", number="1", status_code="0")[0]["status"] == "valid"
        assert checked("licence", number="1", status_code="1")[0]["status"] == "revoked"
        assert faults("licence", number="1", status_code="3") == ["当前状态"]

    def test_a_state_in_words_is_understood_in_the_template(self) -> None:
        assert checked("licence", number="1", status_code="注销")[0]["status"] == "cancelled"

    def test_a_licence_is_called_by_its_decision_where_it_has_no_name(self) -> None:
        row, _ = checked("licence", number="1", document_title="食品经营许可决定书", permission_type="1")
        assert (row["category"], row["permission_type"]) == ("食品经营许可决定书", "特许")


PENALTY: dict[str, Value] = {"document_number": "示例市监处罚〔2026〕1号", "decided_on": "2026-04-02"}


class TestPenalty:
    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("警告；罚款", "警告、罚款"),
            ("罚款,没收违法所得/没收非法财物", "罚款、没收违法所得、没收非法财物"),
            ("罚款、罚款", "罚款"),
            ("处以罚款；吊销营业执照", "罚款、吊销许可证件"),
            ("责令停产停业 罚款", "责令停产停业、罚款"),
            ("1|2", "罚款、没收违法所得、没收非法财物"),
            ("其他-责令改正", "其他-责令改正"),
            ("", ""),
        ],
    )
    def test_kinds_of_penalty_get_one_form(self, written: str, kept: str) -> None:
        assert penalty_kinds(written) == kept

    def test_the_one_form_is_kept_when_read_again(self) -> None:
        assert penalty_kinds(penalty_kinds("4；警告,罚款")) == "暂扣或者吊销许可证件、警告、罚款"

    def test_both_kinds_columns_of_the_old_template_become_one(self) -> None:
        row, problems = checked("penalty", **PENALTY, kinds="1", more_kinds="3")
        assert (row["kinds"], problems) == ("罚款、责令停产停业", [])
        assert "more_kinds" not in row

    def test_nothing_is_decided_or_repaired_in_the_future(self) -> None:
        assert faults("penalty", document_number="1", decided_on="2026-11-24") == ["处罚日期"]
        assert faults("penalty", document_number="1", decided_on="2026-11-23") == []
        assert faults("penalty", **PENALTY, repaired_on="2026-11-24") == ["修复日期"]

    def test_nothing_is_repaired_or_hidden_before_it_was_decided(self) -> None:
        assert faults("penalty", **PENALTY, repaired_on="2026-04-01", public_until="2026-04-01") == [
            "修复日期",
            "公示截止",
        ]

    def test_the_name_of_an_old_case_is_its_cause(self) -> None:
        assert checked("penalty", **PENALTY, case_name="示例案")[0]["cause"] == "示例案"


LISTING: dict[str, Value] = {"document_number": "示例〔2026〕1号", "listed_on": "2026-04-02"}


class TestListing:
    def test_the_named_list_says_which_list_it_is(self) -> None:
        row, problems = checked("listing", **LISTING, scheme="失信被执行人名单")
        assert (row["list"], row["scheme"], problems) == ("black", "失信被执行人", [])
        assert checked("listing", **LISTING, scheme="企业经营异常名录")[0]["list"] == "abnormal"

    def test_a_list_of_another_name_needs_its_type(self) -> None:
        assert faults("listing", **LISTING, scheme="示例名单") == ["名单"]
        row, problems = checked("listing", **LISTING, scheme="示例名单", list="watch")
        assert (row["scheme"], problems) == ("示例名单", [])

    def test_name_and_type_that_contradict_are_refused(self) -> None:
        assert faults("listing", **LISTING, scheme="严重违法失信名单", list="red") == ["名单"]

    def test_removal_makes_the_state(self) -> None:
        assert checked("listing", **LISTING, list="black")[0]["status"] == "listed"
        assert checked("listing", **LISTING, list="black", removed_on="2026-10-02")[0]["status"] == "removed"
        assert faults("listing", **LISTING, list="black", removed_on="2026-04-01") == ["移出日期"]
        assert faults("listing", **LISTING, list="black", status="removed") == ["移出日期"]
        assert faults("listing", **LISTING, list="black", status="expired") == ["列入期满日"]

    def test_nobody_is_listed_in_the_future(self) -> None:
        assert faults("listing", list="black", listed_on="2026-11-24") == ["列入日期"]


class TestOthers:
    @pytest.mark.parametrize(
        ("word", "code"), [("aaa", "AAA"), ("AA级", "AA"), ("A等", "A"), ("质量信用B级", "B"), ("D", "D")]
    )
    def test_grades_are_understood_as_they_are_written(self, word: str, code: str) -> None:
        grades = next(column.choices for column in kinds()["rating"].columns if column.name == "grade")
        assert grades is not None
        term = grades.find(word)
        assert term is not None
        assert term.code == code

    def test_an_inspection_of_tomorrow_has_no_result(self) -> None:
        assert faults("inspection", result="合格", inspected_on="2026-11-24") == ["检查日期"]
        assert checked("inspection", result="合格", kind="双随机")[0]["kind"] == "双随机检查"

    def test_a_declaration_without_title_is_called_by_its_kind(self) -> None:
        row, problems = checked("declaration", kind="年报", declared_on="2026-06-30")
        assert (row["kind"], row["title"], problems) == ("企业年度报告", "企业年度报告", [])
        assert faults("declaration", kind="年报", declared_on="2026-12-31") == ["声明日期"]

    def test_an_alert_about_no_enterprise_is_sound(self) -> None:
        row: dict[str, Value] = {"product": "示例童车", "kind": "召回"}
        assert list(kinds()["alert"].check(row, TODAY)) == []
        assert row["kind"] == "缺陷产品召回"
        assert kinds()["alert"].subject_optional

    def test_a_policy_in_force_can_not_have_lapsed(self) -> None:
        assert faults("policy", title="示例办法", effect="in_force", lapsed_on="2020-01-01") == ["有效性"]
        assert faults("policy", title="示例办法", effect="lapsed", lapsed_on="2020-01-01") == []

    def test_the_operator_of_a_natural_persons_trade_is_masked_not_shown_as_representative(self) -> None:
        row: dict[str, Value] = {
            "uscc": "92329900MA0000000X",
            "name": "示例小吃店",
            "legal_representative": "张三",
        }
        assert list(kinds()["enterprise"].check(row, TODAY)) == []
        assert row.get("operator") == "张三"
        assert "legal_representative" not in row
        firm, _ = checked("enterprise", legal_representative="张三")
        assert firm["legal_representative"] == "张三"
