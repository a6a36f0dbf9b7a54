"""The order of what follows the best hits (其后的次序): by the strongest reason that a document was found for, subjects first, then by place.

A score knows how common a word is among all documents, so every write moves all scores a little: whoever pages on by scores misses
documents or sees them twice. Here no document's standing depends on another one.
"""

from dataclasses import dataclass

from indexer.search.clauses import Clause
from indexer.search.query import SUBJECT_FIRST, Plan


@dataclass(frozen=True, slots=True)
class Tier:
    """Documents that stand equal: they answer one of `strongest`, none of `stronger`, and are subjects or not.

    `value` is the weight of the strongest clause, a subject's with that of `SUBJECT_FIRST` added; no two tiers have the same.
    """

    value: float
    strongest: tuple[Clause, ...]
    stronger: tuple[Clause, ...]
    subject: bool


def tiers(asked: Plan) -> tuple[Tier, ...]:
    """The tiers of a plan, best first; each document that answers it is in one."""
    found = []
    for weight in {clause.weight for clause in asked.clauses}:
        strongest = tuple(clause for clause in asked.clauses if clause.weight == weight)
        stronger = tuple(clause for clause in asked.clauses if clause.weight > weight)
        found += [
            Tier(weight + SUBJECT_FIRST.weight, strongest, stronger, subject=True),
            Tier(weight, strongest, stronger, subject=False),
        ]
    return tuple(sorted(found, key=lambda tier: -tier.value))
