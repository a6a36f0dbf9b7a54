"""Values for rows that are matched already (数据补充): of a thousand subjects with a few questions, all through the door."""

from collections.abc import Mapping, Sequence

from indexer.register.many import ManySubjects
from indexer.register.reading import CreditFile
from portal.reconciliation.agreement import codes_of
from portal.reconciliation.model import Told, Value
from portal.reconciliation.properties import Property
from portal.restrictions.branches import NOBODY, followed_of, parents_stated
from portal.restrictions.rules import RuleSet
from portal.restrictions.status import domains

Row = tuple[tuple[Value, ...], ...]
"""The values of each property that was asked for, in their order."""


def extend(
    ids: Sequence[str], properties: Sequence[Property], subjects: ManySubjects, rules: RuleSet
) -> Mapping[str, Row]:
    """For each id its values of some properties; an id that nobody has, or of whom nothing is public, has none of any."""
    told = told_of(ids, subjects, rules)
    return {
        each: tuple(
            tuple(wanted.values(told[each])) if wanted.values is not None and each in told else ()
            for wanted in properties
        )
        for each in ids
    }


def told_of(ids: Sequence[str], subjects: ManySubjects, rules: RuleSet) -> dict[str, Told]:
    """What the register tells of each subject that some ids mean, by id."""
    files = _files(ids, subjects)
    by_code = {file.subject.code: file for file in files.values()}
    parents, others = parents_stated(by_code, subjects), followed_of(by_code, subjects, rules)
    return {
        each: Told(
            file,
            parents.get(file.subject.code),
            domains(file.records, rules, subjects.as_of, others.get(file.subject.code, NOBODY)),
            subjects.as_of,
        )
        for each, file in files.items()
    }


def _files(ids: Sequence[str], subjects: ManySubjects) -> dict[str, CreditFile]:
    codes = {each: parsed for each in ids if (parsed := codes_of(each)) is not None}
    found = subjects.by_codes(list(codes.values()))
    return {each: files[0] for each, files in zip(codes, found, strict=True) if len(files) == 1}
