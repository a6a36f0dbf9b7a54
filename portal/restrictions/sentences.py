"""A rule's sentences for people: the template of the rule with the fact's own words and days in it."""

from datetime import date

from portal.restrictions.facts import Fact
from portal.restrictions.rules import Rule
from portal.restrictions.spans import End, Span


def sentences(rule: Rule, fact: Fact, span: Span, count: int) -> tuple[str, str]:
    """The Chinese and the English sentence, with the rule's scope where it has bounds. `count` is how often it came to `fact`."""
    day = span.counted_from
    number = fact.document_number
    zh = rule.zh.format(
        title=fact.title,
        document=f"（{number}）" if number else "",
        authority=fact.authority or "有关机关",
        day=_day_zh(day) if day else "日期未公布",
        until=_until_zh(span.last, span.end),
        count=count,
    )
    en = rule.en.format(
        title=fact.title,
        document=f" ({number})" if number else "",
        authority=fact.authority or "the authority",
        day=day.isoformat() if day else "a day not published",
        until=_until_en(span.last, span.end),
        count=count,
    )
    return zh + rule.scope.zh, en + rule.scope.en


def _day_zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _until_zh(last: date, end: End) -> str:
    match end:
        case "life":
            return "终身"
        case "open":
            return "截止日期未公布"
        case "latest":
            return f"最迟到{_day_zh(last)}（含当日）"
        case "known":
            return f"到{_day_zh(last)}（含当日）"


def _until_en(last: date, end: End) -> str:
    match end:
        case "life":
            return "for life"
        case "open":
            return "no last day published"
        case "latest":
            return f"{last.isoformat()} at the latest, that day included"
        case "known":
            return f"{last.isoformat()}, that day included"
