"""A hit that was found by its text says where in the text, from the register and as it is written there."""

from typing import Any

from tests.portal.conftest import House
from tests.register.conftest import row, uscc

BODY = """为加强质量信用管理，制定本办法。

第一章 总则

第一条 本办法适用于本市登记的企业。

第二章 黑名单

第十三条 列入黑名單的信息自列入之日起向社會公布三年。

第十四条 当事人有异议的，可以在六十日内提出申请。
"""


def hits(house: House, question: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.get("/search", q=question)["results"]
    return found


def test_a_policy_found_by_its_text_says_where(house: House) -> None:
    house.desk.publish(
        "policy", [row(1, "", title="示例市信用办法", text=BODY, keywords="质量 企业", effect="lapsed")]
    )
    house.sync()
    hit = hits(house, "列入黑名单公布三年")[0]
    assert "text" in [reason["code"] for reason in hit["why"]]
    first, *_ = hit["passages"]
    assert first["heading"] == "第二章 黑名单"
    assert "".join(piece["text"] for piece in first["pieces"]) in BODY
    assert {"列入黑名單", "公布三年"} <= {piece["text"] for piece in first["pieces"] if piece["match"]}
    assert hit["status"] == "lapsed" and hit["status_label"] == "失效"


def test_a_scope_is_headed_by_the_name_of_its_field(house: House) -> None:
    house.desk.publish(
        "enterprise",
        [row(1, "苏州示例甲有限公司", uscc(1), scope="许可项目：电梯安装服务；一般项目：木制玩具销售。")],
    )
    house.sync()
    hit = hits(house, "电梯安装服务")[0]
    assert [passage["heading"] for passage in hit["passages"]] == ["经营范围"]


def test_a_hit_found_by_its_name_has_no_passages(house: House) -> None:
    house.desk.publish(
        "enterprise", [row(1, "苏州示例甲有限公司", uscc(1), scope="苏州示例甲有限公司的服务")]
    )
    house.sync()
    assert hits(house, "苏州示例甲有限公司")[0]["passages"] == []


def test_what_is_masked_in_public_is_masked_in_passages(house: House) -> None:
    told = "当事人销售假冒电线电缆，联系人电话13812345678，身份证号320501199001011239。"
    house.desk.publish(
        "penalty",
        [
            row(
                1,
                "苏州示例乙有限公司",
                uscc(2),
                document_number="示市监罚〔2026〕1号",
                fact=told,
                cause="销售假冒电线电缆案",
                decided_on="2026-01-05",
                kinds="罚款",
            )
        ],
    )
    house.sync()
    found = [hit for hit in hits(house, "销售假冒电线电缆联系人电话") if hit["kind"] == "penalty"]
    shown = "".join(piece["text"] for passage in found[0]["passages"] for piece in passage["pieces"])
    assert "电线电缆" in shown and "13812345678" not in shown and "320501199001011239" not in shown
