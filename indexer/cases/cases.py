"""The engine of all cases (办件): filing, and every act after it, each one short transaction with its event and its row of the audit.

Nothing happens that the table of `paths.py` does not have. Two who act at once: the second is told so, since an act names the version of the
case that it was decided on. A form that is sent twice is done once, by its token.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.files import Checked, Files
from indexer.accounts.letters import Mailbox
from indexer.accounts.models import Account, StoredFile
from indexer.accounts.people import Conflict
from indexer.accounts.tokens import digest
from indexer.cases import numbers
from indexer.cases.case import Case, Doing, Filed, Filing
from indexer.cases.kinds import KINDS, NOT_ACCEPTED, WITHDRAWN
from indexer.cases.models import Case as Row
from indexer.cases.models import CaseEvent, CaseFile
from indexer.cases.paths import INTERNAL, TABLE, By, Move, State, Step
from indexer.cases.reading import CASES, case_of, no_case
from indexer.cases.reporters import Reporters
from indexer.clock import Clock, day_of
from indexer.errors import InvalidParameter
from indexer.register.belonging import NOBODYS, Belonging, belonging_of_record, belonging_of_subject
from indexer.register.database import reading
from indexer.rules.workdays import NO_EXTRAS, Calendar
from indexer.text.areas import area_in

PURPOSE = "case"
MOST_FILES = 3
SHOWN_AGAIN = timedelta(
    minutes=10
)  # a form that is sent again for a poor connection; later it may be somebody else at that browser


class Effect(Protocol):
    """What a kind of case does besides being a case, within the same transaction: both stand or fall together."""

    def filed(self, act: Acting, case: Case) -> None:
        """A case of the kind was filed."""

    def ended(self, act: Acting, case: Case) -> None:
        """A case of the kind ended, with the outcome that it has now."""


class Cases:
    """All cases of the portal. `effects`: kind → what else happens; `signing_key` makes the secrets of those without an account."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        files: Files,
        mailbox: Mailbox,
        reporters: Reporters,
        signing_key: str,
        effects: Mapping[str, Effect],
        calendar: Calendar = NO_EXTRAS,
    ) -> None:
        self.engine, self.clock, self.files, self.mailbox = engine, clock, files, mailbox
        self.reporters, self.calendar = reporters, calendar
        self._signing_key, self._effects = signing_key, effects

    def file(self, caller: Caller, filing: Filing) -> Filed:
        """File a case; the same form again gives the same answer.

        Raises InvalidParameter `files`, Conflict where only one may be open and another one is, and what an effect raises.

        Of a case that anyone may file nothing is kept that tells who the caller is.
        """
        kind = KINDS[filing.kind]
        if (found := self._filed_with(filing)) is not None:
            return found
        anonymous = kind.filed_by == "anyone"
        secret = numbers.secret_for(filing.once, self._signing_key) if anonymous else None
        by = Caller() if anonymous else caller
        try:
            with acting(self.engine, self.clock, by) as act:
                row = self._row(act, filing, secret)
                number = str(row["number"])
                own = act.connection.execute(insert(Row).values(**row).returning(Row.id)).scalar_one()
                self._event(act, own, 1, Move.FILE, By.FILER, kind.start, None, {}, filing.once)
                self._attach(act, own, 1, filing.files)
                self.reporters.keep(act, own, filing.contact)
                case = self._now(act.connection, own)
                if (effect := self._effects.get(kind.name)) is not None:
                    effect.filed(act, case)
                self._tell(act, case, Move.FILE)
                act.note(Act.CASE_FILED, f"case:{number}", after=kind.name)
        except IntegrityError:  # the same form, sent at the same time, or another for the same record
            if (found := self._filed_with(filing)) is not None:
                return found
            if kind.one_open:
                raise _open_already() from None
            raise
        return Filed(number, secret)

    def do(self, caller: Caller, by: By, case: Case, doing: Doing) -> Case:
        """Do something with a case, in a capacity that the caller has; gives the case as it stands then.

        Raises Conflict where the table does not have it, somebody else was faster or the person is not the one to do it;
        InvalidParameter for what is missing.
        """
        if (done := self._done_with(case, doing.once)) is not None:
            return done
        step = self._step(caller, by, case, doing)
        who = Caller() if case.filed_by is None and by == By.FILER else caller
        try:
            with acting(self.engine, self.clock, who) as act:
                changed = self._changes(act.now, caller, case, step, doing)
                guarded = update(Row).where(Row.id == case.id, Row.version == doing.version)
                if not act.connection.execute(guarded.values(**changed)).rowcount:
                    raise _moved_on()
                place = doing.version + 1
                details = {
                    name: str(value)
                    for name in ("outcome", "agency", "due_on", "handler")
                    if (value := changed.get(name)) is not None
                }
                self._event(
                    act, case.id, place, step.move, by, step.to, doing.text or None, details, doing.once
                )
                self._attach(act, case.id, place, doing.files)
                after = self._now(act.connection, case.id)
                if step.to == State.ENDED and (effect := self._effects.get(case.kind.name)) is not None:
                    effect.ended(act, after)
                self._tell(act, after, step.move)
                act.note(Act.CASE_MOVED, f"case:{case.number}", case.state, f"{step.move} {step.to}")
        except (Conflict, IntegrityError):  # perhaps the same form, sent at the same time
            if (done := self._done_with(case, doing.once)) is None:
                raise
            return done
        return after

    def _row(self, act: Acting, filing: Filing, secret: str | None) -> dict[str, Any]:
        """A new case as it is kept."""
        kind, today = KINDS[filing.kind], day_of(act.now)
        whose = _belonging(act.connection, filing)
        due = kind.first_due(today, self.calendar)
        return {
            "number": numbers.new_number(today),
            "kind": kind.name,
            "state": kind.start,
            "version": 1,
            "subject_code": filing.subject_code,
            "record_id": filing.record_id,
            "filed_by": act.caller.account,
            "secret": numbers.secret_digest(secret) if secret is not None else None,
            "title": filing.title,
            "content": dict(filing.content),
            "filed_at": act.now,
            "due_on": due.date,
            "provisional": due.provisional,
            "late": False,
            "authority": whose.authority or whose.source,
            "area": whose.area or area_in(whose.authority or whose.source or ""),
        }

    def _step(self, caller: Caller, by: By, case: Case, doing: Doing) -> Step:
        """The row of the table that allows it. The version that was read decides; the guard of the update holds to it."""
        step = TABLE.get((case.state, doing.move))
        if (
            step is None
            or step.by != by
            or doing.move not in case.kind.moves
            or case.version != doing.version
        ):
            raise _moved_on()
        if doing.move == Move.EXTEND and case.extended:
            raise Conflict("已经延期过一次，不能再延。", "It was extended once, which is all.")
        if by == By.HANDLER and case.handler != caller.account:
            raise Conflict("请先认领这件办件，再办理。", "Take the case on first.")
        if by != By.FILER and caller.account is not None and caller.account == case.filed_by:
            raise Conflict("不能办理自己提交的办件。", "Nobody handles a case of their own.")
        if by == By.SECOND and caller.account == case.proposed_by:
            raise Conflict("须由另一个人复核。", "Another person has to decide.")
        if step.text and not doing.text:
            raise InvalidParameter("text", "请写明内容或理由。", "must say what or why")
        if step.outcome and doing.outcome not in case.kind.outcomes:
            raise InvalidParameter("outcome", "请选择办理结果。", "must be one of the outcomes")
        if doing.move == Move.TRANSFER and not doing.agency:
            raise InvalidParameter("agency", "请填写转往的单位。", "must name the agency")
        if doing.move == Move.ASSIGN and doing.account is None:
            raise InvalidParameter("account", "请选择经办人员。", "must name a person")
        return step

    def _changes(self, now: datetime, caller: Caller, case: Case, step: Step, doing: Doing) -> dict[str, Any]:
        """The columns that change, beside the event."""
        today = day_of(now)
        changed: dict[str, Any] = {"version": doing.version + 1, "state": step.to}
        match step.move:
            case Move.TAKE:
                changed["handler"] = caller.account
            case Move.ASSIGN:
                changed["handler"] = doing.account
            case Move.ACCEPT:
                changed |= self._due(case, day_of(case.filed_at)) | _late(case, today)
            case Move.ADD if case.state == State.ANSWERED:
                changed |= self._due(case, today)
            case Move.TRANSFER:
                changed["agency"] = doing.agency
            case Move.EXTEND:
                due = case.kind.extended(case.due_on, self.calendar)
                changed |= {"due_on": due.date, "provisional": due.provisional, "extended_at": now}
                changed |= _late(case, today)
            case Move.PROPOSE:
                changed |= {"outcome": doing.outcome, "reason": doing.text, "proposed_by": caller.account}
            case Move.RETURN:
                changed |= {"outcome": None, "reason": None, "proposed_by": None}
            case Move.DECIDE:
                changed |= {"outcome": doing.outcome, "reason": doing.text}
            case Move.REFUSE | Move.WITHDRAW:
                outcome = NOT_ACCEPTED if step.move == Move.REFUSE else WITHDRAWN
                changed |= {"outcome": outcome, "reason": doing.text or None}
        if step.to == State.ENDED:
            changed |= {"ended_at": now} | _late(case, today)
        return changed

    def _due(self, case: Case, since: date) -> dict[str, Any]:
        due = case.kind.decision_due(since, self.calendar)
        return {"due_on": due.date, "provisional": due.provisional}

    def _event(
        self,
        act: Acting,
        case: int,
        place: int,
        move: Move,
        by: By,
        state: State,
        text: str | None,
        details: Mapping[str, str],
        once: str,
    ) -> None:
        act.connection.execute(
            insert(CaseEvent).values(
                case_id=case,
                place=place,
                at=act.now,
                move=move,
                by=by,
                account_id=act.caller.account,
                state=state,
                text=text,
                details=dict(details),
                once=digest(once),
            )
        )

    def _attach(self, act: Acting, case: int, place: int, files: tuple[Checked, ...]) -> None:
        if len(files) > MOST_FILES:
            raise InvalidParameter(
                "files", f"一次最多 {MOST_FILES} 个文件。", f"must be at most {MOST_FILES} files at once"
            )
        for file in files:
            kept = self.files.store(act, file, PURPOSE)
            act.connection.execute(insert(CaseFile).values(case_id=case, file_id=kept, place=place))

    def _tell(self, act: Acting, case: Case, move: Move) -> None:
        """A letter to who filed it that something was done; what, it says only behind the log-in or the secret."""
        if move in INTERNAL or move in (Move.ADD, Move.WITHDRAW):
            return
        if case.filed_by is not None:
            asked = select(Account.mail).where(Account.id == case.filed_by)
            mail = act.connection.scalar(asked)
            path = f"/enterprise/{case.subject_code}/cases/{case.number}"
        else:
            mail, path = self.reporters.mail(act.connection, case.id), "/complaints/follow"
        if mail:
            words = case.kind.words
            kind = "case-filed" if move == Move.FILE else "case-moved"
            values = {"kind": words.zh, "kind_en": words.en, "number": case.number}
            self.mailbox.put(act, mail, kind, path, values)

    def _filed_with(self, filing: Filing) -> Filed | None:
        """The case that was filed with this form before. Raises Conflict where it is too long ago to show the secret again."""
        asked = (
            select(Row.number, Row.secret, Row.filed_at)
            .join(CaseEvent, CaseEvent.case_id == Row.id)
            .where(
                CaseEvent.once == digest(filing.once), CaseEvent.move == Move.FILE, Row.kind == filing.kind
            )
        )
        with reading(self.engine) as connection:
            row = connection.execute(asked).first()
        if row is None:
            return None
        if row.secret is None:
            return Filed(row.number, None)
        if self.clock.now() - row.filed_at > SHOWN_AGAIN:
            raise Conflict(
                "这份表单已经提交过。请用当时给您的编号和查询密码查询。",
                "This form was sent before. Follow it with the number and the secret you were given.",
            )
        return Filed(row.number, numbers.secret_for(filing.once, self._signing_key))

    def _done_with(self, case: Case, once: str) -> Case | None:
        """The case, where this form was done before."""
        asked = select(CaseEvent.id).where(CaseEvent.once == digest(once), CaseEvent.case_id == case.id)
        with reading(self.engine) as connection:
            return self._now(connection, case.id) if connection.scalar(asked) is not None else None

    def _now(self, connection: Connection, case: int) -> Case:
        row = connection.execute(CASES.where(Row.id == case)).first()
        if row is None:
            raise no_case()
        return case_of(row)


