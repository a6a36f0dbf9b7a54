"""Operations about the data as a whole: counts."""

from itertools import permutations

from pydantic import Field

from indexer.opendata.statistics import DIMENSIONS, Dimension
from portal.api import answers
from portal.api.data_schemas import Group, StatisticsAnswer
from portal.api.operations import operation
from portal.api.views import KIND, KIND_NAMES
from portal.arguments import Arguments, invalid
from portal.context import portal
from portal.labels import group_label

MOST_DIMENSIONS = 2


class StatisticsQuestion(Arguments):
    """What to count by, and what of."""

    by: str = Field(
        "kind",
        description=f"One or two of {', '.join(DIMENSIONS)}, with a comma between: kind,year.",
        json_schema_extra={"enum": [*DIMENSIONS, *map(",".join, permutations(DIMENSIONS, 2))]},
    )
    kind: str | None = Field(None, description="Only records of this kind.", json_schema_extra=KIND)
    region: str | None = Field(None, description="Only this region, as records state it.")
    limit: int = Field(200, ge=1, le=1000)


@operation(
    "/statistics", "统计", StatisticsQuestion, StatisticsAnswer, (400, 503), "/statistics?by=kind,year"
)
def statistics(question: StatisticsQuestion) -> StatisticsAnswer:
    """How many records are public today, by kind, region, year or effective state, or two of these. Exact, and of the same instant as any
    other answer."""
    if question.kind is not None and question.kind not in KIND_NAMES:
        known = ", ".join(KIND_NAMES)
        raise invalid("kind", f"没有这个种类；可用：{known.replace(', ', '、')}。", f"must be one of {known}")
    by = _dimensions(question.by)
    found = portal().statistics.table(by, question.kind, question.region, question.limit)
    return StatisticsAnswer(
        by=list(by),
        kind=question.kind,
        region=question.region,
        as_of=found.day,
        results=[
            Group(
                key=list(key),
                label=[
                    group_label(dimension, value, question.kind)
                    for dimension, value in zip(by, key, strict=True)
                ],
                count=count,
            )
            for key, count in found.rows
        ],
        total=found.total,
        groups=found.groups,
        left_off=found.rest,
        evidence=answers.evidence(found.version),
    )


def _dimensions(text: str) -> list[Dimension]:
    names = text.split(",")
    known: dict[str, Dimension] = {each: each for each in DIMENSIONS}
    if len(names) > MOST_DIMENSIONS or len(set(names)) < len(names) or not set(names) <= known.keys():
        raise invalid(
            "by",
            f"应为 {'、'.join(DIMENSIONS)} 中的一项，或用逗号隔开的不同两项。",
            f"must be one of {', '.join(DIMENSIONS)}, or two different ones with a comma between",
        )
    return [known[name] for name in names]
