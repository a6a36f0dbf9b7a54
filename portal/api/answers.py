"""From what the register says to what the API answers. Plain functions; the views only call them."""

from collections.abc import Sequence

from indexer.kinds import kinds
from indexer.register.disclosure import PublicRecord, PublicSubject
from indexer.register.disputes import Dispute
from indexer.register.reading import CreditFile, HistoryEntry
from indexer.register.versions import RegisterVersion
from indexer.search.protocol import Hit, Results
from portal.api import schemas
from portal.i18n import english
from portal.labels import domain_label, facet_label, kind_label, offer_label, sentence, status_label
from portal.passages import passages_of
from portal.restrictions.evaluate import DomainStatus
from portal.searching import Found

NEWEST = 20  # records of a kind that the credit file carries; the rest are at /subjects/ID/records


def subject(subject: PublicSubject) -> schemas.SubjectAnswer:
    """Whom records are about."""
    return schemas.SubjectAnswer(
        id=subject.code,
        uscc=subject.uscc,
        organisation_code=subject.organisation_code,
        registration_number=subject.registration_number,
        name=subject.name,
        type=subject.type,
        region=subject.region,
    )


def record(record: PublicRecord) -> schemas.RecordAnswer:
    """One published record."""
    issuer = record.values.get("issuer") or record.values.get("authority")
    return schemas.RecordAnswer(
        id=record.id,
        kind=record.kind.name,
        kind_label=kind_label(record.kind),
        uscc=record.subject.uscc if record.subject else None,
        name=record.name,
        title=record.title,
        number=record.number,
        issuer=str(issuer) if issuer else None,
        category=record.category,
        status=record.status,
        status_label=status_label(record),
        region=record.region,
        dated=record.dated,
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        public_until=record.public_until,
        disputed_since=record.disputed,
        fields=dict(record.values),
        extra=dict(record.extra),
        source=record.source,
        version=record.batch,
        recorded_at=record.recorded_at,
        url=f"/records/{record.id}",
    )


def evidence(version: RegisterVersion) -> schemas.Evidence:
    """What an answer rests on."""
    return schemas.Evidence(register_version=version.number, recorded_at=version.recorded_at)


def credit_file(file: CreditFile, domains: Sequence[DomainStatus]) -> schemas.CreditFileAnswer:
    """The credit file with its newest records of each kind."""
    by_kind: dict[str, list[PublicRecord]] = {name: [] for name in kinds()}
    for each in file.records:
        by_kind[each.kind.name].append(each)
    return schemas.CreditFileAnswer(
        subject=subject(file.subject),
        former_names=list(file.former_names),
        records={
            name: schemas.RecordsOfKind(
                kind=name,
                label=kind_label(kinds()[name]),
                count=len(records),
                records=[record(each) for each in records[:NEWEST]],
            )
            for name, records in by_kind.items()
            if records
        },
        restrictions=[
            schemas.RestrictionShort(code=d.code, label=domain_label(d), status=d.status, until=d.until)
            for d in domains
        ],
        evidence=evidence(file.version),
    )


def domain(status: DomainStatus) -> schemas.DomainAnswer:
    """The status in one domain with its causes."""
    return schemas.DomainAnswer(
        code=status.code,
        label=domain_label(status),
        status=status.status,
        until=status.until,
        next_change=status.next_change,
        because=[
            schemas.CauseAnswer.model_validate(
                {
                    "record": cause.record,
                    "title": cause.title,
                    "document_number": cause.document_number,
                    "authority": cause.authority,
                    "from": cause.since,
                    "until": cause.until,
                    "rule": cause.rule,
                    "basis": cause.basis,
                    "regions": [place.code for place in cause.scope.regions],
                    "trades": list(cause.scope.trades),
                    "facts": [
                        {
                            "record": fact.record,
                            "title": fact.title,
                            "document_number": fact.document_number,
                            "authority": fact.authority,
                        }
                        for fact in cause.facts
                    ],
                    "parent": {"code": cause.parent.code, "name": cause.parent.name}
                    if cause.parent
                    else None,
                    "predecessor": {"code": cause.predecessor.code, "name": cause.predecessor.name}
                    if cause.predecessor
                    else None,
                    "explanation": sentence(cause),
                }
            )
            for cause in status.because
        ],
    )


