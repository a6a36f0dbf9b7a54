"""The frame of every page: blueprint, head, foot, and what every answer says of itself."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from jinja2 import StrictUndefined
from werkzeug.urls import uri_to_iri

from indexer.clock import SHANGHAI, day_of
from indexer.errors import ZhixinError
from indexer.register.disclosure import SOLE_TRADER, PublicSubject
from indexer.register.versions import RegisterVersion
from portal.accounts.person import person
from portal.context import portal
from portal.i18n import english
from portal.pages.components import Evidence, Instant, Link, NavItem

blueprint = Blueprint("pages", __name__)


@dataclass(frozen=True, slots=True)
class Site:
    """What every page has around it. `data_as_of` and `register_version` are None while the database does not answer."""

    lang: str
    nav: list[NavItem]
    account: NavItem
    foot: list[Link]
    demo: bool
    data_as_of: str | None
    register_version: int | None


@blueprint.record_once
def _strict(state: BlueprintSetupState) -> None:
    """A name that a view forgot to hand over is an error, not an empty place."""
    state.app.jinja_env.undefined = StrictUndefined


@blueprint.app_context_processor
def _frame() -> dict[str, object]:
    return {"site": _site(), "noindex": False, "suggested_href": _suggested_href}


@blueprint.after_request
def fresh(response: Response) -> Response:
    """A page may change with the next publication, speaks the reader's language, and says who is logged in."""
    response.cache_control.no_cache = True
    response.vary.update(("Accept-Language", "Cookie"))
    return response


def _site() -> Site:
    try:
        version = portal().register.version()
    except ZhixinError:  # the page that says so needs a frame too
        version = RegisterVersion(0, None)
    try:
        inside = person() is not None
    except ZhixinError:
        inside = False
    account = (_("账户"), url_for("account.home")) if inside else (_("登录"), url_for("account.login"))
    places = (
        (_("查证书"), url_for("pages.verify_form")),
        (_("查企业"), url_for("pages.find_subject")),
        (_("查限制"), url_for("pages.find_restrictions")),
        (_("批量核查"), url_for("pages.check_form")),
        (_("名单"), url_for("pages.all_lists")),
        (_("说明"), url_for("pages.docs")),
    )
    docs = url_for("pages.docs")
    return Site(
        lang="en" if english() else "zh-Hans",
        nav=[NavItem(text, href, _within(href)) for text, href in places],
        account=NavItem(*account, _within(account[1])),
        foot=[
            Link(_("关于本站"), f"{docs}#about"),
            Link(_("数据来源"), f"{docs}#sources"),
            Link(_("异议与信用修复"), objection_href()),
            Link(_("开放接口"), url_for("pages.api_docs")),
            Link(_("投诉举报与咨询"), url_for("account.complaint_new")),
            Link(_("双随机抽取"), url_for("pages.public_draws")),
            Link(_("数据下载"), url_for("pages.data")),
            Link(_("统计"), url_for("pages.statistics")),
        ],
        demo=portal().settings.demonstration,
        data_as_of=day_of(version.recorded_at).isoformat() if version.recorded_at else None,
        register_version=version.number if version.recorded_at else None,
    )


def _suggested_href(code: str) -> str:
    """Where a code leads that was offered instead of a mistyped one: the page that was asked for, else the search."""
    if request.endpoint in ("pages.subject", "pages.restrictions"):
        return url_for(request.endpoint, id=code)
    return url_for("pages.search", q=code)


def _within(href: str) -> bool:
    return request.path == href or request.path.startswith(f"{href}/")


def instant(moment: datetime) -> Instant:
    """An instant as people in China read it, to the second."""
    local = moment.astimezone(SHANGHAI)
    return Instant(
        local.isoformat(timespec="seconds"), _("%(time)s（北京时间）", time=f"{local:%Y-%m-%d %H:%M:%S}")
    )


def evidence(version: RegisterVersion, checked_at: datetime | None = None) -> Evidence:
    """What this answer rests on."""
    return Evidence(
        register_version=version.number,
        recorded_at=instant(version.recorded_at) if version.recorded_at else None,
        checked_at=instant(checked_at or portal().clock.now()),
        url=uri_to_iri(
            (portal().settings.base_url or request.url_root).rstrip("/") + request.full_path.rstrip("?")
        ),
    )


def objection_href() -> str:
    """Where it says how to object and how to have a record repaired."""
    return f"{url_for('pages.docs')}#objection"


def private(subject: PublicSubject | None) -> bool:
    """Whether search engines are asked to leave a page out: it is about one natural person's trade (domain.md part 6)."""
    return subject is not None and (subject.uscc or "").startswith(SOLE_TRADER)
