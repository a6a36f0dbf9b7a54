"""The data to download (数据下载): what there is, how large, of when, what its columns mean and what may be done with it."""

from dataclasses import dataclass

from flask import render_template, request, url_for
from flask_babel import gettext as _

from indexer.errors import ServiceUnavailable
from indexer.opendata.manifest import Manifest
from indexer.opendata.persons import leaving
from indexer.opendata.rows import headings
from portal.context import portal
from portal.data_index import PERSONS, TERMS, changes_since
from portal.i18n import english
from portal.labels import kind_label
from portal.pages.components import Cell, Evidence, Link, Notice, Table
from portal.pages.frame import blueprint, evidence, instant

UNITS = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of one kind mean."""

    label: str
    table: Table


@blueprint.get("/data")
def data() -> str:
    """The files and all that belongs to them."""
    downloads = portal().downloads
    try:
        manifest: Manifest | None = downloads.current()
    except ServiceUnavailable:
        manifest = None
    index_href = url_for("data.index")
    return render_template(
        "data.html",
        notice=_notice(manifest),
        files=_files(manifest) if manifest else None,
        sums=_sums(manifest) if manifest else None,
        made=instant(manifest.at.instant) if manifest else None,
        manifest=manifest,
        terms=TERMS["en" if english() else "zh"],
        persons=PERSONS["en" if english() else "zh"],
        columns=[Columns(kind_label(kind), _columns(name)) for name, kind in leaving().items()],
        example=f"{_site()}/data/certificate.csv.gz",
        index_href=index_href,
        index_url=f"{_site()}{index_href}",
        changes_url=changes_since(manifest.position, _site()) if manifest and manifest.position else "",
        evidence=_evidence(),
        crumbs=[Link(_("首页"), url_for("pages.home"))],
    )


def _notice(manifest: Manifest | None) -> Notice | None:
    if manifest is None:
        return Notice(_("下载文件正在准备，请过几分钟再来。"), "warn", _("还没有文件"))
    if stale := portal().downloads.stale(manifest):
        names = _("、").join(kind_label(leaving()[name]) for name in leaving() if name in stale)
        text = _(
            "%(kinds)s 有记录刚刚撤下或不再公示，文件正在更新，更新完之前不提供下载；通常不到一分钟。",
            kinds=names,
        )
        return Notice(text, "warn", _("正在更新"))
    if portal().downloads.late(manifest):
        text = _("登记簿在这之后有变动，而文件已有一段时间没有更新；最新内容请在网页或接口中查询。")
        return Notice(text, "warn", _("文件不是最新的"))
    return None


def _files(manifest: Manifest) -> Table:
    rows = [
        [
            Cell(kind_label(kind), url_for("pages.statistics", kind=name)),
            Cell(f"{whole.records:,}"),
            *(
                Cell(_size(whole.size(form)), url_for("data.download", kind=name, form=form))
                for form in ("csv", "jsonl")
            ),
        ]
        for name, kind in leaving().items()
        if (whole := manifest.kinds.get(name)) is not None
    ]
    return Table(_("各类公示记录"), [_("种类"), _("记录数"), "CSV (gzip)", "JSON Lines (gzip)"], rows)


def _sums(manifest: Manifest) -> Table:
    rows = [
        [Cell(f"{name}.{form}.gz", code=True), Cell(manifest.kinds[name].sha256[form], code=True)]
        for name in leaving()
        if name in manifest.kinds
        for form in ("csv", "jsonl")
    ]
    return Table(_("文件的 SHA-256"), [_("文件"), "SHA-256"], rows)


def _columns(name: str) -> Table:
    rows = [
        [Cell(each.heading), Cell(each.name, code=True), Cell(each.en if english() else each.zh)]
        for each in headings(name)
    ]
    return Table(_("栏目"), [_("表头"), _("JSON 中的名称"), _("含义")], rows)


def _size(size: int) -> str:
    """Bytes as people read them, in steps of a thousand."""
    amount, unit = float(size), 0
    while amount >= 1000 and unit < len(UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {UNITS[unit]}" if unit == 0 or amount >= 100 else f"{amount:.1f} {UNITS[unit]}"


def _evidence() -> Evidence:
    return evidence(portal().register.version())


def _site() -> str:
    return portal().settings.base_url or request.url_root.rstrip("/")
