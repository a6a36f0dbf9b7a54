"""Publishing the results of a plan (公布检查结果): asked for by the second person, done in the background, its outcome on the plan's page."""

from flask import redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.supervision.plans import PUBLISHED
from indexer.supervision.releases import Release
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.i18n import english
from portal.pages.account_frame import blueprint, done
from portal.pages.components import Badge, Cell, Table
from portal.pages.frame import instant

REFRESH = 2  # seconds


@blueprint.post("/desk/plans/<int:plan>/publish")
@may(Permission.RECORDS_PUBLISH)
def results_published(plan: int) -> Response:
    """Has published what others entered."""
    releases = portal().supervision.releases
    count = releases.ask(caller(), plan)
    portal().releasing.begin()
    [newest] = releases.of(plan, 1)
    if newest.waits:
        done(_("正在公布 %(count)s 项检查结果，可以先离开本页。", count=count))
    elif newest.state == PUBLISHED:
        done(_("已公布 %(count)s 项检查结果。", count=newest.results))
    return redirect(url_for("account.plan", plan=plan), 303)


def releases_of(plan: int) -> list[Release]:
    """The publications of a plan, the newest first; where one waits, a worker is begun (again)."""
    found = portal().supervision.releases.of(plan)
    if found and found[0].waits:
        portal().releasing.begin(patience=0.0)
    return found


def releases_table(found: list[Release]) -> Table | None:
    """Who had what published, and how that went; None where nobody has."""
    columns = [_("申请时间"), _("申请公布的人"), _("结果数"), _("状态"), _("批次"), _("说明")]
    rows = [
        [
            Cell(instant(each.asked_at).text),
            Cell(each.asked_by),
            Cell(f"{each.results:,}"),
            Cell(badge=_state(each)),
            Cell(str(each.batch) if each.batch is not None else None, code=True),
            Cell(_said(each)),
        ]
        for each in found
    ]
    return Table(_("各次公布"), columns, rows) if rows else None


def _state(release: Release) -> Badge:
    words: dict[str, Badge] = {
        "waiting": Badge(_("正在公布"), "neutral"),
        "published": Badge(_("已公布"), "good"),
        "failed": Badge(_("没有公布"), "bad"),
    }
    return words[release.state]


def why_failed(found: list[Release]) -> str:
    """Why the newest publication of a plan failed; empty where it did not."""
    return _said(found[0]) or "" if found and found[0].state == "failed" else ""


def _said(release: Release) -> str | None:
    if release.state == "failed":
        return release.failure_en if english() else release.failure_zh
    if release.state == "published" and release.batch is None:
        return str(_("登记簿已是这样，没有新批次。"))
    return None
