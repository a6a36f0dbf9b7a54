"""Version 0.2 of the reconciliation protocol as its specification tells it, in our own words: a client that takes nothing for granted.

It speaks as OpenRefine does: a form by POST, addresses put together from the manifest, ids encoded into templates. What comes back must have
the shapes below and nothing else. It shares no code with the service.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from flask.testing import FlaskClient
from pydantic import BaseModel, ConfigDict, Field, RootModel, StrictBool, StrictFloat, StrictInt, StrictStr

Filled = Annotated[StrictStr, Field(min_length=1)]
WithId = Annotated[StrictStr, Field(pattern=r"\{\{id\}\}")]
Address = Annotated[StrictStr, Field(pattern=r"^https?://")]
Instant = Annotated[StrictStr, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])-\d{2}T\d{2}:\d{2}:\d{2}Z$")]


class Said(BaseModel):
    """Anything that the service says: no field but the ones that the specification names."""

    model_config = ConfigDict(extra="forbid")


class Type(Said):
    id: Filled
    name: Filled
    broader: list["Type"] = []


class Template(Said):
    url: WithId


class Preview(Template):
    width: StrictInt
    height: StrictInt


class Service(Said):
    service_url: Address
    service_path: StrictStr


class Suggest(Said):
    entity: Service
    property: Service
    type: Service


class Extend(Said):
    propose_properties: Service


class Manifest(Said):
    versions: list[StrictStr]
    name: Filled
    identifierSpace: Address  # noqa: N815  the protocol's names
    schemaSpace: Address  # noqa: N815
    documentation: Address
    logo: Address
    serviceVersion: Filled  # noqa: N815
    defaultTypes: list[Type]  # noqa: N815
    view: Template
    preview: Preview
    suggest: Suggest
    extend: Extend
    batchSize: StrictInt  # noqa: N815


class Named(Said):
    id: Filled
    name: Filled


class Feature(Said):
    id: Filled
    value: StrictBool | StrictInt | StrictFloat


class Candidate(Named):
    description: StrictStr
    type: list[Named]
    score: StrictInt | StrictFloat
    features: list[Feature]
    match: StrictBool

    def feature(self, name: str) -> bool | float | None:
        """The value of a feature, None where it is not told."""
        [*values] = (each.value for each in self.features if each.id == name)
        return values[0] if values else None


class Result(Said):
    result: list[Candidate]


class Results(RootModel[dict[str, Result]]):
    pass


class Suggested(Named):
    description: StrictStr | None = None
    notable: list[Named] = []
    broader: list[Type] = []


class Suggestions(Said):
    result: list[Suggested]


class Proposal(Said):
    type: StrictStr
    properties: list[Suggested]
    limit: StrictInt | None = None


class Column(Named):
    type: Named | None = None


class Text(Said):
    str: Filled


class Whole(Said):
    int: StrictInt


class Day(Said):
    date: Instant


Value = Text | Whole | Day | Named


class Extension(Said):
    meta: list[Column]
    rows: dict[str, dict[str, list[Value]]]


@dataclass(frozen=True)
class Client:
    """Asks the service at a path of an application."""

    http: FlaskClient
    root: str = "/api/v1/reconcile"
    language: Literal["zh", "en"] = "zh"

    def read(self, address: str) -> Any:
        """What stands at an address, which must be there and be open to other sites."""
        return self._said(self.http.get(address, headers={"Accept-Language": self.language}))

    def manifest(self) -> Manifest:
        """The manifest."""
        return Manifest.model_validate(self.read(self.root))

    def match(self, queries: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Candidate]]:
        """The candidates of each query, asked for as OpenRefine asks."""
        told = Results.model_validate(self._post(queries=json.dumps(queries)))
        assert set(told.root) == set(queries)
        for result in told.root.values():
            scores = [each.score for each in result.result]
            assert scores == sorted(scores, reverse=True)
        return {name: result.result for name, result in told.root.items()}

    def one(self, query: str = "", /, **rest: Any) -> list[Candidate]:
        """The candidates of a single query."""
        return self.match({"q0": ({"query": query} if query else {}) | rest})["q0"]

    def suggest(
        self, what: Literal["entity", "property", "type"], prefix: str, **asked: Any
    ) -> list[Suggested]:
        """What is suggested for what was typed."""
        service: Service = getattr(self.manifest().suggest, what)
        address = f"{service.service_url}{service.service_path}?{urlencode({'prefix': prefix} | asked)}"
        return Suggestions.model_validate(self.read(address)).result

    def propose(self, of_type: str) -> Proposal:
        """The properties that rows of a type can be extended by."""
        service = self.manifest().extend.propose_properties
        address = f"{service.service_url}{service.service_path}?type={of_type}"
        return Proposal.model_validate(self.read(address))

    def extend(self, ids: Sequence[str], *properties: str) -> Extension:
        """Values of some properties of each subject."""
        asked = {"ids": list(ids), "properties": [{"id": each} for each in properties]}
        told = Extension.model_validate(self._post(extend=json.dumps(asked)))
        assert [column.id for column in told.meta] == list(properties)
        assert set(told.rows) == set(ids)
        assert all(set(row) == set(properties) for row in told.rows.values())
        return told

    def preview(self, identity: str) -> str:
        """The address of a subject's preview."""
        return re.sub(r"\{\{id\}\}", quote(identity, safe=""), self.manifest().preview.url)

    def _post(self, **form: str) -> Any:
        return self._said(self.http.post(self.root, data=form, headers={"Accept-Language": self.language}))

    @staticmethod
    def _said(answer: Any) -> Any:
        assert answer.status_code == 200, answer.text
        assert answer.content_type == "application/json"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        return answer.get_json()
