"""What is asked of a check, from the body of a request: JSON, a file of bidders, or both in one form. Strict, as all questions are."""

import io
from collections.abc import Collection
from typing import Any

from flask import Request as Asked
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.datastructures import FileStorage

from indexer.clock import Clock
from portal.arguments import Arguments, Day, Instant, WrongArguments
from portal.bodies import ERRORS_TOLD, parsed, read_json, unsupported, whole_body, wrong
from portal.checks.kept import keep
from portal.checks.model import Bidder, Request, Requirement
from portal.checks.sheets import read_file, read_rows
from portal.restrictions.rules import DOMAINS

LARGEST = 32 * 2**20
"""Bytes of one body: a hundred thousand bidders with room to spare."""

REQUIREMENTS_MOST = 20
PROJECT_LONGEST = 200  # characters

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = ("text/csv", XLSX)
"""The media types of a list that is sent as the body itself."""


class Part(BaseModel):
    """A piece of the JSON: nothing but what is named."""

    model_config = ConfigDict(extra="forbid")


class BidderGiven(Part):
    """A bidder: its code, its name or both."""

    id: str = Field("", description="统一社会信用代码, 组织机构代码 or 工商注册号.")
    name: str = ""


class RequirementGiven(Part):
    """A certificate that every bidder has to hold; at least one of the first three is given."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [name], "properties": {name: {"type": "string", "pattern": r"\S"}}}
                for name in ("certificate_kind", "standard", "scope")
            ]
        }
    )

    certificate_kind: str = Field("", max_length=PROJECT_LONGEST, description="Like 质量管理体系认证.")
    standard: str = Field("", max_length=PROJECT_LONGEST, description="Like GB/T 19001.")
    scope: str = Field("", max_length=PROJECT_LONGEST, description="Words of the scope.")
    valid_on: Day | None = Field(None, description="The day it must be valid on; default as_of.")


class CheckOptions(Part):
    """How to check; the bidders come in a file."""

    as_of: Day | None = Field(None, description="The day to judge, like that of bid opening; default today.")
    known_at: Instant | None = Field(None, description="Only what the register had recorded by this instant.")
    project: str = Field("", max_length=PROJECT_LONGEST, description="The tender's own number.")
    domains: list[str] = Field(
        [],
        max_length=50,
        description="Only these domains; default all.",
        json_schema_extra={"items": {"type": "string", "enum": [domain.code for domain in DOMAINS]}},
    )
    requirements: list[RequirementGiven] = Field([], max_length=REQUIREMENTS_MOST)


class CheckBody(CheckOptions):
    """A whole check."""

    bidders: list[BidderGiven] = Field(min_length=1)


class CheckQuestion(Arguments):
    """How to check a file that is the whole body; in JSON and in a form, these stand in the JSON."""

    as_of: Day | None = Field(None, description="The day to judge, like that of bid opening; default today.")
    known_at: Instant | None = Field(None, description="Only what the register had recorded by this instant.")
    project: str | None = Field(None, description="The tender's own number.")


def read_check(asked: Asked, question: CheckQuestion, clock: Clock) -> Request:
    """What a program asks. Raises WrongArguments and InvalidParameter naming what is wrong; RequestEntityTooLarge."""
    allow_upload(asked)
    media = asked.mimetype
    if media in FILES:
        given = {name: value for name, value in question.model_dump().items() if value is not None}
        return to_request(
            CheckOptions.model_construct(**given), _of_file(io.BytesIO(whole_body(asked)), ""), clock
        )
    if asked.query_string:
        raise wrong("query", "这些内容请写在请求体里。", "belongs into the body")
    if media == "application/json":
        body = read_json(asked, CheckBody)
        return to_request(body, keep(read_rows((each.id, each.name) for each in body.bidders)), clock)
    if media == "multipart/form-data":
        return _of_form(asked, clock)
    raise unsupported("application/json", "multipart/form-data", *FILES)


def allow_upload(asked: Asked) -> None:
    """Let this request have a long body; before anything of it is read."""
    asked.max_content_length = asked.max_form_memory_size = LARGEST


def read_upload(file: FileStorage) -> Collection[Bidder]:
    """The bidders of an uploaded file."""
    return _of_file(file.stream, file.filename or "")


def to_request(options: CheckOptions, bidders: Collection[Bidder], clock: Clock) -> Request:
    """The check that is meant, of today where no day is named."""
    if not options.project.isprintable():
        raise wrong("project", "含有控制字符，请删去。", "holds control characters")
    return Request(
        as_of=options.as_of or clock.today(),
        bidders=bidders,
        known_at=options.known_at,
        domains=tuple(options.domains),
        requirements=tuple(Requirement(**each.model_dump()) for each in options.requirements),
        project=options.project.strip(),
    )


def _of_form(asked: Asked, clock: Clock) -> Request:
    unknown = [name for name in asked.files if name != "file"] + [n for n in asked.form if n != "question"]
    if unknown:
        raise WrongArguments(
            (name, "没有这个参数，请删去。", "there is no such parameter") for name in unknown[:ERRORS_TOLD]
        )
    files, questions = asked.files.getlist("file"), asked.form.getlist("question")
    if len(files) != 1 or len(questions) > 1:
        where = "question" if len(questions) > 1 else "file"
        raise wrong(where, "应当恰好有一个。", "must be given once")
    options = parsed(questions[0].encode(), CheckOptions, "question") if questions else CheckOptions()
    return to_request(options, read_upload(files[0]), clock)


def _of_file(file: Any, filename: str) -> Collection[Bidder]:
    return keep(read_file(file, filename))
