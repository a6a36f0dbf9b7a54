"""The operations of the API. Written by generate.py from the OpenAPI document: change that, not this."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, TypeVar

from zhixin_client.files import File
from zhixin_client.models import (
    BatchAnswer,
    BatchBody,
    CertificateAnswer,
    ChangeFeedAnswer,
    ChangesAnswer,
    CheckAnswer,
    CheckBody,
    CheckPending,
    CreditFileAnswer,
    HistoryAnswer,
    ListAnswer,
    Model,
    ReceiptAnswer,
    RecordAnswer,
    RecordsAnswer,
    RestrictionsAnswer,
    SearchAnswer,
    StatisticsAnswer,
    SuggestAnswer,
)

A = TypeVar("A", bound=Model)
B = TypeVar("B", bound=Model)
Argument = str | int | bool | date | datetime | None
Query = Mapping[str, Argument]


class Operations(ABC):
    """All operations, each with its arguments by the names of the document. An argument that is None is not sent."""

    @abstractmethod
    def _ask(self, method: str, path: str, query: Query, body: Model | File | None, answer: type[A]) -> A:
        """Ask for the address."""

    @abstractmethod
    def _ask_long(
        self, method: str, path: str, query: Query, body: Model | File | None, answer: type[A], later: type[B]
    ) -> A | B:
        """Ask for the address; where the answer takes longer, 202 gives a `later`."""

    @staticmethod
    @abstractmethod
    def _part(value: Argument) -> str:
        """A value as a part of an address."""

    def ask_check(
        self,
        body: CheckBody | File,
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
        project: str | None = None,
    ) -> CheckAnswer | CheckPending:
        """Check many bidders at once: who each is, where it is restricted on the day and why, which required
        certificates it holds, what connects them. As JSON, as a form with a `file` (CSV or XLSX) and the
        rest as JSON in `question`, or as the file alone. Up to 1,000 bidders are answered at once; more
        give 202 and a `Location` to follow. The answer is kept under `receipt.key`, which opens it again
        word for word, and `receipt.hash` is the SHA-256 of the answer without `receipt` in canonical JSON
        (RFC 8785).
        """
        return self._ask_long(
            "POST",
            "/checks",
            {"as_of": as_of, "known_at": known_at, "project": project},
            body,
            CheckAnswer,
            CheckPending,
        )

    def read_check_again(self, key: str) -> CheckAnswer | CheckPending:
        """A check again, byte for byte as it was answered, whatever was corrected since; 202 while it is
        being worked off.
        """
        return self._ask_long("GET", f"/checks/{self._part(key)}", {}, None, CheckAnswer, CheckPending)

    def check_changes(self, key: str) -> ChangesAnswer:
        """The same question asked now, and what is different from the check that was filed; at most 1,000
        bidders.
        """
        return self._ask("GET", f"/checks/{self._part(key)}/changes", {}, None, ChangesAnswer)

    def confirm_receipt(self, number: str) -> ReceiptAnswer:
        """Whether a receipt with this number exists, when and by which data it was made, and its hash;
        nothing of whom it is about.
        """
        return self._ask("GET", f"/receipts/{self._part(number)}", {}, None, ReceiptAnswer)

    def credit_files(self, body: BatchBody) -> BatchAnswer:
        """The credit files of up to 100 subjects at once, each as /subjects/ID answers it; a code that is
        wrong or unknown spoils no other. It counts as that many requests.
        """
        return self._ask("POST", "/subjects/batch", {}, body, BatchAnswer)

    def search_records(
        self,
        q: str,
        *,
        kind: Literal[
            "enterprise",
            "institution",
            "certificate",
            "licence",
            "rating",
            "brand",
            "listing",
            "penalty",
            "alert",
            "inspection",
            "declaration",
            "practitioner",
            "policy",
        ]
        | None = None,
        region: str | None = None,
        status: str | None = None,
        issuer: str | None = None,
        year: int | None = None,
        sort: Literal["relevance", "newest"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> SearchAnswer:
        """Find enterprises, institutions and records by name, code, number or words; with facets,
        highlighting and a reason per hit. While the search engine does not answer, `degraded` is true:
        only whole names, codes and numbers are found, on one page without facets. Each 20 hits given out
        count as one request; the whole register is had faster from /data.
        """
        return self._ask(
            "GET",
            "/search",
            {
                "q": q,
                "kind": kind,
                "region": region,
                "status": status,
                "issuer": issuer,
                "year": year,
                "sort": sort,
                "limit": limit,
                "cursor": cursor,
            },
            None,
            SearchAnswer,
        )

    def suggest(self, q: str) -> SuggestAnswer:
        """What might be meant by what has been typed so far, for type-ahead."""
        return self._ask("GET", "/suggest", {"q": q}, None, SuggestAnswer)

    def credit_file(self, id: str) -> CreditFileAnswer:
        """The credit file: identity, earlier names, records by kind with counts, restrictions in short."""
        return self._ask("GET", f"/subjects/{self._part(id)}", {}, None, CreditFileAnswer)

    def subject_records(
        self,
        id: str,
        *,
        kind: Literal[
            "enterprise",
            "institution",
            "certificate",
            "licence",
            "rating",
            "brand",
            "listing",
            "penalty",
            "alert",
            "inspection",
            "declaration",
            "practitioner",
            "policy",
        ]
        | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> RecordsAnswer:
        """A subject's published records, newest first. Each 20 given out count as one request."""
        return self._ask(
            "GET",
            f"/subjects/{self._part(id)}/records",
            {"kind": kind, "limit": limit, "cursor": cursor},
            None,
            RecordsAnswer,
        )

    def verify_certificate(
        self, number: str, *, holder: str | None = None, as_of: date | None = None
    ) -> CertificateAnswer:
        """Whether a certificate is genuine, in which state on a day, and this holder's. Where one number
        stands for several certificates, `result` is the gravest state among them (those of `holder`, when
        one is given and found).
        """
        return self._ask(
            "GET",
            f"/certificates/{self._part(number)}",
            {"holder": holder, "as_of": as_of},
            None,
            CertificateAnswer,
        )

    def restrictions(
        self,
        id: str,
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
        domain: Literal[
            "licensing",
            "bidding",
            "government_procurement",
            "construction",
            "public_resources",
            "honours",
            "service_purchase",
            "practice",
        ]
        | None = None,
        place: str | None = None,
        trade: str | None = None,
    ) -> RestrictionsAnswer:
        """Where a subject is restricted on a day, by which facts and rules, until when; with `known_at` by
        the rules that were in force then. Repaired and expired facts are left out, for past days too.
        """
        return self._ask(
            "GET",
            f"/restrictions/{self._part(id)}",
            {"as_of": as_of, "known_at": known_at, "domain": domain, "place": place, "trade": trade},
            None,
            RestrictionsAnswer,
        )

    def list_entries(
        self,
        name: Literal["red", "black", "watch", "abnormal"],
        *,
        since: date | None = None,
        region: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ListAnswer:
        """Entries of a list with their days of entry and exit, newest first. Entries that have ended are no
        longer public, but on the red list. Each 20 given out count as one request.
        """
        return self._ask(
            "GET",
            f"/lists/{self._part(name)}",
            {"since": since, "region": region, "limit": limit, "cursor": cursor},
            None,
            ListAnswer,
        )

    def one_record(self, id: str) -> RecordAnswer:
        """One record as it is public today."""
        return self._ask("GET", f"/records/{self._part(id)}", {}, None, RecordAnswer)

    def record_history(self, id: str) -> HistoryAnswer:
        """A record's versions: when published, changed, removed, and why."""
        return self._ask("GET", f"/records/{self._part(id)}/history", {}, None, HistoryAnswer)

    def changes(
        self,
        *,
        since: str | None = None,
        limit: int | None = None,
        kind: Literal[
            "enterprise",
            "institution",
            "certificate",
            "licence",
            "rating",
            "brand",
            "listing",
            "penalty",
            "alert",
            "inspection",
            "declaration",
            "policy",
        ]
        | None = None,
    ) -> ChangeFeedAnswer:
        """Every addition, change and removal of what is public, in order, for mirrors: what the calendar
        begins or ends, objections and repairs too. Begin without `since`, apply each entry (with a
        record: put it in the place of what is held under its id; without: take that away), keep `next`
        with it, and ask again with `since` from there, at once while `more` is true. A page may be empty
        and still have `more`. 410 says that the position is too old: empty the mirror and begin again.
        Persons (practitioners) are not in the feed.
        """
        return self._ask(
            "GET", "/changes", {"since": since, "limit": limit, "kind": kind}, None, ChangeFeedAnswer
        )

    def statistics(
        self,
        *,
        by: Literal[
            "kind",
            "region",
            "year",
            "status",
            "kind,region",
            "kind,year",
            "kind,status",
            "region,kind",
            "region,year",
            "region,status",
            "year,kind",
            "year,region",
            "year,status",
            "status,kind",
            "status,region",
            "status,year",
        ]
        | None = None,
        kind: Literal[
            "enterprise",
            "institution",
            "certificate",
            "licence",
            "rating",
            "brand",
            "listing",
            "penalty",
            "alert",
            "inspection",
            "declaration",
            "practitioner",
            "policy",
        ]
        | None = None,
        region: str | None = None,
        limit: int | None = None,
    ) -> StatisticsAnswer:
        """How many records are public today, by kind, region, year or effective state, or two of these.
        Exact, and of the same instant as any other answer.
        """
        return self._ask(
            "GET",
            "/statistics",
            {"by": by, "kind": kind, "region": region, "limit": limit},
            None,
            StatisticsAnswer,
        )