def publish_file(act: Acting, case: Case, digest: str, purpose: str) -> None:
    """Give a file that came with a case another purpose, within the transaction of the case's end: it is public from there on."""
    attached = select(CaseFile.file_id).where(CaseFile.case_id == case.id)
    row = update(StoredFile).where(StoredFile.id.in_(attached), StoredFile.digest == digest)
    act.connection.execute(row.values(purpose=purpose))


def _belonging(connection: Connection, filing: Filing) -> Belonging:
    """Whose desk a case comes to: that of its record, else of the enterprise that files it or is meant."""
    if filing.record_id is not None:
        return belonging_of_record(connection, filing.record_id)
    if filing.subject_code is not None:
        return belonging_of_subject(connection, filing.subject_code)
    return NOBODYS


def _late(case: Case, today: date) -> dict[str, Any]:
    """That something was done after the day by which it was due; it stays so."""
    return {"late": True} if case.due_on < today else {}


def _open_already() -> Conflict:
    return Conflict(
        "这条记录的申请正在办理，请等结果，或在原申请中补充。",
        "An application for this record is being looked at: wait for it, or add to it.",
    )


def _moved_on() -> Conflict:
    return Conflict(
        "办件的状态已经变了，或这一步现在不能做。请刷新后再看。",
        "The case has moved on, or this can not be done now. Reload and look again.",
    )
