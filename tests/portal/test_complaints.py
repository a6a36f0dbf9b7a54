"""Complaints and questions without an account: number and secret open them, nothing else does, and the reporter stays unknown."""

import io
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from indexer.accounts.audit import Caller
from indexer.accounts.roles import Role
from indexer.cases.case import Case
from portal.context import EXTENSION
from tests.accounts.cast import form_token, inside, somebody
from tests.portal.conftest import House
from tests.portal.test_objections import PNG, do, hidden
from tests.register.conftest import row, uscc

REPORTER = {"name": "示例举报人", "phone": "13800001234", "mail": "reporter@home.example"}
TEXT = "2026年2月在示例商场买到无CCC标志的插座，联系电话 13900005678。"


@dataclass(frozen=True)
class Sent:
    """A complaint that was filed from a browser."""

    client: FlaskClient
    number: str
    secret: str


def fields(client: FlaskClient, **given: object) -> dict[str, object]:
    page = client.get("/complaints/new").text
    filled = {
        "csrf_token": hidden(page, "csrf_token"),
        "once": hidden(page, "once"),
        "kind": "complaint",
        "title": "示例插座没有认证标志",
        "text": TEXT,
        "about": "示例商贸有限公司",
    }
    return filled | given


def file(house: House, client: FlaskClient | None = None, /, **given: object) -> Sent:
    """File one, and copy what the page shows."""
    client = client or house.client
    answer = client.post("/complaints/new", data=fields(client, **given), content_type="multipart/form-data")
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    number, secret = (re.search(rf'id="{name}">([^<]+)<', answer.text) for name in ("number", "secret"))
    assert number and secret
    return Sent(client, number[1], secret[1])


def follow(client: FlaskClient, number: str, secret: str) -> TestResponse:
    token = form_token(client, "/complaints/new")
    return client.post(
        "/complaints/follow",
        data={"csrf_token": token, "number": number, "secret": secret},
        follow_redirects=True,
    )


def case_of(house: House, sent: Sent) -> Case:
    found: Case = house.app.extensions[EXTENSION].room.docket.one(sent.number)
    return found


def desk(house: House, mail: str = "operator@office.example", role: Role = Role.OPERATOR) -> FlaskClient:
    accounts = house.app.extensions[EXTENSION].accounts
    return inside(accounts, somebody(accounts, mail, role), house.client)


def test_a_complaint_gets_an_end_that_its_reporter_reads(house: House) -> None:
    sent = file(house, **REPORTER, files=(io.BytesIO(PNG), "插座.png"))
    operator, path = desk(house), f"/desk/cases/{sent.number}"
    assert do(operator, path, "take").status_code == 303
    assert do(operator, path, "accept").status_code == 303
    assert do(operator, path, "note", text="先打电话问商场。").status_code == 303
    assert (
        do(operator, path, "transfer", text="由属地核查。", agency="示例区市场监督管理局").status_code == 303
    )
    assert do(operator, path, "recall", text="属地已回复。").status_code == 303
    assert do(operator, path, "answer", text="已下架并立案。").status_code == 303
    page = follow(sent.client, sent.number, sent.secret).text
    assert "已下架并立案。" in page and "示例区市场监督管理局" in page and "先打电话问商场" not in page
    added = {
        "csrf_token": hidden(page, "csrf_token"),
        "once": hidden(page, "once"),
        "text": "谢谢，还有一家也在卖。",
    }
    assert sent.client.post("/complaints/follow/add", data=added).status_code == 303
    assert "还有一家也在卖" in operator.get(path).text
    assert do(operator, path, "decide", outcome="confirmed", text="两家均已处理。").status_code == 303
    ended = follow(house.client, sent.number.lower(), sent.secret.replace("-", "").lower()).text
    assert "属实，已处理" in ended and "两家均已处理。" in ended
    assert 'name="text"' not in ended  # what has ended is added to no more


def test_only_number_and_secret_together_open_a_case(house: House) -> None:
    one, two = file(house), file(house, title="另一件")
    for number, secret in (
        (one.number, two.secret),
        (one.number, ""),
        ("", one.secret),
        (one.number, "A" * 16),
    ):
        answer = follow(house.client, number, secret)
        assert answer.status_code == 400 and TEXT not in answer.text and "示例插座" not in answer.text
    stranger = house.client
    assert "示例插座" not in stranger.get("/complaints/follow").text
    token = {"csrf_token": form_token(stranger, "/complaints/new"), "once": "x" * 32, "text": "x"}
    assert stranger.post("/complaints/follow/add", data=token).status_code == 404


