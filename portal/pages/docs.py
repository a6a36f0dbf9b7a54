"""What the portal is, what its words mean, how to object, and what each error type says."""

from dataclasses import dataclass

from flask import render_template, url_for
from flask_babel import gettext as _

from indexer.kinds import kinds
from portal.context import portal
from portal.labels import kind_label
from portal.pages.cells import badge
from portal.pages.components import Badge, Link
from portal.pages.frame import blueprint


@dataclass(frozen=True, slots=True)
class ErrorType:
    """One kind of error; `code` is the anchor that a problem's `type` points to."""

    code: str
    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """A legal basis of the restriction rules, and whether it has been held against the official text."""

    basis: str
    verified: bool


@blueprint.get("/docs")
def docs() -> str:
    """The handbook."""
    return render_template(
        "docs.html",
        kinds=[kind_label(kind) for kind in kinds().values()],
        states=_states(),
        rules_version=portal().rules.version,
        sources=_sources(),
        crumbs=[Link(_("首页"), url_for("pages.home"))],
    )


@blueprint.get("/docs/problems")
def problem_docs() -> str:
    """Every error type of page and API."""
    return render_template(
        "docs_problems.html",
        types=_problems(),
        crumbs=[Link(_("首页"), url_for("pages.home")), Link(_("说明"), url_for("pages.docs"))],
    )


def _states() -> list[tuple[Badge | None, str]]:
    """The states of a certificate (domain.md 2.2)."""
    meaning = {
        "valid": _("在有效期内，没有被暂停、撤销或注销。有效期至当日仍有效。"),
        "suspended": _("发证机构暂停了证书；暂停期间无效，改正后可以恢复。"),
        "revoked": _("发证机构撤销了证书，例如暂停期满仍未改正；不能恢复。"),
        "cancelled": _("持证人申请，或产品停产、标准变更等原因注销；不能恢复。"),
        "expired": _("过了有效期又没有换证。由日期算出，不靠人登记。"),
        "not_yet_valid": _("还没有到生效日期。"),
    }
    vocabulary = kinds()["certificate"].statuses
    return [(badge(vocabulary[code]), text) for code, text in meaning.items()]


def _sources() -> list[Source]:
    found: dict[str, bool] = {}
    for rule in portal().rules.rules:
        found[rule.basis] = found.get(rule.basis, True) and rule.verified
    return [Source(basis, verified) for basis, verified in found.items()]


def _problems() -> list[ErrorType]:
    return [
        ErrorType("invalid-parameter", 400, _("参数不认识、重复、超出范围或写法不对；errors 逐个指出。")),
        ErrorType("bad-request", 400, _("请求本身无法理解。")),
        ErrorType("not-found", 404, _("这个地址没有公示的内容；suggestions 给出相近的。")),
        ErrorType("method-not-allowed", 405, _("这个地址不支持这种请求方法，可用的见 Allow。")),
        ErrorType("too-large", 413, _("上传的内容太大，请分几次提交。")),
        ErrorType("query-too-long", 413, _("查询词超过 1,000 个字，请缩短。")),
        ErrorType("too-many-requests", 429, _("请求太频繁；Retry-After 说明多少秒后再试。")),
        ErrorType("error", 500, _("系统出错，已记录，请稍后再试。")),
        ErrorType("checks-busy", 503, _("正在进行的大批量核查太多，请过几分钟再提交。")),
        ErrorType("check-failed", 503, _("这次核查没有完成，请重新提交。")),
        ErrorType("database-busy", 503, _("登记库正在入库，暂时不能写入，请稍后再试。")),
        ErrorType(
            "downloads-updating", 503, _("有记录刚刚不再公示，下载文件正在更新；按 Retry-After 再取。")
        ),
        ErrorType("downloads-busy", 503, _("正在下载的人较多；按 Retry-After 再取。")),
        ErrorType("service-unavailable", 503, _("数据库或检索服务暂时没有应答，请稍后再试。")),
    ]
