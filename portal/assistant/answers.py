"""What a tool answers: the API's own answer, and beside it where it can be looked up and what it does not mean."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from zhixin_client import models

STATUTORY = (
    "法定查询渠道为“信用中国”网站和“中国政府采购网”；认证证书以全国认证认可信息公共服务平台（cx.cnca.cn）为准。"
    "Auxiliary only. The statutory channels are Credit China and the China Government Procurement website; for certificates, cx.cnca.cn."
)

NEWEST = 5
"""Records of a kind that a credit file tells an assistant of; the counts always count all."""


class Sources(BaseModel):
    """What an answer rests on, to be given to whoever asked."""

    links: list[str] = Field(description="Pages where people can see the same; quote them.")
    register_version: int | None = Field(description="Version of the register that says so.")
    recorded_at: datetime | None = Field(description="When that version was recorded.")
    rules_version: str | None = Field(
        None, description="Version of the restriction rules, where they were applied."
    )
    statutory_channels: str = STATUTORY


class Told(BaseModel):
    """Base of all answers."""

    sources: Sources
    does_not_mean: list[str] = Field(description="What must not be concluded; tell it along with the answer.")


class Hit(BaseModel):
    """Somebody or something found."""

    kind: str
    code: str | None = Field(description="The subject's unified code: what the other tools take.")
    name: str | None
    title: str
    status: str | None
    region: str | None
    why: list[str]
    page: str


class SearchTold(Told):
    """Enterprises and institutions that a search found."""

    certain: bool = Field(
        description="The first has all that was asked for; else all are only near ones: other subjects, maybe."
    )
    degraded: bool
    total: int
    results: list[Hit]


class RecordLine(BaseModel):
    """One published record in short."""

    id: str = Field(description="For record_history.")
    title: str
    number: str | None
    authority: str | None
    status: str | None
    dated: date | None
    valid_until: date | None
    under_objection_since: date | None
    page: str


class KindTold(BaseModel):
    """A kind's records: how many in all, and the newest."""

    label: str
    count: int
    newest: list[RecordLine]


class CreditFileTold(Told):
    """The credit file of one subject in short."""

    subject: models.SubjectAnswer
    former_names: list[str]
    records: dict[str, KindTold]
    restrictions_today: list[models.RestrictionShort]


class CertificateTold(Told):
    """A certificate number that the register has."""

    number: str
    result: str
    result_label: str
    as_of: date
    holder_matches: bool | None
    certificates: list[RecordLine]
    holders: list[str]


class RestrictionsTold(Told):
    """Where a subject is restricted on a day."""

    subject: models.SubjectAnswer
    as_of: date
    known_at: datetime
    restricted: bool
    next_change: date | None
    domains: list[models.DomainAnswer]


class ListTold(Told):
    """Entries of a list, newest first."""

    label: str
    entries: list[RecordLine]
    subjects: list[str]
    more: bool = Field(description="There are further entries; ask by region or since.")


class VersionLine(BaseModel):
    """One version of a record."""

    number: int
    change: Literal["published", "changed", "withdrawn", "restored"]
    recorded_at: datetime
    superseded_at: datetime | None
    reason: str | None
    said: RecordLine | None


class HistoryTold(Told):
    """A record's versions and the objections to it."""

    id: str
    versions: list[VersionLine]
    objections: list[models.ObjectionAnswer]


class Pages:
    """Addresses of the portal's pages."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")

    def at(self, path: str) -> str:
        """The whole address of a path."""
        return self._base + path

    def line(self, record: models.RecordAnswer) -> RecordLine:
        """A record in short."""
        return RecordLine(
            id=record.id,
            title=record.title,
            number=record.number,
            authority=record.issuer,
            status=record.status_label,
            dated=record.dated,
            valid_until=record.valid_until,
            under_objection_since=record.disputed_since,
            page=self.at(record.url),
        )

    def sources(
        self, paths: Iterable[str], evidence: models.Evidence | models.RestrictionsEvidence | None
    ) -> Sources:
        """Where an answer can be looked up and what it rests on."""
        rules = evidence.rules_version if isinstance(evidence, models.RestrictionsEvidence) else None
        return Sources(
            links=[self.at(path) for path in dict.fromkeys(paths)],
            register_version=evidence.register_version if evidence else None,
            recorded_at=evidence.recorded_at if evidence else None,
            rules_version=rules,
        )


NEAR_NAMES = (
    "A near name may be another enterprise. Compare the unified code before saying anything about one."
)
ABSENCE = "Finding nothing does not mean that there is nothing: the register holds what was reported to it and is public today."
REPAIRED = "What has been repaired or has passed its publicity period is not shown, for past days either."
NOT_QUALITY = "A valid management-system certificate says nothing about the quality of a product."
NOT_FORGED = "An unknown number is no proof of forgery: bodies may report a month's certificates until the 10th of the next month."
CLEAR = "Clear means that no rule known here restricts on that day by facts known here; it is no proof that somebody may bid."
NOT_GUILT = "An entry or penalty is a published fact with a term, possibly under objection; it is no verdict beyond what it says."
