"""Reading questions: names stay whole, intent words come off and are offered, codes and operators are understood."""

import csv
import gzip
import random
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.kinds import kinds
from indexer.search.intents import intents
from indexer.search.question import Offer, Question, read
from indexer.search.regions import provinces, region_of, writings
from indexer.text.normalise import key
from indexer.text.places import divisions

NAME = "示例电气"
TABLE = intents()
NATIONAL = Path(__file__).parents[3] / "shared" / "data" / "enterprises_national.csv.gz"
OPEN = [word for word in [*TABLE.end, *TABLE.apart] if not TABLE.matter.search(word)]


def asked(question: Question) -> set[tuple[str, str]]:
    return {(offer.field, offer.value) for offer in question.offers}


@pytest.mark.parametrize("word", TABLE.end)
def test_each_end_word_comes_off_the_end_of_a_name_and_asks_for_its_filter(word: str) -> None:
    for typed in (f"{NAME} {word}", f"{word} {NAME}", f"{NAME}{word}", f"{NAME}的{word}？"):
        question = read(typed)
        assert question.text == NAME, typed
        assert asked(question) == ({TABLE.end[word]} if TABLE.end[word] else set()), typed


@pytest.mark.parametrize("word", TABLE.apart)
def test_each_apart_word_comes_off_only_where_it_stands_alone(word: str) -> None:
    assert read(f"{NAME} {word}").text == NAME
    assert asked(read(f"{NAME} {word}")) == ({TABLE.apart[word]} if TABLE.apart[word] else set())
    assert read(NAME + word).text == NAME + word


@pytest.mark.parametrize("word", TABLE.offering)
def test_each_offering_word_stays_and_asks_for_its_filter(word: str) -> None:
    question = read(f"{NAME} {word}")
    assert question.text == f"{NAME} {word}"
    assert asked(question) == {TABLE.offering[word]}


@pytest.mark.parametrize("word", ["如何", "列入", "多久", "条件", "办理", "修复"])
def test_a_question_about_the_matter_stays_whole(word: str) -> None:
    assert read(f"{word}黑名单").text == f"{word}黑名单"
    assert asked(read(f"{word}黑名单")) == {("kind", "listing")}


@pytest.mark.parametrize("word", sorted(TABLE.general))
def test_a_general_word_is_no_name(word: str) -> None:
    assert read(f"{word}黑名单").text == f"{word}黑名单"


@pytest.mark.parametrize("ending", TABLE.held)
def test_a_name_keeps_the_character_that_might_join(ending: str) -> None:
    assert read(f"示例{ending}怎么样").text == f"示例{ending}"


@pytest.mark.parametrize("particle", sorted(TABLE.particle))
def test_a_particle_comes_off_after_an_intent_word_only(particle: str) -> None:
    assert read(f"{NAME}是黑名单{particle}").text == NAME
    assert read(f"示例酒{particle}").text == f"示例酒{particle}"
    assert read(f"示例酒{particle}怎么样").text == f"示例酒{particle}"


def test_every_kind_that_is_asked_for_exists() -> None:
    every = (*TABLE.end.values(), *TABLE.apart.values(), *TABLE.offering.values())
    assert {value for asks in every if asks for _field, value in [asks]} <= set(kinds())


def test_no_word_stands_twice_or_in_another_writing() -> None:
    words = [*TABLE.end, *TABLE.apart, *TABLE.offering]
    assert len(words) == len(set(words))
    assert [word for word in words if key(word) != word] == []


