"""Plans in Tantivy's words: the schema, and each clause as a query object. No text ever goes through a query parser."""

from collections.abc import Sequence
from functools import cache
from typing import get_args

import tantivy

from indexer.search.clauses import Clause, Field
from indexer.search.documents import fingerprint
from indexer.search.query import SUBJECT_FIRST, Filters, Plan
from indexer.search.tiers import Tier

TOKEN_FIELDS = ("bigrams", "sounds", "text")
PHRASE_FIELDS = ("phrases",)
WHOLE_FIELDS = ("id", "role", "keys", "former", "codes", "spelt", "initials")
STORED_FIELDS = ("id", "keys", "former")
FACET_FIELDS = ("kind", "region", "status", "issuer")
NUMBER_FIELDS = ("version", "digest", "year", "dated", "place")
FIELDS = (
    TOKEN_FIELDS,
    PHRASE_FIELDS,
    WHOLE_FIELDS,
    STORED_FIELDS,
    FACET_FIELDS,
    NUMBER_FIELDS,
    get_args(Field),
)

ANYTHING = "[ -\U0010ffff]*"
"""What may stand behind a beginning, as a regular expression: no token has control characters. It compiles in half the time of `.*`."""

Occur, Query = tantivy.Occur, tantivy.Query


@cache
def built_from() -> str:
    """What an index of this release is built from."""
    return fingerprint(3, FIELDS)


def schema() -> tantivy.Schema:
    """Token fields with frequencies for BM25, whole values, facets as columns, numbers as columns."""
    builder = tantivy.SchemaBuilder()
    for name in TOKEN_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in PHRASE_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in WHOLE_FIELDS:
        builder.add_text_field(name, stored=name in STORED_FIELDS, tokenizer_name="raw", index_option="basic")
    for name in FACET_FIELDS:
        builder.add_text_field(
            name, stored=name == "kind", fast=True, tokenizer_name="raw", index_option="basic"
        )
    for name in NUMBER_FIELDS:
        builder.add_integer_field(name, fast=True, indexed=name == "year")
    builder.add_bytes_field("label", stored=True)
    return builder.build()


