"""Keys of the API (接口密钥), for whoever wants one: ask by mail, confirm, see it once; look over one's own, rotate and revoke them."""

from dataclasses import dataclass

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from indexer.accounts.people import normal_mail
from indexer.errors import InvalidParameter
from indexer.keys.asking import LONGEST_NAME, LONGEST_PURPOSE, Given, Opened, own_path
from indexer.keys.keeping import OVERLAPS, Key
from indexer.keys.plans import Plan, Scope
from portal.accounts.access import anybody
from portal.accounts.person import caller
from portal.arguments import invalid
from portal.context import portal
from portal.headers import keep_secret
from portal.i18n import english
from portal.pages.account_frame import blueprint, done
from portal.pages.components import Badge, Instant, Link, Option
from portal.pages.forms import messages
from portal.pages.frame import instant

FIELDS = ("mail", "name", "purpose", "plan", "scopes")
MOST_DIGITS = 18  # of an id


@dataclass(frozen=True, slots=True)
class PlanShown:
    """A plan in the reader's language. `limits` are its windows in words."""

    name: str
    title: str
    about: str
    limits: list[str]
    at_once: int
    scopes: list[str]
    approved: bool
    days: int


@dataclass(frozen=True, slots=True)
class KeyShown:
    """A key as pages show it."""

    key: Key
    plan: str
    scopes: list[str]
    state: Badge
    live: bool
    asked_at: Instant
    ends_at: Instant | None
    used_at: Instant | None
    former: list[tuple[str, Instant]]


@blueprint.get("/keys")
@anybody()
def keys() -> str:
    """The plans, and the form to ask for a key."""
    return _form({}, {})


@blueprint.post("/keys")
@anybody()
def key_asked() -> str | tuple[str, int]:
    """Sends a letter that asks to confirm; says the same whatever the address has already."""
    form = request.form
    _need_letters()
    try:
        wanted = portal().keys.wanted(
            form.get("mail", ""),
            form.get("name", ""),
            form.get("purpose", ""),
            form.get("plan", ""),
            form.getlist("scopes"),
        )
    except InvalidParameter as error:
        return _form(
            form.to_dict() | {"scopes": " ".join(form.getlist("scopes"))}, messages(error, FIELDS)
        ), 400
    portal().keys.ask(caller(), wanted)
    return render_template("keys_sent.html", mail=wanted.mail)


@blueprint.post("/keys/own")
@anybody()
def keys_asked() -> str | tuple[str, int]:
    """Sends a link to the keys of an address, where it has any; says the same where it has none."""
    typed = request.form.get("own_mail", "")
    _need_letters()
    try:
        mail = normal_mail(typed)
    except InvalidParameter as error:
        return _form({"own_mail": typed}, {"own_mail": messages(error, ("mail",))["mail"]}), 400
    portal().keys.ask_own(caller(), mail)
    return render_template("keys_sent.html", mail=mail)


@blueprint.get("/keys/open/<token>")
@anybody()
def key_opened(token: str) -> Response:
    """What the link of a letter opens. Opening uses nothing up: mail programs look at links, too."""
    found = portal().keys.opened(token)
    page = render_template(
        "key_confirm.html", found=found, plan=plan_title(found.plan), scopes=_scopes_of(found), crumbs=_way()
    )
    return keep_secret(Response(page))


@blueprint.post("/keys/open/<token>")
@anybody()
def key_confirmed(token: str) -> Response:
    """Confirms, and shows the key: here and nowhere else."""
    found = portal().keys.opened(token)
    return keep_secret(Response(_shown(found.name, portal().keys.confirm(caller(), token))))


@blueprint.get("/keys/own/<token>")
@anybody()
def own_keys(token: str) -> Response:
    """All keys of an address with their use."""
    mail, held = portal().keys.own(token)
    page = render_template(
        "keys_own.html",
        mail=mail,
        held=[shown(key) for key in held],
        overlaps=_overlaps(),
        action=own_path(token),
        crumbs=_way(),
    )
    return keep_secret(Response(page))


@blueprint.post("/keys/own/<token>")
@anybody()
def own_key_changed(token: str) -> AnyResponse:
    """Rotates a key, and shows the new one once, or revokes it."""
    form, kept = request.form, portal().keys
    key = form.get("key", "")
    if not (key.isascii() and key.isdecimal() and len(key) <= MOST_DIGITS):
        kept.own(token)  # a link that has ended says so first
        raise invalid("key", "请选择密钥。", "must be the number of a key")
    if form.get("action") == "revoke":
        kept.end_own(caller(), token, int(key))
        done(_("已吊销，从现在起不能再用。"))
        return keep_secret(redirect(own_path(token), 303))  # type: ignore[arg-type]
    if form.get("action") != "rotate":
        raise invalid("action", "不知道要做什么。", "must be rotate or revoke")
    secret = kept.rotate(caller(), token, int(key), form.get("overlap", ""))
    found = kept.one(int(key))
    return keep_secret(Response(_shown(found.name, Given(found.id, secret, found.ends_at), own_path(token))))


