"""Passages: the right place of a text, shown as it stands, whoever wrote it and however it was asked for."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.search.documents import Document
from indexer.search.passages import Passage, best, passages
from indexer.search.query import Query
from indexer.search.sections import LONGEST, sections
from tests.search.conftest import NewEngine, put

HERE = Path(__file__).parent
POLICIES = HERE.parents[2] / "shared" / "data" / "policies"

RULES = """示例市质量信用管理办法

第一章 总则

第一条 为了规范质量信用管理，根据有关法律，制定本办法。

第二章 黑名单

第十二条 企业有下列情形之一的，列入质量失信黑名单：
（一）伪造、冒用认证证书或者认证标志的；
（二）拒不执行处罚决定的。

第十三条 列入黑名单的信息自列入之日起向社会公布三年；期满未再发生违法行为的，由列入机关移出。移出的决定在五个工作日内公布，并通知当事人；当事人对列入决定有异议的，可以向列入机关提出书面申请，列入机关在二十个工作日内答复，情况复杂的可以延长一次，延长不超过二十个工作日，并书面告知当事人理由，当事人可以查阅。逾期不答复的，视为同意移出。

附件：1. 申请书样式
"""

SENTENCES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "第三条 ",
                "一、",
                "（二）",
                "2.",
                "。",
                "；",
                "，",
                "\n",
                "“",
                "”",
                "企业",
                "黑名单",
                "質量",
                "ＡＢＣ",
            ]
        ),
        st.text(max_size=30),
    ),
    max_size=60,
).map("".join)


def plain(passage: Passage) -> str:
    return "".join(piece for piece, _ in passage.pieces)


def marked(passage: Passage) -> list[str]:
    return [piece for piece, matches in passage.pieces if matches]


def questions(name: str) -> list[tuple[str, str, str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(question, document, words) for question, document, words in rows]


def test_the_article_that_answers_comes_first_under_its_heading() -> None:
    found = passages(RULES, "黑名单要公布多久？")
    assert plain(found[0]).startswith("第十三条")
    assert found[0].heading == "第二章 黑名单"
    assert {"黑名单", "公布"} <= set(marked(found[0]))


def test_the_rest_of_a_long_article_is_headed_by_its_number() -> None:
    found = passages(RULES, "逾期不答复会怎么样", 1)
    assert plain(found[0]) == "逾期不答复的，视为同意移出。"
    assert found[0].heading == "第十三条"


def test_an_article_stands_together_with_its_items() -> None:
    found = passages(RULES, "哪些情形会列入失信黑名单", 1)[0]
    assert plain(found).startswith("第十二条 企业有下列情形之一的") and plain(found).endswith(
        "标志的；\n（二）拒不执行处罚决定的。"
    )
    assert found.heading == "第二章 黑名单"


def test_the_way_of_asking_is_neither_looked_for_nor_marked() -> None:
    text = "一、什么是质量，怎么说都行。\n\n二、认证证书有效期为三年，什么时候都一样。"
    found = passages(text, "认证证书有效期是多久，怎么办什么的")
    assert [marked(passage) for passage in found] == [["认证证书有效期"]]


def test_traditional_and_full_width_texts_answer_a_simplified_question_as_they_are_written() -> None:
    text = "總則。\n\n對失信機構采取重點行業終身禁入、參與政府購買服務受限等懲戒措施。\n\n其他事項另行規定。"
    found = passages(text, "失信机构会受到什么惩戒", 1)
    assert plain(found[0]) in text
    assert "失信機構" in marked(found[0]) and "懲戒" in marked(found[0])
    assert marked(passages("依据ＩＳＯ９００１标准认证。", "iso9001")[0]) == ["ＩＳＯ９００１"]


def test_a_quotation_is_not_cut_at_the_marks_inside_it() -> None:
    text = "落实责任制，" + "健全各项制度，" * 12 + "落实“谁出证,谁负责;谁签字,谁担责”。另行通知。"
    assert any("“谁出证,谁负责;谁签字,谁担责”" in plain(p) for p in passages(text, "谁签字谁负责"))


@pytest.mark.parametrize("phrase", ["“质量信用档案”", '"质量信用档案"', "「質量信用檔案」"])
def test_a_phrase_in_quotation_marks_goes_before_its_words_apart(phrase: str) -> None:
    text = "一、质量问题的信用记录，质量与信用并重，信用看质量。\n\n二、建立质量信用档案制度，逐步完善。"
    assert plain(passages(text, f"{phrase}质量、信用")[0]).startswith("二、")


def test_what_limits_the_search_is_not_asked_for() -> None:
    asked = passages(RULES, "黑名单公布")
    assert passages(RULES, '黑名单公布 -认证证书 机关:示例市 -"第一条 规范"') == asked


def test_an_annex_is_under_no_article_and_a_broken_line_goes_on() -> None:
    text = "第一条 申请应当附样式。\n\n附件1\n\n申请书要写明单位的名称。样式由市局统一制定，任\n\n何单位不得改动样式。"
    annexed = sections(text)[-1]
    assert annexed.heading == "附件1"
    assert text[annexed.start : annexed.end].endswith("任\n\n何单位不得改动样式。")


def test_a_sentence_that_was_cut_says_so_at_that_end() -> None:
    text = "甲方应当提供材料，" * 30 + "逾期不提供检验报告的视为放弃。"
    found = passages(text, "检验报告", 1)[0]
    assert found.pieces[0] == ("…", False)
    assert plain(found).endswith("视为放弃。")


def test_what_says_the_same_again_is_not_shown_twice() -> None:
    said = "机动车安全技术检验机构应当每年提交检验工作报告，并对报告的真实性负责，接受监督检查。"
    found = passages(f"{said}\n\n附表\n\n1{said}\n\n检验收费标准另行公布。", "安全技术检验机构提交报告")
    assert sum("每年提交" in plain(passage) for passage in found) == 1


@pytest.mark.parametrize("question", ["", "？！", "龘龘龘", "怎么办"])
def test_nothing_is_found_where_nothing_is_asked_or_said(question: str) -> None:
    assert passages(RULES, question) == ()
    assert passages("", "黑名单") == () == best({}, "黑名单")


def test_rarity_is_told_over_all_texts_together() -> None:
    texts = {"a": "认证机构应当报告。\n\n认证机构应当公开。", "b": "认证机构的召回义务另行规定。"}
    assert best(texts, "认证机构召回")[0][0] == "b"


@given(SENTENCES, st.one_of(st.sampled_from(["企业黑名单", "质量 abc"]), st.text(max_size=40)))
def test_any_text_and_question_give_parts_of_the_text(text: str, question: str) -> None:
    for passage in passages(text, question):
        pieces = list(passage.pieces)
        pieces = pieces[1:] if pieces[0] == ("…", False) and not text.startswith("…") else pieces
        pieces = pieces[:-1] if pieces[-1] == ("…", False) and not text.endswith("…") else pieces
        assert "".join(piece for piece, _ in pieces) in text
        assert passage.heading in text
        assert passage.score > 0


@given(SENTENCES)
def test_sections_stand_in_order_do_not_overlap_and_are_short(text: str) -> None:
    found = sections(text)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(0 < one.end - one.start <= LONGEST * 2 for one in found)


@given(st.text(alphabet="甲乙，。；\n", max_size=2000))
def test_no_word_is_lost_between_sections(text: str) -> None:
    kept = "".join(text[one.start : one.end] for one in sections(text))
    assert "".join(kept.split()) == "".join(text.split())


@pytest.fixture(scope="module")
def policies() -> dict[str, str]:
    if not POLICIES.is_dir():
        pytest.skip("the shared folder of real data is not here")
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(POLICIES.glob("*.txt"))}


def answered(policies: dict[str, str], rows: list[tuple[str, str, str]]) -> list[str]:
    """The questions whose passage is among the first three of all documents together."""
    return [
        question
        for question, document, words in rows
        if any(name == document and words in plain(passage) for name, passage in best(policies, question))
    ]


def test_each_engine_finds_the_document_that_answers(policies: dict[str, str], new_engine: NewEngine) -> None:
    engine = new_engine()
    with engine.writer() as writer:
        put(
            writer,
            [Document(name, 1, "policy", title=text[:60], text=text) for name, text in policies.items()],
        )
    rows = questions("policy_questions.tsv") + questions("policy_questions_held_out.tsv")
    missed = [
        question
        for question, document, _ in rows
        if document not in [hit.id for hit in engine.search(Query(question, limit=3)).hits]
    ]
    assert len(missed) <= 2, missed


@pytest.mark.parametrize(
    ("name", "asked", "least"), [("policy_questions.tsv", 20, 18), ("policy_questions_held_out.tsv", 10, 9)]
)
def test_questions_of_citizens_find_the_passage_that_answers_them(
    policies: dict[str, str], name: str, asked: int, least: int
) -> None:
    rows = questions(name)
    found = answered(policies, rows)
    assert len(rows) == asked and len(found) >= least, [row[0] for row in rows if row[0] not in found]
