"""The publishing desk over HTTP: what each form does, what is refused, and what nobody gets who should not."""

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from werkzeug.test import TestResponse

from indexer.accounts.audit import Question, search
from indexer.accounts.roles import Role
from indexer.desk.opening import PublishingDesk
from indexer.desk.submissions import State, Submission
from indexer.register.handling import find_held
from portal.context import EXTENSION
from tests.accounts.cast import Somebody, form_token, inside, send, somebody
from tests.desk.conftest import HEAD, certificate, csv
from tests.portal.conftest import House
from tests.register.conftest import uscc

Browse = Callable[[str], FlaskClient]
NUMBER = "03410001Q10286R0S"


@pytest.fixture
def people(house: House) -> dict[str, Somebody]:
    accounts = house.app.extensions[EXTENSION].accounts
    roles = {"operator": Role.OPERATOR, "colleague": Role.OPERATOR, "reviewer": Role.REVIEWER}
    return {name: somebody(accounts, f"{name}@desk.example", role) for name, role in roles.items()}


@pytest.fixture
def browse(house: House, people: dict[str, Somebody]) -> Browse:
    def opened(name: str) -> FlaskClient:
        return inside(house.app.extensions[EXTENSION].accounts, people[name], house.client)

    return opened


def desk_of(house: House) -> PublishingDesk:
    desk: PublishingDesk = house.app.extensions[EXTENSION].desk
    return desk


def upload(client: FlaskClient, content: bytes, name: str = "a.csv", **fields: object) -> TestResponse:
    token = form_token(client, "/desk/upload")
    sent = {"csrf_token": token, "file": (io.BytesIO(content), name), **fields}
    return client.post("/desk/upload", data=sent, content_type="multipart/form-data")


def brought(
    house: House, client: FlaskClient, content: bytes, name: str = "a.csv", **fields: object
) -> Submission:
    """A file brought in; the thread that a request begins has done its work when this returns."""
    answer = upload(client, content, name, **fields)
    assert answer.status_code == 303, answer.text
    return now(house, int(answer.headers["Location"].rsplit("/", 1)[1]))


def now(house: House, number: int) -> Submission:
    desk_of(house).worker.work()
    house.app.extensions[EXTENSION].desk.begin(30)
    return desk_of(house).submissions.one(number)


def decided(house: House, client: FlaskClient, made: Submission, **fields: object) -> TestResponse:
    path = f"/desk/submissions/{made.id}"
    asked = {"decision": "approve", "effect": made.effect or "", **fields}
    return send(client, f"{path}/decide", at="/account/claim", **asked)


def handed_in(house: House, client: FlaskClient, made: Submission, **fields: object) -> Submission:
    path = f"/desk/submissions/{made.id}"
    answer = send(client, f"{path}/submit", at=path, effect=made.effect or "", **fields)
    assert answer.status_code == 303, answer.text
    return desk_of(house).submissions.one(made.id)


def published(
    house: House, browse: Browse, content: bytes, name: str = "a.csv", **fields: object
) -> Submission:
    made = handed_in(house, browse("operator"), brought(house, browse("operator"), content, name, **fields))
    assert decided(house, browse("reviewer"), made).status_code == 303
    return now(house, made.id)


def test_from_upload_to_the_public_by_two_people(house: House, browse: Browse) -> None:
    operator, reviewer = browse("operator"), browse("reviewer")
    made = brought(house, operator, csv(certificate(1)), source="示例市局")
    page = operator.get(f"/desk/submissions/{made.id}").text
    assert "新增 1" in page and "示例第1有限公司" in page and "提交审核" in page
    assert house.client.get(f"/verify/{NUMBER}").text.count("示例认证中心") == 0
    made = handed_in(house, operator, made, note="三月第一批")
    assert "自己不能批准" in operator.get(f"/desk/submissions/{made.id}").text
    assert "三月第一批" in reviewer.get(f"/desk/submissions/{made.id}").text
    decided(house, reviewer, made)
    done = now(house, made.id)
    assert (done.state, done.batch) == (State.PUBLISHED, 1)
    assert "示例认证中心" in house.client.get(f"/verify/{NUMBER}").text
    batches = reviewer.get("/desk/batches").text
    assert "示例operator → 示例reviewer" in batches
    assert "示例市局" in batches


