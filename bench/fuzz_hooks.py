"""What schemathesis has to be told of the API that a schema can not say (named in bench/fuzz.toml).

An OpenAPI schema says how a value is written; whether it means something is another matter: a cursor belongs to the question it was given to, a
trade must be one that rules name, a file must be a table. Where a well-formed question is to be accepted, such values are made here or left
out; questions that are wrong on purpose stay as they are.
"""

import io
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import schemathesis
from hypothesis import strategies as st
from openpyxl import Workbook
from schemathesis import Case, HookContext

from indexer.clock import Clock
from indexer.identifiers import InvalidCode, parse_codes
from portal.uploads import XLSX

BIDDERS = ("91329900PDY0010126", "91329900PDY0010201", "91329900PDY001047Q", "示例天外来客有限公司", "x")
PLACES = ("江苏省", "320000", "苏州市", "320500", "北京市")
_bidders = st.lists(st.sampled_from(BIDDERS), min_size=1, max_size=4)


def _csv(bidders: list[str]) -> bytes:
    return "\n".join(("投标人", *bidders)).encode()


def _xlsx(bidders: list[str]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for bidder in ("投标人", *bidders):
        book.active.append([bidder])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


schemathesis.openapi.media_type("text/csv", _bidders.map(_csv))
schemathesis.openapi.media_type(XLSX, _bidders.map(_xlsx))
schemathesis.openapi.format("place", st.sampled_from(PLACES))


KNOWN = {
    ("query", "q"): ("示例", "电气", "91329900PDY0010201", "质量管理体系认证", "示例市恒润电气有限公司"),
    ("path", "subjects"): ("91329900PDY0010126", "91329900PDY0010201", "91329900PDY001047Q"),
    ("path", "restrictions"): ("91329900PDY0010126", "91329900PDY0010201", "91329900PDY001047Q"),
}
"""What the demonstration knows: of random texts hardly one would find anything."""


@schemathesis.hook
def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    """Take from a question that is to be accepted what only a longer acquaintance could know, and let every second one find something."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    query = case.query or {}
    if case.path == "/checks":
        _leave_out_the_future(query)
    for name in ("cursor", "trade", "fields"):  # of another question; of rules; names of the answer
        query.pop(name, None)
    if case.path == "/changes":
        query.pop("since", None)  # a place in this very feed
    if (known_at := query.get("known_at")) is not None and _is_to_come(str(known_at)):
        del query["known_at"]
    if case.path == "/checks" and case.media_type not in ("text/csv", XLSX):
        query.clear()  # these stand in the body then
    if case.media_type == "multipart/form-data":
        case.body = {"file": "\n".join(("投标人", *BIDDERS))}
    elif case.path == "/checks" and isinstance(case.body, dict):
        _leave_out_the_future(case.body)
    if "place" in query and str(query["place"]) not in PLACES:
        del query["place"]
    if "q" in query:
        query["q"] = _known(("query", "q"), str(query["q"]))
    part = ("path", case.path.split("/")[1])
    if part in KNOWN and case.path_parameters:
        case.path_parameters["id"] = _known(part, str(case.path_parameters["id"]))


def _leave_out_the_future(body: dict[str, Any]) -> None:
    """Of a check what no schema refuses and the portal does: days to come, and what can not be printed on its paper."""
    if _is_to_come(str(body.get("known_at") or "2000-01-01T00:00:00Z")):
        del body["known_at"]
    if str(body.get("as_of") or "") > str(Clock().today()):
        del body["as_of"]
    if not str(body.get("project", "")).isprintable():
        del body["project"]


def _known(part: tuple[str, str], value: str) -> str:
    at = crc32(value.encode("utf-8", "surrogatepass")) % (2 * len(KNOWN[part]))
    return KNOWN[part][at % len(KNOWN[part])] if at < len(KNOWN[part]) or _is_a_person(value) else value


def _is_a_person(code: str) -> bool:
    """Whether a code that the schema allows is a person's number, which is refused whoever has it."""
    try:
        parse_codes(code)
    except InvalidCode as refused:
        return refused.personal
    return False


def _is_to_come(instant: str) -> bool:
    try:
        return datetime.fromisoformat(instant.upper()).astimezone(UTC) > Clock().now()
    except (ValueError, OverflowError):
        return True
