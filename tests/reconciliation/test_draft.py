"""The draft of version 1.0 answers what version 0.2 answers, in its own words."""

from typing import Any

import pytest

from tests.portal.conftest import House
from tests.reconciliation.conftest import LISTED, PLANT, TWIN_TWO
from tests.reconciliation.protocol import Client

ROOT = "/api/v1/reconcile/1.0-draft"
NAME, TWINS = "示例恒通电缆（江苏）有限公司", "示例双星商贸有限公司"


def named(name: str, *others: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"conditions": [{"matchType": "name", "propertyValue": name}, *others]} | rest


def of(property_id: str, value: object, **rest: Any) -> dict[str, Any]:
    return {"matchType": "property", "propertyId": property_id, "propertyValue": value} | rest


def match(house: House, *queries: dict[str, Any]) -> list[list[dict[str, Any]]]:
    answer = house.client.post(f"{ROOT}/match", json={"queries": list(queries)})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    said = answer.get_json()
    assert list(said) == ["results"] and all(list(result) == ["candidates"] for result in said["results"])
    return [result["candidates"] for result in said["results"]]


def test_the_manifest_is_that_of_the_draft(house: House) -> None:
    manifest = house.client.get(ROOT).get_json()
    assert manifest["versions"] == ["1.0-draft"] and manifest["view"]["url"].endswith("/subjects/{id}")
    assert manifest["suggest"] == {"entity": True, "property": True, "type": True}
    assert manifest["extend"] == {"proposeProperties": True} and manifest["standardizedScore"] is True
    assert not {"identifierSpace", "schemaSpace"} & manifest.keys()


def test_candidates_are_those_of_version_0_2_in_the_order_of_the_queries(
    house: House, client: Client
) -> None:
    names = [TWINS, NAME, "示例恒通电览（江苏）有限公司", "毫不相干渔业合作社"]
    ours = match(house, *(named(name, type="enterprise") for name in names))
    for name, candidates in zip(names, ours, strict=True):
        older = client.one(name, type="enterprise")
        assert [(c["id"], c["score"], c["match"]) for c in candidates] == [
            (each.id, each.score, each.match) for each in older
        ]
        assert all(feature["name"] for each in candidates for feature in each["features"])


def test_an_id_and_properties_are_conditions(house: House, client: Client) -> None:
    by_id = {"conditions": [{"matchType": "id", "propertyValue": PLANT.lower()}]}
    [found], [told_apart], both, one = match(
        house,
        by_id,
        named(TWINS, of("uscc", {"id": TWIN_TWO})),
        named(TWINS, of("region", "浙江省")),
        named(TWINS, of("region", "浙江省", required=True)),
    )
    assert (found["id"], found["match"]) == (PLANT, True)
    assert (told_apart["id"], told_apart["match"]) == (TWIN_TWO, True)
    assert len(both) == 2 and [each["id"] for each in one] == [TWIN_TWO]
    assert not any(each["match"] for each in (*both, *one))


def test_rows_are_extended_as_in_version_0_2(house: House, client: Client) -> None:
    ids = [PLANT, LISTED, "nobody"]
    asked = {"ids": ids, "properties": [{"id": "name"}, {"id": "restricted_domains"}]}
    said = house.client.post(f"{ROOT}/extend", json=asked).get_json()
    older = client.extend(ids, "name", "restricted_domains").rows
    assert [row["id"] for row in said["rows"]] == ids
    for row in said["rows"]:
        values = {each["id"]: each["values"] for each in row["properties"]}
        assert values == {name: [v.model_dump() for v in told] for name, told in older[row["id"]].items()}


def test_the_rest_stands_where_the_draft_says(house: House, client: Client) -> None:
    for path in (f"/preview?id={PLANT}", "/extend/propose?type=enterprise", "/suggest/type?prefix="):
        assert house.client.get(ROOT + path).status_code == 200
    found = house.client.get(
        f"{ROOT}/suggest/entity", query_string={"prefix": "示例", "limit": 2, "offset": 1}
    )
    assert len(found.get_json()["result"]) == 2
    assert house.client.get(f"{ROOT}/suggest/property").get_json()["result"]
    framed = house.client.get(f"{ROOT}/preview?id={PLANT}").headers
    assert "frame-ancestors *" in framed["Content-Security-Policy"] and "X-Frame-Options" not in framed


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({}, "queries.0.conditions"),
        ({"conditions": []}, "queries.0.conditions"),
        ({"conditions": [{"matchType": "name"}]}, "queries.0.conditions.0.propertyValue"),
        ({"conditions": [of("colour", "red")]}, "queries.0.conditions"),
        (named("a", {"matchType": "name", "propertyValue": "b"}), "queries.0.conditions"),
        (named("a", of("region", "b", matchQuantifier="none")), "queries.0.conditions.1.matchQuantifier"),
        (named("a", of("region", "b", matchQualifier="x")), "queries.0.conditions.1.matchQualifier"),
        (named("a", type="planet"), "queries.0.type"),
        ({"query": "a"}, "queries.0.conditions"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(house: House, query: dict[str, Any], where: str) -> None:
    answer = house.client.post(f"{ROOT}/match", json={"queries": [query]})
    assert answer.status_code == 400 and answer.get_json()["errors"][0]["where"] == where


def test_only_json_is_taken_and_not_too_much(house: House) -> None:
    form = house.client.post(f"{ROOT}/match", data={"queries": "[]"})
    assert form.status_code == 400 and form.get_json()["errors"][0]["where"] == "Content-Type"
    many = {"queries": [named("无")] * 101}
    assert house.client.post(f"{ROOT}/match", json=many).status_code == 413
