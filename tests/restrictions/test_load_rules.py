"""A rule table is taken whole or refused with everything that is wrong."""

from pathlib import Path

import pytest

from portal.restrictions.rules import SHIPPED, RulesRefused, load_rules

GOOD = """
[[rule]]
id = "a-rule"
version = 1
domains = ["bidding"]
effect = "restricted"
trigger = { kind = "rating", one_of = { grade = ["D"] } }
duration = { type = "term", from = "rated_on" }
basis = "示例依据"
source = "示例来源"
verified = false
zh = "{title}，期限：{until}。"
en = "{title}. Until: {until}."
"""


def table(folder: Path, text: str) -> Path:
    path = folder / "rules.toml"
    path.write_text(text, "utf-8")
    return path


def test_table_with_another_kind_and_column_is_taken(tmp_path: Path) -> None:
    (rule,) = load_rules(table(tmp_path, GOOD)).rules
    assert (rule.id, rule.trigger.kind, rule.trigger.one_of) == ("a-rule", "rating", {"grade": ("D",)})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('basis = "示例依据"\n', "", "basis 没有填写"),
        ('source = "示例来源"', 'source = " "', "source 没有填写"),
        ('"bidding"', '"biding"', "不认识的领域 biding"),
        ('domains = ["bidding"]', "domains = []", "domains"),
        ('"restricted"', '"forbidden"', "effect 应当是 restricted、banned 之一"),
        ("version = 1", "version = true", "version 应当是 1"),
        ("verified = false", 'verified = "no"', "verified 应当是 true 或 false"),
        ('kind = "rating"', 'kind = "ratings"', "kind 应当是"),
        ('grade = ["D"]', 'grade = ["E"]', "字段 grade 不会是 E"),
        ("grade =", "grad =", "没有公开的字段 grad"),
        (', one_of = { grade = ["D"] }', "", "除 kind 外没有条件"),
        ('["D"] }', '["D"] }, status = ["gone"]', "没有状态 gone"),
        ('["D"] }', '["D"] }, fine_at_least = [{ yuan = 1 }]', "没有公开的字段 fine"),
        ('["D"] }', '["D"] }, stauts = ["x"]', "不认识的项目 stauts"),
        ('type = "term"', 'type = "years"', "还应当写 years"),
        ('type = "term"', 'type = "until"', "还应当写 column"),
        ('type = "term"', 'type = "life"', "effect 应当是 banned"),
        ('type = "term"', 'type = "term", years = 3', "不能写 years"),
        ('type = "term"', 'type = "years", years = 0', "years 应当是 1 到 100"),
        ('from = "rated_on"', 'from = "grade"', "字段 grade 不是日期"),
        ('["D"] }', '["D"] }, repeated = { times = 1, months = 6 }', "times 应当是 2"),
        ('["D"] }', '["D"] }, repeated = { times = 2, months = 6 }', "type 只能是 years 或者 life"),
        ('["D"] }', '["D"] }, repeated = { times = 2, months = 6 }, status = ["valid"]', "不能再写 status"),
        (
            '["D"] }',
            '["D"] }, repeated = { times = 2, months = 6 }, latest_by = ["scheme"]',
            "或者 latest_by",
        ),
        ('["D"] }', '["D"] }, latest_by = ["rated_on"]', "字段 rated_on 不是所需的类型"),
        ('["D"] }', '["D"] }, regions = ["鼓楼区"]', "地区 鼓楼区 不止一个"),
        ("verified", 'scope = { regions = ["示例省"] }\nverified', "不认识的地区 示例省"),
        ("verified", 'scope = { regions = ["320594"] }\nverified', "不认识的地区 320594"),
        ("verified", "scope = {}\nverified", "应当写 regions 或者 trades"),
        ("verified", 'scope = { trade = ["食品"] }\nverified', "不认识的项目 trade"),
        ("verified", 'valid_from = "2026-01-01"\nverified', "valid_from 应当是日期"),
        ("verified", "valid_from = 2026-01-01T00:00:00\nverified", "valid_from 应当是日期"),
        ("verified", "valid_from = 2026-01-02\nvalid_to = 2026-01-01\nverified", "早于 valid_from"),
        ("{title}，", "{name}，", "不认识 {name}"),
        ("{title}，", "{title.x}，", "不认识 {title.x}"),
        ("{title}，", "{title，", "花括号"),
        ('"a-rule"', '"A rule"', "id 应当由小写字母"),
        ("[[rule]]", "[rule]", "rule 应当是表的列表"),
        ("[[rule]]", "[[rules]]", "没有一条规则"),
        ("version = 1", "version =", "不是正确的 TOML"),
    ],
)
def test_wrong_value_is_refused_by_name(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(RulesRefused) as refused:
        load_rules(table(tmp_path, GOOD.replace(old, new)))
    assert any(said in problem for problem in refused.value.problems), refused.value.problems


def test_all_errors_of_all_rules_are_told_at_once(tmp_path: Path) -> None:
    broken = GOOD.replace('basis = "示例依据"\n', "").replace("version = 1", "version = 0")
    with pytest.raises(RulesRefused) as refused:
        load_rules(table(tmp_path, broken + GOOD.replace('"bidding"', '"x"')))
    told = refused.value.zh
    assert len(refused.value.problems) == 4
    assert all(said in told for said in ("basis 没有填写", "version 应当是", "不认识的领域 x", "id 重复"))
    assert "规则 a-rule" in told


def test_table_that_is_absent_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RulesRefused, match="打不开"):
        load_rules(tmp_path / "none.toml")
    (tmp_path / "gbk.toml").write_bytes("basis = '依据'".encode("gb18030"))
    with pytest.raises(RulesRefused, match="UTF-8"):
        load_rules(tmp_path / "gbk.toml")


def test_version_follows_the_content_and_not_the_layout(tmp_path: Path) -> None:
    version = load_rules(table(tmp_path, GOOD)).version
    assert load_rules(table(tmp_path, "# a remark\n" + GOOD.replace(" = ", "  =  "))).version == version
    assert load_rules(table(tmp_path, GOOD.replace("示例依据", "另一依据"))).version != version
    assert load_rules().version == load_rules(SHIPPED).version
