"""Headings find their columns, and a file its kind."""

import pytest

from indexer.errors import FileRefused
from indexer.kinds import kinds
from indexer.kinds.base import SUBJECT_COLUMNS, Column, Kind, Section, Type
from indexer.sources.columns import detect_kind, match_header


class Medal(Kind):
    """A small kind of the test's own."""

    name = "medal"
    label = "奖章"
    columns = (
        Column("title", "奖章名称", required=True),
        Column("until", "有效期至", Type.DATE),
        Column("prize", "奖金", Type.AMOUNT, aliases=("XK_JJ",), units={"XK_JJ": "万元"}),
    )
    key = ("title",)
    section = Section(1, ("title",))
    title = "title"


class Cup(Medal):
    """Another kind with the same columns."""

    name = "cup"
    label = "奖杯"


MEDAL, CUP = Medal(), Cup()


@pytest.mark.parametrize(
    "heading",
    [
        "有效期至",
        " 有 效 期 至 ",
        "有效期至（年月日）",
        "*有效期至",
        "有效期至：",
        "有效期至(YYYY-MM-DD)",
        "UNTIL",
        "ｕｎｔｉｌ",
    ],
)
def test_heading_is_known_however_it_is_written(heading: str) -> None:
    plan = match_header(("主体名称", "奖章名称", heading), MEDAL)
    assert {field.column.name for field in plan.fields} == {"name", "title", "until"}
    assert plan.unknown == ()


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("奖金", "元"),
        ("奖金（万元）", "万元"),
        ("奖金(元)", "元"),
        ("奖金（税前）", "元"),
        ("XK_JJ", "万元"),
        ("JJ", "万元"),
    ],
)
def test_unit_of_bare_numbers_stands_in_the_heading(heading: str, unit: str) -> None:
    plan = match_header(("uscc", "title", heading), MEDAL)
    assert next(field.unit for field in plan.fields if field.column.name == "prize") == unit


def test_strongest_code_column_comes_first_whatever_their_order() -> None:
    plan = match_header(("工商注册号", "组织机构代码", "统一社会信用代码", "title"), MEDAL)
    assert [field.heading for field in plan.fields if field.column.name == "uscc"] == [
        "统一社会信用代码",
        "组织机构代码",
        "工商注册号",
    ]


def test_unknown_columns_keep_apart() -> None:
    plan = match_header(("uscc", "title", "备考", "备考", ""), MEDAL)
    assert plan.unknown == ((2, "备考"), (3, "备考_2"), (4, "第5列"))


def test_every_kind_is_found_by_its_own_columns() -> None:
    for kind in kinds().values():
        own = [column for column in kind.all_columns() if column in (*kind.columns, *SUBJECT_COLUMNS)]
        assert detect_kind([column.name for column in own]) is kind
        assert detect_kind([column.label for column in own]) is kind


def test_national_templates_are_told_apart() -> None:
    subject = ("XDR_MC", "XDR_LB", "XDR_SHXYM")
    licence = ("XKWS", "WSH", "XKLB", "XKZS", "XKBH", "NR", "JDRQ", "YXQZ", "YXQZI", "XKJG", "ZT")
    penalty = ("WSH", "WFXW", "SY", "YJ", "CFLB", "NR", "NR_FK", "JDRQ", "GSJZQ", "CFJG")
    assert detect_kind([f"XK_{name}" for name in (*subject, *licence)]).name == "licence"
    assert detect_kind([f"CF_{name}" for name in (*subject, *penalty)]).name == "penalty"
    platform = ("certNumber", "orgName", "rzjgIdName", "authProjCodeName", "certiEDate", "certiStatusName")
    assert detect_kind(platform).name == "certificate"


def refusal(header: tuple[str, ...], *known: Kind) -> str:
    with pytest.raises(FileRefused) as caught:
        detect_kind(header, {kind.name: kind for kind in known} if known else None)
    assert caught.value.en.isascii() or caught.value.en
    return caught.value.zh


def test_unknown_columns_only_are_named() -> None:
    zh = refusal(("颜色", "大小"))
    assert "没有一列是认识的" in zh
    assert "颜色、大小" in zh


def test_missing_columns_are_named_with_the_nearest_kind() -> None:
    zh = refusal(("主体名称", "奖章名字", "有效期至"), MEDAL)
    assert "“奖章”" in zh
    assert "缺少：奖章名称" in zh
    assert "奖章名字（是否指“奖章名称”？）" in zh


def test_missing_code_column_is_named() -> None:
    zh = refusal(("奖章名称", "有效期至"), MEDAL)
    assert "统一社会信用代码或主体名称" in zh
    with pytest.raises(FileRefused, match="缺少列：统一社会信用代码"):
        match_header(("企业名称", "成立日期"), kinds()["enterprise"])


def test_file_that_misses_a_column_of_its_kind_is_not_taken_for_a_looser_kind() -> None:
    zh = refusal(
        ("uscc", "name", "证书类别", "认证依据", "认证范围", "发证机构", "颁证日期", "有效期至", "证书状态")
    )
    assert "“认证证书”" in zh
    assert "缺少：证书编号" in zh


def test_tie_asks_for_the_kind() -> None:
    zh = refusal(("uscc", "title"), MEDAL, CUP)
    assert "--kind" in zh
    assert "medal、cup" in zh


@pytest.mark.parametrize(
    "row",
    [("示例电器有限公司", "91329900MA00000012"), ("示例", "2018-03-05", "有效"), ("", " ")],
)
def test_file_without_header_says_so(row: tuple[str, ...]) -> None:
    assert "没有找到表头" in refusal(row)
