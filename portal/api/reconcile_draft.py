"""The reconciliation service in the draft of version 1.0: https://reconciliation-api.github.io/specs/1.0-draft/

The same answers as in version 0.2 under the draft's own addresses and names (decision 0015). Of its conditions the quantifier `any` is
supported and no qualifier; what is not supported is refused by name.
"""

from typing import Annotated, Literal

from flask import Blueprint, Response, request, url_for
from pydantic import BaseModel, BeforeValidator, Field

from portal.api import reconcile_schemas as schemas
from portal.api.reconcile_answers import (
    PREVIEW_SIZE,
    candidate,
    columns,
    default_types,
    extended,
    known_properties,
    known_type,
    matched,
    proposed,
    service_name,
    service_version,
    suggested_properties,
    suggested_subjects,
    suggested_types,
)
from portal.api.reconcile_views import (
    LARGEST,
    ProposalQuestion,
    base,
    json_answer,
    not_more,
    open_to_other_sites,
    preview,
    wrong,
)
from portal.arguments import Arguments, arguments
from portal.bodies import parsed
from portal.i18n import english
from portal.limits import charge
from portal.reconciliation.model import MOST_CANDIDATES, Query
from portal.reconciliation.properties import PROPERTIES, name_of

blueprint = Blueprint("reconcile_draft", __name__, url_prefix="/api/v1/reconcile/1.0-draft")
blueprint.after_request(open_to_other_sites)
blueprint.get("/preview")(preview)

VERSION = "1.0-draft"
CODE = "uscc"
"""The property that an id is: any code of a subject is compared with it."""

FEATURES = {
    "likeness": ("名称相近程度", "Likeness of the names"),
    "code": ("按代码找到", "Found by a code"),
    "alone": ("不可能指别家", "Nobody else can be meant"),
    "former_name": ("按曾用名找到", "Found by an earlier name"),
}


class ConditionGiven(schemas.Strict):
    """What a subject has to be like."""

    matchType: Literal["name", "id", "property"]  # noqa: N815  the protocol's names, here and below
    propertyId: schemas.Text | None = None  # noqa: N815
    propertyValue: Annotated[tuple[str, ...], BeforeValidator(schemas.values)]  # noqa: N815
    required: bool = Field(False, strict=True)
    matchQuantifier: Literal["any"] = "any"  # noqa: N815


class QueryGiven(schemas.Strict):
    """One query."""

    conditions: list[ConditionGiven] = Field(min_length=1, max_length=20)
    type: schemas.Text | None = None
    limit: int | None = Field(None, ge=1, le=1000, strict=True)
    lang: schemas.Text | None = None


class BatchGiven(schemas.Strict):
    """Queries in order."""

    queries: list[QueryGiven]


class SuggestQuestion(Arguments):
    """What has been typed so far."""

    prefix: str = ""
    limit: int = Field(10, ge=1, le=50)
    offset: int = Field(0, ge=0, le=1000)


class FeatureNamed(schemas.Feature):
    """One thing that a score is made of, with its name."""

    name: str


class CandidateAnswer(schemas.CandidateAnswer):
    """Who may be meant."""

    features: list[FeatureNamed]  # type: ignore[assignment]


class ResultAnswer(BaseModel):
    """The candidates of one query."""

    candidates: list[CandidateAnswer]


class BatchAnswer(BaseModel):
    """Results in the order of the queries."""

    results: list[ResultAnswer]


class Values(BaseModel):
    """The values of one property."""

    id: str
    values: list[dict[str, str | int]]


class Row(BaseModel):
    """What is told of one subject."""

    id: str
    properties: list[Values]


class ExtensionAnswer(BaseModel):
    """Values by subject and property."""

    meta: list[schemas.Column]
    rows: list[Row]


class Size(BaseModel):
    """Of the preview, in pixels."""

    width: int
    height: int


class Suggesting(BaseModel):
    """What can be suggested."""

    entity: bool = True
    property: bool = True
    type: bool = True


class Extending(BaseModel):
    """Whether properties are proposed."""

    proposeProperties: bool = True  # noqa: N815


class Manifest(BaseModel):
    """What the service is and can do."""

    versions: list[str] = [VERSION]
    name: str
    lang: str = "zh-Hans"
    documentation: str
    logo: str
    serviceVersion: str  # noqa: N815
    defaultTypes: list[schemas.TypeNamed]  # noqa: N815
    view: schemas.Template
    preview: Size
    suggest: Suggesting = Suggesting()
    extend: Extending = Extending()
    batchSize: int = schemas.BATCH_MOST  # noqa: N815
    standardizedScore: bool = True  # noqa: N815


