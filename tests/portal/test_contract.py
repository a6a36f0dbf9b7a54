"""Every operation answers in the shape of the contract, and the OpenAPI document says the same."""

import re
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from openapi_pydantic import OpenAPI, Schema
from pydantic import BaseModel, ConfigDict

from indexer.clock import Clock
from indexer.demo.stories import BLACKLISTED, CLEAN_AAA, OLD_NUMBER, RENAMED_TWICE
from indexer.demo.story_facts import certificates_of
from indexer.kinds import kinds
from portal.api.operations import OPERATIONS, Operation
from portal.restrictions.rules import DOMAINS
from tests.portal.conftest import API, House, Program, Reply

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")
RECORD = re.compile(r"[0-9a-f]{24}")


def strict(model: type[BaseModel]) -> type[BaseModel]:
    """The model without room for a field that it does not name."""
    return type(model.__name__, (model,), {"model_config": ConfigDict(extra="forbid")})


def checked(program: Program, name: str, reply: Reply) -> Any:
    """The JSON of an answer that is as the operation's own model says."""
    assert reply.status == 200, reply.text
    assert reply.headers["Content-Type"] == "application/json"
    operation = next(each for each in OPERATIONS if each.name == name)
    strict(operation.answer).model_validate_json(reply.body)
    return reply.json


def is_record(record: dict[str, Any]) -> bool:
    days = ("dated", "valid_from", "valid_until", "public_until")
    return (
        RECORD.fullmatch(record["id"]) is not None
        and record["kind"] in kinds()
        and all(record[day] is None or DAY.fullmatch(record[day]) for day in days)
        and INSTANT.fullmatch(record["recorded_at"]) is not None
        and record["url"] == f"/records/{record['id']}"
    )


def a_record(program: Program) -> dict[str, Any]:
    found: dict[str, Any] = program.of("/subjects", CLEAN_AAA.code, "/records", kind="certificate").json[
        "results"
    ][0]
    return found


def test_a_search_answers_hits_facets_and_a_cursor(program: Program) -> None:
    answer = checked(program, "search_records", program.get("/search", q="示例", limit=3))
    assert answer["query"] == "示例"
    assert answer["total"]["value"] > 2000 and answer["total"]["relation"] in ("eq", "gte")
    assert answer["took_ms"] >= 0
    assert len(answer["results"]) == 3
    for hit in answer["results"]:
        assert {
            "kind",
            "id",
            "uscc",
            "name",
            "title",
            "highlight",
            "status",
            "region",
            "score",
            "why",
        } <= hit.keys()
        assert hit["why"] and hit["why"][0]["zh"]
        assert any(segment["match"] for segment in hit["highlight"])
    assert {"kind", "region", "status", "issuer", "year"} <= answer["facets"].keys()
    assert {each["value"] for each in answer["facets"]["kind"]} <= set(kinds())
    assert answer["next"]


def test_the_pages_of_a_search_follow_one_another_without_a_gap_or_a_repeat(program: Program) -> None:
    whole = [hit["id"] for hit in program.get("/search", q="电气", limit=100).json["results"]]
    pages: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = program.get("/search", q="电气", limit=7, **cursor).json
        pages += [hit["id"] for hit in page["results"]]
        if page["next"] is None or len(pages) >= len(whole):
            break
        cursor = {"cursor": page["next"]}
    assert len(whole) > 14
    assert pages[: len(whole)] == whole


def test_a_facet_counts_what_its_filter_finds(program: Program) -> None:
    facets = program.get("/search", q="有限公司").json["facets"]["kind"]
    for facet in facets[:3]:
        narrowed = program.get("/search", q="有限公司", kind=facet["value"], limit=5).json
        assert narrowed["total"]["value"] == facet["count"]
        assert {hit["kind"] for hit in narrowed["results"]} == {facet["value"]}


@pytest.mark.parametrize(
    ("asked", "story"),
    [
        (CLEAN_AAA.name, CLEAN_AAA),
        (CLEAN_AAA.code, CLEAN_AAA),
        (CLEAN_AAA.code[8:17], CLEAN_AAA),
        ("示例市佳禾茶叶经营部", RENAMED_TWICE),
        (OLD_NUMBER.code, OLD_NUMBER),
    ],
)
def test_an_enterprise_is_found_first_by_name_code_part_and_earlier_name(
    program: Program, asked: str, story: Any
) -> None:
    found = program.get("/search", q=asked, kind="enterprise").json["results"]
    assert found[0]["name"] == story.name