def search(query: str, found: Found) -> schemas.SearchAnswer:
    """A page of search results."""
    results = found.results
    return schemas.SearchAnswer(
        query=query,
        total=schemas.Total(value=results.total, relation=results.relation),
        took_ms=round(results.took_ms, 2),
        results=[_hit(hit, record, found) for hit, record in found.hits],
        facets=_facets(results),
        offers=[
            schemas.Offer(
                field=offer.field,
                value=offer.value,
                label=offer_label(offer, facet_label(offer.field, offer.value)),
                words=offer.words,
                wider=offer.wider,
            )
            for offer in found.offers()
        ],
        names=list(found.question.names),
        next=results.next,
        certain=results.certain,
        degraded=found.degraded,
        notice=(DEGRADED_EN if english() else DEGRADED) if found.degraded else None,
    )


DEGRADED = "完整检索暂时不可用：目前只能按完整的名称、代码或编号查到，没有查到不等于没有。证书验证、信用档案和限制查询不受影响；恢复后自动照常。"
DEGRADED_EN = (
    "Full search is not available now: only whole names, codes and numbers are found, and finding nothing does not mean that there is "
    "nothing. Verification, credit files and restriction status are not affected; search recovers by itself."
)


def _hit(hit: Hit, record: PublicRecord, found: Found) -> schemas.SearchHit:
    return schemas.SearchHit(
        kind=record.kind.name,
        id=record.id,
        uscc=record.subject.uscc if record.subject else None,
        name=record.subject.name if record.subject else record.name,
        title=record.title,
        highlight=[schemas.Segment(text=text, match=match) for text, match in found.highlight(record)],
        status=record.status,
        status_label=status_label(record),
        region=record.region,
        score=round(hit.score, 4),
        why=[schemas.Why(code=reason.code, zh=reason.zh) for reason in hit.why],
        passages=[
            schemas.PassageAnswer(
                heading=passage.heading,
                pieces=[schemas.Segment(text=text, match=match) for text, match in passage.pieces],
            )
            for passage in passages_of(hit, record, found.asked.q)
        ],
        under=found.under.get(record.id),
        url=found.url(record),
    )


def _facets(results: Results) -> dict[str, list[schemas.Facet]]:
    return {
        name: [
            schemas.Facet(value=value, label=facet_label(name, value), count=count) for value, count in values
        ]
        for name, values in results.facets.items()
    }


def history(
    identity: str, entries: Sequence[HistoryEntry], disputes: Sequence[Dispute]
) -> schemas.HistoryAnswer:
    """A record's versions and the objections to it, oldest first."""
    return schemas.HistoryAnswer.model_validate(
        {
            "id": identity,
            "versions": [
                {
                    "number": entry.number,
                    "recorded_at": entry.recorded_at,
                    "superseded_at": entry.superseded_at,
                    "change": entry.change,
                    "reason": entry.reason,
                    "record": record(entry.record) if entry.record else None,
                }
                for entry in entries
            ],
            "objections": [
                {
                    "since": dispute.opened_on,
                    "ended_at": dispute.ended_at,
                    "outcome": dispute.outcome,
                    "reason": dispute.reason,
                }
                for dispute in disputes
            ],
        }
    )


NOTICE = "本结果仅供辅助参考；法定查询渠道为“信用中国”网站和“中国政府采购网”。"
NOTICE_EN = "This result is auxiliary; the statutory channels are Credit China and the China Government Procurement website."


def notice() -> str:
    """What every restriction answer says of itself (domain.md 3.4)."""
    return NOTICE_EN if english() else NOTICE
