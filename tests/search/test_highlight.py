from hypothesis import given
from hypothesis import strategies as st

from indexer.search.highlight import excerpt, highlight

NUMBERS = st.text(st.sampled_from("第三3二〇零0一百十号年局公司 （）示例"), max_size=20)


def marked(text: str, query: str) -> list[str]:
    return [piece for piece, matches in highlight(text, query) if matches]


def test_traditional_and_full_width_writing_is_marked_where_it_stands() -> None:
    assert marked("質信（示例）檢測有限公司", "质信示例检测") == ["質信（示例）檢測"]
    assert marked("编号ＡＢＣ１２３", "abc123") == ["ＡＢＣ１２３"]


def test_a_number_is_marked_however_it_is_written() -> None:
    assert marked("苏州示例第三建筑公司", "示例第3建筑") == ["示例第三建筑"]
    assert marked("苏州示例第12店", "示例第十二店") == ["示例第12店"]
    assert marked("地址：示例路一百二十三号乙", "示例路123号") == ["示例路一百二十三号"]
    assert marked("于二〇二六年施行", "2026年") == ["二〇二六年"]


def test_a_code_typed_in_groups_marks_the_whole_code() -> None:
    assert marked("代码 91329900MA0000001X。", "9132 9900 ma00 0000 1x") == ["91329900MA0000001X"]


def test_words_apart_are_marked_apart() -> None:
    assert marked("苏州示例甲检测厂", "检测 苏州") == ["苏州", "检测"]


def test_a_chance_pair_of_characters_is_not_marked() -> None:
    assert marked("例行检查", "示例检测") == []


def test_markup_stays_text() -> None:
    assert highlight("<b>示例</b>", "示例") == [("<b>", False), ("示例", True), ("</b>", False)]


@given(st.text(max_size=60) | NUMBERS, st.text(max_size=20) | NUMBERS)
def test_the_pieces_are_the_text(text: str, query: str) -> None:
    assert "".join(piece for piece, _ in highlight(text, query)) == text


def test_an_excerpt_shows_the_match() -> None:
    pieces = excerpt("甲" * 500 + "示例检测" + "乙" * 500, "示例检测", 100)
    assert ("示例检测", True) in pieces
    assert pieces[0] == pieces[-1] == ("…", False)
    assert sum(len(piece) for piece, _ in pieces) == 102
