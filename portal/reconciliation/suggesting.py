"""Subjects, properties and types for somebody who types (输入提示)."""

from collections.abc import Iterator

from indexer.errors import ServiceUnavailable
from indexer.register.many import ManySubjects
from indexer.register.reading import CreditFile
from indexer.search.protocol import SearchEngine
from portal.checks.identify import SUBJECTS
from portal.checks.names import LONGEST_NAME, spellings_of
from portal.reconciliation.agreement import codes_of
from portal.reconciliation.model import ORGANISATION

LOOKED_AT = 50
"""Suggestions of the engine that are looked at, those of certificates and the like among them."""


def subjects_like(
    prefix: str, wanted: str | None, subjects: ManySubjects, search: SearchEngine
) -> list[CreditFile]:
    """The subject with this code, then those whose name begins so; all of the type `wanted` (None: any)."""
    text = prefix.strip()
    if not text or len(text) > LONGEST_NAME:
        return []
    found = {file.subject.id: file for file in _all(text, subjects, search)}
    return [file for file in found.values() if wanted in (None, ORGANISATION, file.subject.type)]


def _all(text: str, subjects: ManySubjects, search: SearchEngine) -> Iterator[CreditFile]:
    if (codes := codes_of(text)) is not None:
        yield from subjects.by_codes([codes])[0]
    try:
        hits = search.suggest(text, LOOKED_AT)
    except ServiceUnavailable:  # the register itself knows whole names
        for files in subjects.by_names(spellings_of(text)).values():
            yield from files
        return
    records = subjects.register.records([hit.id for hit in hits if hit.kind in (SUBJECTS.kind or ())])
    own = [records[hit.id].subject for hit in hits if hit.id in records]
    files_of = subjects.by_ids([subject.id for subject in own if subject is not None])
    yield from (files_of[subject.id] for subject in own if subject is not None and subject.id in files_of)
