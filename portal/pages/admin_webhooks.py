"""Webhooks, for admins (变更推送): register a receiver, see how its messages go, rotate its secret, stop and resume."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from indexer.kinds import kinds
from indexer.webhooks.filters import Filter, known_kinds, known_lists
from indexer.webhooks.receivers import Receiver, Try, Wish
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.labels import kind_label, word
from portal.pages.account_frame import blueprint, crumbs, done
from portal.pages.components import Badge, Link
from portal.pages.forms import messages
from portal.pages.frame import instant

SHOWN = 50
FIELDS = ("url", "name", "mail", "kinds", "lists", "subjects")


@blueprint.get("/admin/webhooks")
@may(Permission.WEBHOOKS_MANAGE)
def webhooks() -> str:
    """The list, and the form to register one."""
    return _list(MultiDict(), {})


@blueprint.post("/admin/webhooks")
@may(Permission.WEBHOOKS_MANAGE)
def webhook_registered() -> str | tuple[str, int]:
    """Registers a receiver, and shows its secret this once."""
    form = request.form
    wish = Wish(
        *(form.get("url", ""), form.get("name", ""), form.get("mail", "")),
        *(form.getlist("kinds"), form.getlist("lists"), form.get("subjects", "").split()),
    )
    try:
        number, secret = portal().receivers.register(caller(), wish)
    except InvalidParameter as error:
        return _list(form, messages(error, FIELDS)), 400
    return _secret(number, secret)


@blueprint.get("/admin/webhooks/<int:receiver>")
@may(Permission.WEBHOOKS_MANAGE)
def webhook(receiver: int) -> str:
    """One receiver and its ledger."""
    found = portal().receivers.one(receiver)
    return render_template(
        "admin_webhook.html",
        receiver=found,
        badge=state_badge(found),
        wants=wants(found.filter),
        created=instant(found.created_at),
        failing=instant(found.failing_since) if found.failing_since else None,
        former=instant(found.former_until)
        if found.former_until and found.former_until > portal().clock.now()
        else None,
        tries=[
            (each, instant(each.created_at), _how(each), outcome_words(each.outcome))
            for each in _ledger(receiver)
        ],
        crumbs=_crumbs(),
    )


@blueprint.post("/admin/webhooks/<int:receiver>")
@may(Permission.WEBHOOKS_MANAGE)
def webhook_changed(receiver: int) -> Response | str:
    """Tests, stops, resumes, or rotates the secret."""
    receivers, action = portal().receivers, request.form.get("action", "")
    receivers.one(receiver)
    if action == "rotate":
        return _secret(receiver, receivers.rotate(caller(), receiver))
    acts = {"test": receivers.test, "stop": receivers.stop, "resume": receivers.resume}
    if action not in acts:
        raise InvalidParameter("action", "不知道要做什么。", "is none that there is")
    acts[action](caller(), receiver)
    done(_("已更改。"))
    return redirect(url_for("account.webhook", receiver=receiver), 303)


def state_badge(receiver: Receiver) -> Badge:
    """How a receiver is, in a word."""
    if receiver.state == "stopped":
        return Badge(_("已停止"), "neutral")
    if receiver.failing_since is not None:
        return Badge(_("送不到"), "bad")
    return Badge(_("正常"), "good") if receiver.state == "active" else Badge(_("等待测试"), "warn")


def wants(wanted: Filter) -> list[str]:
    """What a receiver is sent, in words."""
    lists = known_lists()
    said = [kind_label(kinds()[each]) for each in wanted.kinds] + [word(lists[each]) for each in wanted.lists]
    return (said or [_("全部种类")]) + list(wanted.subjects)


def _how(line: Try) -> Badge:
    if line.delivered_at is not None:
        return Badge(_("已收下"), "good")
    if line.due_at is None:
        return Badge(_("已放弃"), "neutral")
    return Badge(_("待重试"), "bad") if line.tries else Badge(_("待发"), "warn")


def outcome_words(outcome: str | None) -> str:
    """How the last try went, as people say it: a status of HTTP, or why there was none."""
    words: dict[str, str] = {
        "address-refused": _("内部地址，不送"),
        "no-such-host": _("查不到这个域名"),
        "timeout": _("超时"),
        "certificate": _("证书不可信"),
        "tls": _("加密连接失败"),
        "connection-refused": _("拒绝连接"),
        "connection-broken": _("连接中断"),
        "bad-answer": _("答复无法理解"),
        "secret-unreadable": _("密钥打不开，请更换"),
    }
    return str(words.get(outcome or "", f"HTTP {outcome}" if outcome else ""))


def _ledger(receiver: int) -> list[Try]:
    return portal().receivers.ledger(receiver, SHOWN)


def _secret(receiver: int, secret: str) -> str:
    return render_template("admin_webhook_secret.html", receiver=receiver, secret=secret, crumbs=_crumbs())


def _crumbs() -> list[Link]:
    return crumbs(Link(_("变更推送"), url_for("account.webhooks")))


def _list(said: MultiDict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "admin_webhooks.html",
        found=[(each, state_badge(each), wants(each.filter)) for each in portal().receivers.all()],
        kinds=[(name, kind_label(kinds()[name]), name in said.getlist("kinds")) for name in known_kinds()],
        lists=[(name, word(term), name in said.getlist("lists")) for name, term in known_lists().items()],
        typed=said,
        errors=errors,
        crumbs=crumbs(),
    )
