"""Who a row is: taken where nobody else can be meant and nothing contradicts, offered otherwise, and asked for with a few statements."""

import pytest

from tests.portal.conftest import House
from tests.reconciliation.conftest import BODY, BRANCH, LISTED, PLANT, TWIN_ONE, TWIN_TWO
from tests.reconciliation.protocol import Client
from tests.register.conftest import row, uscc
from tests.register.statements import statements

NAME, OLD, TWINS = "示例恒通电缆（江苏）有限公司", "示例旧名电缆厂", "示例双星商贸有限公司"


def test_a_whole_name_is_taken_with_the_highest_score(client: Client) -> None:
    [found] = client.one(NAME)
    assert (found.id, found.name, found.score, found.match) == (PLANT, NAME, 100, True)
    assert [each.id for each in found.type] == ["enterprise"]
    assert PLANT in found.description and "苏州" in found.description
    assert found.feature("alone") is True and found.feature("code") is False


@pytest.mark.parametrize(
    "typed", ["示例恒通电缆(江苏)有限公司", " 示例恒通电缆（江苏）有限公司\t", "示例恆通電纜（江蘇）有限公司"]
)
def test_another_writing_of_the_name_is_the_name(client: Client, typed: str) -> None:
    assert [(each.id, each.match) for each in client.one(typed)] == [(PLANT, True)]


def test_an_earlier_name_finds_who_bears_another_now_and_says_so(client: Client) -> None:
    [found] = client.one(OLD)
    assert (found.id, found.name, found.match) == (PLANT, NAME, True)
    assert found.feature("former_name") is True


def test_a_near_name_is_offered_and_never_taken(client: Client) -> None:
    found = client.one("示例恒通电览（江苏）有限公司")
    assert found[0].id == PLANT and 50 < found[0].score < 100
    assert not any(each.match for each in found)


def test_two_of_one_name_are_both_offered_and_none_is_taken(client: Client) -> None:
    found = client.one(TWINS)
    assert {each.id for each in found} == {TWIN_ONE, TWIN_TWO}
    assert not any(each.match or each.feature("alone") for each in found)


def test_two_of_one_name_are_told_apart_by_a_code_but_not_by_a_region(client: Client) -> None:
    [found] = client.one(TWINS, properties=[{"pid": "uscc", "v": TWIN_TWO.lower()}])
    assert (found.id, found.match) == (TWIN_TWO, True)
    by_region = client.one(TWINS, properties=[{"pid": "region", "v": "浙江"}])
    assert [each.id for each in by_region] == [TWIN_TWO, TWIN_ONE]
    assert by_region[0].score == 2 * by_region[1].score and not by_region[0].match


def test_a_code_is_found_in_every_place_where_people_write_it(client: Client) -> None:
    ways = [
        client.one(PLANT),
        client.one(f"{NAME}（{PLANT}）"),
        client.one(PLANT[8:17]),
        client.one(properties=[{"pid": "uscc", "v": PLANT}]),
        client.one(properties=[{"pid": "organisation_code", "v": [{"id": f"{PLANT[8:16]}-{PLANT[16]}"}]}]),
        client.one(PLANT, properties=[{"pid": "uscc", "v": PLANT}]),
        client.one(OLD, properties=[{"pid": "uscc", "v": PLANT}]),
    ]
    for found in ways:
        assert [(each.id, each.score, each.match) for each in found] == [(PLANT, 100, True)]
        assert found[0].feature("code") is True


def test_a_name_that_is_not_the_codes_own_keeps_it_from_being_taken(client: Client) -> None:
    [found] = client.one(TWINS, properties=[{"pid": "uscc", "v": PLANT}])
    assert (found.id, found.score, found.match) == (PLANT, 50, False)


def test_a_mistyped_code_is_never_put_right_silently(client: Client) -> None:
    swapped = PLANT[:16] + PLANT[17] + PLANT[16]
    for found in (client.one(swapped), client.one(properties=[{"pid": "uscc", "v": swapped}])):
        assert not any(each.match for each in found)


def test_an_empty_cell_says_nothing(client: Client) -> None:
    empty = [{"pid": "uscc", "v": ""}, {"pid": "region", "v": [" ", ""]}, {"pid": "former_name", "v": []}]
    [found] = client.one(NAME, properties=empty)
    assert found.match and found.score == 100
    assert client.one(properties=empty) == []


