"""The restriction status of a credit file: its disclosed records become facts, the rules are applied to them."""

from collections.abc import Iterable
from datetime import date

from indexer.errors import InvalidParameter
from indexer.register.disclosure import PublicRecord
from portal.restrictions.evaluate import DomainStatus, evaluate
from portal.restrictions.facts import Fact
from portal.restrictions.rules import DOMAINS, RuleSet


def domains(records: Iterable[PublicRecord], rules: RuleSet, as_of: date) -> tuple[DomainStatus, ...]:
    """The status in every domain on `as_of`, from records that have passed the door."""
    return evaluate(
        (_fact(record.on(as_of)) for record in records if record.kind.name in rules.of_kind), rules, as_of
    )


def known_domain(code: str) -> None:
    """Refuse a domain that does not exist. Raises InvalidParameter with those that do."""
    codes = [domain.code for domain in DOMAINS]
    if code not in codes:
        raise InvalidParameter(
            "domain", f"没有这个限制领域；可用：{'、'.join(codes)}。", f"must be one of {', '.join(codes)}"
        )


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
        status=record.status,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
