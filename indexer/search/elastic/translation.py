"""Plans in Elasticsearch's words. No text goes through a query parser or an analyzer of words: terms are looked up as they are."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from indexer.search.clauses import TOLD, Clause
from indexer.search.query import SUBJECT_FIRST, Filters, Plan

LUCENE = 2.2
"""Lucene leaves the factor k1 + 1 out of BM25, which changes no order inside a clause but the weight of clauses against each other."""

Body = dict[str, Any]


def matching(plan: Plan) -> Body:
    """What answers the plan, with its scores. Of the clauses in `TOLD` a hit says by their numbers which it answers (`matched_queries`)."""
    answers = {"bool": {"should": _named(plan.clauses)}}
    return _limited(plan, answers, [clause(each) for each in plan.preferred])


def by_tier(plan: Plan) -> Body:
    """The same with the value of its tier for a document's score."""
    answers = {"dis_max": {"queries": _named([replace(each, scored=False) for each in plan.clauses])}}
    return _limited(plan, answers, [clause(SUBJECT_FIRST)])


def _named(clauses: Sequence[Clause]) -> list[Body]:
    return [clause(each, str(at) if each.reason in TOLD else None) for at, each in enumerate(clauses)]


def _limited(plan: Plan, answers: Body, preferred: list[Body]) -> Body:
    return {
        "bool": {
            "must": [answers],
            "filter": filters(plan.filters)
            + [{"bool": {"should": [clause(each) for each in some]}} for some in plan.required],
            "must_not": [clause(each) for each in plan.excluded],
            "should": preferred,
        }
    }


def clause(of: Clause, name: str | None = None) -> Body:
    """One clause with its weight."""
    body = _together([_ordered(of)] if of.ordered else [_term(of, term) for term in of.terms], of.minimum)
    if of.without:
        body["bool"]["must_not"] = [{"terms": {of.field: list(of.without)}}]
    named = {"_name": name} if name else {}
    if of.scored:
        body["bool"] |= {"boost": of.weight * LUCENE, **named}
        return body
    return {"constant_score": {"filter": body, "boost": of.weight, **named}}


def filters(of: Filters) -> list[Body]:
    """What the results are limited to."""
    named = {"kind": of.kind, "region": of.region, "status": of.status, "issuer": of.issuer, "year": of.year}
    return [{"terms": {name: list(values)}} for name, values in named.items() if values is not None]


def _together(terms: list[Body], minimum: int) -> Body:
    if minimum >= len(terms):
        return {"bool": {"must": terms}}
    return {"bool": {"should": terms, "minimum_should_match": minimum}}


def _ordered(of: Clause) -> Body:
    """The terms one after another. They are cut at the blanks between them, which leaves each as it is."""
    return {"match_phrase": {of.field: {"query": " ".join(of.terms), "analyzer": "whitespace"}}}


def _term(of: Clause, term: str) -> Body:
    return {"prefix" if of.prefix else "term": {of.field: {"value": term}}}
