"""Following (关注): the form, the link of the letter, and the page on which an address looks over and ends what it follows."""

from dataclasses import dataclass

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from indexer.accounts.people import normal_mail
from indexer.accounts.records_told import name_of
from indexer.errors import InvalidParameter
from indexer.following.followings import Overview, manage_path
from indexer.following.targets import Target, checked, list_key, search_key
from portal.accounts.access import anybody, logged_in
from portal.accounts.person import caller, somebody
from portal.arguments import Arguments, arguments, invalid
from portal.context import portal
from portal.headers import keep_secret
from portal.pages.account_frame import blueprint, crumbs, done
from portal.pages.components import Link, Option
from portal.pages.forms import messages
from portal.pages.frame import blueprint as open_pages
from portal.pages.lists import list_title


class FollowQuestion(Arguments):
    """What to follow: a `subject` by its code, a `list` of a region, or a search with its filters."""

    subject: str | None = None
    list: str | None = None
    q: str = ""
    kind: str | None = None
    region: str | None = None
    status: str | None = None
    issuer: str | None = None
    year: int | None = Field(None, ge=1900, le=2999)

    def target(self) -> Target:
        """The same as something to follow. Raises InvalidParameter `target`."""
        register = portal().register
        if self.subject is not None:
            return checked(register, "subject", self.subject)
        if self.list is not None:
            return checked(register, "list", list_key(self.list, self.region))
        return checked(register, "search", search_key(self.model_dump()))


@dataclass(frozen=True, slots=True)
class Followed:
    """Something that is followed, as its page calls it."""

    id: int
    title: str
    href: str
    own: bool


@blueprint.get("/follow")
@anybody()
def follow() -> str:
    """The form: by mail or as a feed."""
    return _form(arguments(request, FollowQuestion).target(), "", {})


@blueprint.post("/follow")
@anybody()
def follow_asked() -> str | tuple[str, int]:
    """Sends a letter that asks to confirm; says the same whether the address follows already."""
    target, typed = arguments(request, FollowQuestion).target(), request.form.get("mail", "")
    if not _by_mail():
        raise invalid("mail", "本站现在不能发信，请用订阅源。", "no letters are sent here; use the feed")
    try:
        mail = normal_mail(typed)
    except InvalidParameter as error:
        return _form(target, typed, messages(error, ("mail",))), 400
    portal().followings.ask(caller(), mail, target)
    return render_template("follow_sent.html", mail=mail, href=target.path, title=title_of(target))


@blueprint.get("/follow/confirm/<token>")
@anybody()
def follow_confirm(token: str) -> Response:
    """What the link of the letter opens. Opening confirms nothing: mail programs look at links, too."""
    asked = portal().followings.asked(token)
    page = render_template(
        "follow_confirm.html", asked=asked, title=title_of(asked.target), href=asked.target.path
    )
    return keep_secret(Response(page))


@blueprint.post("/follow/confirm/<token>")
@anybody()
def follow_confirmed(token: str) -> AnyResponse:
    """Confirms, and leads to all that the address follows."""
    own = portal().followings.confirm(caller(), token)
    done(_("已关注。有变动时我们每天最多发一封信。"))
    return redirect(manage_path(own), 303)


@blueprint.get("/follow/<token>")
@anybody()
def followings(token: str) -> Response:
    """All that an address follows."""
    return _manage(portal().followings.overview(token), url_for("account.followings_changed", token=token))


@blueprint.post("/follow/<token>")
@anybody()
def followings_changed(token: str) -> AnyResponse:
    """Ends one following or all, or says how soon news of one's own enterprise come."""
    _change(token)
    return redirect(manage_path(token), 303)


@open_pages.get("/follow/<token>/stop")
def follow_stop(token: str) -> AnyResponse:
    """For mail programs that open the address instead of calling it: the page with the button."""
    return keep_secret(redirect(manage_path(token), 303))  # type: ignore[arg-type]


@open_pages.post("/follow/<token>/stop")
def follow_stopped(token: str) -> Response:
    """One click of a mail program ends all letters (RFC 8058): without cookies, without a form, once more is no error."""
    portal().followings.end_all(token)
    return keep_secret(Response(_("已取消全部关注，不会再有信。"), content_type="text/plain; charset=utf-8"))


@blueprint.get("/account/following")
@logged_in()
def my_followings() -> Response:
    """What the person who is logged in follows."""
    overview = portal().followings.overview_of(somebody().mail)
    return _manage(overview, url_for("account.my_followings_changed"), crumbs())


@blueprint.post("/account/following")
@logged_in()
def my_followings_changed() -> AnyResponse:
    """The same changes as by the link of a letter."""
    _change(portal().followings.token_of(somebody().mail))
    return redirect(url_for("account.my_followings"), 303)


def title_of(target: Target) -> str:
    """What is followed, in the reader's language."""
    match target.what:
        case "list":
            name, _space, region = target.key.partition(" ")
            return f"{list_title(name)} · {region}" if region else list_title(name)
        case "search":
            return str(_("“%(q)s”的搜索结果", q=target.text))
        case _:
            return name_of(portal().register, target.key) or target.key


def _by_mail() -> bool:
    """Whether letters can be followed from: they need the portal's public address."""
    return bool(portal().settings.base_url)


def _form(target: Target, typed: str, errors: dict[str, str]) -> str:
    path, _mark, query = target.path.partition("?")
    return render_template(
        "follow.html",
        title=title_of(target),
        href=target.path,
        feed_href=f"{path}.atom" + (f"?{query}" if query else ""),
        action=request.full_path.rstrip("?"),
        by_mail=_by_mail(),
        typed=typed,
        errors=errors,
        noindex=True,
    )


def _change(token: str) -> None:
    form, kept = request.form, portal().followings
    if (own := form.get("own")) is not None:
        kept.pace(token, own)
        done(_("已保存。"))
    elif form.get("end") == "all":
        kept.end_all(token)
        done(_("已取消全部关注，不会再有信。"))
    elif (one := form.get("end", "")).isdecimal() and len(one) < 19:
        kept.end(token, int(one))
        done(_("已取消关注。"))
    else:
        raise invalid("end", "请选择要取消的关注。", "must name a following, or all")


def _manage(overview: Overview, action: str, way: list[Link] | None = None) -> Response:
    paces = {"daily": _("并入每天的一封信"), "soon": _("一小时内发信"), "off": _("不要发信")}
    page = render_template(
        "followings.html",
        mail=overview.mail,
        enterprise=overview.enterprise,
        paces=[Option(text, pace, pace == overview.own) for pace, text in paces.items()],
        held=[
            Followed(each.id, title_of(each.target), each.target.path, each.target.what == "own")
            for each in overview.held
        ],
        action=action,
        crumbs=way or [],
        noindex=True,
    )
    return keep_secret(Response(page))