def test_a_browser_forgets_the_case_when_told_to_and_after_half_an_hour(house: House) -> None:
    sent = file(house)
    follow(sent.client, sent.number, sent.secret)
    assert "示例插座" in sent.client.get("/complaints/follow").text
    token = {"csrf_token": form_token(sent.client, "/complaints/new")}
    sent.client.post("/complaints/follow/leave", data=token)
    assert "示例插座" not in sent.client.get("/complaints/follow").text
    follow(sent.client, sent.number, sent.secret)
    house.desk.clock.instant += timedelta(minutes=31)
    assert "示例插座" not in sent.client.get("/complaints/follow").text


def test_guessing_is_held_up_and_holds_nobody_else_up(house: House) -> None:
    sent = file(house)
    guesser = house.client
    guesser.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    said = [follow(guesser, sent.number, f"{'A' * 12}{n:04d}").status_code for n in range(12)]
    assert said == [400] * 10 + [429] * 2
    assert follow(guesser, sent.number, sent.secret).status_code == 429
    assert "示例插座" in follow(sent.client, sent.number, sent.secret).text


def test_a_form_sent_twice_shows_the_same_number_and_secret(house: House) -> None:
    client = house.client
    once = hidden(client.get("/complaints/new").text, "once")
    one, two = file(house, client, once=once), file(house, client, once=once)
    assert (one.number, one.secret) == (two.number, two.secret)
    assert file(house, client).number != one.number
    house.desk.clock.instant += timedelta(minutes=11)
    late = client.post("/complaints/new", data=fields(client, once=once), content_type="multipart/form-data")
    assert late.status_code == 409 and one.secret not in late.text  # perhaps somebody else at this browser


def test_the_reporter_is_known_to_nobody_but_the_one_who_handles_the_case(house: House) -> None:
    sent = file(house, **REPORTER, files=(io.BytesIO(PNG), "插座.png"))
    one, two, path = desk(house), desk(house, "second@office.example"), f"/desk/cases/{sent.number}"
    attachment = case_of(house, sent).id  # the first file of the first case
    for page in ("/desk/cases", path):
        text = one.get(page).text
        assert not any(each in text for each in (*REPORTER.values(), "13900005678"))
    assert one.get(f"{path}/files/{attachment}").status_code == 404
    assert one.get(f"/files/{attachment}").status_code == 404
    token = {"csrf_token": hidden(one.get(path).text, "csrf_token")}
    assert one.post(f"{path}/reporter", data=token).status_code == 409
    do(one, path, "take")
    assert "13900005678" in one.get(path).text and REPORTER["mail"] not in one.get(path).text
    shown = one.post(f"{path}/reporter", data=token)
    assert all(each in shown.text for each in REPORTER.values())
    assert "no-store" in shown.headers["Cache-Control"]
    assert one.get(f"{path}/files/{attachment}").status_code == 200
    assert two.get(f"{path}/files/{attachment}").status_code == 404
    assert "13900005678" not in two.get(path).text
    admin = desk(house, "admin@office.example", Role.ADMIN)
    audit = admin.get("/admin/audit", query_string={"about": f"case:{sent.number}"}).text
    assert "reporter-viewed" in audit and "case-viewed" in audit
    assert not any(each in audit for each in REPORTER.values())


@pytest.mark.parametrize("about", ["示例商贸有限公司", uscc(1)])
def test_who_belongs_to_the_one_reported_is_shown_nothing_of_it_at_the_desk(house: House, about: str) -> None:
    house.desk.publish("enterprise", [row(2, "示例商贸有限公司", uscc(1))])
    sent = file(house, about=about)
    other = desk(house)
    accounts = house.app.extensions[EXTENSION].accounts
    both = somebody(accounts, "both@office.example", Role.OPERATOR)
    accounts.people.grant(Caller(), both.account, Role.ENTERPRISE, uscc(1), "command")
    client = inside(accounts, both, house.client)
    assert (
        sent.number in other.get("/desk/cases").text
        and other.get(f"/desk/cases/{sent.number}").status_code == 200
    )
    assert sent.number not in client.get("/desk/cases").text
    assert client.get(f"/desk/cases/{sent.number}").status_code == 404
    assert sent.number not in client.get(f"/enterprise/{uscc(1)}/cases").text
    assert client.get(f"/enterprise/{uscc(1)}/cases/{sent.number}").status_code == 404


def test_a_public_case_is_in_no_enterprises_list_and_in_no_search(house: House) -> None:
    sent = file(house)
    house.sync()
    for path in ("/", "/search?q=示例插座", "/questions?q=插座", "/complaints/statistics"):
        text = house.client.get(path).text
        assert sent.number not in text and "没有认证标志" not in text


