"""How facts are laid out in columns: the headings of contract.md, the national 双公示 templates, the
certification platform's JSON.
"""

from collections.abc import Sequence
from datetime import date

from indexer.demo.facts import (
    Alert,
    Brand,
    Certificate,
    Declaration,
    Enterprise,
    Holder,
    Inspection,
    Institution,
    Licence,
    Listing,
    Penalty,
    Practitioner,
    Rating,
)
from indexer.demo.writing import Row, chinese_day


def _subject(holder: Holder) -> Row:
    return {"统一社会信用代码": holder.code, "主体名称": holder.name, "行政区划": holder.region}


def enterprise(fact: Enterprise) -> Row:
    """企业, Chinese headings."""
    return {
        **_subject(fact.holder),
        "企业类型": fact.type,
        "注册资本": fact.capital,
        "成立日期": fact.registered_on,
        "经营范围": fact.scope,
        "省份": "江苏省",
        "地区": fact.city,
        "住所": fact.address,
        "法定代表人": fact.representative,
        "曾用名": fact.former_names,
        "登记状态": fact.status,
    }


def institution(fact: Institution) -> Row:
    """机构, Chinese headings."""
    return {**_subject(fact.holder), "机构类别": fact.category, "批准号": fact.approval_number}


def practitioner(fact: Practitioner) -> Row:
    """从业人员; the code is the employer's."""
    return {
        "姓名": fact.person,
        "资格": fact.qualification,
        "证号": fact.number,
        "所在机构": fact.employer.name,
        "统一社会信用代码": fact.employer.code,
        "发证日期": fact.issued_on,
        "有效期至": fact.valid_until,
    }


def certificate(fact: Certificate) -> Row:
    """认证证书, Chinese headings."""
    return {
        **_subject(fact.holder),
        "证书编号": fact.number,
        "证书类别": fact.category,
        "认证依据": fact.standard,
        "认证范围": fact.scope,
        "产品": fact.product,
        "型号": fact.model,
        "发证机构": fact.issuer,
        "颁证日期": fact.issued_on,
        "有效期至": fact.valid_until,
        "证书状态": fact.status,
        "状态变更日期": fact.status_changed_on,
        "变更原因": fact.status_reason,
    }


_PLATFORM_STATES = {"有效": "01", "暂停": "02", "撤销": "03", "注销": "04"}


def platform(facts: Sequence[Certificate]) -> object:
    """Certificates as the national certification platform answers; it names holders without a code."""
    answers = [
        {
            "certNumber": fact.number,
            "orgName": fact.holder.name,
            "rzjgId": fact.issuer_number,
            "authProjCode": fact.project,
            "certiEDate": fact.valid_until.isoformat() if fact.valid_until else "",
            "certiStatus": _PLATFORM_STATES[fact.status],
            "zersda": f"{fact.issued_on:%Y%m%d}",
            "showtemp": "1",
            "rzjgIdName": fact.issuer,
            "authProjCodeName": fact.category,
            "certiStatusName": fact.status,
        }
        for fact in facts
    ]
    return {"data": answers, "msg": "", "success": True}


def licence(fact: Licence) -> Row:
    """许可, Chinese headings."""
    return {
        **_subject(fact.holder),
        "许可证编号": fact.number,
        "许可类别": fact.category,
        "许可内容": fact.content,
        "发证机关": fact.issuer,
        "发证日期": fact.issued_on,
        "有效期至": fact.valid_until or "长期",
        "许可状态": fact.status,
    }


def national_licence(fact: Licence, serial: int) -> Row:
    """许可 in the 双公示 template (发改办财金〔2018〕424号), prefix `XK_`. Only licences in force: ZT 1."""
    return {
        "XK_XDR_MC": fact.holder.name,
        "XK_XDR_LB": _party(fact.holder.code),
        "XK_XDR_SHXYM": fact.holder.code,
        "XK_XKWS": f"{fact.category}准予许可决定书",
        "XK_WSH": f"示许准字〔{fact.issued_on:%Y}〕{serial:05d}号",
        "XK_XKLB": "核准" if "特种" in fact.category else "普通",
        "XK_XKZS": fact.category,
        "XK_XKBH": fact.number,
        "XK_NR": fact.content,
        "XK_JDRQ": _slashed(fact.issued_on),
        "XK_YXQZ": _slashed(fact.issued_on),
        "XK_YXQZI": _slashed(fact.valid_until) if fact.valid_until else "2099/12/31",
        "XK_XKJG": fact.issuer,
        "XK_ZT": "1",
        "XK_LYDW": fact.issuer,
        "BZ": "",
    }