@blueprint.get("")
def manifest() -> Response:
    """The manifest."""
    width, height = PREVIEW_SIZE
    return json_answer(
        Manifest(
            name=service_name(),
            documentation=f"{base()}{url_for('pages.docs')}#reconcile",
            logo=f"{base()}{url_for('static', filename='img/logo.svg')}",
            serviceVersion=service_version(),
            defaultTypes=default_types(),
            view=schemas.Template(url=f"{base()}/subjects/{{id}}"),
            preview=Size(width=width, height=height),
        )
    )


@blueprint.post("/match")
def match() -> Response:
    """A batch of queries."""
    asked = parsed(_body(), BatchGiven, "body").queries
    not_more(len(asked), schemas.BATCH_MOST)
    queries = [_understood(each, f"queries.{at}") for at, each in enumerate(asked)]
    charge(len(queries))
    return json_answer(
        BatchAnswer(
            results=[
                ResultAnswer(candidates=[_named(candidate(each)) for each in found])
                for found in matched(queries)
            ]
        )
    )


@blueprint.post("/extend")
def extend() -> Response:
    """Values for subjects that are matched already."""
    asked = parsed(_body(), schemas.ExtensionGiven, "body")
    not_more(len(asked.ids), schemas.IDS_MOST)
    wanted = known_properties([each.id for each in asked.properties], "properties")
    charge(len(asked.ids))
    rows = [
        Row(id=own, properties=[Values(id=name, values=values) for name, values in told.items()])
        for own, told in extended(asked.ids, wanted).items()
    ]
    return json_answer(ExtensionAnswer(meta=columns(wanted), rows=rows))


@blueprint.get("/extend/propose")
def propose() -> Response:
    """Properties that rows can be extended by."""
    asked = arguments(request, ProposalQuestion)
    return json_answer(proposed(asked.type, asked.limit))


@blueprint.get("/suggest/entity")
def suggest_entity() -> Response:
    """Subjects whose name begins like what is typed, or whose code it is."""
    asked = arguments(request, SuggestQuestion)
    return json_answer(suggested_subjects(asked.prefix, None, asked.offset, asked.limit))


@blueprint.get("/suggest/property")
def suggest_property() -> Response:
    """Properties that a query may give."""
    asked = arguments(request, SuggestQuestion)
    return json_answer(suggested_properties(asked.prefix, asked.offset, asked.limit))


@blueprint.get("/suggest/type")
def suggest_type() -> Response:
    """Types of subjects."""
    asked = arguments(request, SuggestQuestion)
    return json_answer(suggested_types(asked.prefix, asked.offset, asked.limit))


def _body() -> bytes:
    request.max_content_length = LARGEST
    if request.mimetype != "application/json":
        raise wrong("Content-Type", "应为 application/json。", "must be application/json")
    return request.get_data()


def _understood(given: QueryGiven, where: str) -> Query:
    """A query of the draft. Raises WrongArguments for what does not exist and for two names."""
    names = [value for each in given.conditions if each.matchType == "name" for value in each.propertyValue]
    if len(names) > 1:
        raise wrong(f"{where}.conditions", "名称只能给一个。", "must hold one name at most")
    values: dict[str, tuple[str, ...]] = {}
    required = set()
    for each in given.conditions:
        if each.matchType == "name":
            continue
        property_id = CODE if each.matchType == "id" else each.propertyId or ""
        known_properties([property_id], f"{where}.conditions", given=True)
        required |= {property_id} if each.required else set()
        if said := tuple(value for value in each.propertyValue if value.strip()):
            values[property_id] = (*values.get(property_id, ()), *said)
    return Query(
        text=names[0] if names else "",
        types=frozenset([known_type(given.type, f"{where}.type")] if given.type else ()),
        limit=given.limit or MOST_CANDIDATES,
        given=values,
        required=frozenset(required),
    )


def _named(found: schemas.CandidateAnswer) -> CandidateAnswer:
    """A candidate whose features have names."""
    features = [FeatureNamed(id=each.id, value=each.value, name=_feature(each.id)) for each in found.features]
    return CandidateAnswer(**found.model_dump(exclude={"features"}), features=features)


def _feature(name: str) -> str:
    if name in FEATURES:
        return FEATURES[name][english()]
    own = name_of(PROPERTIES[name.removeprefix("agrees_")])
    return f"{own} agrees" if english() else f"{own}一致"
