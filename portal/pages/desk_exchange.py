"""Exchange with partners (数据交换): how each stands, its ledger, what is not at it and why, and the quality of what it delivers.

Operators, reviewers and admins see all partners, officers those of their own agency. Admins enter and stop them (admin_exchange.py).
"""

import csv
import io
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from flask import Response as Download
from flask import render_template, request, url_for
from flask_babel import gettext as _

from indexer.accounts.roles import Permission, Role
from indexer.clock import SHANGHAI
from indexer.errors import InvalidParameter
from indexer.exchange import ledger
from indexer.exchange.ledger import Entry, Event, Question
from indexer.exchange.manifest import address_of
from indexer.exchange.partners import LEVELS, Standing, no_partner
from indexer.exchange.quality import Quality, quality
from indexer.exchange.state import PartnerState, Unsent, states, unsent
from indexer.kinds import kinds
from indexer.sources.rejects import escaped
from portal.accounts.access import may
from portal.accounts.person import somebody
from portal.context import portal
from portal.headers import keep_to_browser
from portal.i18n import english
from portal.labels import kind_label
from portal.pages.account_frame import blueprint, crumbs
from portal.pages.components import Badge, Cell, Field, Link, NavItem, Pager, Table
from portal.pages.desk_frame import below_desk, number_in, tabs
from portal.pages.forms import day_from
from portal.pages.frame import instant

PAGE = 50
UNSENT_SHOWN = 20
LONGEST = 366  # days of a period
USUAL = 30  # days


@blueprint.get("/desk/exchange")
@may(Permission.EXCHANGE_VIEW)
def desk_exchange() -> str:
    """All partners with how they stand."""
    parts = portal()
    everybody = parts.exchange.partners.all(_agencies())
    found = states(parts.register.engine, everybody, parts.clock.now())
    columns = (
        _("对接单位"),
        _("现状"),
        _("层级"),
        _("最近送达"),
        _("最近确认"),
        _("在途"),
        _("未送达记录"),
        _("最近收到"),
    )
    rows = [
        [
            Cell(each.partner.it.title, url_for("account.exchange_partner", partner=each.partner.name)),
            Cell(badge=_standing(each)),
            Cell(_level(each.partner)),
            _delivered(each.last_sent, each.last_sent_at),
            _delivered(each.last_settled, each.last_settled_at),
            Cell(f"{each.waiting:,}"),
            Cell(f"{each.unsent:,}"),
            _delivered(each.last_received, each.last_received_at),
        ]
        for each in found
    ]
    return render_template(
        "desk_exchange.html",
        table=Table(_("对接单位"), columns, rows) if rows else None,
        new_href=url_for("account.partner_new") if somebody().may(Permission.EXCHANGE_MANAGE) else "",
        tabs=_tabs(),
        crumbs=_way(),
    )


@blueprint.get("/desk/exchange/<partner>")
@may(Permission.EXCHANGE_VIEW)
def exchange_partner(partner: str) -> str:
    """One partner: how it stands, what is not at it, the quality of its deliveries, and the ledger."""
    parts, one = portal(), _partner(partner)
    engine = parts.register.engine
    [state] = states(engine, [one], parts.clock.now())
    since, until = _span()
    asked = _question()
    entries = ledger.search(engine, one.id, asked, PAGE + 1)
    missing = unsent(engine, one.id, "", UNSENT_SHOWN)
    return render_template(
        "desk_exchange_partner.html",
        title=one.it.title,
        manage_href=url_for("account.partner_managed", partner=partner)
        if somebody().may(Permission.EXCHANGE_MANAGE)
        else "",
        active=one.it.active,
        has_token=one.has_token,
        badge=_standing(state),
        hindered=one.hindered or "",
        late_since=instant(state.late_since) if state.late_since else None,
        facts=_facts(state),
        unsent=_unsent_table(missing) if missing else None,
        unsent_number=state.unsent,
        unsent_href=url_for("account.exchange_unsent", partner=partner),
        quality=_quality(quality(engine, one.id, since, until)) if one.it.sends else None,
        span={"since": since.isoformat(), "until": until.isoformat()},
        quality_href=url_for(
            "account.exchange_quality", partner=partner, since=since.isoformat(), until=until.isoformat()
        ),
        entries=_ledger_table(entries[:PAGE]) if entries else None,
        choices=_choices(partner),
        sequence=request.args.get("sequence", ""),
        pager=_pager(partner, entries, asked),
        tabs=_tabs(),
        crumbs=_way(Link(_("数据交换"), url_for("account.desk_exchange"))),
    )


