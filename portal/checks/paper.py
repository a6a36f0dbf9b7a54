"""A filed check as a workbook (核查结果 XLSX): from what the receipt keeps, so that the paper says what was found then, not today."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from indexer.register.receipts import Receipt
from portal.checks.model import Bidder, Candidate, Match, Note
from portal.checks.workbook import About, DomainCell, RequirementCell, ResultRow, workbook
from portal.restrictions.rules import DOMAINS

Plain = dict[str, Any]


def paper(
    receipt: Receipt, about: Plain, bidders: Iterable[Plain], verify_url: str, *, english: bool
) -> bytes:
    """The XLSX of a check: `about` is its JSON without bidders, `verify_url` where its number can be confirmed."""
    codes = domain_codes(about)
    labels = {domain.code: domain.en if english else domain.zh for domain in DOMAINS}
    evidence = about["evidence"]
    heading = About(
        project=about["project"],
        as_of=date.fromisoformat(about["as_of"]),
        known_at=datetime.fromisoformat(about["known_at"]),
        made_at=datetime.fromisoformat(about["checked_at"]),
        register_version=str(evidence["register_version"]),
        rule_version=evidence["rules_version"],
        number=receipt.number,
        hash=receipt.hash or "",
        domains=tuple(labels[code] for code in codes),
        requirements=tuple(requirement_label(each) for each in about["requirements"]),
        verify_url=verify_url,
        english=english,
    )
    return workbook(heading, _rows(bidders, codes, about["ties"], "en" if english else "zh"))


def domain_codes(about: Plain) -> list[str]:
    """The domains that a check was asked about, in the order of all."""
    return [domain.code for domain in DOMAINS if not about["domains"] or domain.code in about["domains"]]


def requirement_label(requirement: Plain) -> str:
    """A required certificate in a few words."""
    parts = (requirement["certificate_kind"], requirement["standard"], requirement["scope"])
    text = " · ".join(filter(None, parts))
    return f"{text} ({requirement['valid_on']})" if requirement["valid_on"] else text


def parent_note(parent: Plain) -> Mapping[str, str]:
    """Whose branch a bidder is and where that enterprise is restricted, in both languages (`zh`, `en`)."""
    name = parent["name"]
    held = [each["label"] for each in parent["domains"] if each["status"] != "clear"]
    if parent.get("stated"):  # receipts of before do not have it: then it was the name
        zh, en = f"登记的隶属企业是 {name}", f"By its record a branch of {name}"
    else:
        zh, en = f"从名称看是 {name} 的分支机构", f"By its name a branch of {name}"
    if not held:
        return {"zh": f"{zh}；该企业未见限制。", "en": f"{en}, for which no restriction was found."}
    return {
        "zh": f"{zh}；该企业在这些领域受限：{'、'.join(each['zh'] for each in held)}。",
        "en": f"{en}, which is restricted in: {', '.join(each['en'] for each in held)}.",
    }


def _rows(bidders: Iterable[Plain], codes: list[str], ties: list[Plain], lang: str) -> Iterator[ResultRow]:
    tied: dict[int, list[str]] = defaultdict(list)
    for tie in ties:
        for row in tie["rows"]:
            tied[row].append(tie["explanation"][lang])
    for bidder in bidders:
        held = {each["code"]: each for each in bidder["domains"]}
        yield ResultRow(
            bidder=Bidder(bidder["row"], bidder["id"], bidder["name"], _notes(bidder["notes"])),
            match=_match(bidder["match"]),
            domains=tuple(_domain(held.get(code)) for code in codes),
            requirements=tuple(
                RequirementCell(cell["met"], cell["explanation"][lang]) for cell in bidder["requirements"]
            ),
            reasons=tuple(_reasons(bidder, lang)),
            ties=tuple(tied[bidder["row"]]),
        )


def _domain(domain: Plain | None) -> DomainCell:
    if domain is None:
        return DomainCell("unknown")
    until = domain["until"]
    return DomainCell(domain["status"], date.fromisoformat(until) if until else None)


def _reasons(bidder: Plain, lang: str) -> Iterator[str]:
    for domain in bidder["domains"]:
        for cause in domain["because"]:
            yield f"{domain['label'][lang]}：{cause['explanation'][lang]} {cause['basis']}"
    if bidder["parent"] is not None:
        yield parent_note(bidder["parent"])[lang]
    for honour in bidder["honours"]:
        yield honour["explanation"][lang]


def _match(match: Plain) -> Match:
    return Match(
        certainty=match["certainty"],
        code=match["code"],
        name=match["name"],
        path=_notes([*match["path"], *match["notes"]]),
        candidates=tuple(
            Candidate(each["code"], each["name"], each["score"], each["why"]["zh"], each["why"]["en"])
            for each in match["candidates"]
        ),
    )


def _notes(notes: list[Plain]) -> tuple[Note, ...]:
    return tuple(Note(each["code"], each["zh"], each["en"]) for each in notes)
