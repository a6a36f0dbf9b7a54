"""Who was sent a record (接收单位), and which of them has confirmed that it dropped one that is not public any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from indexer.clock import day_of
from indexer.exchange.removals import REASONS
from indexer.exchange.state import Receiver, receivers
from portal.context import portal
from portal.i18n import english
from portal.pages.components import Badge, Cell, Table

MOST = 500  # records that are not public and are looked at for removals on their way


@dataclass(frozen=True, slots=True)
class Told:
    """A receiver in words; `late_since` is a day."""

    title: str
    badge: Badge
    sent_on: str | None
    confirmed_on: str | None
    late_since: str | None
    why: str


def receivers_of(record: str) -> list[Told]:
    """The receivers of one record."""
    return [_told(each) for each in _found([record]).get(record, [])]


def open_removals(hidden: Mapping[str, Cell]) -> Table | None:
    """The removals that a receiver has not confirmed, of records that are not public, each with what it is called; None where there are none."""
    found = _found(list(hidden)[:MOST])
    rows = []
    for record, receivers_ in found.items():
        for each in receivers_:
            if each.removed and each.confirmed_at is None:
                told = _told(each)
                rows.append(
                    [
                        hidden[record],
                        Cell(told.title),
                        Cell(badge=told.badge),
                        Cell(day=told.late_since),
                    ]
                )
    columns = [_("记录"), _("接收单位"), _("撤下情况"), _("逾期起始")]
    return Table(_("等待接收单位撤下"), columns, rows) if rows else None


def _found(records: Sequence[str]) -> dict[str, list[Receiver]]:
    return receivers(portal().exchange.partners, records)


def _told(it: Receiver) -> Told:
    why = REASONS[it.reason][1 if english() else 0] if it.reason else ""
    return Told(
        it.title,
        _badge(it),
        day_of(it.sent_at).isoformat() if it.sent_at else None,
        day_of(it.confirmed_at).isoformat() if it.confirmed_at else None,
        day_of(it.late_since).isoformat() if it.late_since else None,
        why,
    )


def _badge(it: Receiver) -> Badge:
    if not it.removed:
        return Badge(_("持有"), "neutral") if it.sent_at else Badge(_("待送达"), "neutral")
    if it.confirmed_at is not None:
        return Badge(_("已确认撤下"), "good")
    if it.late_since is not None:
        return Badge(_("逾期未确认"), "bad")
    return Badge(_("已通知，待确认"), "warn") if it.removal_sent_at else Badge(_("正在通知"), "warn")