@blueprint.get("/desk/exchange/<partner>/unsent.csv")
@may(Permission.EXCHANGE_VIEW)
def exchange_unsent(partner: str) -> Download:
    """What is not at the partner, record by record, with the reasons."""
    one, after = _partner(partner), ""

    def rows() -> Iterable[list[str]]:
        nonlocal after
        while found := unsent(portal().register.engine, one.id, after, 1000):
            for each in found:
                by = _("对方退回") if each.by_partner else _("不合模板")
                yield from ([each.record, each.kind, by, column, zh] for column, zh in each.reasons)
            after = found[-1].record

    header = [_("记录"), _("种类"), _("原因类别"), _("字段"), _("原因")]
    return _csv(f"{partner}-unsent.csv", header, rows())


@blueprint.get("/desk/exchange/<partner>/quality.csv")
@may(Permission.EXCHANGE_VIEW)
def exchange_quality(partner: str) -> Download:
    """The quality report as a file."""
    one = _partner(partner)
    since, until = _span()
    found = quality(portal().register.engine, one.id, since, until)
    rows = [[name, str(number)] for name, number in _figures(found)]
    rows += [[reason, str(number)] for reason, number in found.reasons.most_common()]
    return _csv(f"{partner}-quality-{since}-{until}.csv", [_("项目"), _("数量")], rows)


def _agencies() -> tuple[str, ...] | None:
    """The agencies whose partners somebody sees; None: all."""
    someone = somebody()
    everybody = someone.may(Permission.DESK_VIEW) or someone.may(Permission.EXCHANGE_MANAGE)
    return None if everybody else someone.scopes(Role.OFFICER)


def _partner(name: str) -> Standing:
    """A partner, as unknown as none to officers of another agency."""
    found, own = portal().exchange.partners.one(name), _agencies()
    if own is not None and found.it.agency not in own:
        raise no_partner()
    return found


def _tabs() -> list[NavItem]:
    return tabs() if somebody().may(Permission.DESK_VIEW) else []


def _way(*links: Link) -> list[Link]:
    return below_desk(*links) if somebody().may(Permission.DESK_VIEW) else crumbs(*links)


def _span() -> tuple[date, date]:
    """The period of the quality report, the last month where none is named. Raises InvalidParameter."""
    today = portal().clock.today()
    until = day_from(request.args, "until", today) or today
    since = day_from(request.args, "since") or until - timedelta(days=USUAL)
    if not since <= until <= since + timedelta(days=LONGEST):
        raise InvalidParameter(
            "since", "起止日期不对，最长一年。", "must be a day before the end, at most a year"
        )
    return since, until


def _question() -> Question:
    """What of the ledger is asked for. Raises InvalidParameter."""
    event, way = request.args.get("event", ""), request.args.get("way", "")
    if event and event not in set(Event):
        raise InvalidParameter("event", "请选择列表中的事项。", "must be one of the list")
    if way not in ("", "out", "in"):
        raise InvalidParameter("way", "应为 out 或 in。", "must be out or in")
    return Question(
        outgoing=way == "out" if way else None,
        event=Event(event) if event else None,
        sequence=number_in("sequence"),
        below=number_in("below"),
    )


def _pager(partner: str, entries: list[Entry], asked: Question) -> Pager:
    kept: dict[str, Any] = {
        name: value for name in ("event", "way", "sequence") if (value := request.args.get(name))
    }
    first = url_for("account.exchange_partner", partner=partner, **kept)
    more = None
    if len(entries) > PAGE:
        more = url_for("account.exchange_partner", partner=partner, below=entries[PAGE - 1].id, **kept)
    return Pager(more, first if asked.below is not None else None)


def _standing(state: PartnerState) -> Badge:
    it = state.partner.it
    if not it.active:
        return Badge(_("已停用"), "neutral")
    if state.refused:
        return Badge(_("对方多次拒收"), "bad")
    if state.partner.hindered:
        return Badge(_("无法连接"), "bad")
    if state.late:
        return Badge(_("逾期未确认"), "bad")
    if state.waiting:
        return Badge(_("等待确认"), "warn")
    return Badge(_("正常"), "good")


def _level(partner: Standing) -> str:
    zh, en = LEVELS[partner.it.level]
    return en if english() else zh


def _delivered(delivery: str | None, at: Any) -> Cell:
    return Cell(f"{delivery} · {instant(at).text}" if delivery and at else None)


def _facts(state: PartnerState) -> list[Field]:
    it = state.partner.it
    ways = {"folder": _("交换目录"), "sftp": "SFTP", "https": "HTTPS"}
    rhythm = _("每日 %(at)s", at=it.at.strftime("%H:%M")) if it.at else _("每 %(n)s 分钟", n=it.every_minutes)
    none = _("（无）")
    return [
        Field(_("层级"), Cell(_level(state.partner))),
        Field(_("辖区"), Cell(it.region, code=True)),
        Field(_("对接机关"), Cell(it.agency or None)),
        Field(_("联系人"), Cell(it.contact or None)),
        Field(_("传输方式"), Cell(ways[it.way])),
        Field(_("向对方发送"), Cell(_kinds(it.gets) or none)),
        Field(_("发送范围"), Cell("、".join(it.sent_regions), code=True)),
        Field(_("由对方报送"), Cell(_kinds(it.sends) or none)),
        Field(_("报送入库"), Cell(_("直接入库") if it.trusted else _("经发布台审核"))),
        Field(_("发送频次"), Cell(_("%(rhythm)s；撤下通知即时", rhythm=rhythm))),
        Field(
            _("回执"),
            Cell(_("%(n)s 小时内", n=it.acknowledge_hours) if it.acknowledges else _("不要求")),
        ),
        Field(_("最近送达"), _delivered(state.last_sent, state.last_sent_at)),
        Field(_("最近确认"), _delivered(state.last_settled, state.last_settled_at)),
        Field(_("最近收到"), _delivered(state.last_received, state.last_received_at)),
    ]


