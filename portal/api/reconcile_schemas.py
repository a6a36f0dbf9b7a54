"""Reconciliation queries and answers as JSON, version 0.2 of the protocol: what comes in is read strictly, what goes out has these shapes."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

BATCH_MOST = 100
"""Queries of one batch."""

IDS_MOST = 500
"""Subjects that one question may ask to extend."""

LONGEST = 1000  # characters of a text or a value
_VALUES_MOST = 20


def values(given: object) -> object:
    """The values of a property as texts: a text, a number, true or false, {"id": …}, or a list of these."""
    several = given if isinstance(given, list) else [given]
    if len(several) > _VALUES_MOST:
        raise PydanticCustomError("too_long", "too many values")
    return tuple(map(_text, several))


def _text(value: object) -> str:
    if isinstance(value, dict) and set(value) <= {"id", "name"}:
        value = value.get("id")
    if isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, int):
        value = str(value) if abs(value) < 10**30 else None
    elif isinstance(value, float):
        value = str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if not isinstance(value, str):
        raise PydanticCustomError("property_value", "not a property value")
    return _legible(value)


def _legible(text: str) -> str:
    """A text without control characters, which spreadsheets leave in cells. Raises for more than anybody types and for what is no text."""
    if len(text) > LONGEST:
        raise PydanticCustomError("string_too_long", "too long")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise PydanticCustomError("not_unicode", "not Unicode")
    return "".join(character if character.isprintable() else " " for character in text)


class Strict(BaseModel):
    """What somebody sends: nothing but what is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Text = Annotated[
    str, Field(strict=True), BeforeValidator(lambda text: _legible(text) if isinstance(text, str) else text)
]


class PropertyGiven(Strict):
    """What a row says of somebody besides the name."""

    pid: Text
    v: Annotated[tuple[str, ...], BeforeValidator(values)]


class QueryGiven(Strict):
    """One query; `type_strict` has no defined meaning and is passed over."""

    query: Text | None = None
    type: tuple[Text, ...] = Field((), max_length=_VALUES_MOST)
    limit: int | None = Field(None, ge=1, le=1000, strict=True)
    properties: list[PropertyGiven] | None = Field(None, max_length=_VALUES_MOST)
    type_strict: Literal["any", "should", "all"] | None = None

    @field_validator("type", mode="before")
    @classmethod
    def _one_or_more(cls, given: object) -> object:
        if given is None:
            return ()
        return (given,) if isinstance(given, str) else given

    @model_validator(mode="after")
    def _asks_something(self) -> "QueryGiven":
        if not (self.query or self.properties):
            raise PydanticCustomError("nothing_asked", "neither query nor properties")
        return self


class BatchGiven(RootModel[dict[str, QueryGiven]]):
    """Queries under ids of the asker's own."""


class PropertyWanted(Strict):
    """A property to extend by; there are no settings."""

    id: Text
    settings: dict[str, Any] | None = Field(None, max_length=0)


class ExtensionGiven(Strict):
    """Whose values of which properties are wanted."""

    ids: list[Text]
    properties: list[PropertyWanted] = Field(min_length=1, max_length=50)


class Feature(BaseModel):
    """One thing that a score is made of."""

    id: str
    value: bool | float


class Named(BaseModel):
    """A type, a property or a subject by its id and name."""

    id: str
    name: str


class TypeNamed(Named):
    """A type with the wider ones."""

    broader: list[Named] | None = None


class Described(Named):
    """With what tells it from its namesakes."""

    description: str
    notable: list[Named] | None = None


class CandidateAnswer(Named):
    """Who may be meant."""

    description: str
    type: list[Named]
    score: float
    features: list[Feature]
    match: bool


class ResultAnswer(BaseModel):
    """The candidates of one query, likeliest first."""

    result: list[CandidateAnswer]


class BatchAnswer(RootModel[dict[str, ResultAnswer]]):
    """Results under the ids of the queries."""


class SuggestAnswer(BaseModel):
    """What begins like the text typed so far."""

    result: list[Described | TypeNamed]


class ProposalAnswer(BaseModel):
    """Properties to extend rows of a type by."""

    type: str | None
    properties: list[Described]
    limit: int | None = None


class Column(Named):
    """A property that was asked for, with the type of its values where these are subjects."""

    type: Named | None = None


class ExtensionAnswer(BaseModel):
    """Values by subject and property: each `{"str": …}`, `{"int": …}`, `{"date": …}` or `{"id": …, "name": …}`."""

    meta: list[Column]
    rows: dict[str, dict[str, list[dict[str, str | int]]]]


class Place(BaseModel):
    """Where a part of the service is: the two are put together."""

    service_url: str
    service_path: str


class Template(BaseModel):
    """An address with `{{id}}` in it."""

    url: str


class Preview(Template):
    """The preview and the size of its frame in pixels."""

    width: int
    height: int


class Suggesting(BaseModel):
    """Where to ask while somebody types."""

    entity: Place
    property: Place
    type: Place


class Extending(BaseModel):
    """Where properties are proposed."""

    propose_properties: Place


class Manifest(BaseModel):
    """What the service is and can do."""

    versions: list[str]
    name: str
    identifierSpace: str  # noqa: N815  the protocol's name
    schemaSpace: str  # noqa: N815
    documentation: str
    logo: str
    serviceVersion: str  # noqa: N815
    defaultTypes: list[TypeNamed]  # noqa: N815
    view: Template
    preview: Preview
    suggest: Suggesting
    extend: Extending
    batchSize: int  # noqa: N815