def _exe() -> bytes:
    return b"MZ" + bytes(200)


def _zip_bomb() -> bytes:
    """A PNG of four thousand million points in a few kilobytes."""
    lines = zlib.compress(bytes(1 << 20), 9)

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    head = (65_000).to_bytes(4) + (65_000).to_bytes(4) + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "made",
    [
        lambda: b"<!doctype html><script>alert(1)</script>",
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        lambda: b"PK\x03\x04" + bytes(100),
        lambda: b"%PDF-1.7\n/OpenAction << /S /JavaScript /JS (app.alert(1)) >>\n%%EOF",
        _exe,
        _zip_bomb,
    ],
    ids=["html", "svg", "zip", "pdf-with-script", "exe", "bomb"],
)
def test_a_harmful_file_is_refused_whatever_it_is_called(house: House, made: Callable[[], bytes]) -> None:
    client = house.client
    sent = fields(client, files=(io.BytesIO(made()), "照片.png"))
    answer = client.post("/complaints/new", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert "示例插座没有认证标志" in answer.text  # what was typed is still there


def test_a_photograph_loses_where_it_was_taken(house: House) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (31.0, 18.0, 0.0)}
    exif[0x010F] = "PhoneOfSomebody"
    photo = io.BytesIO()
    Image.new("RGB", (4, 4)).save(photo, "JPEG", exif=exif)
    assert b"PhoneOfSomebody" in photo.getvalue()
    sent = file(house, files=(io.BytesIO(photo.getvalue()), "a.jpg"))
    room = house.app.extensions[EXTENSION].room
    (kept,) = room.docket.events(case_of(house, sent))[0].files
    files = house.app.extensions[EXTENSION].accounts.files
    with Image.open(io.BytesIO(files.content(files.one(kept)))) as opened:
        assert not opened.getexif()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": ""}, "title"),
        ({"text": "x" * 4001}, "text"),
        ({"text": "\x00"}, "text"),
        ({"mail": "not a mail"}, "mail"),
        ({"kind": "repair"}, "kind"),
    ],
)
def test_a_wrong_field_is_named_beside_it_and_nothing_is_filed(
    house: House, given: dict[str, object], field: str
) -> None:
    client = house.client
    answer = client.post("/complaints/new", data=fields(client, **given), content_type="multipart/form-data")
    assert answer.status_code == 400
    assert 'class="wrong"' in answer.text or 'role="alert"' in answer.text
    assert "没有这样的办件" in desk(house).get("/desk/cases").text


def test_many_filings_from_one_address_are_held_up(open_house: Callable[..., House]) -> None:
    house = open_house(rate_limits=("1000/minute",))
    client = house.client
    said = [
        client.post("/complaints/new", data=fields(client), content_type="multipart/form-data").status_code
        for _ in range(12)
    ]
    assert said == [200] * 10 + [429] * 2


def test_an_answered_question_is_published_in_the_operators_words_and_found(house: House) -> None:
    sent = file(house, kind="question", title="证书在哪里查", text="我的电话 13900005678，证书在哪里查？")
    operator, path = desk(house), f"/desk/cases/{sent.number}"
    do(operator, path, "take")
    early = {"csrf_token": hidden(operator.get(path).text, "csrf_token"), "question": "问", "answer": "答"}
    assert operator.post(f"{path}/answer", data=early).status_code == 409
    do(operator, path, "decide", outcome="answered", text="在首页按证书编号查询。")
    draft = operator.get(path).text
    assert "13900005678" not in draft.partition("公开这条答复")[2]
    said = early | {"question": "证书在哪里查？电话 13900005678", "answer": "在首页按 100% 编号查。"}
    assert operator.post(f"{path}/answer", data=said).status_code == 303
    for words, there in (
        ("", True),
        ("首页 证书", True),
        ("100%", True),
        ("1%0", False),
        ("没有的词", False),
    ):
        page = house.client.get("/questions", query_string={"q": words}).text
        assert ("在首页按" in page) is there, words
        assert "13900005678" not in page and sent.number not in page
    assert operator.post(f"{path}/answer", data=early | {"action": "withdraw"}).status_code == 303
    assert "在首页按" not in house.client.get("/questions").text


def test_overdue_cases_stand_first_and_stand_out(house: House) -> None:
    old = file(house, title="较早的一件")
    house.desk.clock.instant += timedelta(days=20)
    new, operator = file(house, title="较晚的一件"), desk(house)
    page = operator.get("/desk/cases").text
    assert "有 1 件已经逾期" in page and page.index(old.number) < page.index(new.number)
    assert page.count("badge t-bad") == 1
    assert new.number not in operator.get("/desk/cases?show=overdue").text
