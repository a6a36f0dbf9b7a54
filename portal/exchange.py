"""What programs of partners ask (数据交换接口): deliveries put file by file, their acknowledgements, and acknowledgements of ours.

Below `/api`, so that errors are problems in JSON and nobody has a session. A partner proves itself with the token that `zhixin exchange token`
made; what is wrong with it is never said more closely than that. A delivery is taken when its manifest comes; what becomes of it is decided
later, so it is answered with 202 and asked for.
"""

import re
from collections.abc import Iterator

from flask import Blueprint, Response, request, url_for

from indexer.errors import FileRefused, NotFound, ZhixinError
from indexer.exchange.manifest import LARGEST_MANIFEST, MANIFEST, PIECE, numbers_in, read_acknowledgement
from indexer.exchange.partners import Standing
from indexer.exchange.receiving import LARGEST_FILE
from portal.accounts.access import program
from portal.context import portal

blueprint = Blueprint("exchange", __name__, url_prefix="/api/exchange")
_file_name = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}\.(?:csv|xlsx|json|jsonl)").fullmatch


class NotProven(ZhixinError):
    """Whoever asks has not shown to be this partner."""

    code = "not-proven"
    status = 401

    def __init__(self) -> None:
        super().__init__("凭证不对或已停用。", "The credential is wrong or not in use.")


@blueprint.put("/<partner>/deliveries/<delivery>/<name>")
@program(largest=LARGEST_FILE)
def put_file(partner: str, delivery: str, name: str) -> Response:
    """Takes one file of a delivery: 201; with its manifest the whole delivery: 202, and where its acknowledgement will be.

    The same delivery again is answered as before. 409 where its number is another delivery's, or one before it is missing.
    """
    one, numbers = _proven(partner), _numbers(delivery)
    inbox = portal().exchange.inbox
    if name != MANIFEST:
        if not _file_name(name):
            raise FileRefused(
                "文件名应为小写字母、数字，以 .csv 等结尾。", "A file's name is like penalty.csv."
            )
        if numbers > (one.their_series, one.their_sequence):
            portal().exchange.receiver.expect(one, numbers)
            inbox.keep(inbox.path(one.name, *numbers), name, _body(), LARGEST_FILE)
        return Response(status=201)
    content = b"".join(_body(LARGEST_MANIFEST + 1))
    receiver = portal().exchange.receiver
    known = receiver.begin(one, numbers, content)
    if known is None:
        inbox.keep(inbox.path(one.name, *numbers), MANIFEST, [content], LARGEST_MANIFEST)
        receiver.arrive(one, numbers)
    else:
        receiver.came_again(one, known)
    answer = Response(receiver.answer(one, delivery), 202, mimetype="application/json")
    answer.headers["Location"] = url_for("exchange.acknowledgement", partner=partner, delivery=delivery)
    return _fresh(answer)


@blueprint.get("/<partner>/acknowledgements/<delivery>")
@program()
def acknowledgement(partner: str, delivery: str) -> Response:
    """What became of a delivery of the partner. 404 where none has this number."""
    one = _proven(partner)
    content = portal().exchange.receiver.answer(one, delivery)
    if content is None:
        raise NotFound("没有收到这一批。", "No such delivery has arrived.")
    return _fresh(Response(content, mimetype="application/json"))


@blueprint.put("/<partner>/acknowledgements/<delivery>")
@program(largest=LARGEST_MANIFEST)
def put_acknowledgement(partner: str, delivery: str) -> Response:
    """Takes what the partner says became of a delivery of ours: 204. 404 where none with this number waits for it."""
    one, content = _proven(partner), b"".join(_body(LARGEST_MANIFEST))
    read_acknowledgement(content)
    if not portal().exchange.sender.answer_to(one, delivery, content):
        raise NotFound("没有等待回执的这一批。", "No such delivery waits for an acknowledgement.")
    return Response(status=204)


@blueprint.after_request
def _name_scheme(answer: Response) -> Response:
    if answer.status_code == NotProven.status:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _proven(partner: str) -> Standing:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = None
    if scheme.lower() == "bearer" and 20 <= len(token) <= 200 and token.isascii():
        found = portal().exchange.partners.proven(partner, token.strip())
    if found is None:
        raise NotProven
    return found


def _numbers(delivery: str) -> tuple[int, int]:
    numbers = numbers_in(delivery)
    if numbers is None:
        raise FileRefused("批次应写作 1-000012。", "A delivery's number is like 1-000012.")
    return numbers


def _body(most: int = LARGEST_FILE) -> Iterator[bytes]:
    """What is sent, in pieces; a little more than `most` at most."""
    size = 0
    while size <= most and (piece := request.stream.read(PIECE)):
        yield piece
        size += len(piece)


def _fresh(answer: Response) -> Response:
    answer.cache_control.no_store = True
    return answer