def test_several_codes_are_no_code_and_the_name_still_has_to_agree(client: Client) -> None:
    [found] = client.one(NAME, properties=[{"pid": "uscc", "v": [TWIN_ONE, PLANT]}])
    assert (found.id, found.match) == (PLANT, True)
    [found] = client.one(NAME, properties=[{"pid": "uscc", "v": [TWIN_ONE, TWIN_TWO]}])
    assert (found.id, found.match, found.score) == (PLANT, False, 50)


def test_a_region_that_contradicts_keeps_it_from_being_taken(client: Client) -> None:
    agreeing = ["江苏省", "苏州", "江苏省苏州市", "320500", "320000"]
    for region in [*agreeing, "浙江省", "321000", "火星"]:
        [found] = client.one(NAME, properties=[{"pid": "region", "v": region}])
        agrees = region in agreeing
        assert (found.match, found.feature("agrees_region"), found.score) == (
            agrees,
            agrees,
            100 if agrees else 50,
        ), region


def test_of_a_place_that_is_no_division_only_what_it_lies_in_is_known(house: House) -> None:
    house.desk.publish("enterprise", [row(2, "示例园区机械有限公司", uscc(50), region="江苏省示例开发区")])
    house.sync()
    agreeing = ["江苏省", "320000", "江苏省示例开发区"]
    for region in [*agreeing, "苏州市", "浙江省", "示例开发区"]:
        [found] = Client(house.client).one(
            "示例园区机械有限公司", properties=[{"pid": "region", "v": region}]
        )
        assert found.match == (region in agreeing), region


def test_an_earlier_name_that_was_never_borne_keeps_it_from_being_taken(client: Client) -> None:
    [found] = client.one(NAME, properties=[{"pid": "former_name", "v": OLD}])
    assert found.match and found.feature("agrees_former_name") is True
    [found] = client.one(NAME, properties=[{"pid": "former_name", "v": "示例从无此名厂"}])
    assert not found.match and found.feature("agrees_former_name") is False


def test_of_another_type_nobody_is_offered(client: Client) -> None:
    assert client.one(NAME, type="institution") == []
    assert client.one(NAME, type=["institution", "enterprise"])[0].match
    assert client.one("示例质量认证中心", type="institution", type_strict="should")[0].id == BODY
    assert client.one("示例质量认证中心", type="organisation")[0].match


def test_a_name_that_nobody_bears_finds_nobody(client: Client) -> None:
    assert client.one("毫不相干渔业合作社") == []


def test_an_identity_number_of_a_person_finds_nobody(client: Client) -> None:
    assert client.one("11010519491231002X") == []


def test_no_more_candidates_come_than_asked_for(client: Client) -> None:
    assert len(client.one(TWINS, limit=1)) == 1


def test_the_answer_names_types_in_the_language_of_the_reader(house: House, client: Client) -> None:
    assert client.one(NAME)[0].type[0].name == "企业"
    assert Client(house.client, language="en").one(NAME)[0].type[0].name == "Enterprise"


def test_a_deregistered_enterprise_is_who_it_is_and_its_description_says_so(client: Client) -> None:
    [found] = client.one("示例失信玩具有限公司")
    assert found.id == LISTED and found.match and "注销" in found.description


def test_the_number_of_statements_does_not_grow_with_the_batch(house: House, client: Client) -> None:
    engine = house.app.extensions["zhixin"].register.engine
    names = [NAME, OLD, TWINS, "示例恒通电览（江苏）有限公司", PLANT, "示例质量认证中心"]
    with statements(engine) as few:
        client.match({f"q{at}": {"query": name} for at, name in enumerate(names)})
    with statements(engine) as many:
        client.match({f"q{at}": {"query": names[at % 6]} for at in range(100)})
    assert len(few) == len(many) <= 25


def test_while_search_does_not_answer_a_batch_that_needs_it_fails_and_one_that_does_not_is_answered(
    house: House, client: Client
) -> None:
    house.cut_off()
    assert client.one(NAME)[0].match
    answer = house.client.post(client.root, data={"queries": '{"q0": {"query": "示例恒通电览有限公司"}}'})
    assert answer.status_code == 503
    assert answer.content_type == "application/problem+json"
    assert client.one(properties=[{"pid": "uscc", "v": BRANCH}])[0].id == BRANCH
