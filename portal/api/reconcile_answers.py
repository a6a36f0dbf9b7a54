"""From what the register says to what the reconciliation service answers. Plain functions; the views of both versions only call them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from itertools import islice

from flask import url_for
from flask_babel import gettext as _

from indexer.register.many import ManySubjects
from indexer.register.reading import CreditFile
from portal.api import reconcile_schemas as schemas
from portal.arguments import WrongArguments
from portal.context import portal
from portal.i18n import english
from portal.reconciliation.extending import extend, told_of
from portal.reconciliation.matching import match
from portal.reconciliation.model import (
    MOST_CANDIDATES,
    ORGANISATION,
    TYPES,
    Candidate,
    Entity,
    Query,
    Told,
    Type,
    Value,
)
from portal.reconciliation.properties import PROPERTIES, Property, about, name_of
from portal.reconciliation.suggesting import subjects_like

PREVIEW_SIZE = (400, 260)
"""Width and height of the preview in pixels."""

NAME = "质信 · 企业与机构"
NAME_EN = "Zhixin: enterprises and institutions"
SCHEMA_SPACE = "https://schema.org/Organization"


@dataclass(frozen=True, slots=True)
class Summary:
    """What the preview shows of a subject."""

    name: str
    code: str
    url: str
    told: tuple[tuple[str, str], ...]
    restricted: str
    notice: str


def understood(given: schemas.QueryGiven, where: str) -> Query:
    """A query of version 0.2. Raises WrongArguments for a type or property that does not exist."""
    properties = given.properties or []
    known_properties([each.pid for each in properties], f"{where}.properties", given=True)
    values: dict[str, tuple[str, ...]] = {}
    for each in properties:
        if said := tuple(value for value in each.v if value.strip()):  # an empty cell says nothing
            values[each.pid] = (*values.get(each.pid, ()), *said)
    return Query(
        text=given.query or "",
        types=frozenset(known_type(each, f"{where}.type") for each in given.type),
        limit=given.limit or MOST_CANDIDATES,
        given=values,
    )


def matched(queries: Sequence[Query]) -> list[tuple[Candidate, ...]]:
    """The candidates of each query."""
    return match(queries, _subjects_now(), portal().search)


def candidate(found: Candidate) -> schemas.CandidateAnswer:
    """One candidate."""
    subject = found.file.subject
    return schemas.CandidateAnswer(
        id=subject.code,
        name=subject.name,
        description=description(found.file),
        type=[type_named(subject.type)],
        score=found.score,
        features=[schemas.Feature(id=name, value=value) for name, value in found.features.items()],
        match=found.match,
    )


def extended(
    ids: Sequence[str], wanted: Sequence[Property]
) -> dict[str, dict[str, list[dict[str, str | int]]]]:
    """The values of some properties of each subject."""
    rows = extend(ids, wanted, _subjects_now(), portal().rules.book.now())
    return {
        each: {one.id: list(map(_value, values)) for one, values in zip(wanted, row, strict=True)}
        for each, row in rows.items()
    }


def columns(wanted: Sequence[Property]) -> list[schemas.Column]:
    """What the values are of."""
    organisation = type_named(ORGANISATION)
    return [
        schemas.Column(id=each.id, name=name_of(each), type=organisation if each.id == "parent" else None)
        for each in wanted
    ]


def known_type(identity: str, where: str) -> str:
    """A type's id. Raises WrongArguments with those that there are."""
    if identity not in [each.id for each in TYPES]:
        raise _not_among(where, [each.id for each in TYPES])
    return identity


def known_properties(ids: Sequence[str], where: str, *, given: bool = False) -> list[Property]:
    """Properties to extend by, or with `given` those that a query may give. Raises WrongArguments with those that there are."""
    usable = {
        name: each for name, each in PROPERTIES.items() if (each.agrees if given else each.values) is not None
    }
    if any(each not in usable for each in ids):
        raise _not_among(where, list(usable))
    return [usable[each] for each in dict.fromkeys(ids)]


def suggested_subjects(prefix: str, wanted: str | None, skip: int, limit: int) -> schemas.SuggestAnswer:
    """Subjects that begin like what is typed."""
    if wanted is not None:
        known_type(wanted, "type")
    files = subjects_like(prefix, wanted, _subjects_now(), portal().search)
    return schemas.SuggestAnswer(
        result=[
            schemas.Described(
                id=file.subject.code,
                name=file.subject.name,
                description=description(file),
                notable=[type_named(file.subject.type)],
            )
            for file in files[skip : skip + limit]
        ]
    )


def suggested_properties(prefix: str, skip: int, limit: int) -> schemas.SuggestAnswer:
    """Properties that a query may give, whose id or name begins like what is typed."""
    found = (each for each in PROPERTIES.values() if each.agrees is not None)
    like = (each for each in found if _begins(prefix, (each.id, each.zh, each.en)))
    return schemas.SuggestAnswer(result=[_described(each) for each in islice(like, skip, skip + limit)])


def suggested_types(prefix: str, skip: int, limit: int) -> schemas.SuggestAnswer:
    """Types whose id or name begins like what is typed."""
    like = (each for each in TYPES if _begins(prefix, (each.id, each.zh, each.en)))
    return schemas.SuggestAnswer(result=[_type(each) for each in islice(like, skip, skip + limit)])