@pytest.mark.parametrize(
    "typed",
    [
        "示例认证有限公司",
        "示例信用评级有限公司",
        "示例证书制作有限公司",
        "示例认证",
        "示例信用评级",
        "示例网吧",
        "示例质量认证",
        "示例数字证书",
        "美的",
        "江苏示例查询电话亭厂",
        "91329900MA0000001X",
        "D2143569-X",
        "00114E22766R2L/3502",
        "XK08-001-00001",
        "9132 9900 ma00 0000 1x",
        "张黑名单",
        "黑名单",
        "ISO9001证书",
        "认证证书 查询",
        "GB/T 19001-2016",
        "-9",
        "MD214356 -9",
        "文号:",
        "“",
    ],
)
def test_nothing_is_taken_from_a_name_a_code_or_a_text_of_intent_words_only(typed: str) -> None:
    question = read(typed)
    assert question.text == typed
    assert question.names == question.excluded == question.phrases == ()


@pytest.mark.parametrize(
    ("typed", "text", "offers"),
    [
        ("示例电气 认证证书查询", NAME, {("kind", "certificate")}),
        ("示例电气 是不是黑名单", NAME, {("kind", "listing")}),
        ("示例电气怎么样", NAME, set()),
        ("示例电气 ISO9001证书 真伪", NAME, {("kind", "certificate"), ("phrase", "ISO 9001")}),
        ("示例电气ＩＳＯ９００１认证证书", NAME, {("kind", "certificate"), ("phrase", "ISO 9001")}),
        ("示例电气 ISO9001 “ISO 9001”", "示例电气 ISO 9001", {("kind", "certificate")}),
        ("示例電氣 認證證書查詢", "示例電氣", {("kind", "certificate")}),
        ("示例电气2025年抽查", NAME, {("year", "2025"), ("kind", "inspection")}),
        ("示例电气有限公司被处罚了吗", "示例电气有限公司", {("kind", "penalty")}),
        ("江苏 示例电气", "江苏 示例电气", {("region", "江苏")}),
        ("示例电气 内蒙古自治区 处罚", "示例电气 内蒙古自治区", {("region", "内蒙古"), ("kind", "penalty")}),
        ("“黑名单” 示例", "黑名单 示例", set()),
        ("示例\u200b电气 黑\u200b名单", NAME, {("kind", "listing")}),
        ("", "", set()),
    ],
)
def test_what_is_left_is_as_typed_and_filters_are_offered(
    typed: str, text: str, offers: set[tuple[str, str]]
) -> None:
    assert (read(typed).text, asked(read(typed))) == (text, offers)


def test_an_offer_says_which_words_ask_for_it_and_stands_once() -> None:
    assert read("示例電氣 ISO9001證書 真伪").offers == (
        Offer("kind", "certificate", "ISO9001"),
        Offer("phrase", "ISO 9001", "ISO9001"),
    )
    assert read("示例電氣 證書").offers == (Offer("kind", "certificate", "證書"),)


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("ISO9001", "ISO 9001"),
        ("iso 9001:2015", "ISO 9001:2015"),
        ("ISO-9001-2015", "ISO 9001:2015"),
        ("ISO/IEC 27001", "ISO/IEC 27001"),
        ("GB/T 19001-2016", "GB/T 19001-2016"),
        ("gbt19001", "GB/T 19001"),
        ("ＧＢ／Ｔ　１９００１—２０１６", "GB/T 19001-2016"),
        ("GB 5009.12-2017", "GB 5009.12-2017"),
        ("DB32/T 4040.5-2021", "DB32/T 4040.5-2021"),
        ("IATF16949", "IATF 16949"),
    ],
)
def test_a_standard_has_one_writing(typed: str, standard: str) -> None:
    assert read(typed).standards == (standard,)
    assert read(f"{NAME} {typed}").text == NAME
    assert read(f"{NAME}{typed}证书").standards == (standard,)


@pytest.mark.parametrize("typed", ["GB1234567890", "79926Q00001R0S", "示例ISO公司", "SGB 19001", "ISO9001A"])
def test_what_only_looks_like_a_standard_is_none(typed: str) -> None:
    assert read(typed).standards == ()