def test_part_of_a_name_finds_every_enterprise_with_it_before_near_ones(program: Program) -> None:
    found = program.get("/search", q="恒润电气", kind="enterprise", limit=10).json["results"]
    assert CLEAN_AAA.name in {hit["name"] for hit in found}
    holding = ["恒润电气" in hit["name"] for hit in found]
    assert holding == sorted(holding, reverse=True)


def test_suggestions_have_text_kind_and_id(program: Program) -> None:
    answer = checked(program, "suggest", program.get("/suggest", q=CLEAN_AAA.name[:7]))
    assert answer["suggestions"]
    for each in answer["suggestions"]:
        assert set(each) == {"text", "kind", "id"}
    assert any(CLEAN_AAA.name in each["text"] for each in answer["suggestions"])


def test_a_credit_file_has_identity_earlier_names_records_and_restrictions(program: Program) -> None:
    answer = checked(program, "credit_file", program.of("/subjects", RENAMED_TWICE.code))
    assert answer["subject"]["uscc"] == RENAMED_TWICE.code
    assert answer["subject"]["organisation_code"] == RENAMED_TWICE.code[8:17]
    assert answer["subject"]["name"] == RENAMED_TWICE.name
    assert set(answer["former_names"]) == {"示例市佳禾茶叶经营部", "示例市家和茶业有限公司"}
    for kind, of_kind in answer["records"].items():
        assert of_kind["count"] == len(of_kind["records"])
        assert all(is_record(each) and each["kind"] == kind for each in of_kind["records"])
    assert [each["code"] for each in answer["restrictions"]] == [domain.code for domain in DOMAINS]
    assert answer["evidence"]["register_version"] > 0
    assert INSTANT.fullmatch(answer["evidence"]["recorded_at"])


def test_a_subjects_records_are_newest_first_and_paged(program: Program) -> None:
    answer = checked(program, "subject_records", program.of("/subjects", CLEAN_AAA.code, "/records"))
    days = [each["dated"] or "" for each in answer["results"]]
    assert days == sorted(days, reverse=True)
    assert all(is_record(each) for each in answer["results"])
    assert answer["total"] == {"value": len(answer["results"]), "relation": "eq"}
    paged: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = program.of("/subjects", CLEAN_AAA.code, "/records", limit=2, **cursor).json
        paged += [each["id"] for each in page["results"]]
        if not page["next"]:
            break
        cursor = {"cursor": page["next"]}
    assert paged == [each["id"] for each in answer["results"]]


def test_a_subjects_records_of_one_kind_are_of_that_kind(program: Program) -> None:
    answer = program.of("/subjects", CLEAN_AAA.code, "/records", kind="certificate").json
    assert {each["kind"] for each in answer["results"]} == {"certificate"}


def test_a_verification_has_the_contracts_fields(program: Program) -> None:
    certificate = certificates_of(CLEAN_AAA, Clock().today())[0]
    reply = program.of("/certificates", certificate.number, holder=CLEAN_AAA.name)
    answer = checked(program, "verify_certificate", reply)
    assert {"number", "result", "holder_matches", "matches", "checked_at", "evidence"} <= answer.keys()
    assert answer["number"] == certificate.number
    assert answer["result"] == "valid" and answer["result_label"] == "有效"
    assert answer["holder_matches"] is True
    assert [each["uscc"] for each in answer["matches"]] == [CLEAN_AAA.code]
    assert all(is_record(each) for each in answer["matches"])
    assert INSTANT.fullmatch(answer["checked_at"])


def test_a_restriction_status_has_the_contracts_fields(program: Program) -> None:
    answer = checked(program, "restrictions", program.of("/restrictions", BLACKLISTED.code))
    assert {"subject", "as_of", "known_at", "restricted", "domains", "evidence"} <= answer.keys()
    assert DAY.fullmatch(answer["as_of"]) and INSTANT.fullmatch(answer["known_at"])
    assert [each["code"] for each in answer["domains"]] == [domain.code for domain in DOMAINS]
    for domain in answer["domains"]:
        assert {"code", "label", "status", "until", "because"} <= domain.keys()
        for cause in domain["because"]:
            told = {"record", "title", "document_number", "authority", "from", "until", "rule", "basis"}
            assert told <= cause.keys()
            assert RECORD.fullmatch(cause["record"]) and DAY.fullmatch(cause["from"])
            assert cause["basis"]
            assert program.get(f"/records/{cause['record']}").status == 200


