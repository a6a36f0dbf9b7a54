"""What is kept no longer goes, by rule and with a trace; the register loses nothing, and the audit only its oldest rows, in one way."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from indexer import retention
from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Caller, verify
from indexer.accounts.files import Checked, Kept
from indexer.accounts.login import WrongPassword
from indexer.accounts.models import AuditEntry, Failures, KnownBrowser, Letter, MailChange, MailLink, Session
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from indexer.cases.case import Case, Contact, Doing, Filing
from indexer.cases.models import Reporter
from indexer.cases.opening import CaseRoom
from indexer.cases.paths import By, Move
from indexer.clock import FixedClock
from indexer.desk.opening import PublishingDesk
from indexer.enterprise.declaring import Declaring, checked
from indexer.errors import NotFound
from indexer.following.followings import Followings
from indexer.following.models import Follower, Following
from indexer.following.targets import Target
from indexer.leftovers import EMPTYINGS
from indexer.register import receipts
from indexer.register.columns import Base
from indexer.register.database import connect
from indexer.register.models import Batch, Receipt, ReceiptPart, Removal, Version
from indexer.register.reading import Register
from indexer.register.receipts import Receipts, Result
from indexer.retention import AUDIT, RULES, kept_from, retain
from indexer.rules.periods import period, table
from indexer.settings import Settings
from indexer.webhooks.receivers import Receivers, Wish
from tests.accounts.cast import PASSWORD, somebody
from tests.register.conftest import Desk, row, uscc

LONG_AGO = datetime(2019, 8, 31, 1, 0, tzinfo=UTC)
HOME = Caller(network="192.0.2.1")


class Years:
    """A portal whose clock the test turns on by years."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.clock = engine, FixedClock(LONG_AGO)
        settings = Settings(data=folder, database_url=str(engine.url), secret_key="a key for this test")
        self.accounts = Accounts(engine, self.clock, settings)

    def audit(self, rows: int) -> None:
        for _ in range(rows):
            with acting(self.engine, self.clock, HOME) as act:
                act.note(Act.EXPORTED, "file:1")

    def removed(self, *, dry_run: bool = False) -> dict[str, int]:
        return {done.rule: done.removed for done in retain(self.accounts, dry_run=dry_run) if done.removed}

    def count(self, model: type[Base]) -> int:
        with self.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(model)) or 0

    def execute(self, statement: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement))


@pytest.fixture
def years(migrated_database: str, tmp_path: Path) -> Iterator[Years]:
    engine = connect(migrated_database)
    yield Years(engine, tmp_path)
    engine.dispose()


def fill(years: Years) -> None:
    """A row of everything that is not kept for ever."""
    desk = Desk(years.engine, years.clock)
    desk.publish("certificate", [row(2, "示例有限公司", uscc(1), number="示例-1", valid_until="2019-12-31")])
    someone = somebody(years.accounts, "one@firm.example")
    years.accounts.links.ask_reset(HOME, someone.mail)
    followings = Followings(years.accounts)
    followings.ask(HOME, "reader@firm.example", Target("subject", uscc(1)))
    with acting(years.engine, years.clock, HOME) as act:
        years.accounts.sessions.open(act, someone.account, "full", "test")
        act.connection.execute(
            insert(KnownBrowser).values(token="0" * 64, account_id=someone.account, seen_at=act.now)
        )
        act.connection.execute(
            text("UPDATE letter SET due_at = NULL, content = NULL")  # they were sent
        )
    receivers = Receivers(years.accounts)
    receiver, _ = receivers.register(HOME, Wish("https://hooks.example.cn/", "示例", "ops@firm.example"))
    receivers.stop(HOME, receiver)
    Receipts(years.engine, years.clock).file(b"{}", date(2019, 8, 31), 1, Result([b"{}"], 1, "rules"))