def proposed(wanted: str | None, limit: int | None) -> schemas.ProposalAnswer:
    """Properties to extend rows of a type by; all types have the same."""
    if wanted is not None:
        known_type(wanted, "type")
    can = [_described(each) for each in PROPERTIES.values() if each.values is not None]
    return schemas.ProposalAnswer(type=wanted, properties=can[:limit], limit=limit)


def type_named(identity: str) -> schemas.Named:
    """A type by its id and name; a subject of which only others' records are known is an organisation."""
    found = next((each for each in TYPES if each.id == identity), TYPES[-1])
    return schemas.Named(id=found.id, name=_word(found))


def default_types() -> list[schemas.TypeNamed]:
    """All types."""
    return list(map(_type, TYPES))


def service_name() -> str:
    """What the service is called in lists of services."""
    return NAME_EN if english() else NAME


def service_version() -> str:
    """The version of this software."""
    return version("zhixin")


def manifest(base: str) -> schemas.Manifest:
    """The manifest of version 0.2; `base` is the portal's own address without a last slash."""
    root = base + url_for("reconcile.service")
    width, height = PREVIEW_SIZE
    return schemas.Manifest(
        versions=["0.2"],
        name=service_name(),
        identifierSpace=f"{base}/subjects/",
        schemaSpace=SCHEMA_SPACE,
        documentation=f"{base}{url_for('pages.docs')}#reconcile",
        logo=f"{base}{url_for('static', filename='img/logo.svg')}",
        serviceVersion=service_version(),
        defaultTypes=default_types(),
        view=schemas.Template(url=f"{base}/subjects/{{{{id}}}}"),
        preview=schemas.Preview(url=f"{root}/preview?id={{{{id}}}}", width=width, height=height),
        suggest=schemas.Suggesting(
            **{
                what: schemas.Place(service_url=root, service_path=f"/suggest/{what}")
                for what in ("entity", "property", "type")
            }
        ),
        extend=schemas.Extending(propose_properties=schemas.Place(service_url=root, service_path="/propose")),
        batchSize=schemas.BATCH_MOST,
    )


def description(file: CreditFile) -> str:
    """What tells a subject from its namesakes: code, place, state of registration."""
    told = _told_alone(file)
    state = (str(value) for value in _values("registration_status", told))
    return " · ".join((file.subject.code, *filter(None, (file.subject.region,)), *state))


def summary(file: CreditFile) -> Summary:
    """What the preview shows of a subject."""
    subject = file.subject
    told = told_of([subject.code], _subjects_now(), portal().rules.book.now()).get(
        subject.code
    ) or _told_alone(file)
    shown = ("registration_status", "region", "former_name", "rating", "valid_certificates", "penalties")
    between = "; " if english() else "；"
    lines = ((name_of(PROPERTIES[name]), between.join(map(str, _values(name, told)))) for name in shown)
    return Summary(
        name=subject.name,
        code=subject.code,
        url=url_for("pages.subject", id=subject.code),
        told=tuple((name, text) for name, text in lines if text),
        restricted=(", " if english() else "、").join(map(str, _values("restricted_domains", told))),
        notice=_("截至 %(day)s 本站公示的信息，仅供参考。", day=told.day),
    )


def _told_alone(file: CreditFile) -> Told:
    """Where only what a file itself says is wanted."""
    return Told(file, None, (), portal().clock.today())


def _values(name: str, told: Told) -> Iterable[Value]:
    read = PROPERTIES[name].values
    return read(told) if read is not None else ()


def _subjects_now() -> ManySubjects:
    """Subjects as of today and as known in the register's newest version."""
    register = portal().register
    return ManySubjects(register, register.clock.today(), register.version())


def _value(value: Value) -> dict[str, str | int]:
    """A value as both versions write it; a day is an instant there, of which only the day means anything."""
    if isinstance(value, Entity):
        return {"id": value.id, "name": value.name}
    if isinstance(value, date):
        return {"date": f"{value.isoformat()}T00:00:00Z"}
    return {"int": value} if isinstance(value, int) else {"str": value}


def _described(each: Property) -> schemas.Described:
    return schemas.Described(id=each.id, name=name_of(each), description=about(each))


def _type(each: Type) -> schemas.TypeNamed:
    broader = None if each.id == ORGANISATION else [type_named(ORGANISATION)]
    return schemas.TypeNamed(id=each.id, name=_word(each), broader=broader)


def _word(each: Type) -> str:
    return each.en if english() else each.zh


def _begins(prefix: str, names: Iterable[str]) -> bool:
    """Whether one of some names, or a word of it, begins like what was typed."""
    wanted = prefix.strip().casefold()
    begun = (beginning for name in names for beginning in (name.casefold(), *name.casefold().split()))
    return any(beginning.startswith(wanted) for beginning in begun)


def _not_among(where: str, known: Sequence[str]) -> WrongArguments:
    return WrongArguments([(where, f"只能是：{'、'.join(known)}。", f"must be among {', '.join(known)}")])