class Translator:
    """Plans for one schema."""

    def __init__(self, of: tantivy.Schema) -> None:
        self._schema = of

    def matching(self, plan: Plan) -> tantivy.Query:
        """What answers the plan, with its scores.

        What is preferred is added clause by clause: beside each other they would be one union, gone through for every answer.
        """
        query = self.answering(plan)
        for clause in plan.preferred:
            query = Query.boolean_query([(Occur.Must, query), (Occur.Should, self.clause(clause))])
        return query

    def answering(self, plan: Plan) -> tantivy.Query:
        """The same without what is preferred, which changes no count."""
        if not plan.clauses:
            return Query.empty_query()
        return Query.boolean_query([(Occur.Must, self._some(plan.clauses)), *self._limits(plan)])

    def in_tier(self, plan: Plan, tier: Tier) -> tantivy.Query:
        """What answers the plan and is in the tier."""
        subject = (Occur.Must if tier.subject else Occur.MustNot, self.clause(SUBJECT_FIRST))
        stronger = [(Occur.MustNot, self.clause(clause)) for clause in tier.stronger]
        return Query.boolean_query(
            [(Occur.Must, self._some(tier.strongest)), subject, *stronger, *self._limits(plan)]
        )

    def equal(self, matching: tantivy.Query, column: str, number: int) -> tantivy.Query:
        """What of `matching` has a number in a column."""
        numbers = Query.range_query(self._schema, column, tantivy.FieldType.Integer, number, number)
        return self.both(matching, numbers)

    def above(self, matching: tantivy.Query, column: str, number: int) -> tantivy.Query:
        """What of `matching` has a higher number in a column."""
        numbers = Query.range_query(self._schema, column, tantivy.FieldType.Integer, number, None, False)
        return self.both(matching, numbers)

    def below(self, matching: tantivy.Query, column: str, number: int) -> tantivy.Query:
        """What of `matching` has a lower number in a column."""
        numbers = Query.range_query(
            self._schema, column, tantivy.FieldType.Integer, None, number, True, False
        )
        return self.both(matching, numbers)

    def among(self, clause: Clause, ids: Sequence[str]) -> tantivy.Query:
        """Those documents of `ids` (a page of them: a set of terms is looked for in all the index) that may answer `clause`; those that do
        have a score of `clause.minimum` at least, which counts the terms.

        Where not all terms are needed, Tantivy goes through all that has any before it looks at the page, so these are asked one by one.
        """
        if clause.ordered or clause.minimum == len(clause.terms):
            told = Query.const_score_query(self.clause(clause), float(clause.minimum))
            return self.both(Query.const_score_query(self.these(ids), 0.0), told)
        terms = [Query.const_score_query(self._term(clause, term), 1.0) for term in clause.terms]
        page = (Occur.Must, Query.const_score_query(self.these(ids), 0.0))
        return Query.boolean_query([page, *((Occur.Should, term) for term in terms)])

    def both(self, one: tantivy.Query, other: tantivy.Query) -> tantivy.Query:
        """What answers two queries."""
        return Query.boolean_query([(Occur.Must, one), (Occur.Must, other)])

    def these(self, ids: Sequence[str]) -> tantivy.Query:
        """A few documents by their ids."""
        chosen = [(Occur.Should, Query.term_query(self._schema, "id", id_, "basic")) for id_ in ids]
        return Query.boolean_query(chosen)

    def passing(self, ids: Sequence[str], filters: Filters) -> tantivy.Query:
        """Those of a few documents that pass the filters."""
        return Query.boolean_query([(Occur.Must, self.these(ids)), *self._filters(filters)])

    def _some(self, clauses: Sequence[Clause]) -> tantivy.Query:
        return Query.boolean_query([(Occur.Should, self.clause(clause)) for clause in clauses])

    def _limits(self, plan: Plan) -> list[tuple[tantivy.Occur, tantivy.Query]]:
        """The filters, what must be there and what must not."""
        required = [(Occur.Must, Query.const_score_query(self._some(some), 0.0)) for some in plan.required]
        excluded = [(Occur.MustNot, self.clause(clause)) for clause in plan.excluded]
        return [*self._filters(plan.filters), *required, *excluded]

    def clause(self, clause: Clause) -> tantivy.Query:
        """One clause with its weight."""
        query = self._holding(clause)
        if clause.without:
            apart = Query.term_set_query(self._schema, clause.field, list(clause.without))
            query = Query.boolean_query([(Occur.Must, query), (Occur.MustNot, apart)])
        if clause.scored:
            return Query.boost_query(query, clause.weight)
        return Query.const_score_query(query, clause.weight)

    def _holding(self, clause: Clause) -> tantivy.Query:
        """What has as many of the terms as it takes, one after another where they are `ordered`."""
        if clause.ordered and len(clause.terms) > 1:
            return Query.phrase_query(self._schema, clause.field, list(clause.terms))
        terms = [self._term(clause, term) for term in clause.terms]
        if len(terms) == 1:
            return terms[0]
        if clause.minimum == len(terms):
            return Query.boolean_query([(Occur.Must, term) for term in terms])
        return Query.boolean_query([(Occur.Should, term) for term in terms], clause.minimum)

    def _term(self, clause: Clause, term: str) -> tantivy.Query:
        if clause.prefix:
            return Query.regex_query(self._schema, clause.field, _escaped(term) + ANYTHING)
        return Query.term_query(self._schema, clause.field, term, "freq" if clause.scored else "basic")

    def _filters(self, filters: Filters) -> list[tuple[tantivy.Occur, tantivy.Query]]:
        chosen: list[tuple[str, tuple[str, ...] | tuple[int, ...] | None]] = [
            ("kind", filters.kind),
            ("region", filters.region),
            ("status", filters.status),
            ("issuer", filters.issuer),
            ("year", filters.year),
        ]
        return [
            (Occur.Must, Query.const_score_query(self._any(name, values), 0.0))
            for name, values in chosen
            if values is not None
        ]

    def _any(self, field: str, values: Sequence[str | int]) -> tantivy.Query:
        """A set is gathered from the whole index before anything is looked at; a single value is not."""
        if len(values) == 1:
            return Query.term_query(self._schema, field, values[0], "basic")
        return Query.term_set_query(self._schema, field, list(values))


def _escaped(term: str) -> str:
    """`term` as a regular expression for itself; terms are letters, digits and the mark of a beginning."""
    return "".join(letter if letter.isalnum() else f"\\{letter}" for letter in term)