def rating(fact: Rating) -> Row:
    """质量信用等级, English names."""
    return {
        "uscc": fact.holder.code,
        "name": fact.holder.name,
        "region": fact.holder.region,
        "grade": fact.grade,
        "scheme": fact.scheme,
        "issuer": fact.issuer,
        "rated_on": fact.rated_on,
        "valid_until": fact.valid_until,
    }


def brand(fact: Brand) -> Row:
    """品牌与荣誉, Chinese headings."""
    return {
        **_subject(fact.holder),
        "荣誉名称": fact.title,
        "级别": fact.level,
        "产品": fact.product,
        "授予机关": fact.awarded_by,
        "授予日期": fact.awarded_on,
        "有效期至": fact.valid_until,
    }


def listing(fact: Listing) -> Row:
    """红黑名单, Chinese headings."""
    return {
        **_subject(fact.holder),
        "名单": fact.list,
        "名单名称": fact.category,
        "列入事由": fact.reason,
        "列入依据": fact.basis,
        "列入机关": fact.authority,
        "文号": fact.document_number,
        "列入日期": fact.listed_on,
        "列入期满日": fact.until,
        "移出日期": fact.removed_on,
        "移出原因": fact.removal_reason,
    }


def penalty(fact: Penalty) -> Row:
    """行政处罚, Chinese headings, amounts in 元."""
    return {
        **_subject(fact.holder),
        "文号": fact.document_number,
        "案由": fact.cause,
        "违法事实": fact.fact,
        "处罚依据": fact.basis,
        "处罚种类": fact.kinds,
        "处罚内容": fact.content,
        "罚款金额": fact.fine or None,
        "处罚机关": fact.authority,
        "处罚日期": chinese_day(fact.decided_on),
        "公示截止": chinese_day(fact.public_until),
        "信用修复日期": chinese_day(fact.repaired_on),
    }


def national_penalty(fact: Penalty) -> Row:
    """行政处罚 in the 双公示 template, prefix `CF_`; amounts in 万元 with six decimals. Numbers of persons'
    papers stay empty.
    """
    return {
        "CF_XDR_MC": fact.holder.name,
        "CF_XDR_LB": fact.party,
        "CF_XDR_SHXYM": fact.holder.code,
        "CF_XDR_ZJLX": "身份证" if not fact.holder.code else "",
        "CF_XDR_ZJHM": "",
        "CF_WSH": fact.document_number,
        "CF_WFXW": fact.cause,
        "CF_SY": fact.fact,
        "CF_YJ": fact.basis,
        "CF_CFLB": fact.kinds,
        "CF_NR": fact.content,
        "CF_NR_FK": _ten_thousands(fact.fine),
        "CF_NR_WFFF": _ten_thousands(fact.confiscated),
        "CF_NR_ZKDX": fact.seized,
        "CF_JDRQ": _slashed(fact.decided_on),
        "CF_YXQ": "2099/12/31",
        "CF_GSJZQ": _slashed(fact.public_until),
        "CF_CFJG": fact.authority,
        "CF_CFJGDM": fact.authority_code,
        "CF_SJLY": fact.authority,
        "CF_SJLYDM": fact.authority_code,
        "BZ": "",
    }


def inspection(fact: Inspection) -> Row:
    """监督检查, Chinese headings."""
    return {
        **_subject(fact.holder),
        "抽查计划": fact.plan,
        "检查类型": fact.kind,
        "检查事项或产品": fact.item,
        "检查结果": fact.result,
        "检查机关": fact.authority,
        "检查日期": fact.inspected_on,
        "后处理结果": fact.follow_up,
    }


def declaration(fact: Declaration) -> Row:
    """自我声明, Chinese headings."""
    return {
        **_subject(fact.holder),
        "声明类型": fact.kind,
        "声明名称": fact.title,
        "声明编号": fact.number,
        "声明日期": fact.declared_on,
        "声明文件": fact.document,
        "首席质量官姓名": fact.person,
    }


def alert(fact: Alert) -> Row:
    """风险与召回, Chinese headings."""
    return {
        **_subject(fact.holder),
        "预警类型": fact.kind,
        "产品": fact.product,
        "危害": fact.hazard,
        "处置": fact.measure,
        "发布日期": fact.issued_on,
        "发布机关": fact.authority,
    }


def _party(code: str) -> str:
    return "个体工商户" if code.startswith("92") else "法人及非法人组织"


def _slashed(day: date) -> str:
    return f"{day.year}/{day.month}/{day.day}"


def _ten_thousands(amount: int) -> str:
    return f"{amount / 10_000:.6f}" if amount else ""
