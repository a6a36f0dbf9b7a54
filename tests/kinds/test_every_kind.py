"""What holds for every record kind, whoever wrote it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from indexer.kinds import kinds
from indexer.kinds.base import Column, Kind, Show, State, Type, Vocabulary, both_prefixes
from indexer.sources.columns import detect_kind, heading_key, match_header

KINDS = list(kinds().values())
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)

CONTRACT = {
    "enterprise": "type 企业类型, capital 注册资本, registered_on 成立日期, scope 经营范围, province 省份, city 地区, "
    "address 住所, former_names 曾用名, status 登记状态",
    "institution": "category 机构类别, approval_number 批准号",
    "practitioner": "person 姓名, qualification 资格, number 证号, employer 所在机构",
    "certificate": "number 证书编号, category 证书类别, standard 认证依据, scope 认证范围, issuer 发证机构, "
    "issued_on 颁证日期, valid_until 有效期至, status 证书状态, status_changed_on 状态变更日期, status_reason 变更原因, "
    "product 产品, model 型号",
    "licence": "number 许可证编号, category 许可类别, issuer 发证机关, issued_on 发证日期, valid_until 有效期至, "
    "status 许可状态",
    "rating": "grade 等级, scheme 评价体系, issuer 评价机构, rated_on 评定日期, valid_until 有效期至",
    "brand": "title 荣誉名称, level 级别, product 产品, awarded_by 授予机关, awarded_on 授予日期, valid_until 有效期至",
    "listing": "list 名单, reason 列入事由, basis 列入依据, authority 列入机关, document_number 文号, listed_on 列入日期, "
    "until 列入期满日, removed_on 移出日期, removal_reason 移出原因",
    "penalty": "document_number 文号, cause 案由, fact 违法事实, basis 处罚依据, kinds 处罚种类, content 处罚内容, "
    "fine 罚款金额, authority 处罚机关, decided_on 处罚日期, public_until 公示截止",
    "inspection": "plan 抽查计划, kind 检查类型, item 检查事项或产品, result 检查结果, authority 检查机关, "
    "inspected_on 检查日期, follow_up 后处理结果",
    "declaration": "kind 声明类型, title 声明名称, number 声明编号, declared_on 声明日期, document 声明文件",
    "alert": "kind 预警类型, product 产品, hazard 危害, measure 处置, issued_on 发布日期, authority 发布机关",
    "policy": "title 标题, document_number 文号, issuer 发文机关, issued_on 发文日期, effect 有效性, text 正文",
}
"""The columns of contract.md, "Files that `ingest` takes", besides those that every kind has."""

PLATFORM = (
    "certNumber orgName rzjgId authProjCode certiEDate certiStatus zersda showtemp rzjgIdName authProjCodeName "
    "certiStatusName"
)

BOTH = "XDR_MC XDR_LB XDR_SHXYM XDR_GSZC XDR_ZZJG XDR_SWDJ XDR_SYDW XDR_SHZZ FRDB FR_ZJLX FR_ZJHM XDR_ZJLX XDR_ZJHM"
LICENCE_2018 = "XKWS WSH XKLB XKZS XKBH NR JDRQ YXQZ YXQZI XKJG XKJGDM ZT LYDW LYDWDM"
PENALTY_2018 = "WSH WFXW SY YJ CFLB NR NR_FK NR_WFFF NR_ZKDX JDRQ YXQ GSJZQ CFJG CFJGDM SJLY SJLYDM"
PENALTY_OLD = (
    "CF_WSH CF_CFMC CF_CFLB1 CF_CFLB2 CF_SY CF_YJ CF_XDR_MC CF_XDR_SHXYM CF_XDR_ZDM CF_XDR_GSDJ CF_XDR_SWDJ CF_XDR_SFZ "
    "CF_FR CF_FR_SFZH CF_JG CF_JDRQ CF_XZJG CF_ZT DFBM SJC BZ"
)
LICENCE_OLD = (
    "XK_WSH XK_XMMC XK_SPLB XK_NR XK_XDR XK_XDR_SHXYM XK_XDR_ZDM XK_XDR_GSDJ XK_XDR_SWDJ XK_XDR_SFZ XK_FR XK_JDRQ XK_JZQ "
    "XK_XZJG XK_ZT DFBM SJC BZ"
)


def prefixed(prefix: str, names: str) -> str:
    return " ".join(prefix + name for name in names.split())


def named(kind: Kind, place: int) -> list[str]:
    """The contract's columns of a kind: place 0 the English names, 1 the Chinese ones, with code and name."""
    subject = [("uscc", "统一社会信用代码"), ("name", "主体名称")] if kind.needs_subject else []
    rest = [("source", "数据来源"), ("source_id", "来源编号"), ("region", "行政区划")]
    own = [tuple(pair.split(" ")) for pair in CONTRACT[kind.name].split(", ")]
    return [pair[place] for pair in [*subject, *own, *rest]]


def words(column: Column) -> Iterator[str]:
    yield from (column.name, column.label, *column.aliases)


def test_every_kind_of_the_contract_is_there() -> None:
    assert {kind.name for kind in KINDS} == set(CONTRACT)


@each_kind
def test_a_heading_means_one_column_of_a_kind(kind: Kind) -> None:
    meanings = Counter(heading_key(word) for column in kind.all_columns() for word in words(column))
    assert [word for word, times in meanings.items() if times > 1] == []


@each_kind
def test_labels_of_columns_are_unique_in_both_languages(kind: Kind) -> None:
    for labels in ([c.label for c in kind.all_columns()], [c.english for c in kind.all_columns()]):
        assert [label for label, times in Counter(labels).items() if times > 1] == []