@pytest.mark.parametrize("name", ["red", "black", "watch", "abnormal"])
def test_a_list_is_newest_first_with_days_of_entry(program: Program, name: str) -> None:
    answer = checked(program, "list_entries", program.get(f"/lists/{name}"))
    assert answer["list"] == name and answer["label"]
    days = [each["dated"] for each in answer["results"]]
    assert days and days == sorted(days, reverse=True)
    assert {each["category"] for each in answer["results"]} == {name}
    assert all(each["fields"]["listed_on"] for each in answer["results"])


def test_a_list_can_be_narrowed_and_read_to_its_end(program: Program) -> None:
    read: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = program.get("/lists/black", limit=200, **cursor).json
        read += page["results"]
        if not page["next"]:
            break
        cursor = {"cursor": page["next"]}
    assert len({each["id"] for each in read}) == len(read) > 20
    middle = read[len(read) // 2]
    since = program.get("/lists/black", limit=200, since=middle["dated"]).json["results"]
    assert [each["id"] for each in since] == [e["id"] for e in read if e["dated"] >= middle["dated"]][:200]
    there = program.get("/lists/black", limit=200, region=middle["region"]).json["results"]
    assert {each["id"] for each in there} == {e["id"] for e in read if e["region"] == middle["region"]}


def test_a_record_and_its_history_agree(program: Program) -> None:
    identity = a_record(program)["id"]
    record = checked(program, "one_record", program.get(f"/records/{identity}"))
    assert is_record(record)
    history = checked(program, "record_history", program.get(f"/records/{identity}/history"))
    assert history["id"] == identity
    assert [each["number"] for each in history["versions"]] == [1]
    version = history["versions"][-1]
    assert version["change"] == "published" and version["superseded_at"] is None
    assert INSTANT.fullmatch(version["recorded_at"])
    assert version["record"] == record


def test_every_answer_of_every_operation_fits_its_schema(program: Program) -> None:
    number = certificates_of(CLEAN_AAA, Clock().today())[0].number
    known = {"id": CLEAN_AAA.code, "number": number, "name": "red"}
    for operation in OPERATIONS:
        if operation.method == "POST" or "<key>" in operation.path or operation.name == "confirm_receipt":
            continue  # tests/portal/test_checks_api.py
        path = operation.path
        for part, value in (
            known | ({"id": a_record(program)["id"]} if "/records/<" in path else {})
        ).items():
            path = re.sub(rf"<(?:path:)?{part}>", value, path)
        asked = {"q": "示例"} if "q" in operation.question.model_fields else {}
        checked(program, operation.name, program.get(path, **asked))


def test_the_openapi_document_is_valid_and_names_every_route(program: Program, house: House) -> None:
    reply = program.get("/openapi.json")
    document = OpenAPI.model_validate_json(reply.body)
    assert document.openapi.startswith("3.1")
    assert document.servers[0].url == API
    described = {re.sub(r"\{\w+\}", "{}", path) for path in document.paths or {}}
    assert described == api_routes(house.app)


def api_routes(app: Flask) -> set[str]:
    """Every address below the API, but the document's own, and reconciliation's, which describes itself (decision 0015)."""
    routes = {rule.rule.removeprefix(API) for rule in app.url_map.iter_rules() if rule.rule.startswith(API)}
    described = {route for route in routes if not route.startswith("/reconcile")}
    assert described < routes
    return {re.sub(r"<[^>]+>", "{}", route) for route in described} - {"/openapi.json"}


def test_the_openapi_document_names_every_parameter_and_every_reference_leads_somewhere(
    program: Program,
) -> None:
    document = program.get("/openapi.json").json
    operations: dict[str, Operation[Any]] = {each.name: each for each in OPERATIONS}
    for methods in document["paths"].values():
        for described in methods.values():
            question = operations[described["operationId"]].question
            assert {each["name"] for each in described["parameters"]} == set(question.model_fields)
            assert described["summary"] and described["description"]
            assert {"200", "400", "429"} <= described["responses"].keys()
    schemas = document["components"]["schemas"]
    for reference in re.findall(r'"#/components/schemas/([^"]+)"', program.get("/openapi.json").text):
        assert reference in schemas
    for schema in schemas.values():
        Schema.model_validate(schema)


def test_days_and_instants_are_what_they_say(program: Program) -> None:
    answer = program.of("/restrictions", CLEAN_AAA.code, as_of="2026-03-01", known_at="2099-01-01T00:00:00Z")
    assert answer.status == 400 and answer.wrong == ["known_at"]
    now = Clock().now().isoformat()
    answer = program.of("/restrictions", CLEAN_AAA.code, as_of="2026-03-01", known_at=now)
    assert date.fromisoformat(answer.json["as_of"]) == date(2026, 3, 1)
    assert datetime.fromisoformat(answer.json["known_at"]) == datetime.fromisoformat(now)