def test_a_look_at_a_preview_is_in_the_audit(house: House, browse: Browse) -> None:
    operator, reviewer = browse("operator"), browse("reviewer")
    made = handed_in(house, operator, brought(house, operator, csv(certificate(1))))
    asked = Question(about=f"submission:{made.id}", act="preview-viewed")
    before = len(search(house.desk.engine, asked, 99))
    reviewer.get(f"/desk/submissions/{made.id}?show=rejected")
    [newest, *_others] = found = search(house.desk.engine, asked, 99)
    assert len(found) == before + 1
    assert (newest.mail, newest.after) == ("reviewer@desk.example", "rejected")


def test_who_may_prepare_may_not_approve_and_the_other_way_round(house: House, browse: Browse) -> None:
    made = handed_in(house, browse("operator"), brought(house, browse("operator"), csv(certificate(1))))
    for name in ("operator", "colleague"):
        assert decided(house, browse(name), made).status_code == 403
    assert browse("reviewer").get("/desk/upload").status_code == 403
    assert desk_of(house).submissions.one(made.id).state == State.SUBMITTED


def test_an_approval_of_what_was_not_seen_is_refused(house: House, browse: Browse) -> None:
    made = handed_in(house, browse("operator"), brought(house, browse("operator"), csv(certificate(1))))
    assert decided(house, browse("reviewer"), made, effect="0" * 64).status_code == 409
    assert decided(house, browse("reviewer"), made, decision="return", reason="").status_code == 400
    assert decided(house, browse("reviewer"), made, decision="return", reason="来源？").status_code == 303
    assert "来源？" in browse("operator").get(f"/desk/submissions/{made.id}").text


def test_the_same_file_sent_twice_leads_to_the_one_submission(house: House, browse: Browse) -> None:
    content = csv(certificate(1))
    first, second = (upload(browse("operator"), content).headers["Location"] for _ in range(2))
    assert first == second
    other = upload(browse("colleague"), content)
    assert other.status_code == 409
    assert "同样的内容" in other.text


def test_a_time_of_publication_is_read_as_that_of_beijing(house: House, browse: Browse) -> None:
    made = handed_in(house, browse("operator"), brought(house, browse("operator"), csv(certificate(1))))
    for wrong in ("", "tomorrow", "2020-01-01T08:00"):
        assert decided(house, browse("reviewer"), made, when="later", publish_at=wrong).status_code == 400
    decided(house, browse("reviewer"), made, when="later", publish_at="2026-03-05T08:00")
    waits = now(house, made.id)
    assert (waits.state, str(waits.publish_at)) == (State.APPROVED, "2026-03-05 00:00:00+00:00")
    assert "2026-03-05 08:00:00" in browse("operator").get("/desk").text
    house.desk.clock.instant += timedelta(days=3)
    assert now(house, made.id).state == State.PUBLISHED