@each_kind
def test_a_word_means_one_term_of_a_vocabulary(kind: Kind) -> None:
    vocabularies = [kind.statuses, *(column.choices for column in kind.columns if column.choices)]
    for vocabulary in vocabularies:
        meanings: dict[str, str] = {}
        for term in vocabulary:
            for word in (term.code, term.zh, term.en, *term.aliases):
                assert meanings.setdefault(word.casefold(), term.code) == term.code, word
                assert vocabulary.find(f" {word} ") == term


@each_kind
def test_what_a_kind_points_at_exists_and_has_the_right_type(kind: Kind) -> None:
    columns = {column.name: column for column in kind.all_columns()}
    assert set(kind.key) <= set(columns)
    assert set(kind.section.columns) <= set(columns)
    assert kind.title in columns
    pointed = (kind.number, kind.category, kind.dated, kind.valid_from, kind.valid_until, kind.status_since)
    assert {name for name in pointed if name} <= set(columns)
    days = (kind.dated, kind.valid_from, kind.valid_until, kind.status_since)
    assert {columns[name].type for name in days if name} <= {Type.DATE}
    assert kind.label
    assert kind.label_en


@each_kind
def test_a_page_section_shows_no_hidden_column(kind: Kind) -> None:
    shown = {column.name: column.show for column in kind.all_columns()}
    assert all(shown[name] is not Show.NEVER for name in (*kind.section.columns, kind.title))


@each_kind
def test_choices_have_a_vocabulary_and_only_choices(kind: Kind) -> None:
    assert all((column.type is Type.CHOICE) == (column.choices is not None) for column in kind.all_columns())
    stated = {column.name: column.choices for column in kind.columns}.get("status")
    assert stated is None or stated is kind.statuses


@each_kind
def test_the_effective_state_is_always_a_word_of_the_vocabulary(kind: Kind) -> None:
    day = date(2026, 6, 15)
    starts = (None, day, date(2026, 6, 16))
    for term in kind.statuses:
        for since in starts:
            for begin in starts:
                for end in starts:
                    status = kind.status_on([State(since, term.code)], begin, end, day)
                    assert status is None or status in kind.statuses


@each_kind
def test_identity_numbers_and_telephones_are_known_to_every_kind_and_never_shown(kind: Kind) -> None:
    private = (
        "身份证号",
        "XDR_ZJHM",
        "CF_XDR_SFZ",
        "FR_ZJHM",
        "法定代表人身份证号",
        "联系电话",
        "银行账号",
        "举报人",
        "信用风险分类",
    )
    found = {heading_key(word): column for column in kind.all_columns() for word in words(column)}
    assert {found[heading_key(word)].show for word in private} == {Show.NEVER}


@pytest.mark.parametrize("place", [0, 1], ids=["English", "Chinese"])
@each_kind
def test_the_columns_of_the_contract_are_recognised(kind: Kind, place: int) -> None:
    # In English alone a licence has no column that a certificate has not.
    further = ["content"] if (kind.name, place) == ("licence", 0) else []
    headings = [*named(kind, place), *further]
    assert detect_kind(headings) is kind
    plan = match_header(headings, kind)
    assert plan.unknown == ()
    found = [field.column.name for field in sorted(plan.fields, key=lambda field: field.index)]
    assert found == [*named(kind, 0), *further]


def test_the_certification_platforms_fields_are_a_certificate() -> None:
    assert detect_kind(PLATFORM.split()).name == "certificate"
    assert match_header(PLATFORM.split(), kinds()["certificate"]).unknown == ()


@pytest.mark.parametrize(
    ("template", "name"),
    [
        (f"{prefixed('XK_', BOTH)} {prefixed('XK_', LICENCE_2018)} BZ", "licence"),
        (f"{BOTH} {LICENCE_2018} BZ", "licence"),
        (LICENCE_OLD, "licence"),
        (f"{prefixed('CF_', BOTH)} {prefixed('CF_', PENALTY_2018)} BZ", "penalty"),
        (f"{BOTH} {PENALTY_2018} BZ", "penalty"),
        (PENALTY_OLD, "penalty"),
    ],
    ids=["XK", "XK without prefix", "XK old", "CF", "CF without prefix", "CF old"],
)
def test_national_templates_are_taken_as_they_are(template: str, name: str) -> None:
    headings = template.split()
    assert detect_kind(headings) is kinds()[name]
    plan = match_header(headings, kinds()[name])
    assert plan.unknown == ()
    hidden = {field.heading for field in plan.fields if field.column.show is Show.NEVER}
    numbers = {*both_prefixes("XDR_ZJHM", "XDR_SFZ", "FR_ZJHM", "FR_SFZH")}
    assert {heading for heading in headings if heading in numbers} <= hidden


def test_fines_of_the_template_are_in_ten_thousands_of_yuan() -> None:
    headings = ["CF_WSH", "CF_XDR_MC", "CF_JDRQ", "CF_NR_FK", "CF_NR_WFFF"]
    units = {field.column.name: field.unit for field in match_header(headings, kinds()["penalty"]).fields}
    assert units["fine"] == units["confiscated"] == "万元"
    plain = match_header(["文号", "主体名称", "处罚日期", "罚款金额"], kinds()["penalty"])
    assert {field.unit for field in plain.fields if field.column.name == "fine"} == {"元"}


def test_a_vocabulary_knows_its_terms_by_code() -> None:
    vocabulary = kinds()["certificate"].statuses
    assert isinstance(vocabulary, Vocabulary)
    assert vocabulary["revoked"].final
    assert "revoked" in vocabulary
    assert vocabulary.find("吊销") is None
