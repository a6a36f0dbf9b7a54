"""The API as a page for people, made from the declared operations, so that it can not say anything else than they do."""

import json
import shlex
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from portal.api.openapi import examples, parameters
from portal.api.openapi_parts import ERRORS
from portal.api.operations import OPERATIONS
from portal.api.operations import Operation as Declared
from portal.api.operations import blueprint as api
from portal.context import portal
from portal.i18n import english
from portal.pages.components import Link
from portal.pages.first_call import first_calls
from portal.pages.frame import blueprint


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of an operation; `choices` are the few values that it may have, `example` the one to try."""

    name: str
    where: str
    type: str
    required: bool
    text: str
    choices: list[str]
    example: str


@dataclass(frozen=True, slots=True)
class Error:
    """One status that an operation may answer instead, and how that reads."""

    status: int
    text: str
    example: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, readable. `href` leads to the example's answer, where a link can."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    parameters: list[Parameter]
    answers: list[str]
    request: str
    href: str | None
    example: str | None
    errors: list[Error]
    sunset: str | None


@blueprint.get("/docs/api")
def api_docs() -> str:
    """Every operation with its arguments, an example and its errors."""
    base = portal().settings.base_url or request.host_url.rstrip("/")
    return render_template(
        "docs_api.html",
        openapi_href=url_for("openapi.document"),
        first_calls=first_calls(base),
        operations=[_readable(operation, base) for operation in OPERATIONS],
        problems_href=url_for("pages.problem_docs"),
        crumbs=[Link(_("首页"), url_for("pages.home")), Link(_("说明"), url_for("pages.docs"))],
    )


def _readable(declared: Declared[Any], base: str) -> Operation:
    path = f"{api.url_prefix}{declared.path.replace('<path:', '{').replace('<', '{').replace('>', '}')}"
    shown = examples().get(declared.name, {})
    target = f"{api.url_prefix}{shown.get('target', declared.example)}"
    return Operation(
        id=declared.name,
        method=declared.method,
        path=path,
        summary=declared.name.replace("_", " ").capitalize() if english() else declared.summary,
        text=declared.description if english() else _about().get(declared.name, declared.description),
        parameters=[
            Parameter(
                name=each["name"],
                where=_("地址") if each["in"] == "path" else _("查询参数"),
                type=_type(each["schema"]),
                required=each["required"],
                text=_arguments().get(each["name"], each["description"]),
                choices=[str(choice) for choice in each["schema"].get("enum", ())],
                example=str(each.get("example", "")),
            )
            for each in parameters(declared)
        ],
        answers=[field.alias or name for name, field in declared.answer.model_fields.items()],
        request=_curl(declared, base + target),
        href=target if declared.method == "GET" and shown else None,
        example=_json(shown["answer"]) if shown else None,
        errors=[
            Error(
                status, _errors().get(status, ERRORS[status]), _json(refused["answer"]) if refused else None
            )
            for status in sorted(set(declared.errors))
            for refused in [shown.get("errors", {}).get(str(status))]
        ],
        sunset=str(declared.deprecated.sunset) if declared.deprecated else None,
    )


def _curl(declared: Declared[Any], address: str) -> str:
    """The example as a shell takes it."""
    if declared.asked is None:
        return f"curl {shlex.quote(address)}"
    body = json.dumps(declared.asked, ensure_ascii=False)
    return f"curl {shlex.quote(address)} \\\n  --json {shlex.quote(body)}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _type(schema: dict[str, object]) -> str:
    """A JSON schema in a word or two."""
    if isinstance(allowed := schema.get("enum"), list):
        return " | ".join(str(each) for each in allowed)
    return str(schema.get("format") or schema.get("type") or "string")


def _about() -> dict[str, str]:
    """What each operation does, in Chinese; English readers get its own description."""
    return {
        "search_records": "按名称、代码、编号或文字查找企业、机构和各类记录；带分面统计、高亮和命中理由。每给出 20 条计一次；要全部数据，从 /data 下载快得多。",
        "suggest": "根据已输入的文字给出可能要找的名称和编号。",
        "credit_file": "一个主体的信用档案：身份、曾用名、各类记录及条数、限制概况。",
        "subject_records": "一个主体公示中的记录，最新的在前。每给出 20 条计一次。",
        "verify_certificate": "核验证书：是否在册、某一天是什么状态、是不是这个持证人的。一个编号对应多张证书时，按其中最严重的状态回答。",
        "restrictions": "一个主体在某一天、各个领域的限制状态，带事实、规则和依据。已修复和期满的事实不再列出，查过去的日期也一样。",
        "list_entries": "一份名单上的条目，带列入、移出日期，最新的在前。每给出 20 条计一次。",
        "one_record": "一条记录今天公示的内容。",
        "ask_check": "一次核查许多投标人：各是谁，那一天在哪些领域受限及依据，要求的证书是否有效，彼此有何关联。可以发 JSON，可以发表单（文件放在 file，"
        "其余按 JSON 放在 question），也可以直接发 CSV 或 XLSX。1,000 家以内当场回答；更多的回答 202，并在 Location 给出后续地址。回答凭 "
        "receipt.key 随时重现，一字不差；receipt.hash 是去掉 receipt 后按 RFC 8785 规范化的 SHA-256。",
        "read_check_again": "重现一次核查，与当初的回答逐字节相同，不受其后更正的影响；尚未完成时回答 202。",
        "credit_files": "一次取最多 100 个主体的信用档案，每个与单独查询时回答的相同；一个代码写错或查不到，不影响其他。按主体数计算次数。",
        "check_changes": "同样的问题现在再问，与存档的核查相比有什么不同；最多 1,000 家。",
        "confirm_receipt": "确认这个编号的回执存在：何时、依据哪一版登记簿和规则形成，校验值是什么；不透露核查了谁。",
        "changes": "公示内容的全部变动（新增、变更、撤下），依次给出，供镜像使用：不带 since 从头取起，逐条照做，记住 next，下次从那里接着取；more 为真时立刻再取。"
        "已撤下的只给编号。从业人员不在其中。",
        "statistics": "今天公示的记录有多少条，按种类、地区、年份、状态计数，可以取其中两项。",
        "record_history": "一条记录的各个版本：何时发布、变更、撤下，为什么。",
    }


def _errors() -> dict[int, str]:
    """What each status means here."""
    return {
        400: _("参数不认识、重复、超出范围或写法不对；errors 逐个指出。"),
        401: _("密钥不对，或已停用、过期。"),
        403: _("密钥没有这项权限。"),
        404: _("这个地址没有公示的内容；suggestions 给出相近的。"),
        409: _("与现状冲突。"),
        410: _("这个位置之后的变更已不全，请清空镜像，重新取起。"),
        413: _("查询词超过 1,000 个字，或请求体太大。"),
        415: _("请求体的类型不对，或者压缩过。"),
        429: _("请求太频繁；Retry-After 说明多少秒后再试。"),
        503: _("数据库或检索服务暂时没有应答，请稍后再试。"),
    }


def _arguments() -> dict[str, str]:
    """What each argument means; one name means the same everywhere."""
    return {
        "fields": _("只要回答中的这些部分，用逗号隔开，如 results.id,next。"),
        "q": _("要查的文字，最多 1,000 个字。"),
        "id": _("主体：18 位统一代码、9 位组织机构代码或 15 位注册号；记录：24 位编号。"),
        "number": _("证书编号，照证书抄写，可以含斜杠、括号、空格和汉字；或回执编号。"),
        "name": _("哪一份名单：red、black、watch、abnormal。"),
        "kind": _("只要这一种记录，如 certificate、penalty。"),
        "region": _("只要这个行政区划。"),
        "status": _("只要这种状态，如 valid。"),
        "issuer": _("只要这个发证或认定机构。"),
        "year": _("只要这一年的。"),
        "sort": _("排序：relevance 最相关，newest 最新。"),
        "limit": _("一页多少条。"),
        "cursor": _("上一页回答中的 next，原样带回。"),
        "holder": _("持证人名称，与登记核对。"),
        "as_of": _("问哪一天的状态（上海时区），不填为今天。"),
        "known_at": _("只依据登记簿在这一时刻之前已收录的内容。"),
        "domain": _("只问这一个领域，如 bidding。"),
        "place": _("只看在这个地区适用的规则：全称，或者六位行政区划代码。"),
        "trade": _("只看对这个行业适用的规则，如食品。"),
        "key": _("核查结果的钥匙，见 receipt.key；请勿外传。"),
        "project": _("项目编号，写在回执上。"),
        "since": _("名单：只要这一天及以后列入的；变更流：上次回答中的 next，不填则从头取起。"),
        "by": _("按什么计数，一项或两项，如 kind,year。"),
    }
