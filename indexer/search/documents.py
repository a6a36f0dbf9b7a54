"""What the engines know: a document (检索文档) is one public thing that can be found, already through disclosure and masked."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Document:
    """One findable thing: a subject or a record.

    `id` is the record's or subject's id in the register, `version` the batch it was read at (for `zhixin doctor`). `subject` is the
    first code of the subject it is about. `codes` are all numbers it may be looked up by (unified code, organisation code,
    registration number, certificate and document numbers) in any writing: they are cleaned here. `text` is long text: scope, facts,
    body of a policy. Everything in a document may be shown to the public.
    """

    id: str
    version: int
    kind: str
    subject: str | None = None
    codes: tuple[str, ...] = ()
    name: str = ""
    former_names: tuple[str, ...] = ()
    title: str = ""
    issuer: str | None = None
    region: str | None = None
    status: str | None = None
    year: int | None = None
    dated: date | None = None
    text: str = ""