def test_every_rule_removes_what_is_over_and_nothing_before(years: Years) -> None:
    fill(years)
    assert years.removed() == {}
    elsewhere = ("retention.key", "retention.case_")  # tests/keys has those, and below
    rules = [rule for rule in RULES if not rule.name.startswith(elsewhere)]
    kept = {rule.name: years.count(rule.table) for rule in rules}
    assert all(kept.values()), kept
    versions, batches = years.count(Version), years.count(Batch)
    years.clock.instant += timedelta(days=365 * 5)
    expected = {name: count for name, count in kept.items() if name != "retention.receipt"}
    expected["retention.account"] = 1  # it has no role and nobody has logged in
    would = years.removed(dry_run=True)
    assert would.pop(AUDIT)
    assert would | {"retention.follower": 1} == expected  # a follower goes when what it followed is gone
    done = years.removed()
    assert {name: count for name, count in done.items() if name != AUDIT} == expected
    for model in (Letter, MailLink, Session, KnownBrowser, Failures, Following, Follower):
        assert years.count(model) == 0, model
    assert years.count(Receipt) == 1
    assert (years.count(Version), years.count(Batch)) == (versions, batches)
    assert years.removed() == {}


def test_what_was_removed_leaves_a_trace_that_can_not_be_changed(years: Years) -> None:
    fill(years)
    years.clock.instant += timedelta(days=365)
    done = years.removed()
    with years.engine.connect() as connection:
        traces = connection.execute(select(Removal).order_by(Removal.id)).all()
    assert {trace.rule: trace.removed for trace in traces} == done
    assert all(len(trace.digest) == 64 for trace in traces)
    for statement in ("DELETE FROM removal", "UPDATE removal SET removed = 0"):
        with pytest.raises(DBAPIError, match="not forgotten"):
            years.execute(statement)
    with years.engine.connect() as connection:
        noted = connection.scalars(select(AuditEntry.about).where(AuditEntry.act == Act.REMOVED)).all()
    assert sorted(noted) == sorted(f"rule:{name}" for name in done)


def test_a_receipt_goes_with_its_parts_after_its_sixteen_years(years: Years) -> None:
    years.clock.instant = datetime(2008, 2, 29, 1, 0, tzinfo=UTC)
    Receipts(years.engine, years.clock).file(b"{}", date(2008, 2, 29), 1, Result([b"{}"], 1, "rules"))
    years.clock.instant = datetime(2024, 3, 1, 1, 0, tzinfo=UTC)
    assert years.removed() == {}
    years.clock.instant = datetime(2024, 3, 2, 1, 0, tzinfo=UTC)
    assert years.removed() == {"retention.receipt": 1}
    assert (years.count(Receipt), years.count(ReceiptPart)) == (0, 0)
    assert period("retention.receipt", date(2026, 1, 1)).value == receipts.RETENTION_YEARS


def test_the_audit_is_shortened_at_its_old_end_and_still_proves_itself(years: Years) -> None:
    years.audit(5)
    years.clock.instant += timedelta(days=365 * 2)
    years.audit(3)
    head = verify(years.engine).head
    years.clock.instant = LONG_AGO + timedelta(days=365 * 3 + 30)
    assert years.removed(dry_run=True) == {AUDIT: 5}
    assert years.removed() == {AUDIT: 5}
    found = verify(years.engine, head)
    assert found.wrong is None
    assert found.known
    assert found.rows == 9  # counted from the first there ever was; the last says what was removed
    assert years.count(AuditEntry) == 4
    years.audit(1)
    assert verify(years.engine).wrong is None
    assert years.removed() == {}


def test_a_long_audit_is_shortened_in_steps(years: Years, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 3)
    years.audit(8)
    years.clock.instant += timedelta(days=365 * 4)
    assert years.removed(dry_run=True) == {AUDIT: 8}
    assert years.removed() == {AUDIT: 8}
    assert verify(years.engine).wrong is None
    assert years.count(Removal) == 3
    assert years.count(AuditEntry) == 3  # that it was done