def _kinds(names: Iterable[str]) -> str:
    return "、".join(kind_label(kinds()[name]) for name in names)


def _unsent_table(found: list[Unsent]) -> Table:
    rows = [
        [
            Cell(each.record, code=True),
            Cell(kind_label(kinds()[each.kind])),
            Cell(badge=Badge(_("对方退回") if each.by_partner else _("不合模板"), "warn")),
            Cell("；".join(f"{column} {zh}".strip() for column, zh in each.reasons)),
        ]
        for each in found
    ]
    return Table(_("未送达记录"), [_("记录"), _("种类"), _("原因类别"), _("原因")], rows)


def _figures(found: Quality) -> list[tuple[str, int]]:
    return [
        (_("报送批次"), found.deliveries),
        (_("重复报送的批次"), found.again),
        (_("行数"), found.rows),
        (_("退回行数"), found.rejected),
        (_("超过公示期限的行数"), found.late),
        (_("最多晚（天）"), found.latest_by),
        (_("新增记录"), found.added),
        (_("更正记录"), found.changed),
        (_("重复的行数"), found.unchanged),
    ]


def _quality(found: Quality) -> dict[str, Any]:
    reasons = [[Cell(reason), Cell(f"{number:,}")] for reason, number in found.reasons.most_common(20)]
    return {
        "fields": [Field(name, Cell(f"{number:,}")) for name, number in _figures(found)],
        "share": f"{100 * found.rejected_share:.1f} %",
        "reasons": Table(_("退回原因"), [_("退回原因"), _("行数")], reasons) if reasons else None,
    }


def event_words() -> dict[Event, Badge]:
    """What happened, in a word."""
    return {
        Event.MADE: Badge(_("生成"), "neutral"),
        Event.SENT: Badge(_("送达"), "neutral"),
        Event.FAILED: Badge(_("发送未成"), "bad"),
        Event.ACKNOWLEDGED: Badge(_("对方确认"), "good"),
        Event.REFUSED: Badge(_("拒收"), "bad"),
        Event.ARRIVED: Badge(_("收到"), "neutral"),
        Event.AGAIN: Badge(_("重复收到"), "warn"),
        Event.GAP: Badge(_("缺号"), "bad"),
        Event.GIVEN: Badge(_("转发布台"), "neutral"),
        Event.SETTLED: Badge(_("办结并回执"), "good"),
        Event.HINDERED: Badge(_("无法连接"), "bad"),
    }


def _choices(partner: str) -> list[NavItem]:
    """Ways to narrow the ledger."""
    own, event = request.args.get("way", ""), request.args.get("event", "")

    def to(text: str, here: bool, way: str | None = None, event: str | None = None) -> NavItem:
        href = url_for("account.exchange_partner", partner=partner, way=way, event=event)
        return NavItem(text, href, here)

    return [
        to(_("全部"), not own and not event),
        to(_("发出"), own == "out", way="out"),
        to(_("收到"), own == "in", way="in"),
        to(_("拒收"), event == "refused", event="refused"),
        to(_("缺号"), event == "gap", event="gap"),
    ]


def _ledger_table(entries: list[Entry]) -> Table:
    words = event_words()
    rows = [
        [
            Cell(_time(each)),
            Cell(badge=words[each.event]),
            Cell(_("发出") if each.outgoing else _("收到")),
            Cell(address_of(each.series, each.sequence), code=True),
            Cell(f"{each.rows:,}"),
            Cell(f"{each.removals:,}"),
            Cell(f"{each.rejected:,}"),
            Cell(each.detail),
        ]
        for each in entries
    ]
    columns = [_("北京时间"), _("事项"), _("方向"), _("批次"), _("行数"), _("撤下"), _("退回"), _("说明")]
    return Table(_("交换台账"), columns, rows)


def _time(entry: Entry) -> str:
    return f"{entry.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if entry.at else ""


def _csv(name: str, header: list[str], rows: Iterable[list[str]]) -> Download:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(header)
    writer.writerows([escaped(cell) for cell in row] for row in rows)
    answer = Download(target.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return keep_to_browser(answer)
