"""What each engine finds, in which order, and what it says about it: one suite for both."""

from collections import Counter
from dataclasses import replace
from datetime import date
from operator import attrgetter
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import ServiceUnavailable
from indexer.search.answering import Answering
from indexer.search.clauses import Clause
from indexer.search.cursor import Cursor
from indexer.search.documents import Document, tokens
from indexer.search.failures import IndexUnusable
from indexer.search.protocol import FACETS, Results, SearchEngine
from indexer.search.query import Filters, Query, plan, suggesting
from tests.search.conftest import NewEngine, put

QUESTIONS = [
    "苏州示例甲检测有限公司",
    "检测 苏州",
    "电梯",
    "示例旧乙",
    "质量管理体系认证证书",
    "设备研发",
    "9132990",
    "有限公司",
]


def answers(clause: Clause, stored: dict[str, object]) -> bool:
    """Whether a document's tokens answer a clause, term by term."""
    value = stored.get(clause.field, "")
    there = set(value) if isinstance(value, list) else set(str(value).split())
    if clause.prefix:
        held = [term for term in clause.terms if any(token.startswith(term) for token in there)]
    else:
        held = [term for term in clause.terms if term in there]
    return len(held) >= clause.minimum


def by_hand(documents: list[Document], query: Query) -> list[Document]:
    """Every document that answers the plan of `query`, found without an engine."""
    asked = plan(query)
    wanted = {facet: getattr(query.filters, facet) for facet in FACETS}
    return [
        document
        for document in documents
        if any(answers(clause, dict(tokens(document))) for clause in asked.clauses)
        and all(values is None or getattr(document, facet) in values for facet, values in wanted.items())
    ]


def ids(results: Results) -> list[str]:
    return [hit.id for hit in results.hits]


def test_an_engine_with_an_index_is_ready(engine: SearchEngine) -> None:
    assert engine.ready()


@pytest.mark.parametrize(
    "filters", [Filters(), Filters(region=("苏州", "无锡"), year=(2015, 2020)), Filters(kind=())]
)
@pytest.mark.parametrize("text", QUESTIONS)
def test_totals_and_facets_are_those_counted_by_hand(
    engine: SearchEngine, documents: list[Document], text: str, filters: Filters
) -> None:
    query = Query(text, filters=filters, sort="newest", limit=1000)
    found = by_hand(documents, query)
    results = engine.search(query)
    assert (results.total, results.relation) == (len(found), "eq")
    assert set(ids(results)) == {document.id for document in found}
    for facet in FACETS:
        values = [getattr(document, facet) for document in found]
        counts = Counter(str(value) for value in values if value is not None)
        assert dict(results.facets[facet]) == dict(counts.most_common(50))
        assert list(results.facets[facet]) == sorted(
            results.facets[facet], key=lambda pair: (-pair[1], pair[0])
        )


@pytest.mark.parametrize(
    "text", ["苏州示例甲检侧", "示例甲检测股分", "示例物流", "无锡示例乙电梯有限公司", "电梯"]
)
def test_a_filter_finds_as_many_as_its_count_says(engine: SearchEngine, text: str) -> None:
    results = engine.search(Query(text))
    assert results.facets["region"]
    for facet in FACETS:
        for value, count in results.facets[facet]:
            only: dict[str, Any] = {facet: (int(value),) if facet == "year" else (value,)}
            chosen = engine.search(Query(text, filters=Filters(**only), limit=1000))
            assert (chosen.total, len(chosen.hits)) == (count, count), (facet, value)


def test_every_full_name_finds_its_enterprise_first(engine: SearchEngine, documents: list[Document]) -> None:
    for document in documents:
        if document.kind == "enterprise":
            assert engine.search(Query(document.name, limit=1)).hits[0].id == document.id, document.name


def test_every_code_finds_its_holder_first(engine: SearchEngine, documents: list[Document]) -> None:
    for document in documents:
        if document.kind == "enterprise":
            for code in document.codes:
                assert engine.search(Query(code, limit=1)).hits[0].id == document.id, code


