"""What pages about cases share: their words, the story of a case, files from a form, and the token that makes a form count once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Response, request
from flask_babel import gettext as _

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act
from indexer.accounts.files import LARGEST, Checked, look
from indexer.cases import numbers
from indexer.cases.case import Case, Event
from indexer.cases.cases import MOST_FILES
from indexer.cases.kinds import Words, outcome_words
from indexer.cases.paths import INTERNAL, By, Move, State
from indexer.cases.reading import no_case
from indexer.errors import InvalidParameter
from indexer.kinds import kinds
from indexer.rules.masking import scan
from portal.accounts.person import caller
from portal.context import portal
from portal.i18n import english
from portal.labels import column_label
from portal.pages.attachment import kept_file
from portal.pages.components import Badge, Cell, Field, Instant
from portal.pages.frame import instant

ROOM = 64 * 1024  # bytes of a form besides its files
LARGEST_FORM = MOST_FILES * LARGEST + ROOM


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a case in words. `who` is empty where the reader is not told; `files` are ids, `removed` those that are gone."""

    at: Instant
    badge: Badge
    who: str
    text: str
    files: tuple[int, ...]
    removed: frozenset[int]


@dataclass(frozen=True, slots=True)
class Shown:
    """A case as a page shows it. `due` is an ISO day, empty where it has ended; `result` empty where it has not."""

    case: Case
    kind: str
    state: Badge
    filed: Instant
    due: str
    overdue: bool
    result: str
    reason: str
    ended: Instant | None


def said(words: Words) -> str:
    """A term in the reader's language."""
    return words.en if english() else words.zh


def state_badge(case: Case) -> Badge:
    """Where a case stands, in a word."""
    words: dict[State, Badge] = {
        State.FILED: Badge(_("待受理"), "neutral"),
        State.ACCEPTED: Badge(_("办理中"), "neutral"),
        State.ASKED: Badge(_("待补充"), "warn"),
        State.TRANSFERRED: Badge(_("已转办"), "neutral"),
        State.ANSWERED: Badge(_("已答复"), "good"),
        State.PROPOSED: Badge(_("待复核"), "neutral"),
        State.ENDED: Badge(_("已办结"), "good"),
    }
    return words[case.state]


def move_words(move: Move) -> str:
    """What was done, or what a button does."""
    words: dict[Move, str] = {
        Move.FILE: _("提交"),
        Move.TAKE: _("认领办理"),
        Move.ASSIGN: _("分派"),
        Move.ACCEPT: _("受理"),
        Move.REFUSE: _("不予受理"),
        Move.ASK: _("要求补充"),
        Move.ADD: _("补充说明"),
        Move.TRANSFER: _("转办"),
        Move.RECALL: _("转办单位已回复"),
        Move.REPLY: _("转办单位答复"),
        Move.HAND_BACK: _("转办单位退回"),
        Move.EXTEND: _("延期"),
        Move.ANSWER: _("答复"),
        Move.DECIDE: _("办结"),
        Move.PROPOSE: _("提请复核"),
        Move.CONFIRM: _("同意，办结"),
        Move.RETURN: _("退回重办"),
        Move.NOTE: _("内部备注"),
        Move.WITHDRAW: _("撤回"),
    }
    return words[move]


def shown(case: Case, today: date) -> Shown:
    """A case for a page. What is only proposed is not told here."""
    ended = case.ended_at is not None
    return Shown(
        case=case,
        kind=said(case.kind.words),
        state=state_badge(case),
        filed=instant(case.filed_at),
        due="" if ended else case.due_on.isoformat(),
        overdue=case.overdue(today),
        result=said(outcome_words(case.kind, case.outcome)) if ended and case.outcome else "",
        reason=case.reason or "" if ended else "",
        ended=instant(case.ended_at) if case.ended_at is not None else None,
    )


def story(case: Case, events: Sequence[Event], *, inside: bool, masked: bool = False) -> list[Told]:
    """What was done with a case, newest first: all of it for the desk (`inside`), for who filed it what is theirs, without names."""
    told = [event for event in events if inside or event.move not in INTERNAL]
    return [_told(case, event, inside, masked) for event in reversed(told)]


def _told(case: Case, event: Event, inside: bool, masked: bool) -> Told:
    tone = {
        Move.DECIDE: "good",
        Move.CONFIRM: "good",
        Move.ANSWER: "good",
        Move.REPLY: "good",
        Move.ASK: "warn",
        Move.REFUSE: "warn",
    }
    if event.by == By.FILER:
        who = _("申请人") if case.filed_by is not None else _("来信人")
    else:
        who = (event.name or "") if inside else _("办理机关")
    details = event.details
    more = [
        said(outcome_words(case.kind, details["outcome"])) if details.get("outcome") else "",
        _("转往：%(agency)s", agency=details["agency"]) if details.get("agency") else "",
        _("办理期限：%(day)s", day=details["due_on"]) if details.get("due_on") else "",
    ]
    text = "\n".join(filter(None, (*more, scan(event.text) if masked and event.text else event.text)))
    return Told(
        instant(event.at),
        Badge(move_words(event.move), tone.get(event.move, "neutral")),
        who,
        text,
        event.files,
        event.removed,
    )


def content(case: Case, *, masked: bool) -> list[Field]:
    """What its form said, with numbers of persons `masked` where the reader does not need them."""
    labels = {
        **{column.name: column_label(column) for column in kinds()["declaration"].columns},
        "text": _("内容"),
        "about": _("涉及谁"),
        "record": _("记录"),
        "name": _("主体名称"),
        "corrected_on": _("改正并履行完毕的日期"),
    }
    return [
        Field(labels.get(name, name), Cell(scan(text) if masked else text))
        for name, text in case.content.items()
        if text
    ]


def once() -> str:
    """A token for the form that is shown. One that was filled in wrongly has done nothing, so it may have another."""
    return numbers.new_once()


def sent_once() -> str:
    """The token of the form that was sent. Raises InvalidParameter `once` where a program left it out."""
    token = request.form.get("once", "")
    if not 20 <= len(token) <= 64 or not token.isascii() or not token.isprintable():
        raise InvalidParameter("once", "请刷新页面后重新填写。", "is missing: reload the form")
    return token


def version_sent() -> int:
    """The version of the case that the form was made from; 0, which none has, where a program left it out."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def sent_files() -> tuple[Checked, ...]:
    """The files of the form, looked at. Raises FileRefused, InvalidParameter `files`."""
    sent = [each for each in request.files.getlist("files") if each.filename]
    if len(sent) > MOST_FILES:
        raise InvalidParameter(
            "files", f"一次最多 {MOST_FILES} 个文件。", f"must be at most {MOST_FILES} files at once"
        )
    return tuple(look(each.stream.read(LARGEST + 1)) for each in sent)


def give_file(case: Case, identity: int, *, inside: bool) -> Response:
    """A file of a case, to whom the caller has let in; a look from inside is written down. Raises NotFound where it is of another case."""
    if not portal().room.docket.has_file(case, identity):
        raise no_case()
    kept = portal().accounts.files.one(identity)
    if inside:
        with acting(portal().accounts.engine, portal().clock, caller()) as act:
            act.note(Act.FILE_VIEWED, f"file:{identity}", after=f"case:{case.number}")
    return kept_file(kept)
