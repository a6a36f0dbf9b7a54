"""What the operations about the data as a whole answer."""

from datetime import date

from pydantic import Field

from portal.api.schemas import Answer, Evidence


class Group(Answer):
    """One group and how many records it has. `key` has a value for each dimension of `by`, null where records say nothing."""

    key: list[str | int | None]
    label: list[str]
    count: int


class StatisticsAnswer(Answer):
    """Counts of public records, the largest group first. `total` counts all; `left_off` are groups beyond `limit`, with their records."""

    by: list[str]
    kind: str | None
    region: str | None
    as_of: date = Field(
        description="The day of which states and publicity are; years are those of the day that orders records."
    )
    results: list[Group]
    total: int
    groups: int
    left_off: int = Field(description="Records of groups that are not listed.")
    evidence: Evidence
