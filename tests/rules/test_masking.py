"""What of a person is never shown (domain.md part 6), and what must survive the scan of free text."""

import csv
import gzip
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from indexer.identifiers import valid_uscc
from indexer.rules.masking import (
    ID_HIDDEN,
    mask_address,
    mask_bank_card,
    mask_id,
    mask_person,
    mask_phone,
    personal_header,
    scan,
)

SHARED = Path(__file__).parents[3] / "shared" / "data" / "enterprises_national.csv.gz"

_fifteen_digits = re.compile("[0-9]{15}").search

PLAIN = st.text(alphabet="的在对当事人违法，。：（）、 \n于 ", max_size=20)


@st.composite
def identity_numbers(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(["110101", "320507", "440305", "650102", "810000"]))
    born = draw(st.dates(min_value=date(1920, 1, 1))).strftime("%Y%m%d")
    first = region + (born if born < "21" else "19900101") + f"{draw(st.integers(0, 999)):03}"
    return first + ric.calc_check_digit(first + "0")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("张小明", "张**"),
        ("欧阳娜娜", "欧阳**"),
        ("诸葛亮", "诸葛*"),
        ("欧阳", "欧*"),
        ("张　三", "张*"),
        ("张三、李小四", "张*、李**"),
        ("阿里木·买买提", "阿**·***"),
        ("张*", "张*"),
        ("张", "*"),
        ("", ""),
        ("John Smith", "J*** *****"),
    ],
)
def test_a_name_keeps_its_surname_only(name: str, shown: str) -> None:
    assert mask_person(name) == shown


def test_numbers_of_persons_keep_what_their_rule_says() -> None:
    assert mask_phone("13812341234") == "138****1234"
    assert mask_phone("+86 138-1234-1234") == "138****1234"
    assert mask_phone("0512-65221234") == "0512-****1234"
    assert mask_id("11010519491231002X") == "110***********002X"
    assert mask_bank_card("6222 0212 3456 7890 123") == "***************0123"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("江苏省苏州市相城区元和街道春申湖中路393号2幢301室", "江苏省苏州市相城区元和街道***"),
        ("江苏省镇江市京口区中山东路12号", "江苏省镇江市京口区中山东路***"),
        ("苏州工业园区星湖街328号", "苏州工业园区星湖街***"),
        ("靖江市新桥镇利工路118号", "靖江市新桥镇***"),
        ("海门市政府大院内", "海门市***"),
        ("天津市南开区宜宾道6号", "天津市南开区***"),
        ("1号楼2室", "***"),
        ("", ""),
    ],
)
def test_an_address_ends_at_its_street(address: str, shown: str) -> None:
    assert mask_address(address) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("当事人张某，身份证号11010519491231002X，", f"当事人张某，身份证号{ID_HIDDEN}，"),
        ("身份证号码：110105194912310021。", f"身份证号码：{ID_HIDDEN}。"),
        ("（110105 19491231 002x）", f"（{ID_HIDDEN}）"),
        ("１１０１０５１９４９１２３１００２Ｘ", ID_HIDDEN),
        ("身份证320507560712123", f"身份证{ID_HIDDEN}"),
        ("税号11010519491231002X01", f"税号{ID_HIDDEN}01"),
        ("联系电话：13812341234", "联系电话：138****1234"),
        ("13812341234/13912345678", "138****1234/139****5678"),
        ("请致电+86-138 1234 1234。", "请致电+86-138****1234。"),
        ("电话0512-65221234转", "电话0512-****1234转"),
        ("电话 65221234", "电话 ****1234"),
        ("卡 6222021234567890128 已", "卡 ***************0128 已"),
        ("开户账号：10530001040012345", "开户账号：*************2345"),
        ("驾驶苏E12345小型客车", "驾驶苏E****小型客车"),
        ("驾驶苏E·D12345", "驾驶苏E****"),
        ("邮箱zhang.san@example.com", "邮箱z***@example.com"),
        ("138\u200b12341234", "138****1234"),
    ],
)
def test_numbers_of_persons_are_hidden_in_free_text(text: str, shown: str) -> None:
    assert scan(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "统一社会信用代码91320105780688132K，",
        "913206841387832638",
        "证书03410Q10286R0S、00114E22766R2L/3502、2013010702607959有效",
        "许可证（苏）XK06-001-00001，SC11032050000013，LB-05-1806106580A，TS2210123-2027",
        "CMA证书231020340123，CQC13812341234",
        "苏相市监罚字〔2024〕00123号，苏市监案〔2018〕1381234号",
        "罚款19132157.00元，货值13812345678元、13812345678.50元，138亿元",
        "2018年3月5日、2018-03-05、20180305、2018-03-05 12:30:45",
        "GB/T 19001-2016，Q/320500SLDZ001-2020",
        "型号DN150-PN16，数量1,913.2157万",
    ],
)
def test_codes_numbers_amounts_and_dates_survive(text: str) -> None:
    assert scan(text) == text


@given(identity_numbers(), PLAIN, PLAIN)
def test_no_valid_identity_number_survives(number: str, before: str, after: str) -> None:
    assert number[:17] not in scan(before + number + after)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), PLAIN, PLAIN)
def test_no_mobile_number_survives(number: str, before: str, after: str) -> None:
    assert number not in scan(before + number + after)


@given(st.from_regex(r"62[0-9]{16}", fullmatch=True), PLAIN, PLAIN)
def test_no_bank_card_survives(first: str, before: str, after: str) -> None:
    number = first + luhn.calc_check_digit(first)
    assert number not in scan(before + number + after)


@given(st.text(alphabet=st.characters(exclude_categories=["Nd"], exclude_characters="@＠")))
def test_a_text_without_digits_is_unchanged(text: str) -> None:
    assert scan(text) == text


@given(st.text(alphabet="0123456789Xx-元@苏E 电话:身份证", max_size=60))
def test_scanning_twice_changes_nothing_more(text: str) -> None:
    assert scan(scan(text)) == scan(text)


@pytest.mark.parametrize(
    "header",
    [
        "身份证号",
        "法定代表人证件号码",
        "联系电话",
        "手 机",
        "开户银行账号",
        "车牌号",
        "家庭住址",
        "XDR_ZJHM",
        "CF_FR_SFZH",
        "E-mail",
        "TEL",
    ],
)
def test_personal_columns_are_known_by_their_header(header: str) -> None:
    assert personal_header(header)


@pytest.mark.parametrize(
    "header", ["证书编号", "住所", "法定代表人", "备注", "注册资本", "hotel", "规格型号", "XKBH"]
)
def test_other_columns_are_shown(header: str) -> None:
    assert not personal_header(header)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared folder of real data is absent")
def test_real_unified_codes_survive() -> None:
    with gzip.open(SHARED, "rt", encoding="utf-8", newline="") as file:
        codes = [code for row in csv.DictReader(file) if valid_uscc(code := row["uscc"])]
    # One in eight of those long enough for an identity or card number, and a sample of the others.
    codes = [code for i, code in enumerate(codes) if i % 40 == 0 or (i % 8 == 0 and _fifteen_digits(code))]
    assert len(codes) > 20_000
    text = "\n".join(codes)
    assert scan(text) == text
