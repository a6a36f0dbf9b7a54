"""The restriction status of a credit file: its disclosed records become facts, the rules are applied to them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from indexer.errors import InvalidParameter
from indexer.register.disclosure import PublicRecord
from portal.restrictions.branches import NOBODY, Followed
from portal.restrictions.evaluate import DomainStatus, judge
from portal.restrictions.facts import Fact, StatePeriod
from portal.restrictions.holdings import Holding, holdings
from portal.restrictions.rules import DOMAINS, RuleSet
from portal.restrictions.scope import Place, UnknownPlace, place
from portal.restrictions.spans import says

_DAY = timedelta(days=1)


def domains(
    records: Iterable[PublicRecord], rules: RuleSet, as_of: date, others: Followed = NOBODY
) -> tuple[DomainStatus, ...]:
    """The status in every domain on `as_of`, from records of one subject that have passed the door, and of `others` that it follows."""
    return judge(held(records, rules, others), as_of)


def held(records: Iterable[PublicRecord], rules: RuleSet, others: Followed = NOBODY) -> tuple[Holding, ...]:
    """Every span, past and future, in which a rule restricts the subject of some records that have passed the door.

    It follows `others`, the enterprise whose branch it is and those it was merged or divided from, by the rules that say so.
    """
    own = holdings((_fact(record) for record in records if _concerns(record, rules)), rules)
    if (parent := others.parent) is not None and rules.for_branches is not None:
        reaching = held(parent.records, rules.for_branches)
        own += tuple(replace(each, parent=parent.subject) for each in reaching)
    if rules.for_successors is not None:
        for file in others.predecessors:
            reaching = held(file.records, rules.for_successors)
            own += tuple(replace(each, predecessor=file.subject) for each in reaching)
    return own


def known_domain(code: str) -> None:
    """Refuse a domain that does not exist. Raises InvalidParameter with those that do."""
    codes = [domain.code for domain in DOMAINS]
    if code not in codes:
        raise InvalidParameter(
            "domain", f"没有这个限制领域；可用：{'、'.join(codes)}。", f"must be one of {', '.join(codes)}"
        )


def covering(rules: RuleSet, where: str | None, trade: str | None) -> RuleSet:
    """The rules that restrict in a place and a trade that somebody names, None or "" for any.

    Raises InvalidParameter for an unknown place, and for a trade that no rule is bounded to: to leave rules out because a word is
    written another way would tell somebody restricted that he is clear.
    """
    found: Place | None = None
    if where:
        try:
            found = place(where, near=True)
        except UnknownPlace as error:
            raise InvalidParameter("place", error.zh, error.en) from None
    if trade and trade not in rules.trades:
        zh, en = "、".join(rules.trades) or "无", ", ".join(rules.trades) or "none"
        raise InvalidParameter(
            "trade",
            f"没有规则只对这个行业适用；可用：{zh}。",
            f"must be a trade that rules are bounded to: {en}",
        )
    return rules.covering(found, trade or None)


def _concerns(record: PublicRecord, rules: RuleSet) -> bool:
    """Whether some rule may need a record: most meet the words of none, and need not be made facts of."""
    for rule in rules.of_kind.get(record.kind.name, ()):
        if rule.trigger.latest_by or says(record.values, rule.trigger):  # a later grade ends an earlier one
            return True
    return False


def _fact(record: PublicRecord) -> Fact:
    values = record.values
    return Fact(
        record=record.id,
        kind=record.kind.name,
        title=record.title,
        document_number=_text(values.get("document_number")) or record.number,
        authority=_text(values.get("authority")) or _text(values.get("issuer")),
        category=record.category,
        values=values,
        since=record.valid_from or record.dated,
        until=record.valid_until,
        states=partial(states, record),
        region=record.region,
    )


def states(record: PublicRecord) -> tuple[StatePeriod, ...]:
    """The effective states of a record over all days: they change only where a stored state begins or its validity begins or is over."""
    if not record.kind.statuses.terms:
        return (StatePeriod(date.min, date.max, None),)
    changes = {date.min, *(state.since for state in record.states if state.since is not None)}
    if record.valid_from is not None:
        changes.add(record.valid_from)
    if record.valid_until is not None and record.valid_until < date.max:
        changes.add(record.valid_until + _DAY)
    firsts = sorted(changes)
    lasts = [*(day - _DAY for day in firsts[1:]), date.max]
    return tuple(
        StatePeriod(first, last, record.status_on(first)) for first, last in zip(firsts, lasts, strict=True)
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
