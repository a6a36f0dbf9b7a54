"""What the change feed answers, as Pydantic models; the same entries are what webhooks send."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from portal.api.schemas import Answer, RecordAnswer


class ChangeFeedEntry(Answer):
    """One change. A removed record tells nothing but its id."""

    position: str = Field(description="Opaque; as `since`, asks for what comes after this change.")
    number: int = Field(description="Rises by one from change to change; what was thinned out is skipped.")
    at: datetime = Field(description="When it was told.")
    what: Literal["added", "changed", "removed"] = Field(
        description="An addition, a change, or the end of publicity: taken back, repaired, or its period is over."
    )
    id: str
    kind: str | None
    subject: str | None = Field(description="The code that its subject is addressed by.")
    record: RecordAnswer | None = Field(
        description="The record as it is public now, as `/records/ID` has it."
    )


class ChangeFeedAnswer(Answer):
    """Changes in order, and the position to ask from the next time, at once where `more` wait."""

    results: list[ChangeFeedEntry]
    next: str
    more: bool
