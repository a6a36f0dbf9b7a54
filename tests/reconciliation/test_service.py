"""The service around the matching: its manifest leads to all its parts, and it refuses what is no question by name."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.portal.conftest import House
from tests.reconciliation.conftest import BODY, BRANCH, LISTED, PLANT, TWIN_ONE, TWIN_TWO
from tests.reconciliation.protocol import Client
from tests.register.statements import statements

ROOT = "/api/v1/reconcile"
NAME = "示例恒通电缆（江苏）有限公司"


def test_the_manifest_leads_to_every_part_of_the_service(house: House, client: Client) -> None:
    manifest = client.manifest()
    assert "0.2" in manifest.versions
    assert [each.id for each in manifest.defaultTypes] == ["enterprise", "institution", "organisation"]
    pages = [manifest.view.url, manifest.preview.url, manifest.documentation, manifest.logo]
    for address in pages:
        with house.client.get(address.replace("{{id}}", PLANT)) as answer:
            assert answer.status_code == 200, address
    assert client.propose("enterprise").properties
    assert client.suggest("type", "") and client.suggest("property", "") and client.suggest("entity", NAME)


def test_the_manifest_names_the_public_address_of_the_portal(furnished: Callable[..., House]) -> None:
    house = furnished(base_url="https://credit.example.cn")
    manifest = Client(house.client).manifest()
    assert manifest.view.url == "https://credit.example.cn/subjects/{{id}}"
    assert manifest.suggest.entity.service_url == f"https://credit.example.cn{ROOT}"


def test_a_batch_asked_for_in_an_address_is_answered_as_in_a_form(house: House, client: Client) -> None:
    queries = {"a": {"query": NAME}, "b": {"query": PLANT, "limit": 1}}
    asked = house.client.get(ROOT, query_string={"queries": json.dumps(queries)})
    posted = house.client.post(ROOT, data={"queries": json.dumps(queries)})
    assert asked.status_code == 200 and asked.get_json() == posted.get_json()


def test_pages_of_other_sites_may_ask_everything(house: House, client: Client) -> None:
    answers = [
        house.client.get(f"{ROOT}{path}")
        for path in ("", "/suggest/entity?prefix=x", "/propose", "/preview?id=nobody", "?nonsense=1")
    ]
    answers.append(house.client.options(ROOT, headers={"Access-Control-Request-Method": "POST"}))
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "POST" in answers[-1].headers["Access-Control-Allow-Methods"]


def queries(text: str) -> dict[str, str]:
    return {"queries": text}


DEEP = "[" * 50_000
HOSTILE: list[tuple[dict[str, Any], str]] = [
    ({}, "Content-Type"),
    ({"x": ""}, "x"),
    (queries("{}") | {"extend": "{}"}, "queries"),
    (queries("{}") | {"callback": "x"}, "callback"),
    (queries("{}") | {"more": "x"}, "more"),
    (queries(""), "queries"),
    (queries("[]"), "queries"),
    (queries("{"), "queries"),
    (queries(DEEP), "queries"),
    (queries('{"q": ' + "9" * 9999 + "}"), "queries"),
    (queries('{"q": NaN}'), "queries"),
    (queries('{"q": {}}'), "q"),
    (queries('{"q": {"query": ""}}'), "q"),
    (queries('{"q": {"query": 5}}'), "q.query"),
    (queries('{"q": {"query": "a", "query": "b"}}'), "query"),
    (queries('{"q": {"query": "a", "more": 1}}'), "q.more"),
    (queries('{"q": {"query": "' + "长" * 1001 + '"}}'), "q.query"),
    (queries('{"q": {"query": "\\ud800"}}'), "q.query"),
    (queries('{"q": {"query": "a", "limit": 0}}'), "q.limit"),
    (queries('{"q": {"query": "a", "limit": "3"}}'), "q.limit"),
    (queries('{"q": {"query": "a", "type": "planet"}}'), "q.type"),
    (queries('{"q": {"query": "a", "type_strict": "very"}}'), "q.type_strict"),
    (queries('{"q": {"properties": []}}'), "q"),
    (queries('{"q": {"properties": [{"pid": "colour", "v": "red"}]}}'), "q.properties"),
    (queries('{"q": {"properties": [{"pid": "name", "v": "x"}]}}'), "q.properties"),
    (queries('{"q": {"properties": [{"pid": "uscc"}]}}'), "q.properties.0.v"),
    (queries('{"q": {"properties": [{"pid": "uscc", "v": {"name": "x"}}]}}'), "q.properties.0.v"),
    (queries('{"q": {"properties": [{"pid": "uscc", "v": [[]]}]}}'), "q.properties.0.v"),
    (queries('{"q": {"properties": [{"pid": "uscc", "v": ' + json.dumps(["x"] * 21) + "}]}}"), "q.properties.0.v"),
    ({"extend": "{}"}, "ids"),
    ({"extend": '{"ids": [], "properties": []}'}, "properties"),
    ({"extend": '{"ids": [5], "properties": [{"id": "name"}]}'}, "ids.0"),
    ({"extend": '{"ids": [], "properties": [{"id": "colour"}]}'}, "extend.properties"),
    ({"extend": '{"ids": [], "properties": [{"id": "name", "settings": {"limit": 1}}]}'}, "properties.0.settings"),
]  # fmt: skip


def test_what_is_no_question_is_refused_by_name(house: House) -> None:
    taken = []
    for form, where in HOSTILE:
        answer = house.client.post(ROOT, data=form)
        told = answer.get_json()
        if (answer.status_code, answer.content_type) != (400, "application/problem+json"):
            taken.append((form, answer.status_code))
        elif told["errors"][0]["where"] != (where or "query"):
            taken.append((form, told["errors"]))
    assert taken == []


def test_bytes_that_are_no_text_are_refused(house: House) -> None:
    body = b"queries=%7B%22q%22%3A%7B%22query%22%3A%22%FF%22%7D%7D"
    answer = house.client.post(ROOT, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400 and answer.get_json()["errors"][0]["where"] == "queries"


@pytest.mark.parametrize("media", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_another_media_type_is_refused(house: House, media: str) -> None:
    answer = house.client.post(ROOT, data=b"{}", content_type=media)
    assert answer.status_code == 400 and answer.get_json()["errors"][0]["where"] == "Content-Type"


def test_too_long_batches_and_bodies_are_refused_whole(house: House) -> None:
    assert Client(house.client).manifest().batchSize == 100
    full = {f"q{at}": {"query": "无"} for at in range(101)}
    assert house.client.post(ROOT, data=queries(json.dumps(full))).status_code == 413
    ids = {"ids": ["x"] * 501, "properties": [{"id": "name"}]}
    assert house.client.post(ROOT, data={"extend": json.dumps(ids)}).status_code == 413
    assert house.client.post(ROOT, data=queries("x" * 600_000)).status_code == 413


def test_a_batch_of_nothing_is_answered_with_nothing(client: Client) -> None:
    assert client.match({}) == {}


def test_control_characters_that_a_spreadsheet_left_are_blanks(client: Client) -> None:
    assert client.one(f"\x00{NAME}\r\n\x07")[0].match


def test_a_batch_costs_as_many_as_it_has_queries(
    furnished: Callable[..., House],
) -> None:
    client = Client(furnished(rate_limits=("6/minute",)).client)
    client.match({f"q{at}": {"query": NAME} for at in range(3)})
    client.extend([PLANT], "name")
    asked = json.dumps({f"q{at}": {"query": NAME} for at in range(3)})
    assert client.http.post(ROOT, data=queries(asked)).status_code == 429
    assert client.one(NAME)[0].match


def test_subjects_are_suggested_by_the_beginning_of_their_name_and_by_code(client: Client) -> None:
    found = client.suggest("entity", "示例恒通")
    assert [each.id for each in found] == [PLANT, BRANCH] or [each.id for each in found] == [BRANCH, PLANT]
    assert client.suggest("entity", PLANT.lower())[0].id == PLANT
    assert [each.id for each in client.suggest("entity", "示例", type="institution")] == [BODY]
    all_of_them = [each.id for each in client.suggest("entity", "示例")]
    assert all_of_them[2:4] == [each.id for each in client.suggest("entity", "示例", cursor=2, limit=2)]


def test_properties_and_types_are_suggested_in_both_languages(house: House, client: Client) -> None:
    given = {"uscc", "organisation_code", "registration_number", "region", "former_name"}
    assert {each.id for each in client.suggest("property", "")} == given
    assert [each.id for each in client.suggest("property", "曾用")] == ["former_name"]
    assert [each.id for each in client.suggest("type", "机构")] == ["institution"]
    english = Client(house.client, language="en")
    assert [(each.id, each.name) for each in english.suggest("property", "regi")][-1] == ("region", "Region")


def test_openrefines_widget_may_send_what_it_sends(house: House) -> None:
    asked = {
        "prefix": "示例",
        "type": "enterprise",
        "type_strict": "any",
        "lang": "zh",
        "filter": "x",
        "key": "x",
    }
    assert house.client.get(f"{ROOT}/suggest/entity", query_string=asked).status_code == 200
    jsonp = house.client.get(f"{ROOT}/suggest/entity", query_string={"prefix": "示例", "callback": "f"})
    assert jsonp.status_code == 400


def test_rows_are_extended_by_what_the_register_says_today(client: Client) -> None:
    told = client.extend(
        [PLANT, BRANCH, LISTED, "nobody"],
        *(
            "name",
            "region",
            "former_name",
            "registered_on",
            "parent",
            "valid_certificates",
            "valid_certificate_numbers",
        ),
        *("black_lists", "restricted_domains", "registration_status", "penalties"),
    )
    plain = {
        each: {name: [value.model_dump() for value in values] for name, values in row.items() if values}
        for each, row in told.rows.items()
    }
    assert plain["nobody"] == {}
    assert plain[PLANT] == {
        "name": [{"str": NAME}],
        "region": [{"str": "江苏省苏州市"}],
        "former_name": [{"str": "示例旧名电缆厂"}],
        "registered_on": [{"date": "2001-03-04T00:00:00Z"}],
        "valid_certificates": [{"int": 1}],
        "valid_certificate_numbers": [{"str": "99926Q00001R0S"}],
        "registration_status": [{"str": "存续"}],
        "penalties": [{"int": 0}],
    }
    assert plain[BRANCH]["parent"] == [{"id": PLANT, "name": NAME}]
    assert plain[LISTED]["black_lists"] == [{"str": "严重违法失信名单"}]
    assert {"str": "行政许可"} in plain[LISTED]["restricted_domains"]
    assert next(column.type for column in told.meta if column.id == "parent") is not None


def test_every_proposed_property_can_be_asked_for_and_the_types_are_those_of_the_manifest(
    client: Client,
) -> None:
    proposed = [each.id for each in client.propose("enterprise").properties]
    told = client.extend([PLANT, BRANCH, LISTED, BODY], *proposed)
    filled = {name for row in told.rows.values() for name, values in row.items() if values}
    assert filled | {"registration_number", "valid_licences", "rating", "restricted_until"} >= set(proposed)


def test_restricted_domains_are_those_of_the_restriction_status(house: House, client: Client) -> None:
    answer = house.get(f"/restrictions/{LISTED}")
    labels = [each["label"] for each in answer["domains"] if each["status"] != "clear"]
    values = client.extend([LISTED], "restricted_domains").rows[LISTED]["restricted_domains"]
    assert labels and [value.model_dump()["str"] for value in values] == labels


def test_the_number_of_statements_does_not_grow_with_the_rows_extended(house: House, client: Client) -> None:
    engine = house.app.extensions["zhixin"].register.engine
    wanted = [each.id for each in client.propose("enterprise").properties]
    client.extend([BRANCH], *wanted)  # from now on the rules in force are known
    with statements(engine) as few:
        client.extend([BRANCH], *wanted)
    with statements(engine) as many:
        client.extend([PLANT, BRANCH, TWIN_ONE, TWIN_TWO, LISTED, BODY], *wanted)
    assert len(few) == len(many) <= 15
