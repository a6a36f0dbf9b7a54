"""From a public record to what search engines index of it (检索文档). Everything in a document has passed the door."""

from collections.abc import Iterator, Sequence
from functools import cache

from indexer.kinds.base import Find, Kind
from indexer.register.disclosure import PublicRecord
from indexer.register.reading import Register
from indexer.search.documents import Document


def documents(register: Register, records: Sequence[PublicRecord]) -> Iterator[Document]:
    """The search documents of public records."""
    subjects = {record.subject.id for record in records if record.subject is not None}
    former = register.former_names(list(subjects)) if subjects else {}
    for record in records:
        yield _document(record, former.get(record.subject.id, ()) if record.subject is not None else ())


@cache
def _findable(kind: Kind) -> tuple[tuple[str, Find], ...]:
    return tuple((column.name, column.find) for column in kind.all_columns() if column.find is not None)


def _document(record: PublicRecord, former_names: tuple[str, ...]) -> Document:
    kind, subject, values = record.kind, record.subject, record.values
    codes: list[str] = []
    issuer: str | None = None
    texts: list[str] = []
    for column, find in _findable(kind):
        value = values.get(column)
        if not isinstance(value, str):
            continue
        if find is Find.CODE:
            codes.append(value)
        elif find is Find.ISSUER:
            issuer = issuer or value
        else:
            texts.append(value)
    name = record.name or ""
    if subject is not None:
        name = subject.name
        codes += [c for c in (subject.uscc, subject.organisation_code, subject.registration_number) if c]
    return Document(
        id=record.id,
        version=record.batch,
        kind=kind.name,
        subject=str(subject.id) if subject is not None else None,
        codes=tuple(dict.fromkeys(codes)),
        name=name,
        former_names=former_names,
        title="" if kind.subject_type else record.title,
        issuer=issuer,
        region=record.region,
        status=record.status,
        year=record.dated.year if record.dated else None,
        dated=record.dated,
        text="\n\n".join(texts),
    )
