"""The operation of the change feed, and its entries as the API and webhooks write them."""

from typing import Any

from pydantic import Field

from indexer.feed.forms import PERSONS
from indexer.feed.reading import Entry
from portal.api import answers
from portal.api.change_schemas import ChangeFeedAnswer, ChangeFeedEntry
from portal.api.operations import operation
from portal.api.views import CURSOR, KIND_NAMES, known_kind
from portal.arguments import Arguments
from portal.context import portal

TOLD = tuple(name for name in KIND_NAMES if name not in PERSONS)


class ChangesQuestion(Arguments):
    """From where on, how much, of which kind."""

    since: str | None = Field(
        None,
        description="`next` or a `position` of an answer before; absent: from the beginning, which gives all that is public; "
        "`now`: only what comes.",
        json_schema_extra=CURSOR,
    )
    limit: int = Field(100, ge=1, le=1000)
    kind: str | None = Field(
        None, description="Only records of this kind.", json_schema_extra={"enum": list(TOLD)}
    )


@operation("/changes", "变更流", ChangesQuestion, ChangeFeedAnswer, (400, 410), "/changes?limit=10")
def changes(question: ChangesQuestion) -> ChangeFeedAnswer:
    """Every addition, change and removal of what is public, in order, for mirrors: what the calendar begins or ends, objections and
    repairs too. Begin without `since`, apply each entry (with a record: put it in the place of what is held under its id; without: take
    that away), keep `next` with it, and ask again with `since` from there, at once while `more` is true. A page may be empty and still
    have `more`. 410 says that the position is too old: empty the mirror and begin again. Persons (practitioners) are not in the feed."""
    known_kind(question.kind)
    page = portal().changes.since(question.since, question.limit, question.kind)
    return ChangeFeedAnswer(
        results=[change(entry) for entry in page.entries], next=str(page.next), more=page.more
    )


def change(entry: Entry) -> ChangeFeedEntry:
    """One change as it is told."""
    record = entry.record
    return ChangeFeedEntry(
        position=str(entry.position),
        number=entry.number,
        at=entry.at,
        what=entry.what,
        id=entry.id,
        kind=record.kind.name if record else None,
        subject=record.subject.code if record and record.subject else None,
        record=answers.record(record) if record else None,
    )


def written(entry: Entry) -> dict[str, Any]:
    """One change as webhooks send it: the same as the feed tells, in Chinese."""
    return change(entry).model_dump(mode="json")