@pytest.fixture
def rivals(new_engine: NewEngine) -> SearchEngine:
    """An engine that knows some names which people take for each other."""
    engine = new_engine()
    names = {
        "exact": "示例星河仪器",
        "starts": "示例星河仪器制造股份有限公司苏州分公司",
        "core": "苏州示例星河仪器",
        "holds": "江南示例星河仪器有限公司",
        "elsewhere": "无锡市星海衡器有限公司",
        "other": "示例大海",
    }
    with engine.writer() as writer:
        put(writer, [Document(id_, 1, "enterprise", name=name) for id_, name in reversed(names.items())])
    return engine


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("示例星河仪器", ["exact", "core", "starts", "holds"]),
        ("苏州示例星河仪器", ["core", "starts"]),
        ("shilixingheyiqi", ["exact", "core", "starts", "holds"]),
        ("slxhyq", ["exact", "core", "starts"]),
        ("szslxhyq", ["core"]),
        ("示例星河仪器怎么样", ["exact", "core", "starts", "holds"]),
    ],
)
def test_exact_comes_before_the_same_core_before_a_beginning_before_a_part(
    rivals: SearchEngine, text: str, expected: list[str]
) -> None:
    results = rivals.search(Query(text))
    assert ids(results) == expected
    assert results.certain


@pytest.mark.parametrize("text", ["示例星河", "shilixinghe", "slxh", "SLXH"])
def test_names_are_suggested_while_characters_spelling_or_initials_are_typed(
    rivals: SearchEngine, text: str
) -> None:
    texts = [suggestion.text for suggestion in rivals.suggest(text)]
    assert {"示例星河仪器", "苏州示例星河仪器"} <= set(texts)
    assert "示例大海" not in texts


def test_a_phrase_must_be_there_and_what_is_left_out_must_not(rivals: SearchEngine) -> None:
    assert set(ids(rivals.search(Query("“星河仪器制造”")))) == {"starts"}
    assert "starts" not in ids(rivals.search(Query("示例星河仪器 -制造")))


@pytest.fixture(scope="module")
def worded(new_engine: NewEngine) -> SearchEngine:
    """An engine with names and texts that hold words one after another, or the same words apart."""
    engine = new_engine()
    with engine.writer() as writer:
        put(
            writer,
            [
                Document("a1", 1, "enterprise", name="示例汽车配件厂"),
                Document("a2", 1, "enterprise", name="示例汽车摩托车配件厂"),
                Document("a3", 1, "enterprise", name="示例配件（汽车）厂"),
                Document("a4", 1, "enterprise", name="示例甲厂", former_names=("示例大汽车配件社",)),
                Document(
                    "b1", 1, "policy", title="示例一", text="对质量管理体系，按 ISO 9001 认证的，予以补助。"
                ),
                Document(
                    "b2", 1, "policy", title="示例二", text="质量要管理，体系要认证；按ISO 14001，不按9001。"
                ),
                Document(
                    "b3", 1, "policy", title="示例三", text="加强質量管理\n體系建設。\n\n认证另行规定。"
                ),
                Document("b4", 1, "policy", title="示例四", text="无关。", codes=("示市监〔2026〕1号",)),
                Document(
                    "b5", 1, "penalty", title="示例五", text="示例市市场局来函。", issuer="示例省市场局"
                ),
                Document(
                    "b6", 1, "penalty", title="示例六", text="示例省市场局来函。", issuer="示例市市场局"
                ),
            ],
        )
    return engine


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“汽车配件”", {"a1", "a4"}),
        ("「汽車配件」", {"a1", "a4"}),
        ('"汽车 配件"', {"a1", "a4"}),
        ("汽车 配件", {"a1", "a2", "a3", "a4"}),
        ("示例 “汽车配件”", {"a1", "a4"}),
        ("汽车 配件 -“汽车配件”", {"a2", "a3"}),
        ("汽车 配件 -“车配”", {"a3"}),
        ("汽车 配件 -「汽車配件」", {"a2", "a3"}),
        ("配件 -摩托", {"a1", "a3", "a4"}),
        ("“质量管理体系”", {"b1", "b3"}),
        ("“質量管理體系”", {"b1", "b3"}),
        ("“理体”", {"b1", "b2", "b3"}),
        ("“管理体系要”", {"b2"}),
        ("“认证；按”", {"b2"}),
        ("“认证按”", set()),
        ("“体系认证”", set()),
        ("“建设认证”", set()),
        ("“质量” “认证”", {"b1", "b2", "b3"}),
        ("“ＩＳＯ９００１”", {"b1"}),
        ("质量 管理 -“质量管理”", {"b2"}),
        ("“示例三”", {"b3"}),
        ("“示市监〔2026〕1号”", {"b4"}),
        ("来函 机关:示例市市场局", {"b6"}),
        ("机关:示例市场局", {"b5", "b6"}),
        ("处罚机关：“示例省市场局”", {"b5"}),
    ],
)
def test_a_phrase_in_quotes_is_the_phrase(worded: SearchEngine, text: str, expected: set[str]) -> None:
    for sort in ("relevance", "newest"):
        results = worded.search(Query(text, sort="newest" if sort == "newest" else "relevance"))
        assert all(hit.why for hit in results.hits)
        assert (set(ids(results)), results.total) == (expected, len(expected))
        assert sum(count for _kind, count in results.facets["kind"]) == len(expected)


