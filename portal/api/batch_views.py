"""Batch reads: many credit files with one request."""

from datetime import date
from typing import Annotated

from flask import request
from pydantic import Field

from indexer.register.many import ManySubjects
from indexer.register.reading import CreditFile
from portal import credit
from portal.api import answers, schemas
from portal.api.operations import operation
from portal.api.sparse import Sparse
from portal.arguments import LONGEST
from portal.bodies import read_json
from portal.context import portal
from portal.limits import charge
from portal.problems import problem_of
from portal.restrictions.branches import NOBODY, Followed, followed_of
from portal.restrictions.rules import RuleSet
from portal.restrictions.status import domains
from portal.uploads import Part

MOST = 100
"""Subjects of one request: some hundred kilobytes."""


class BatchBody(Part):
    """Whose files are asked for."""

    ids: list[Annotated[str, Field(max_length=LONGEST)]] = Field(
        min_length=1, max_length=MOST, description="Codes as at /subjects/ID, in any form."
    )


class BatchEntry(schemas.Answer):
    """One code of those that were sent: its file, or the problem that /subjects/ID would have answered."""

    id: str = Field(description="As it was sent.")
    status: int = Field(description="As /subjects/ID answers it: 200, 400 or 404.")
    file: schemas.CreditFileAnswer | None
    problem: schemas.Problem | None


class BatchAnswer(schemas.Answer):
    """The files in the order of the codes, all of one version of the register."""

    results: list[BatchEntry]
    evidence: schemas.Evidence


@operation(
    "/subjects/batch",
    "批量信用档案",
    Sparse,
    BatchAnswer,
    (400, 413, 415, 503),
    "/subjects/batch?fields=results.id,results.status,results.file.subject.name,results.problem.detail",
    method="POST",
    body=BatchBody,
    reads=True,
    alone=True,
    asked={"ids": ["91329900PDY0010126", "91329900PDY0010127"]},
)
def credit_files(_question: Sparse) -> BatchAnswer:
    """The credit files of up to 100 subjects at once, each as /subjects/ID answers it; a code that is wrong or unknown spoils no other. It
    counts as that many requests."""
    parts = portal()
    ids = read_json(request, BatchBody).ids
    charge(len(ids))
    today, version = parts.clock.today(), parts.register.version()
    subjects = ManySubjects(parts.register, today, version)
    opened = credit.open_files(subjects, ids)
    rules = parts.rules.book.now()
    files = {each.subject.code: each for each in opened if isinstance(each, CreditFile)}
    others = followed_of(files, subjects, rules)
    return BatchAnswer(
        results=[
            BatchEntry(
                id=asked,
                status=200,
                file=_file(found, rules, today, others.get(found.subject.code, NOBODY)),
                problem=None,
            )
            if isinstance(found, CreditFile)
            else BatchEntry(id=asked, status=found.status, file=None, problem=problem_of(found))
            for asked, found in zip(ids, opened, strict=True)
        ],
        evidence=answers.evidence(version),
    )


def _file(file: CreditFile, rules: RuleSet, today: date, others: Followed) -> schemas.CreditFileAnswer:
    return answers.credit_file(file, domains(file.records, rules, today, others))
