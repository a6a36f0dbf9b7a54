"""One rule of a table is written without touching the others, and a form says the rule that it shows."""

import tomllib
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from indexer.kinds import kinds
from portal.restrictions.differences import differences
from portal.restrictions.rule_form import amounts, conditions, numbered, rule_from
from portal.restrictions.rules import RulesRefused, check_rules, read_rules, rules_file
from portal.restrictions.writing import Plain, plain_rules, toml, toml_rule, with_rule

SHIPPED = rules_file()
RULES = plain_rules(SHIPPED)
values: Any = st.recursive(
    st.text() | st.integers(-(10**12), 10**12) | st.booleans() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50)
@given(values)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert tomllib.loads(f"x = {toml(value)}")["x"] == value


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_a_rule_is_written_in_its_place_and_the_rest_stays_word_for_word(rule: Plain) -> None:
    assert plain_rules(with_rule(SHIPPED, rule["id"], rule)) == RULES
    written = with_rule(SHIPPED, rule["id"], rule | {"basis": "示例“依据”\\第一条"})
    others = [line for line in SHIPPED.splitlines() if line not in toml_rule(rule)]
    assert [line for line in written.splitlines() if line in others] == others
    [difference] = differences(SHIPPED, written)
    assert (difference.id, difference.what) == (rule["id"], "changed")
    assert [(line.field, line.before) for line in difference.lines] == [("basis", rule["basis"])]


def test_a_rule_is_taken_out_and_added() -> None:
    first, last = RULES[0], RULES[-1]
    without = with_rule(with_rule(SHIPPED, first["id"], None), last["id"], None)
    assert plain_rules(without) == RULES[1:-1]
    assert "# 四、从业" in without and "# 一、政府采购" in without
    again = with_rule(without, None, last)
    assert plain_rules(again) == RULES[1:]
    assert [(each.id, each.what) for each in differences(SHIPPED, again)] == [(first["id"], "removed")]


def test_a_table_out_of_which_no_rule_can_be_cut_is_written_whole() -> None:
    text = "rule = [\n" + ",\n".join(toml(rule) for rule in RULES) + "]\n"
    assert plain_rules(with_rule(text, RULES[2]["id"], None)) == RULES[:2] + RULES[3:]


def sent(rule: Plain) -> MultiDict[str, str]:
    """The fields of a rule as a browser sends them."""
    form: MultiDict[str, str] = MultiDict()
    trigger, duration, scope = rule["trigger"], rule["duration"], rule.get("scope", {})
    for name in ("id", "effect", "basis", "source", "zh", "en"):
        form.add(name, rule[name])
    for row in conditions(rule):
        for name, value in (
            ("type", row.type),
            ("column", row.column),
            ("words", row.words.replace("\n", "\r\n")),
        ):
            form.add(name, value)
    for amount in amounts(rule):
        for name, key in (("yuan", "yuan"), ("yuan-from", "valid_from"), ("yuan-to", "valid_to")):
            form.add(name, str(amount.get(key, "")))
    for name in ("status", "status_not", "latest_by"):
        form.setlist(name, trigger.get(name, []))
    form.setlist("domains", rule["domains"])
    form.setlist("ended_by", duration.get("ended_by", []))
    form.add("regions", "\r\n".join(trigger.get("regions", [])))
    for name in ("regions", "trades"):
        form.add(f"scope-{name}", "\r\n".join(scope.get(name, [])))
    for name in ("times", "months"):
        form.add(name, str(trigger.get("repeated", {}).get(name, "")))
    for name, key in (("duration", "type"), ("from", "from"), ("until", "column")):
        form.add(name, duration.get(key, ""))
    for name in ("years", "years_at_most"):
        form.add(name, str(duration.get(name, "")))
    for name in ("valid_from", "valid_to"):
        form.add(name, str(rule.get(name, "")))
    for name in ("verified", "branches", "successors"):
        if rule.get(name):
            form.add(name, "1")
    return form


FULL: Plain = RULES[0] | {
    "id": "full",
    "trigger": {
        "kind": "penalty",
        "mentions": {"basis": ["食品安全法", "药品管理法"], "content": ["终身"]},
        "regions": ["江苏省"],
        "repeated": {"times": 2, "months": 12},
    },
    "duration": {"type": "years", "years": 3},
    "scope": {"regions": ["苏州市"], "trades": ["食品", "药品"]},
    "branches": True,
    "successors": True,
    "valid_to": date(2030, 12, 31),
}


@pytest.mark.parametrize("rule", [*RULES, FULL], ids=lambda rule: rule["id"])
def test_a_form_says_the_rule_that_it_shows(rule: Plain) -> None:
    found = numbered(rule_from(sent(rule), rule["trigger"]["kind"]), RULES)
    assert found == rule | {"version": found["version"]}
    assert found["version"] == (rule["version"] if rule in RULES else 1)
    shuffled = sent(rule)
    shuffled.setlist("domains", list(reversed(rule["domains"])))
    assert numbered(rule_from(shuffled, rule["trigger"]["kind"]), [rule]) is rule
    assert (
        check_rules({"rule": [found]}).rules[0]
        == check_rules({"rule": [rule | {"version": found["version"]}]}).rules[0]
    )


def test_a_changed_rule_has_one_version_more_and_the_same_again_its_own() -> None:
    changed = {name: value for name, value in RULES[0].items() if name != "version"} | {"basis": "示例"}
    assert numbered(changed, RULES)["version"] == RULES[0]["version"] + 1
    assert numbered(changed | {"basis": RULES[0]["basis"]}, RULES)["version"] == RULES[0]["version"]


def test_what_can_not_be_read_in_a_form_is_told_with_all_else() -> None:
    form = sent(RULES[4])
    form.setlist("yuan", ["两百万", "", ""])
    form["valid_from"] = "2022年2月8日"
    form["basis"] = " "
    form["years"] = "三"
    form.setlist("domains", [])
    with pytest.raises(RulesRefused) as refused:
        check_rules({"rule": [numbered(rule_from(form, "penalty"), RULES)]})
    told = "\n".join(refused.value.problems)
    for said in ("yuan 应当是", "valid_from 应当是日期", "basis 没有填写", "years 应当是", "domains"):
        assert said in told


def test_a_condition_without_its_words_or_its_column_is_told_not_left_out() -> None:
    for column, words in (("scheme", ""), ("", "失信被执行人")):
        form = sent(RULES[0])
        form.add("type", "one_of")
        form.setlist("column", ["scheme", column])
        form.setlist("words", ["失信被执行人", words])
        form.setlist("type", ["one_of", "mentions"])
        with pytest.raises(RulesRefused):
            check_rules({"rule": [numbered(rule_from(form, "listing"), RULES)]})


def test_every_kind_has_columns_to_ask_for() -> None:
    assert all(each.columns for each in kinds().values())
    assert read_rules(SHIPPED).version == check_rules(tomllib.loads(SHIPPED)).version