def bomb() -> bytes:
    """A zip of 100 KB that holds 100 MB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", HEAD + "\n" + "0" * (100 << 20))
    return packed.getvalue()


def workbook(cell: str) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD.split(","))
    sheet.append([*certificate(1).split(",")[:4], cell, *certificate(1).split(",")[5:]])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"PK\x03\x04 no archive", "a.zip", "损坏"),
        (gzip.compress(csv(certificate(1)))[:-9], "a.csv.gz", "损坏"),
        (b"MZ\x90\x00\x03 program", "a.exe", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "a.csv", "XML"),
        ("甲,乙\n1,2\n".encode(), "a.csv", ""),
    ],
)
def test_nonsense_is_told_in_words_and_published_by_nobody(
    house: House, browse: Browse, content: bytes, name: str, said: str
) -> None:
    made = brought(house, browse("operator"), content, name)
    assert made.state == State.FAILED
    page = browse("operator").get(f"/desk/submissions/{made.id}").text
    assert said in page
    assert "<script>alert" not in page
    assert decided(house, browse("reviewer"), made).status_code == 409


def test_a_bomb_is_refused_before_it_is_unpacked(house: House, browse: Browse) -> None:
    made = brought(house, browse("operator"), bomb(), "bomb.zip")
    assert made.state == State.FAILED
    assert "压缩炸弹" in (made.failure_zh or "")


def test_a_formula_is_text_that_no_spreadsheet_runs(house: House, browse: Browse) -> None:
    formula = '=HYPERLINK("http://evil.example","x")'
    made = brought(house, browse("operator"), workbook(formula), "a.xlsx")
    content = csv(certificate(2).replace("示例认证中心", '"=cmd|x"').replace("2028-01-31", "2019-01-01"))
    bad = brought(house, browse("operator"), content, "b.csv")
    assert bad.rejected == 1
    answer = browse("operator").get(f"/desk/submissions/{bad.id}/rejects/1")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "'=cmd|x" in answer.data.decode("utf-8-sig")
    answer.close()
    assert (
        "evil" not in browse("operator").get(f"/desk/submissions/{made.id}").text or made.state == State.DRAFT
    )


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.csv", "C:\\x\\a.csv", "a\x00b.csv", ".csv", "x" * 300 + ".csv", "预览 <i>.csv"]
)
def test_a_name_leads_nowhere(house: House, browse: Browse, name: str) -> None:
    made = brought(house, browse("operator"), csv(certificate(1)), name)
    assert made.state == State.DRAFT
    assert "/" not in made.name
    assert "\\" not in made.name
    folder = desk_of(house).uploads.folder
    assert desk_of(house).uploads.path(made.stored, made.name).resolve().is_relative_to(folder.resolve())
    assert "<i>" not in browse("operator").get(f"/desk/submissions/{made.id}").text


def test_files_are_given_out_as_attachments_and_that_is_written_down(house: House, browse: Browse) -> None:
    made = brought(house, browse("operator"), csv(certificate(1)))
    answer = browse("reviewer").get(f"/desk/submissions/{made.id}/file")
    assert answer.data == csv(certificate(1))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"].count("no-store") == 1
    answer.close()
    [newest] = search(desk_of(house).engine, Question(about=f"submission:{made.id}", act="file-viewed"), 1)
    assert newest.mail == "reviewer@desk.example"


def record_of(house: House, text: str) -> str:
    [one] = [each.id for each in find_held(desk_of(house).engine, text, house.desk.clock.today(), 10)]
    return one


def test_a_correction_from_the_form_to_the_history(house: House, browse: Browse) -> None:
    published(house, browse, csv(certificate(1)))
    record, operator = record_of(house, NUMBER), browse("operator")
    path = f"/desk/records/{record}/correct"
    page = operator.get(path).text
    filled = dict(re.findall(r'name="(c-[a-z_]+)" type="\w+" value="([^"]*)"', page))
    assert filled["c-issuer"] == "示例认证中心"
    wrong = send(operator, path, **filled, reason="")
    assert wrong.status_code == 400
    assert "示例认证中心" in wrong.text
    answer = send(
        operator, path, **(filled | {"c-issuer": "示例检验院", "c-status": "valid"}), reason="机构名称有误"
    )
    made = now(house, int(answer.headers["Location"].rsplit("/", 1)[1]))
    assert made.changed == 1, made
    decided(house, browse("reviewer"), handed_in(house, operator, made))
    assert now(house, made.id).state == State.PUBLISHED
    history = house.client.get(f"/records/{record}/history").text
    assert "机构名称有误" in history
    assert "示例检验院" in history


def test_a_field_that_the_form_has_not_is_not_taken(house: House, browse: Browse) -> None:
    published(house, browse, csv(certificate(1)))
    record = record_of(house, NUMBER)
    path = f"/desk/records/{record}/correct"
    answer = send(
        browse("operator"),
        path,
        **{"c-uscc": uscc(2), "c-certificate_number": "X", "c-id_number": "1"},
        reason="试",
    )
    made = now(house, int(answer.headers["Location"].rsplit("/", 1)[1]))
    preview = browse("operator").get(f"/desk/submissions/{made.id}").text
    assert uscc(2) not in preview
    assert made.added == 0


def test_a_removal_and_an_undone_batch_each_need_a_reason_and_a_second_person(
    house: House, browse: Browse
) -> None:
    batch = published(house, browse, csv(certificate(1), certificate(2))).batch
    record, operator, reviewer = record_of(house, NUMBER), browse("operator"), browse("reviewer")
    for path, reason in (
        (f"/desk/records/{record}/remove", "证书已撤销"),
        (f"/desk/batches/{batch}/undo", "发错了"),
    ):
        assert send(operator, path, reason=" ").status_code == 400
        answer = send(operator, path, reason=reason)
        made = handed_in(house, operator, now(house, int(answer.headers["Location"].rsplit("/", 1)[1])))
        assert made.removed == 1
        assert decided(house, operator, made).status_code == 403
        assert decided(house, reviewer, made).status_code == 303
        assert now(house, made.id).state == State.PUBLISHED
    assert house.client.get(f"/records/{record}").status_code == 404
    assert "证书已撤销" in house.client.get(f"/records/{record}/history").text
    assert send(operator, f"/desk/batches/{batch}/undo", at="/desk/upload", reason="又").status_code == 404


def test_that_a_hidden_record_was_looked_at_is_written_down(house: House, browse: Browse) -> None:
    head = "企业名称,处罚决定书文号,案由,处罚种类,处罚机关,处罚日期,证件号码"
    content = f"{head}\n示例甲,示罚1号,无照经营,罚款,示例局,2026-02-20,32990019800101001X\n".encode()
    published(house, browse, content)
    record = record_of(house, "示罚1号")
    page = browse("reviewer").get(f"/desk/records/{record}").text
    assert "涉及自然人" in page
    assert "32990019800101001X" not in page
    assert house.client.get(f"/records/{record}").status_code == 404
    [viewed] = search(desk_of(house).engine, Question(about=f"record:{record}"), 5)
    assert (viewed.act, viewed.mail) == ("record-viewed", "reviewer@desk.example")


def test_conflicting_sources_are_shown_and_settled(house: House, browse: Browse) -> None:
    published(house, browse, csv(certificate(1)), source="示例甲局")
    published(house, browse, csv(certificate(1, status="暂停")), "b.csv", source="示例乙局")
    operator = browse("operator")
    page = operator.get("/desk/conflicts").text
    assert "示例甲局" in page and "示例乙局" in page and "暂停" in page
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    assert send(operator, "/desk/conflicts", key=found[1], reason="").status_code == 400
    assert send(operator, "/desk/conflicts", at="/desk/upload", key="x-1", reason="y").status_code == 400
    assert send(operator, "/desk/conflicts", key=found[1], reason="乙局是发证机构").status_code == 303
    assert "示例甲局" not in operator.get("/desk/conflicts").text


def test_arguments_that_make_no_sense_are_refused_by_name(house: House, browse: Browse) -> None:
    operator = browse("operator")
    for path in (
        "/desk?below=x",
        "/desk/batches?below=-1",
        "/desk/conflicts?days=31",
        "/desk/deadlines?since=2026-3-1",
        "/desk/deadlines?since=2026-03-02&until=2026-03-01",
        "/desk/deadlines?kind=certificate",
        "/desk/inspections?below=" + "9" * 30,
    ):
        assert operator.get(path).status_code == 400, path