@pytest.mark.parametrize(
    "typed",
    [
        "苏示例信发〔2017〕12号",
        "苏示例信发[2017]12号",
        "苏示例信发（2017）12号",
        "苏示例信发【2017】 12 号",
        "苏示例信发2017 12号",
        "苏示例信发２０１７年１２号",
    ],
)
def test_a_document_number_is_known_by_its_shape(typed: str) -> None:
    assert read(typed).document_numbers == ("苏示例信发〔2017〕12号",)
    assert read(f"文号：{typed.replace(' ', '')} 示例").document_number == "苏示例信发〔2017〕12号"


@pytest.mark.parametrize("typed", ["示例路20171号", "示例大街2017号", "2017年12月", "示例2017"])
def test_an_address_is_no_document_number(typed: str) -> None:
    assert read(typed).document_numbers == ()


def test_operators_are_taken_off_and_understood() -> None:
    question = read('示例 机关：“示例市 市场局” "质量 提升" -抽查 -「红 名单」 文号:示市监〔2026〕1号 处罚')
    assert question.text == "示例 质量 提升"
    assert question.authority == "示例市 市场局"
    assert question.phrases == ("质量 提升",)
    assert question.excluded == ("抽查",)
    assert question.excluded_phrases == ("红 名单",)
    assert question.document_number == "示市监〔2026〕1号"
    assert asked(question) == {("kind", "penalty")}
    assert read("发证机构:示例认证").authority == "示例认证"
    assert read("发证机构:示例认证").text == "示例认证"


def test_quotes_inside_a_name_do_not_part_it() -> None:
    assert read("示例“红星”开发公司").text == "示例红星开发公司"


@pytest.mark.parametrize(
    "typed",
    [
        "示例甲有限公司\n示例乙有限公司",
        "1、示例甲有限公司\r\n2、示例乙有限公司",
        "1. 示例甲有限公司\n2. 示例乙有限公司",
        "示例甲有限公司、示例乙有限公司",
        "示例甲有限公司；示例乙有限公司;",
        "示例甲有限公司\t示例乙有限公司",
        "示例甲有限公司 示例乙有限公司",
        "示例甲有限公司、示例乙有限公司是不是黑名单",
        "示例甲有限公司；示例甲有限公司；示例乙有限公司",
    ],
)
def test_several_pasted_names_are_told_apart(typed: str) -> None:
    assert read(typed).names == ("示例甲有限公司", "示例乙有限公司")


def test_several_pasted_codes_are_told_apart() -> None:
    codes = ("91329900MA0000001X", "91329900ma0000002w", "D2143569-X")
    assert read(" ".join(codes)).names == read("\n".join(codes)).names == codes
    assert read("示例甲有限公司 91329900MA0000001X").names == ()  # of one subject


@pytest.mark.parametrize(
    "typed",
    [
        "示例甲有限公司",
        "生产、销售不合格的商品",
        "示例县供销社副食、针纺门市部",
        "示例甲有限公司 南京分公司",
        "示例甲有限公司;",
        "、、；；",
        "示例 电气",
    ],
)
def test_one_name_or_a_sentence_is_no_list(typed: str) -> None:
    assert read(typed).names == ()


def test_every_province_has_its_full_name() -> None:
    assert len(provinces()) == 34
    for short, full in provinces().items():
        assert asked(read(short)) == asked(read(full)) == {("region", short)}


@pytest.mark.parametrize(
    ("typed", "region", "words"),
    [
        ("无锡的检测机构黑名单", "无锡市", "无锡"),
        ("無錫的檢測機構", "无锡市", "無錫"),
        ("江苏省无锡市有哪些检测机构", "无锡市", "江苏省无锡市"),
        ("示例电气 昆山", "昆山市", "昆山"),
        ("内蒙古的示例电气", "内蒙古", "内蒙古"),
        ("延边 示例", "延边朝鲜族自治州", "延边"),
        ("北京朝阳区的示例", "北京", "北京朝阳区"),
        ("吉林市 示例", "吉林市", "吉林市"),
        ("朝阳区的示例", None, ""),
        ("无锡示例检测有限公司 证书", None, ""),
        ("市辖区的示例", None, ""),
    ],
)
def test_a_place_that_is_asked_about_is_offered_and_stays_in_the_text(
    typed: str, region: str | None, words: str
) -> None:
    found = [offer for offer in read(typed).offers if offer.field == "region"]
    assert found == ([Offer("region", region, words)] if region else [])
    assert key(words) in key(read(typed).text)