def test_the_audit_can_be_shortened_in_no_other_way(years: Years) -> None:
    years.audit(3)
    for statement in ("DELETE FROM audit", "DELETE FROM audit WHERE id = 1", "UPDATE audit SET about = 'x'"):
        with pytest.raises(DBAPIError, match="only grows"):
            years.execute(statement)
    trace = "INSERT INTO removal (at, rule, removed, last_id, digest) VALUES ('2026-01-01 00:00:00', '{}', 1, {}, 'x')"
    years.execute(trace.format("retention.letter", 3))
    with pytest.raises(DBAPIError, match="only grows"):
        years.execute("DELETE FROM audit WHERE id = 1")
    years.execute(trace.format(AUDIT, 1))
    with pytest.raises(DBAPIError, match="only grows"):
        years.execute("DELETE FROM audit WHERE id = 2")


def test_rows_of_the_last_six_months_stay_whatever_is_said(years: Years) -> None:
    years.clock.instant = datetime.now(UTC) - timedelta(days=170)
    years.audit(2)
    years.execute(
        f"INSERT INTO removal (at, rule, removed, last_id, digest) VALUES ('2026-01-01 00:00:00', '{AUDIT}', 1, 1, 'x')"
    )
    with pytest.raises(DBAPIError, match="only grows"):
        years.execute("DELETE FROM audit WHERE id = 1")


def test_an_audit_whose_old_end_was_cut_off_otherwise_shows(years: Years) -> None:
    years.audit(5)
    with years.engine.begin() as connection:
        where = " ON audit" if connection.dialect.name == "postgresql" else ""
        for trigger in ("audit_unchanged", "audit_kept"):
            connection.execute(text(f"DROP TRIGGER {trigger}{where}"))
        connection.execute(text("DELETE FROM audit WHERE id < 3"))
    assert verify(years.engine).wrong == 3


def test_uploads_go_after_their_time_and_what_they_were_stays(years: Years) -> None:
    desk, operator = PublishingDesk(years.accounts), somebody(years.accounts, "operator@desk.example")
    caller = Caller(operator.account)
    numbers = [
        desk.bring(caller, io.BytesIO(b"a,b\n" + bytes([48 + at])), f"{at}.csv", "", "") for at in range(2)
    ]
    given_up, open_ = (desk.submissions.one(number) for number in numbers)
    desk.submissions.discard(caller, given_up.id)
    folder = years.accounts.settings.data / "desk"
    years.clock.instant += timedelta(days=89)
    years.removed()
    assert (folder / given_up.stored).is_dir()
    years.clock.instant += timedelta(days=5)
    assert years.removed()["retention.upload_unpublished"] == 1
    assert not (folder / given_up.stored).exists() and (folder / open_.stored).is_dir()
    left = desk.submissions.one(given_up.id)
    assert (left.stored, left.digest, left.size) == ("", given_up.digest, given_up.size)
    desk.uploads.drop("")
    assert (folder / open_.stored).is_dir(), "no name is no folder"


def test_the_authorisation_of_a_claim_goes_a_year_after_the_role_it_gave_has_ended(years: Years) -> None:
    claims, files = years.accounts.claims, years.accounts.files
    someone, other = (somebody(years.accounts, f"{name}@firm.example") for name in ("one", "two"))
    decider = Caller(somebody(years.accounts, "operator@desk.example", Role.OPERATOR).account)
    made = [claims.file(Caller(who.account), uscc(at), Checked(b"%PDF", "application/pdf"))
            for at, who in enumerate((someone, other), 1)]  # fmt: skip
    claims.decide(decider, made[0], True, "")
    claims.decide(decider, made[1], False, "看不清")
    files_of = [files.one(claims.one(each).file) for each in made]
    years.clock.instant += timedelta(days=400)
    assert years.removed()["retention.claim_file"] == 1
    assert files.content(files_of[0]) == b"%PDF"
    with pytest.raises(NotFound):
        files.content(files_of[1])
    [membership] = years.accounts.people.of(Role.ENTERPRISE, uscc(1))
    years.accounts.people.dismiss(decider, membership.membership)
    assert "retention.claim_file" not in years.removed()
    years.clock.instant += timedelta(days=400)
    assert years.removed()["retention.claim_file"] == 1
    with pytest.raises(NotFound):
        files.content(files_of[0])
    assert files.one(files_of[0].id).digest == files_of[0].digest


