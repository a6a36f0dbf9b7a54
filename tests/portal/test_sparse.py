"""Sparse fields: of an answer what was named, in its place, and nothing made up."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.demo.stories import BLACKLISTED, CLEAN_AAA
from indexer.errors import InvalidParameter
from portal.api import schemas
from portal.api.operations import OPERATIONS
from portal.api.sparse import Sparse, pruned, tree_of
from tests.portal.conftest import Program


def paths(value: Any, at: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Every path of names through a JSON value, lists gone through."""
    if isinstance(value, list):
        return set().union(*(paths(each, at) for each in value))
    if isinstance(value, dict):
        return {at} - {()} | set().union(*(paths(each, (*at, name)) for name, each in value.items()))
    return {at}


def test_only_what_was_named_is_answered_and_just_as_in_the_whole(program: Program) -> None:
    whole = program.of("/restrictions", BLACKLISTED.code).json
    asked = "subject.name,domains.code,domains.because.basis,restricted"
    part = program.of("/restrictions", BLACKLISTED.code, fields=asked).json
    assert part == {
        "subject": {"name": whole["subject"]["name"]},
        "restricted": whole["restricted"],
        "domains": [
            {"code": each["code"], "because": [{"basis": cause["basis"]} for cause in each["because"]]}
            for each in whole["domains"]
        ],
    }


def test_objects_whose_names_are_data_are_gone_through(program: Program) -> None:
    whole = program.of("/subjects", CLEAN_AAA.code).json
    part = program.of("/subjects", CLEAN_AAA.code, fields="records.count,records.records.id").json
    assert part == {
        "records": {
            kind: {"count": each["count"], "records": [{"id": record["id"]} for record in each["records"]]}
            for kind, each in whole["records"].items()
        }
    }
    facets = program.get("/search", q="示例", fields="facets.value").json["facets"]
    assert facets["kind"] and all(set(each) == {"value"} for each in facets["kind"])


def test_the_wider_of_two_names_is_answered_whole() -> None:
    for asked in ("subject,subject.name", "subject.name,subject"):
        assert tree_of(asked, schemas.CreditFileAnswer) == {"subject": {}}


@pytest.mark.parametrize(
    "asked",
    ["colour", "subject.colour", "records.certificate", "", ",", "subject.", "subject.name.x", "Subject"],
)
def test_what_the_answer_does_not_have_is_refused_by_name(program: Program, asked: str) -> None:
    if not asked:
        with pytest.raises(InvalidParameter):
            tree_of(asked, schemas.CreditFileAnswer)
        return
    reply = program.of("/subjects", CLEAN_AAA.code, fields=asked)
    assert reply.status == 400 and reply.wrong == ["fields"]


names = st.sampled_from(["a", "b", "c"])
values = st.recursive(
    st.integers() | st.none(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(names, below, max_size=3),
    max_leaves=12,
)
trees: Any = st.recursive(st.just({}), lambda below: st.dictionaries(names, below, max_size=3), max_leaves=6)


@given(values, trees)
def test_pruning_keeps_nothing_that_was_not_named(value: Any, tree: Any) -> None:
    found = pruned(value, tree)
    assert paths(found) <= paths(value) | {()} | {path[:n] for path in paths(value) for n in range(len(path))}
    if tree and isinstance(value, dict):
        assert found.keys() == value.keys() & tree.keys()


def test_reads_of_records_subjects_and_search_take_it() -> None:
    taking = {each.name for each in OPERATIONS if issubclass(each.question, Sparse)}
    assert {"search_records", "credit_file", "subject_records", "one_record", "record_history"} <= taking
    assert {"restrictions", "verify_certificate", "list_entries", "credit_files"} <= taking
