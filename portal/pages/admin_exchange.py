"""Partners of the exchange, for admins (对接单位管理): enter one, stop it and go on, begin anew, give it a credential.

What would let a page write into folders of this machine, reach internal networks or pass by the publishing desk (`way = "folder"`,
`private_network`, `trusted`) is entered by command only (docs/exchange.md).
"""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from indexer.exchange.partners import LEVELS, NEVER_EXCHANGED, Partner
from indexer.kinds import kinds
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.arguments import WrongArguments, told
from portal.context import portal
from portal.i18n import english
from portal.labels import kind_label
from portal.pages.account_frame import blueprint, crumbs, done
from portal.pages.components import Link
from portal.pages.forms import messages

WAYS = {"sftp": "SFTP", "https": "HTTPS"}
TEXTS = ("title", "level", "region", "way", "address", "host_key", "agency", "contact")
NUMBERS = ("every_minutes", "acknowledge_hours")
LISTS = ("gets", "sends")
FIELDS = ("name", *TEXTS, *NUMBERS, *LISTS)


@blueprint.get("/admin/exchange")
@may(Permission.EXCHANGE_MANAGE)
def partner_new() -> str:
    """The form for a new partner."""
    return _form(MultiDict({"every_minutes": "60", "acknowledge_hours": "24"}), {})


@blueprint.post("/admin/exchange")
@may(Permission.EXCHANGE_MANAGE)
def partner_entered() -> Response | tuple[str, int]:
    """Enters a partner."""
    name = request.form.get("name", "").strip()
    try:
        portal().exchange.partners.enter(caller(), name, _partner(request.form))
    except (WrongArguments, InvalidParameter) as error:
        return _form(request.form, messages(error, FIELDS)), 400
    done(_("已登记。密码或密钥请由运行人员放入凭据文件夹，然后开始收发。"))
    return redirect(url_for("account.exchange_partner", partner=name), 303)


@blueprint.post("/admin/exchange/<partner>")
@may(Permission.EXCHANGE_MANAGE)
def partner_managed(partner: str) -> Response | str:
    """Stops a partner or goes on with it, sends again, begins anew, or makes a credential, which is shown this once."""
    exchange, action = portal().exchange, request.form.get("action", "")
    exchange.partners.one(partner)
    if action == "token":
        token = exchange.partners.new_token(caller(), partner)
        return render_template(
            "admin_partner_token.html", partner=partner, token=token, crumbs=_crumbs(partner)
        )
    if action in ("stop", "resume"):
        exchange.partners.set_active(caller(), partner, action == "resume")
        done(_("已更改。"))
    elif action == "resend":
        number = exchange.send_again(caller(), partner, request.form.get("delivery", "").strip())
        done(_("将重发 %(n)s 批。", n=number))
    elif action == "restart" and request.form.get("sure"):
        exchange.partners.restart(caller(), partner)
        done(_("已重新开始，对方将收到全部记录。"))
    else:
        raise InvalidParameter("action", "不知道要做什么。", "is none that there is")
    return redirect(url_for("account.exchange_partner", partner=partner), 303)


def _partner(form: MultiDict[str, str]) -> Partner:
    """The partner that a form describes. Raises WrongArguments."""
    given: dict[str, Any] = {name: text for name in TEXTS if (text := form.get(name, "").strip())}
    given |= {name: text for name in NUMBERS if (text := form.get(name, "").strip())}
    given |= {name: form.getlist(name) for name in LISTS}
    wrong = [
        (name, "请选择列表中的一项。", "must be one of the list")
        for name in ("way",)
        if given.get(name) not in WAYS
    ]
    if wrong:
        raise WrongArguments(wrong)
    try:
        return Partner.model_validate(given)
    except ValidationError as error:
        raise WrongArguments(_wrong(each) for each in error.errors(include_url=False)) from None


def _wrong(error: Any) -> tuple[str, str, str]:
    """One thing that is wrong, at the field that it is about: what is said of the whole is said of the address."""
    if not error["loc"]:
        return (
            "address",
            "SFTP 应为 sftp://用户@主机:端口/路径，并写明主机公钥；HTTPS 应以 https:// 开头。都不得含密码。",
            "must be sftp://user@host:port/path with a host key, or begin with https://; without a password",
        )
    where, zh, en = told(error)
    return where.partition(".")[0], zh, en


def _crumbs(*partner: str) -> list[Link]:
    links = [Link(_("数据交换"), url_for("account.desk_exchange"))]
    links += [Link(name, url_for("account.exchange_partner", partner=name)) for name in partner]
    return crumbs(*links)


def _form(typed: MultiDict[str, str], errors: dict[str, str]) -> str:
    exchanged = [(name, kind_label(kind)) for name, kind in kinds().items() if name not in NEVER_EXCHANGED]
    return render_template(
        "admin_partner.html",
        typed=typed,
        errors=errors,
        levels=[(name, en if english() else zh) for name, (zh, en) in LEVELS.items()],
        ways=list(WAYS.items()),
        lists=[
            (title, field, [(name, label, name in typed.getlist(field)) for name, label in exchanged])
            for field, title in (("gets", _("向对方发送的种类")), ("sends", _("由对方报送的种类")))
        ],
        crumbs=_crumbs(),
    )