def test_an_account_without_a_role_that_nobody_has_used_for_two_years_is_emptied(years: Years) -> None:
    people = years.accounts.people
    unused = somebody(years.accounts, "unused@firm.example")
    used = somebody(years.accounts, "used@firm.example")
    holder = somebody(years.accounts, "holder@firm.example", Role.ENTERPRISE, uscc(1))
    left = somebody(years.accounts, "left@desk.example", Role.OPERATOR)
    [membership] = people.of(Role.OPERATOR, "")
    people.dismiss(HOME, membership.membership)
    years.clock.instant += timedelta(days=700)
    years.accounts.login.with_password(HOME, used.mail, PASSWORD, "", "test")
    years.clock.instant += timedelta(days=40)
    assert years.removed(dry_run=True)["retention.account"] == 1
    assert years.removed()["retention.account"] == 1
    emptied = people.one(unused.account)
    assert (emptied.mail, emptied.name, emptied.state) == (f"removed-{unused.account}@invalid", "", "removed")
    for kept in (used, holder, left):
        assert people.one(kept.account).mail == kept.mail
    assert somebody(years.accounts, unused.mail).account != unused.account, "the address is free again"
    with pytest.raises(WrongPassword):
        years.accounts.login.with_password(HOME, emptied.mail, PASSWORD, "", "test")
    with pytest.raises(NotFound):
        people.switch(HOME, unused.account, "active")
    assert verify(years.engine).wrong is None
    assert "retention.account" not in years.removed()


def test_every_rule_of_the_table_is_carried_out_and_has_a_basis() -> None:
    elsewhere = {"retention.access_log", "retention.person_adverse"}  # the server's own log; what is hidden
    named = {name for name in table() if name.startswith("retention.")}
    assert named - elsewhere == {*(rule.name for rule in RULES), *(each.name for each in EMPTYINGS), AUDIT}
    least, own = (period(name, date(2026, 11, 23)) for name in ("retention.access_log", AUDIT))
    assert own.unit == least.unit == "months"
    assert own.value > least.value


@pytest.mark.parametrize(
    ("rule", "today", "first"),
    [
        ("retention.letter", date(2026, 8, 31), date(2026, 2, 28)),
        ("retention.letter", date(2024, 8, 29), date(2024, 2, 29)),
        ("retention.audit", date(2027, 2, 28), date(2024, 2, 28)),
        ("retention.session", date(2027, 1, 1), date(2026, 12, 31)),
    ],
)
def test_the_first_day_that_is_kept(rule: str, today: date, first: date) -> None:
    assert kept_from(period(rule, today), today) == first


PAPER = Checked(b"%PDF-1.4 paper", "application/pdf")


def filed(years: Years, kind: str, **given: object) -> tuple[CaseRoom, Case, Kept]:
    """A case of the enterprise with one file, and that file."""
    room = CaseRoom(years.accounts)
    filing = Filing(kind, "示例事由", {"text": "示例内容"}, f"once-{kind}" * 4, (PAPER,), **given)  # type: ignore[arg-type]
    firm = somebody(years.accounts, f"{kind}@firm.example")
    case = room.docket.one(room.cases.file(Caller(firm.account), filing).number)
    [file] = room.docket.events(case)[0].files
    return room, case, years.accounts.files.one(file)