def test_every_place_that_is_offered_lies_in_one_province() -> None:
    for line in divisions().splitlines():
        name = line.split()[1]
        if not line.startswith("#") and (found := region_of(name)):
            *_narrower, province, full = writings(found[0])
            assert provinces()[province] == full
            assert found[0] in provinces() or writings(found[0])[0] == found[0]


def holds(text: str) -> None:
    """What is true of every question."""
    question = read(text)
    whole = "".join(text.split())
    assert len(question.text) <= len(text)
    assert question.text == " ".join(question.text.split())
    assert bool(key(question.text)) == bool(key(text))
    seen = "".join(character for character in whole if key(character) or not character.isalnum())
    for offer in question.offers:
        assert key(offer.words) and key(offer.words) in key(seen)
    assert len({(offer.field, offer.value) for offer in question.offers}) == len(question.offers)
    excluded = (*question.excluded, *question.excluded_phrases)
    assert all(key(each) for each in (*question.phrases, *excluded, *question.names))
    assert len(question.names) != 1 and all(name == name.strip() for name in question.names)


PIECES = [
    *(
        [
            "黑名单",
            "证书",
            "怎么样",
            "的",
            "吗",
            "认证",
            "处罚",
            "江苏",
            "2025年",
            "ISO9001",
            "GB/T",
            "示例",
            "有限公司",
            "电气",
            "号",
            "〔2017〕",
            "12",
            "-",
            "“",
            "”",
            "「",
            "」",
            "、",
            "；",
            "(",
            ")",
        ]
    ),
    *(["文号:", "机关：", '"', "\n", "\t", "\ue000", "\u200b", "ﷺ", "㍿", "İ"]),
    " ",
    "  ",
]


@given(st.text(st.characters(), max_size=1000))
def test_any_text_is_read(text: str) -> None:
    holds(text)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_heap_of_what_it_knows_is_read(text: str) -> None:
    holds(text)


@pytest.mark.timeout(
    240
)  # fifteen seconds where nothing else runs; one text that took for ever would not end
def test_a_hundred_thousand_random_texts_are_read_in_bounded_time() -> None:
    rng = random.Random(5)
    for _ in range(100_000):
        text = "".join(
            rng.choice(PIECES) if rng.random() < 0.4 else chr(rng.randrange(0x110000))
            for _ in range(rng.randrange(16))
        )
        assert len(read(text).text) <= len(text)


@pytest.mark.timeout(60)  # milliseconds each; a pattern that looks back without bound takes minutes
@pytest.mark.parametrize(
    "piece", [*PIECES, " -", "人2017", "人(2017)", "示例甲公司、", "iso 9001 ", "1 ", "是", "(1"]
)
def test_the_longest_texts_are_read_at_once(piece: str) -> None:
    text = (piece * 1000)[:1000]
    assert len(read(text).text) <= len(text)


@pytest.mark.skipif(not NATIONAL.exists(), reason="needs ../shared/data/enterprises_national.csv.gz")
def test_real_names_are_left_whole() -> None:
    with gzip.open(NATIONAL, "rt", encoding="utf-8", newline="") as file:
        names = [row["name"] for row in islice(csv.DictReader(file), 0, 400_000, 40)]
    damaged = [
        name for name in names if read(name).text not in (name, name.replace("“", "").replace("”", ""))
    ]
    assert damaged == []