@pytest.fixture(scope="module")
def numbered(new_engine: NewEngine) -> SearchEngine:
    """An engine that knows documents by their numbers."""
    engine = new_engine()
    codes = {
        "c1": "示市监处罚〔2026〕00058号",
        "c2": "甲市监处罚〔2026〕58号",
        "c3": "示市监处罚〔2025〕58号",
        "c4": "79926Q00001R0S",
        "c5": "91329900PDY0010126",
    }
    with engine.writer() as writer:
        put(
            writer,
            [Document(id_, 1, "penalty", title="示例处罚", codes=(code,)) for id_, code in codes.items()],
        )
    return engine


@pytest.mark.parametrize(
    ("text", "expected", "certain"),
    [
        ("示市监处罚〔2026〕00058号", ["c1"], True),
        ("示市监处罚[2026]58号", ["c1"], True),
        ("示市監處罰（２０２６）第58号", ["c1"], True),
        ("市监处罚〔2026〕58号", ["c1", "c2"], True),
        ("〔2026〕58号", ["c1", "c2"], True),
        ("市监处罚〔2025〕", ["c3"], True),
        ("文号:示市监处罚", ["c1", "c3"], True),
        ("文号:示市监处罚〔2026〕", ["c1"], True),
        ("示例 文号:2025", ["c3"], True),
        ("示例处罚 文号:58号", ["c1", "c2", "c3"], True),
        ("文号：示市监处罚〔2026〕58号", ["c1"], True),
        ("7992６q0OOO1roS", ["c4"], False),
        ("79926Q0OOO1R0S", ["c4"], False),
        ("9132990OPDY0010l26", ["c5"], False),
        ("91329900PDY0010216", ["c5"], False),
    ],
)
def test_a_number_is_found_in_part_and_with_characters_mistaken_for_each_other(
    numbered: SearchEngine, text: str, expected: list[str], certain: bool
) -> None:
    results = numbered.search(Query(text))
    assert (sorted(ids(results)), results.certain) == (expected, certain)
    assert all(hit.why for hit in results.hits)


def test_a_chance_piece_of_a_number_is_no_reason(new_engine: NewEngine) -> None:
    engine = new_engine()
    with engine.writer() as writer:
        put(writer, [Document("d", 1, "certificate", title="示例ISO9001", codes=("79926Q00001R0S",))])
    [hit] = engine.search(Query("79926Q00001R0S")).hits
    assert [reason.code for reason in hit.why] == ["code_exact"]


def test_a_close_name_comes_before_many_texts_with_its_words_and_no_other_does(new_engine: NewEngine) -> None:
    engine = new_engine()
    texts = [
        Document(f"t{number:02}", 1, "policy", title="示例通知", text="汽车的零部件，以及汽车的配件。")
        for number in range(60)
    ]
    with engine.writer() as writer:
        put(writer, [*texts, Document("close", 1, "enterprise", name="家声汽车零部件厂", region="示例市")])
    found = engine.search(Query("家汽车零部件"))
    assert ids(found)[0] == "close" and [reason.code for reason in found.hits[0].why][:1] == ["name_near"]
    for facet in FACETS:
        for value, count in found.facets[facet]:
            only: dict[str, Any] = {facet: (int(value),) if facet == "year" else (value,)}
            assert engine.search(Query("家汽车零部件", Filters(**only), limit=100)).total == count
    words = engine.search(Query("汽车的零部件以及", limit=100))
    assert (words.total, "close" in ids(words)) == (60, False)


@pytest.mark.parametrize(
    ("text", "id_", "zh"),
    [
        ("示例星何仪器", "exact", "名称相近：同音字：何→河"),
        ("示例星仪器", "exact", "名称相近：多“河”字"),
        ("示例星河大仪器", "exact", "名称相近：没有“大”"),
        ("示例星海仪器", "exact", "名称相近：不同字：海→河"),
        ("常州星海衡器", "elsewhere", "名称主体相同"),
        ("常州星海衡器", "elsewhere", "地区不同：查的是常州，这家在无锡"),
    ],
)
def test_a_near_name_says_in_what_it_differs_and_is_not_certain(
    rivals: SearchEngine, text: str, id_: str, zh: str
) -> None:
    results = rivals.search(Query(text))
    assert results.hits[0].id == id_
    assert zh in [reason.zh for reason in results.hits[0].why]
    assert not results.certain


