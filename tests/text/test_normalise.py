from hypothesis import given
from hypothesis import strategies as st

from indexer.text.normalise import code_key, key, normalise


def test_width_case_traditional_brackets_and_blanks_do_not_matter() -> None:
    assert normalise("  質信〔示例〕　ＡＢＣ檢測有限公司 ") == "质信(示例) abc检测有限公司"


def test_all_middle_dots_become_one() -> None:
    assert {normalise(f"示例{dot}甲") for dot in "·•・‧∙⋅･"} == {"示例·甲"}


def test_control_invisible_and_half_characters_are_dropped() -> None:
    assert normalise("示\x00例\u200b\u202e\ufeff\ud800公司") == "示例公司"


def test_folding_a_character_does_not_depend_on_its_neighbours() -> None:
    assert normalise("乾隆") == normalise("乾")[0] + "隆"


def test_a_name_is_compared_without_punctuation() -> None:
    assert key("质信（示例）有限公司") == key("質信 (示例)有限公司") == "质信示例有限公司"


def test_a_code_is_compared_without_hyphens_blanks_and_width() -> None:
    assert code_key("９132 0105-7806 8813 2k") == "91320105780688132K"
    assert code_key("示例市监处罚〔2024〕12号") == "示例市监处罚202412号"


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    once.encode()


@given(st.text(st.characters(categories=["Cs", "Cc", "Cf", "Lo", "Zs"])))
def test_no_text_can_not_be_normalised(text: str) -> None:
    normalise(text).encode()