def test_attachments_of_a_case_go_five_years_after_its_end_and_the_case_says_that_they_were(
    years: Years,
) -> None:
    room, case, kept = filed(years, "complaint", contact=Contact("示例来信人", "13800001234"))
    years.clock.instant += timedelta(days=365 * 6)
    assert not {"retention.case_file", "retention.case_reporter"} & years.removed().keys(), "it is open"
    operator = Caller(somebody(years.accounts, "operator@desk.example", Role.OPERATOR).account)
    for move in (Move.TAKE, Move.REFUSE):
        now, by = room.docket.one(case.number), By.DESK if move == Move.TAKE else By.HANDLER
        room.cases.do(operator, by, now, Doing(move, now.version, f"once-{move}" * 4, "不属本机关"))
    years.clock.instant += timedelta(days=365 * 5)
    assert not {"retention.case_file", "retention.case_reporter"} & years.removed().keys()
    assert years.accounts.files.content(kept) == PAPER.content
    years.clock.instant += timedelta(days=5)
    assert (
        years.removed(dry_run=True).items()
        >= {"retention.case_file": 1, "retention.case_reporter": 1}.items()
    )
    assert years.removed().items() >= {"retention.case_file": 1, "retention.case_reporter": 1}.items()
    gone = years.accounts.files.one(kept.id)
    assert (gone.digest, gone.size) == (kept.digest, kept.size) and gone.removed_at is not None
    with pytest.raises(NotFound, match=f"保存期满，已于 {years.clock.today()} 清除.*{kept.digest}"):
        years.accounts.files.content(gone)
    event = room.docket.events(room.docket.one(case.number))[-1]
    [first] = [each for each in room.docket.events(room.docket.one(case.number)) if each.files]
    assert first.files == (kept.id,) and first.removed == {kept.id} and not event.removed
    assert years.count(Reporter) == 0
    assert "retention.case_file" not in years.removed()


def test_a_document_stays_as_long_as_a_public_declaration_names_it_and_a_year_more(years: Years) -> None:
    desk = Desk(years.engine, years.clock)
    desk.publish("enterprise", [row(2, "示例有限公司", uscc(1))])
    declaring = Declaring(Register(years.engine, years.clock), years.accounts.files)
    firm = Caller(somebody(years.accounts, "firm@firm.example", Role.ENTERPRISE, uscc(1)).account)

    def declare(title: str, paper: Checked) -> None:
        form = {"kind": "annual_report", "title": title}
        made = checked(form, uscc(1), "示例有限公司", years.clock.today(), paper)
        declaring.declare(firm, uscc(1), made, paper)

    other = Checked(b"%PDF-1.4 other", "application/pdf")
    declare("示例年度报告", PAPER)
    declare("示例年度报告二", other)
    kept, stays = (years.accounts.files.shown(paper.digest, "declaration") for paper in (PAPER, other))
    years.clock.instant += timedelta(days=365 * 4)
    assert "retention.declaration_file" not in years.removed()
    [first, second] = sorted(declaring.made_here(uscc(1)), key=lambda each: title_of(years, each))
    declaring.withdraw(firm, uscc(1), first, "示例理由")
    years.clock.instant += timedelta(days=364)
    assert "retention.declaration_file" not in years.removed()
    years.clock.instant += timedelta(days=3)
    assert years.removed()["retention.declaration_file"] == 1
    with pytest.raises(NotFound, match="保存期满"):
        years.accounts.files.content(years.accounts.files.one(kept.id))
    assert years.accounts.files.content(stays) == other.content and second


def title_of(years: Years, record: str) -> str:
    found = Register(years.engine, years.clock).record(record)
    return found.title or ""


def test_the_proof_of_a_lost_letter_box_goes_with_the_addresses(years: Years) -> None:
    lost, mailbox = years.accounts.lost_mail, years.accounts.mailbox
    firm = somebody(years.accounts, "old@firm.example", Role.ENTERPRISE, uscc(1))
    lost.ask(HOME, "new@firm.example")
    with years.engine.connect() as connection:
        sealed = connection.scalar(select(Letter.content).where(Letter.mail == "new@firm.example")) or ""
    token = (mailbox.seal.open(sealed) or "").partition("/link/")[2].split("\\n")[0]
    lost.file(HOME, token, firm.mail, "示例理由", PAPER)
    [change] = lost.waiting(staff=False)
    years.clock.instant += timedelta(days=800)
    assert "retention.mail_change" not in years.removed(), "nobody has decided"
    operator = Caller(somebody(years.accounts, "operator@desk.example", Role.OPERATOR).account)
    lost.decide(operator, change.id, False, "看不清", staff=False)
    years.clock.instant += timedelta(days=360)
    assert "retention.mail_change" not in years.removed()
    years.clock.instant += timedelta(days=10)
    assert years.removed()["retention.mail_change"] == 1
    with years.engine.connect() as connection:
        row_ = connection.execute(select(MailChange.__table__)).one()
    assert (row_.old, row_.new, row_.said, row_.state) == ("", "", "", "refused")