@pytest.mark.parametrize(
    ("text", "id_", "zh"),
    [
        ("苏州示例甲检测有限公司", "0000e", "名称完全一致"),
        ("蘇州示例甲檢測有限公司", "0000e", "名称完全一致"),
        ("91329900MA0000000X", "0000e", "统一社会信用代码一致"),
        ("MA000000-0", "0000e", "组织机构代码一致"),
        ("00000Q10286R0S/1", "0000c0", "编号一致"),
        ("00000Q10286R0S", "0000c0", "编号以“00000Q10286R0S”开头"),
        ("苏州示例旧甲检测有限公司", "0000e", "曾用名一致"),
        ("苏州示例甲检", "0000e", "名称以“苏州示例甲检”开头"),
        ("检测 苏州", "0000e", "名称含“苏州”“检测”"),
        ("苏州示例旧甲检", "0000e", "名称含“苏州示例”“甲检”"),
        ("第1号产品", "0001e", "正文含“第”“1”“号”“产品”"),
        ("苏州 示例标准认证中心", "0000c0", "正文含“标准”“中心”"),
    ],
)
def test_each_hit_says_why(engine: SearchEngine, text: str, id_: str, zh: str) -> None:
    hits = {hit.id: hit for hit in engine.search(Query(text, limit=1000)).hits}
    assert zh in [reason.zh for reason in hits[id_].why]


@pytest.mark.parametrize("text", QUESTIONS)
def test_no_hit_is_without_a_reason(engine: SearchEngine, text: str) -> None:
    results = engine.search(Query(text, limit=1000))
    assert results.hits
    assert all(hit.why for hit in results.hits)


@pytest.mark.parametrize("sort", ["relevance", "newest"])
@pytest.mark.parametrize("text", QUESTIONS)
def test_pages_one_after_another_are_one_big_page(engine: SearchEngine, text: str, sort: str) -> None:
    query = Query(text, sort="newest" if sort == "newest" else "relevance", limit=1000)
    whole, paged = engine.search(query), []
    page = engine.search(replace(query, limit=7))
    while page.next is not None:
        paged += ids(page)
        page = engine.search(replace(query, limit=7, cursor=Cursor.parse(page.next)))
    assert paged + ids(page) == ids(whole)
    assert whole.next is None


@pytest.mark.parametrize("sort", ["relevance", "newest"])
@pytest.mark.parametrize("count", [30, 300])
def test_equal_answers_stand_in_the_same_order_in_every_engine(
    new_engine: NewEngine, count: int, sort: Literal["relevance", "newest"]
) -> None:
    engine = new_engine()
    equal = [
        Document(f"{7919 * number % 65521:04x}", 1, "enterprise", name="示例同名厂", dated=date(2026, 3, 2))
        for number in range(count)
    ]
    with engine.writer() as writer:
        put(writer, equal[::2])
    with engine.writer() as writer:
        put(writer, equal[1::2])
    expected = [document.id for document in sorted(equal, key=attrgetter("place"))]
    assert ids(engine.search(Query("示例同名厂", sort=sort, limit=7))) == expected[:7]
    assert ids(engine.search(Query("示例同名厂", sort=sort, limit=1000))) == expected


def test_newest_first_is_in_order_of_days_and_undated_last(
    engine: SearchEngine, documents: list[Document]
) -> None:
    dated = {document.id: document.dated.toordinal() if document.dated else 0 for document in documents}
    days = [dated[id_] for id_ in ids(engine.search(Query("苏州", sort="newest", limit=1000)))]
    assert days == sorted(days, reverse=True)
    assert days[-1] == 0


@settings(deadline=None)
@given(st.text(st.characters(), max_size=200), st.integers(1, 20))
def test_no_text_breaks_a_search_or_a_suggestion(engine: SearchEngine, text: str, limit: int) -> None:
    results = engine.search(Query(text, limit=limit))
    assert len(results.hits) <= limit
    assert len(engine.suggest(text, limit)) <= limit


@pytest.mark.parametrize(
    "text",
    ["示例" * 5000, "a" * 10_000, "(" * 10_000, '" OR *:* ~^[', "示例 AND (", "name:示例\\", "^示例.*"],
)
def test_hostile_text_is_only_text(engine: SearchEngine, text: str) -> None:
    engine.search(Query(text))
    engine.suggest(text)


def test_only_punctuation_finds_nothing(engine: SearchEngine) -> None:
    results = engine.search(Query("，。！"))
    assert (results.total, results.hits, results.next) == (0, (), None)
    assert engine.suggest("，。！") == ()


