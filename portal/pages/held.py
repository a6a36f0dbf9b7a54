"""Words for what is held (留存信息): why a record is public or not, what its repair needs, and what bars it."""

from collections.abc import Sequence
from datetime import date

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from indexer.clock import day_of
from indexer.enterprise.days import Outlook
from indexer.register.held import ENDED, NOT_YET, PUBLIC, TAKEN_DOWN
from indexer.register.holding import OwnRecord
from indexer.rules.publicity import PenaltyClass
from indexer.rules.repair import Bar, Basis, Missing
from portal.context import portal
from portal.i18n import english
from portal.labels import kind_label
from portal.pages.case_parts import shown
from portal.pages.cells import record_title, status_badge
from portal.pages.components import Badge, Cell, Table


def held_title(record: OwnRecord) -> str:
    """What a record is called; only its kind where its content is not told."""
    if record.content is None:
        return str(_("%(kind)s（内容不在此显示）", kind=kind_label(record.kind)))
    return record_title(record.content)


def standing_badge(record: OwnRecord) -> Badge:
    """Whether anybody may see it, in a word."""
    words = {
        PUBLIC: Badge(_("公示中"), "warn" if _adverse(record) else "good"),
        ENDED: Badge(_("公示期满"), "neutral"),
        NOT_YET: Badge(_("尚未公示"), "neutral"),
        TAKEN_DOWN: Badge(_("已撤下"), "neutral"),
        "repaired": Badge(_("已修复"), "good"),
    }
    return words.get(record.standing) or Badge(_("不公示"), "neutral")


def why(record: OwnRecord) -> str:
    """Why it is public and until when, or why it is not."""
    until, since = record.public_until, record.public_from
    if record.standing == PUBLIC and until is not None:
        return str(_("公示至 %(day)s，次日起自动停止公示。", day=until.isoformat()))
    if record.standing == PUBLIC and _adverse(record):
        return str(_("没有期满日，移出或修复后停止公示。"))
    if record.standing == ENDED and until is not None:
        return str(_("公示期到 %(day)s 为止，已自动停止公示。", day=until.isoformat()))
    if record.standing == NOT_YET and since is not None:
        return str(_("从 %(day)s 起公示。", day=since.isoformat()))
    words = {
        PUBLIC: _("长期公示。"),
        TAKEN_DOWN: _("已经撤下，不再公示；原因见各版本。"),
        "natural-person": _("涉及自然人，不公示。"),
        "withdrawn-by-authority": _("作出机关已撤回、变更或撤销，不再公示。"),
        "repaired": _("已完成信用修复，停止公示。"),
        "warning-only": _("仅给予警告，依规不公示。"),
        "minor": _("属轻微失信信息，依规不公示。"),
    }
    return str(words.get(record.standing) or _("依规不公示。"))


def class_words(severity: PenaltyClass | None) -> str:
    """The class of a record (失信程度)."""
    words: dict[str | None, str] = {
        "minor": _("轻微"),
        "general": _("一般"),
        "serious": _("严重"),
        None: _("不分类"),
    }
    return words[severity]


def bar_words(bar: Bar) -> str:
    """Why nothing can be applied for."""
    words: dict[Bar, str] = {
        "honour": _("这是荣誉信息，没有需要修复的。"),
        "repaired": _("已经修复。"),
        "hidden": _("本来就不公示，不需要修复。"),
        "over": _("公示期已满，不需要修复。"),
        "unshortened": _("这类处罚的公示期依规不得缩短，期满后自动停止公示。"),
        "ends-first": _("公示期会先于可申请之日届满，到期自动停止公示，不需要申请。"),
    }
    return words[bar]


def need_words(need: Missing) -> str:
    """Something that is missing."""
    day = need.day.isoformat() if need.day is not None else ""
    words = {
        "period": _("最短公示期还没有满，%(day)s 起可以申请。", day=day),
        "correction": _("没有改正和履行完毕的日期，申请时请填写并附证明材料。"),
        "promise": _("还没有公开作出信用承诺，请先在“自我声明”里提交质量（信用）承诺。"),
        "clean": _("列入以后又在 %(day)s 受到较重处罚。", day=day),
    }
    return str(words[need.need])


def basis_words(basis: Basis) -> str:
    """What a rule rests on, and whether its wording has been checked."""
    text = basis.en if english() and basis.en else basis.zh
    if basis.verified:
        return text
    return str(_("%(basis)s（条文待核对）", basis=text))


def days_words(days: int) -> str:
    """A number of days from today."""
    if days == 0:
        return str(_("今天"))
    return str(ngettext("还有 %(num)d 天", "还有 %(num)d 天", days))


def held_table(code: str, records: Sequence[OwnRecord], caption: str) -> Table:
    """Records of one kind as their subject reads them, each with the way to its own page."""
    numbered = any(_number(each) for each in records)
    heads = [_("记录"), _("编号"), _("日期"), _("现状"), _("公示"), _("为什么")]
    rows = [
        [
            Cell(held_title(each), href=record_href(code, each)),
            Cell(_number(each), code=True),
            Cell(day=each.dated.isoformat() if each.dated is not None else None),
            Cell(badge=status_badge(each.content) if each.content is not None else None),
            Cell(badge=standing_badge(each)),
            Cell(why(each)),
        ]
        for each in records
    ]
    if not numbered:
        heads, rows = heads[:1] + heads[2:], [row[:1] + row[2:] for row in rows]
    return Table(caption, heads, rows)


def record_href(code: str, record: OwnRecord) -> str:
    """The page of one record for its subject."""
    return str(url_for("account.enterprise_record", code=code, identity=record.id))


def outlook_words(outlook: Outlook) -> str:
    """When and how the publication of an adverse record can end before its time."""
    if outlook.bar is not None:
        return bar_words(outlook.bar)
    if outlook.open:
        return str(_("现在可以申请修复。"))
    return " ".join(need_words(each) for each in outlook.missing if each.need in ("period", "clean"))


def cases_table(code: str, kind: str, caption: str, today: date) -> Table:
    """What an enterprise has filed of one kind, newest first."""
    found = [shown(each, today) for each in portal().room.docket.all_of_enterprise(code, (kind,))]
    return Table(
        caption,
        [_("编号"), _("事项"), _("提交时间"), _("办理期限"), _("办理情况")],
        [
            [
                Cell(
                    it.case.number,
                    href=url_for("account.enterprise_case", code=code, number=it.case.number),
                    code=True,
                ),
                Cell(it.case.title),
                Cell(day=day_of(it.case.filed_at).isoformat()),
                Cell(day=it.due or None),
                Cell(badge=Badge(it.result, it.state.tone) if it.result else it.state),
            ]
            for it in found
        ],
    )


def _number(record: OwnRecord) -> str | None:
    return record.content.number if record.content is not None else None


def _adverse(record: OwnRecord) -> bool:
    return record.repair is not None and record.repair.bar != "honour"
