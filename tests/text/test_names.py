"""The parts of names, the places they begin with, and how they are read aloud."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from indexer.text.names import Parts, company_form, parts
from indexer.text.normalise import bare, normalise
from indexer.text.places import is_place, leading, short, table
from indexer.text.sounds import spellings, syllables
from tests.text.readings import FOLDER, tables


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("示例甲仪表有限公司", Parts((), "示例甲仪表", "有限公司")),
        ("江苏省南京市示例机械厂", Parts(("江苏省", "南京市"), "示例机械", "厂")),
        ("南京示例甲（苏州）仪表有限公司", Parts(("南京",), "示例甲仪表", "有限公司", ("苏州",))),
        ("示例（集团）股份有限公司苏州分公司", Parts((), "示例集团股份有限公司苏州", "分公司")),
        ("示例股份有限公司总公司", Parts((), "示例", "股份有限公司总公司")),
        ("上海有限公司", Parts((), "上海", "有限公司")),
        ("南京上海", Parts(("南京",), "上海", "")),
        ("公司", Parts((), "公司", "")),
        ("", Parts((), "", "")),
    ],
)
def test_a_name_is_its_places_its_core_and_its_form(name: str, expected: Parts) -> None:
    assert parts(normalise(name)) == expected


@given(st.text(st.sampled_from("江苏南京市省示例有限公司厂店(（)） a1部"), max_size=30))
def test_the_parts_are_the_whole_name_but_for_places_in_brackets(text: str) -> None:
    found = parts(normalise(text))
    whole = "".join(found.places) + found.core + found.form
    assert sorted(whole + "".join(found.bracketed)) == sorted(bare(normalise(text)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("江苏省苏州市常熟市示例厂", ("江苏省", "苏州市", "常熟市")),
        ("苏州常熟示例厂", ("苏州", "常熟")),
        ("延边示例厂", ("延边",)),
        ("内蒙古自治区呼和浩特示例厂", ("内蒙古自治区", "呼和浩特")),
        ("内蒙古呼和浩特示例厂", ("内蒙古", "呼和浩特")),
        ("大连九龙示例厂", ("大连",)),  # a county of 甘孜
        ("无锡市石林示例厂", ("无锡市",)),  # a county of 昆明
        ("湖北仙桃市示例厂", ("湖北", "仙桃市")),
        ("鼓楼区示例厂", ("鼓楼区",)),
        ("示例苏州厂", ()),
    ],
)
def test_places_at_the_head_of_a_name(name: str, expected: tuple[str, ...]) -> None:
    assert leading(name) == expected


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("南京市", "南京"),
        ("江苏省", "江苏"),
        ("广西壮族自治区", "广西"),
        ("延边朝鲜族自治州", "延边"),
        ("恩施土家族苗族自治州", "恩施"),
        ("伊犁哈萨克自治州", "伊犁"),
        ("克孜勒苏柯尔克孜自治州", "克孜勒苏"),
        ("塔什库尔干塔吉克自治县", "塔什库尔干"),
        ("察布查尔锡伯自治县", "察布查尔"),
        ("博尔塔拉蒙古自治州", "博尔塔拉"),
        ("香港特别行政区", "香港"),
        ("赵县", "赵县"),
        ("阿勒泰地区", "阿勒泰"),
    ],
)
def test_the_short_form_of_a_place(place: str, expected: str) -> None:
    assert short(place) == expected
    assert is_place(place)
    assert is_place(expected)


def test_every_province_has_the_short_form_that_people_say() -> None:
    said = (
        "北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南 重庆 四川 贵州 云南 西藏 "
        "陕西 甘肃 青海 宁夏 新疆 台湾 香港 澳门"
    )
    assert [short(name) for code, name in table() if code.endswith("0000")] == said.split()


def test_the_form_of_a_company_stands_at_the_end() -> None:
    assert company_form("示例股份有限公司苏州分公司") == "分公司"
    assert company_form("有限公司示例厂") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("重庆长安汽车", "chong qing chang an qi che"),
        ("长春银行", "chang chun yin hang"),
        ("行家", "hang jia"),
        ("绿地3m公司", "lv di 3m gong si"),
        ("示例3店", "shi li san dian"),
        ("示例12店", "shi li 12 dian"),
        ("厦门乐器", "xia men yue qi"),
        ("六安", "lu an"),
        ("", ""),
    ],
)
def test_the_word_decides_how_a_character_is_read(text: str, expected: str) -> None:
    assert syllables(text) == expected.split()


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=1))
def test_a_character_alone_is_read_as_pypinyin_reads_it(text: str) -> None:
    one = normalise(text)
    assert syllables(one) == lazy_pinyin(one)


def test_the_readings_are_those_of_pypinyin() -> None:
    files = [(FOLDER / name).read_text(encoding="utf-8") for name in ("syllables.txt", "readings.txt")]
    assert files == list(tables()), "run `python -m tests.text.readings`, then reindex"


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("xian", ["xian", "xi an"]),
        ("jiangsuhengli", ["jiang su heng li"]),
        ("siemens", []),
        ("", []),
        ("abc1", []),
    ],
)
def test_letters_are_parted_into_syllables(letters: str, expected: list[str]) -> None:
    found = [" ".join(way) for way in spellings(letters)]
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


@given(st.text(st.sampled_from("aeiouvnghzcsdlxjq"), max_size=300))
def test_every_spelling_is_the_letters_again(letters: str) -> None:
    assert all("".join(way) == letters for way in spellings(letters))