def shown(key: Key) -> KeyShown:
    """A key for a page."""
    return KeyShown(
        key=key,
        plan=plan_title(key.plan),
        scopes=[scope_words()[Scope(scope)] for scope in key.scopes],
        state=state_badge(key.state, key.ended),
        live=key.state == "live" and not key.ended,
        asked_at=instant(key.asked_at),
        ends_at=instant(key.ends_at) if key.ends_at else None,
        used_at=instant(key.used_at) if key.used_at else None,
        former=[(each.hint, instant(each.ends_at)) for each in key.secrets if each.ends_at],
    )


def state_badge(state: str, ended: bool = False) -> Badge:
    """The state of a key in a word."""
    if state == "live" and ended:
        return Badge(_("已过期"), "neutral")
    words = {
        "asked": (_("待确认"), "neutral"),
        "waiting": (_("待批准"), "warn"),
        "granted": (_("待领取"), "warn"),
        "live": (_("使用中"), "good"),
        "refused": (_("未批准"), "bad"),
        "revoked": (_("已吊销"), "bad"),
    }
    return Badge(*words[state])


def plan_title(name: str) -> str:
    """A plan as people call it; one that is no longer offered by its code."""
    plan = portal().plans.named.get(name)
    return name if plan is None else plan.en if english() else plan.zh


def scope_words() -> dict[Scope, str]:
    """What scopes allow, in words."""
    return {
        Scope.READ: _("查询（read）"),
        Scope.CHECKS: _("批量核查（checks）"),
        Scope.EXCHANGE: _("数据交换（exchange）"),
    }


def plans_shown() -> list[PlanShown]:
    """The plans that can be asked for."""
    return [_plan(plan) for plan in portal().plans.named.values()]


def _plan(plan: Plan) -> PlanShown:
    return PlanShown(
        name=plan.name,
        title=plan.en if english() else plan.zh,
        about=plan.en_about if english() else plan.zh_about,
        limits=_limits(plan),
        at_once=plan.at_once,
        scopes=[scope_words()[scope] for scope in plan.scopes],
        approved=plan.approved,
        days=plan.days,
    )


def _limits(plan: Plan) -> list[str]:
    units = {
        "second": _("每秒 %(n)s 次"),
        "minute": _("每分钟 %(n)s 次"),
        "hour": _("每小时 %(n)s 次"),
        "day": _("每天 %(n)s 次"),
    }
    return [units[window.name].replace("%(n)s", f"{window.amount:,}") for window in plan.windows]


def _form(typed: dict[str, str], errors: dict[str, str]) -> str:
    chosen = typed.get("plan") or next(iter(portal().plans.named))
    scopes = typed.get("scopes", "read checks").split()
    return render_template(
        "keys.html",
        by_mail=bool(portal().settings.base_url),
        anonymous=_limits(portal().plans.anonymous),
        plans=plans_shown(),
        choices=[Option(each.title, each.name, each.name == chosen) for each in plans_shown()],
        scopes=[Option(words, scope, scope in scopes) for scope, words in scope_words().items()],
        longest_name=LONGEST_NAME,
        longest_purpose=LONGEST_PURPOSE,
        typed=typed,
        errors=errors,
        crumbs=_way(),
    )


def _shown(name: str, given: Given, back: str = "") -> str:
    site = portal().settings.base_url or request.url_root.rstrip("/")
    return render_template(
        "key_shown.html",
        name=name,
        secret=given.secret,
        ends_at=instant(given.ends_at) if given.ends_at else None,
        example=f'curl -H "Authorization: Bearer {given.secret}" "{site}/api/v1/lists/red"',
        back=back,
        crumbs=_way(),
    )


def _scopes_of(found: Opened) -> list[str]:
    return [scope_words()[Scope(scope)] for scope in found.scopes.split()]


def _overlaps() -> list[Option]:
    words = {"none": _("立即作废"), "day": _("再用一天"), "week": _("再用七天")}
    return [Option(words[name], name, name == "day") for name in OVERLAPS]


def _way() -> list[Link]:
    return [Link(_("首页"), url_for("pages.home")), Link(_("开放接口"), url_for("pages.api_docs"))]


def _need_letters() -> None:
    """Letters need the portal's public address."""
    if not portal().settings.base_url:
        raise invalid(
            "mail",
            "本站现在不能发信，请联系管理员取得密钥。",
            "no letters are sent here; ask the operators for a key",
        )
