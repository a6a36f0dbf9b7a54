"""What several operations share in the OpenAPI document: headers, the key, errors in words, and links from answers to further questions."""

from typing import Any

from portal.api.operations import Operation

ERRORS = {
    400: "An argument is unknown, doubled, malformed or out of range; `errors` names it.",
    401: "The key is unknown, revoked or expired.",
    403: "The key's scopes do not reach this.",
    404: "Nothing public stands there; `suggestions` are near ones.",
    410: "What comes after this position is not all kept any more: begin again without it.",
    409: "It contradicts what stands already.",
    413: "The query has more than 1,000 characters, or the body more bytes than one may send.",
    415: "The body is of a media type, or packed in a way, that is not taken; `errors` names the header.",
    429: "Too many requests; `Retry-After` says when to ask again.",
    503: "A service that the answer needs does not answer now.",
}

_HEADERS = {
    "ETag": "For `If-None-Match`: an answer that did not change is 304.",
    "Location": "Where to ask again.",
    "RateLimit": "The window nearest its end: how many requests are left (`r`) and in how many seconds it begins anew (`t`).",
    "RateLimit-Policy": "Each window: how many requests (`q`) in how many seconds (`w`).",
    "Retry-After": "Seconds after which to ask again.",
    "X-Request-Id": "As it was sent, 8 to 100 letters, digits and `._:/=+-`; else made here. Name it when you report something.",
    "Deprecation": "Since when the operation should not be built upon (RFC 9745).",
    "Sunset": "From when on it stops answering (RFC 8594).",
}

COMPONENTS: dict[str, Any] = {
    "headers": {
        name: {"description": text, "schema": {"type": "integer" if name == "Retry-After" else "string"}}
        for name, text in _HEADERS.items()
    },
    "securitySchemes": {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "description": "`Authorization: Bearer KEY`. Without a key the anonymous limits hold; with one those of its plan.",
        }
    },
}


def headers_of(operation: Operation[Any] | None, status: int = 200) -> dict[str, Any]:
    """The headers of an answer, or of an error."""
    names = ["RateLimit", "RateLimit-Policy", "X-Request-Id"]
    if operation is not None and operation.method == "GET":
        names.append("ETag")
    if operation is not None and operation.deprecated is not None:
        names += ["Deprecation", "Sunset"]
    if status == 429:
        names.append("Retry-After")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(names)}


def _link(operation: str, description: str, **parameters: str) -> dict[str, Any]:
    return {
        operation: {
            "operationId": operation,
            "description": description,
            "parameters": {name: f"$response.body#{pointer}" for name, pointer in parameters.items()},
        }
    }


_FIRST = "/results/0"
_HISTORY = "What happened to the record."

LINKS: dict[str, dict[str, Any]] = {
    "search_records": _link("credit_file", "The file of whom the first hit is about.", id=f"{_FIRST}/uscc")
    | _link("one_record", "The first hit as a record.", id=f"{_FIRST}/id")
    | _link("search_records", "The next page.", cursor="/next", q="/query"),
    "suggest": _link("one_record", "The first suggestion.", id="/suggestions/0/id"),
    "credit_file": _link("subject_records", "All its records.", id="/subject/id")
    | _link("restrictions", "Where it is restricted, and why.", id="/subject/id"),
    "subject_records": _link("one_record", "The newest record.", id=f"{_FIRST}/id")
    | _link("subject_records", "The next page.", id="/subject/id", cursor="/next"),
    "list_entries": _link("one_record", "The newest entry.", id=f"{_FIRST}/id")
    | _link("list_entries", "The next page.", name="/list", cursor="/next"),
    "verify_certificate": _link("one_record", "The certificate as a record.", id="/matches/0/id"),
    "one_record": _link("record_history", _HISTORY, id="/id"),
    "ask_check": _link("read_check_again", "The check again.", key="/receipt/key")
    | _link("check_changes", "What has changed since.", key="/receipt/key")
    | _link("confirm_receipt", "That it exists.", number="/receipt/number"),
    "credit_files": _link("subject_records", "All records of the first.", id=f"{_FIRST}/file/subject/id"),
}
"""Where an answer leads: operation → operation → which of its parameters stands where in the answer."""
