"""The operations of bidder checks: ask for one, read it again, see what changed since, confirm a receipt."""

from collections.abc import Iterator
from itertools import chain

import orjson
from flask import Response, request, url_for
from pydantic import Field

from indexer.errors import NotFound
from indexer.keys.plans import Scope
from indexer.register.receipt_numbers import normal
from indexer.register.receipts import Receipt
from portal.accounts.keys import needs
from portal.api import check_schemas as schemas
from portal.api.operations import operation
from portal.arguments import Arguments, invalid
from portal.checks.changes import Said
from portal.checks.office import AT_ONCE, Filed
from portal.context import portal
from portal.headers import keep_secret
from portal.limits import charge
from portal.uploads import CheckBody, CheckQuestion, read_check

AGAIN_AFTER = "2"  # seconds


class KeyQuestion(Arguments):
    """The key of a receipt."""

    key: str = Field(
        description="`receipt.key`; whoever has it may read the check.",
        json_schema_extra={"pattern": r"^[A-Za-z0-9_-]{20,100}$"},
    )


class NumberQuestion(Arguments):
    """The number of a receipt."""

    number: str = Field(
        description="`receipt.number`.", json_schema_extra={"pattern": r"^ZX-[0-9]{8}-[0-9A-Z]{6}$"}
    )


@operation(
    "/checks",
    "批量核查",
    CheckQuestion,
    schemas.CheckAnswer,
    (400, 413, 415, 503),
    "/checks",
    method="POST",
    body=CheckBody,
    later=schemas.CheckPending,
    asked={
        "as_of": "2026-03-01",
        "domains": ["bidding"],
        "bidders": [{"id": "91329900PDY0010126"}, {"id": "91329900PDY0010201"}],
    },
)
@needs(Scope.CHECKS)
def ask_check(question: CheckQuestion) -> Response:
    """Check many bidders at once: who each is, where it is restricted on the day and why, which required certificates it holds, what
    connects them. As JSON, as a form with a `file` (CSV or XLSX) and the rest as JSON in `question`, or as the file alone. Up to 1,000
    bidders are answered at once; more give 202 and a `Location` to follow. The answer is kept under `receipt.key`, which opens it again
    word for word, and `receipt.hash` is the SHA-256 of the answer without `receipt` in canonical JSON (RFC 8785)."""
    parts = portal()
    asked = read_check(request, question, parts.clock)
    charge(len(asked.bidders))
    return _answer(parts.office.ask(asked))


@operation(
    "/checks/<key>",
    "核查结果",
    KeyQuestion,
    schemas.CheckAnswer,
    (400, 404, 503),
    "/checks/{key}",
    later=schemas.CheckPending,
)
@needs(Scope.CHECKS)
def read_check_again(question: KeyQuestion) -> Response:
    """A check again, byte for byte as it was answered, whatever was corrected since; 202 while it is being worked off."""
    return _answer(portal().office.open(question.key))


@operation(
    "/checks/<key>/changes",
    "核查后的变化",
    KeyQuestion,
    schemas.ChangesAnswer,
    (400, 404, 503),
    "/checks/{key}/changes",
)
@needs(Scope.CHECKS)
def check_changes(question: KeyQuestion) -> Response:
    """The same question asked now, and what is different from the check that was filed; at most 1,000 bidders."""
    filed = portal().office.open(question.key)
    if filed.receipt.state != "done":
        raise invalid("key", "这次核查还没有完成。", "this check is not finished yet")
    charge(filed.receipt.bidders)
    result, found = portal().office.changes(filed.receipt)
    answer = schemas.ChangesAnswer(
        number=filed.receipt.number,
        as_of=filed.receipt.as_of,
        filed_at=filed.receipt.created_at,
        checked_at=result.checked_at,
        register_version=result.register_version,
        rules_version=result.rules_version,
        changes=[
            schemas.ChangeAnswer(
                row=each.row,
                name=each.name,
                what=each.what,
                which=each.which,
                label=_both(each.label),
                before=_both(each.before),
                after=_both(each.after),
            )
            for each in found
        ],
    )
    return keep_secret(Response(answer.model_dump_json(), content_type="application/json"))


@operation(
    "/receipts/<number>",
    "核查回执",
    NumberQuestion,
    schemas.ReceiptAnswer,
    (400, 404, 503),
    "/receipts/{receipt}",
)
def confirm_receipt(question: NumberQuestion) -> schemas.ReceiptAnswer:
    """Whether a receipt with this number exists, when and by which data it was made, and its hash; nothing of whom it is about."""
    receipt = find_receipt(question.number)
    return schemas.ReceiptAnswer(
        number=receipt.number,
        state=receipt.state,
        created_at=receipt.created_at,
        as_of=receipt.as_of,
        hash=receipt.hash,
        register_version=receipt.register_version,
        rules_version=receipt.rules_version,
        keep_until=receipt.keep_until,
    )


def find_receipt(number: str) -> Receipt:
    """The receipt with a number. Raises NotFound, which says so where the number is mistyped."""
    receipt = portal().office.receipts.by_number(number)
    if receipt is not None:
        return receipt
    if normal(number) is None:
        raise NotFound(
            "回执编号有误：校验字符不符，请核对有没有抄错。",
            "The number is mistyped: its check character does not fit.",
        )
    raise NotFound("没有这个编号的回执。", "There is no receipt with this number.")


def _both(said: Said) -> schemas.Both:
    return schemas.Both(zh=said.zh, en=said.en)


def _answer(filed: Filed) -> Response:
    if filed.receipt.state != "done":
        return _pending(filed)
    pieces = whole(filed)
    body = (
        b"".join(pieces) if filed.receipt.bidders <= AT_ONCE else pieces
    )  # a hundred thousand are sent as they are read
    response = Response(body, content_type="application/json")
    response.set_etag(filed.receipt.hash or "")
    return keep_secret(response)


def whole(filed: Filed) -> Iterator[bytes]:
    """A finished check as JSON, in pieces: its receipt, then word for word what was filed."""
    receipt = schemas.ReceiptGiven(
        key=filed.key,
        number=filed.receipt.number,
        hash=filed.receipt.hash,
        verify=url_for("pages.verify", number=filed.receipt.number),
        keep_until=filed.receipt.keep_until,
    )
    parts = portal().office.text(filed.receipt)
    head = b'{"receipt":' + orjson.dumps(receipt.model_dump(mode="json")) + b","
    return chain([head, next(parts)[1:]], parts)


def _pending(filed: Filed) -> Response:
    receipt = filed.receipt
    answer = schemas.CheckPending(
        state="running" if receipt.state == "running" else "waiting",
        progress=schemas.Progress(done=receipt.checked, of=receipt.bidders),
        receipt=schemas.ReceiptGiven(
            key=filed.key,
            number=receipt.number,
            hash=None,
            verify=url_for("pages.verify", number=receipt.number),
            keep_until=receipt.keep_until,
        ),
    )
    response = Response(answer.model_dump_json(), 202, content_type="application/json")
    response.headers["Location"] = url_for("api.read_check_again", key=filed.key)
    response.headers["Retry-After"] = AGAIN_AFTER
    return keep_secret(response)