def test_suggestions_begin_with_what_was_typed_and_come_once(engine: SearchEngine) -> None:
    suggested = engine.suggest("苏州示例甲检")
    assert suggested[0].text.startswith("苏州示例甲检")
    assert len({suggestion.text for suggestion in suggested}) == len(suggested)
    assert {suggestion.kind for suggestion in suggested} <= {"enterprise", "certificate"}
    assert engine.suggest("913299", 5)
    assert all(suggestion.text.startswith("南") for suggestion in engine.suggest("南"))


@pytest.mark.parametrize(
    "text",
    [
        "苏",
        "苏州",
        "苏州示",
        "示例",
        "示例旧",
        "电",
        "厂",
        "有限",
        "检测有限",
        "南京示例甲",
        "质量",
        "szsl",
        "9132990",
    ],
)
@pytest.mark.parametrize("limit", [3, 8])
def test_a_few_labels_give_the_suggestions_that_many_give(
    engine: SearchEngine, text: str, limit: int
) -> None:
    assert isinstance(engine, Answering)
    labels = engine._labels(suggesting(text, limit), 4 * limit)
    expected = list(dict.fromkeys(label for label, _kind, _id in labels))[:limit]
    assert [suggestion.text for suggestion in engine.suggest(text, limit)] == expected


FIRST = Document("a", 1, "enterprise", subject="7", name="示例第一检测厂")
SECOND = Document("b", 2, "enterprise", subject="8", name="示例第二检测厂")


@pytest.fixture
def written(new_engine: NewEngine) -> SearchEngine:
    engine = new_engine()
    with engine.writer() as writer:
        put(writer, [FIRST, SECOND])
    return engine


def found(engine: SearchEngine, text: str = "示例检测厂") -> set[str]:
    return {hit.id for hit in engine.search(Query(text)).hits}


def test_before_the_first_document_there_is_no_index(new_engine: NewEngine) -> None:
    engine = new_engine()
    assert (engine.ready(), engine.count(), list(engine.held()), engine.held_of(["a"])) == (False, 0, [], {})
    with pytest.raises(IndexUnusable, match="zhixin reindex"):
        engine.search(Query("示例"))


def test_putting_again_replaces(written: SearchEngine) -> None:
    with written.writer() as writer:
        put(writer, [replace(FIRST, version=3, name="示例新名厂")], at=2)
    assert written.count() == 2
    assert [(each.id, each.version) for each in written.held()] == [("a", 3), ("b", 2)]
    assert written.search(Query("示例第一检测厂")).hits[0].id == "b"


def test_what_was_removed_is_not_found(written: SearchEngine) -> None:
    with written.writer() as writer:
        writer.remove([("a", "7"), ("never there", "9")], at=2)
    assert found(written) == {"b"}


def test_what_is_held_tells_version_and_digest_in_the_order_of_the_ids(written: SearchEngine) -> None:
    with written.writer() as writer:
        put(writer, [replace(FIRST, id="0")], at=2)
    assert [(each.id, each.version, each.digest) for each in written.held()] == [
        ("0", 1, replace(FIRST, id="0").digest),
        ("a", 1, FIRST.digest),
        ("b", 2, SECOND.digest),
    ]
    assert written.held_of(["b", "never there"]).keys() == {"b"}


def test_readers_answer_during_a_rebuild_and_see_it_at_its_end(written: SearchEngine) -> None:
    for round_ in range(3):
        new = f"new{round_}"
        with written.rebuild() as writer:
            put(writer, [Document(new, 1, "enterprise", name="示例重建检测厂")])
            writer.settle()
            assert (writer.count(), set(writer.held_of([new]))) == (1, {new})
            assert new not in found(written)
        assert found(written) == {new}


def test_a_rebuild_that_fails_leaves_the_index_as_it_was(written: SearchEngine) -> None:
    def failing() -> None:
        with written.rebuild() as writer:
            put(writer, [SECOND])
            raise KeyError("stop")

    with pytest.raises(KeyError):
        failing()
    assert found(written) == {"a", "b"}


def test_the_index_before_the_last_rebuild_is_kept_and_can_be_brought_up(written: SearchEngine) -> None:
    with pytest.raises(ServiceUnavailable, match="zhixin reindex"), written.restoring():
        pass
    with written.rebuild() as writer:
        put(writer, [FIRST], at=5)
    with written.restoring() as writer:
        assert [each.id for each in writer.held()] == ["a", "b"]
        writer.remove([("a", "7")], at=6)
    assert found(written) == {"b"}
    with written.restoring() as writer:
        writer.settle()
        assert writer.count() == 1
    assert found(written) == {"a"}
