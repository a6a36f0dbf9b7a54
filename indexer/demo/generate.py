"""Generates the demonstration data (演示数据): the same files every time for the same day and seed; another
day only moves dates.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import ceil
from pathlib import Path
from random import Random
from typing import TypeVar

from indexer.demo import layouts, writing
from indexer.demo.bodies import institutions
from indexer.demo.certificates import make_certificates
from indexer.demo.facts import Brand, Certificate, Fact, Inspection, Listing, Penalty, Policy, Rating
from indexer.demo.firms import Firm, make_firms
from indexer.demo.honours import make_brands, make_declarations, make_ratings
from indexer.demo.licences import make_licences, make_practitioners
from indexer.demo.listings import make_listings
from indexer.demo.penalties import make_penalties
from indexer.demo.policies import make_policies
from indexer.demo.stories import STORIES
from indexer.demo.story_facts import story_enterprises, story_facts
from indexer.demo.supervision import make_alerts, make_inspections
from indexer.demo.timeline import Timeline

SHARES = {
    "certificate": 0.33,
    "licence": 0.11,
    "practitioner": 0.04,
    "rating": 0.09,
    "brand": 0.06,
    "listing": 0.07,
    "penalty": 0.09,
    "inspection": 0.12,
    "declaration": 0.07,
    "alert": 0.02,
}
"""Each kind's share of the records; they add up to one, so institutions, policies and stories come on top."""


F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class _World:
    """What the generators draw from. Each topic has its own source of chance, so that one does not disturb
    another.
    """

    timeline: Timeline
    seed: int
    records: int
    firms: list[Firm]

    def chance(self, topic: str) -> Random:
        return Random(f"zhixin {self.seed} {topic}")

    def make(
        self,
        kind: str,
        maker: Callable[[list[Firm], int, Timeline, Random], list[F]],
        story: type[F] | None = None,
    ) -> list[F]:
        """The stories' records of a kind, then as many more as its share asks for."""
        told = [fact for fact in story_facts(self.timeline) if story is not None and isinstance(fact, story)]
        return told + maker(self.firms, ceil(self.records * SHARES[kind]), self.timeline, self.chance(kind))


def generate(
    folder: Path, today: date, seed: int = 2026, enterprises: int = 2000, records: int = 10_000
) -> list[Path]:
    """Writes the demonstration's files into `folder` (made if missing) and gives back their paths,
    enterprises first.

    `today` is the day (Asia/Shanghai) that everything is dated around. `enterprises` (at least the stories
    and one more) and `records` are lower bounds: of enterprises, and of records of all other kinds together.
    The same arguments give the same bytes. A table without rows, which few records may leave, is not written.
    Raises `ValueError` when there is no room for the stories.
    """
    if enterprises <= len(STORIES) or records < 1:
        raise ValueError(f"enterprises must be over {len(STORIES)}, records at least 1")
    timeline = Timeline(today)
    taken = {story.name for story in STORIES}
    firms = make_firms(enterprises - len(STORIES), timeline, Random(f"zhixin {seed} enterprise"), taken)
    world = _World(timeline, seed, records, firms)
    files = {
        **_subject_files(world),
        **_certificate_files(world),
        **_licence_files(world),
        **_honour_files(world),
        **_conduct_files(world),
        **_supervision_files(world),
        **_policy_files(make_policies(timeline)),
    }
    return [writing.write(folder / name, content) for name, content in files.items() if content]


def _subject_files(world: _World) -> dict[str, bytes]:
    lines = [*story_enterprises(world.timeline), *(firm.enterprise for firm in world.firms)]
    bodies = institutions()
    count = ceil(world.records * SHARES["practitioner"])
    persons = make_practitioners(bodies, count, world.timeline, world.chance("practitioner"))
    return {
        "enterprises.csv": writing.csv_bytes([layouts.enterprise(each) for each in lines]),
        "institutions.xlsx": writing.xlsx_bytes([layouts.institution(each) for each in bodies], "机构名录"),
        "practitioners.csv": writing.csv_bytes([layouts.practitioner(each) for each in persons], "gb18030"),
    }


def _certificate_files(world: _World) -> dict[str, bytes]:
    """Most certificates with the holder's code; one in fifteen of the generated ones as the national platform
    answers.
    """
    certificates = world.make("certificate", make_certificates, Certificate)
    stories = {story.code for story in STORIES}
    answered = [
        each for at, each in enumerate(certificates) if at % 15 == 7 and each.holder.code not in stories
    ]
    numbers = {each.number for each in answered}
    kept = [each for each in certificates if each.number not in numbers]
    rows = [layouts.certificate(each) for each in kept]
    return {
        "certificates.csv.gz": writing.gzip_bytes(writing.csv_bytes(rows)),
        "certificates-platform.json": writing.json_bytes(layouts.platform(answered)) if answered else b"",
    }


def _licence_files(world: _World) -> dict[str, bytes]:
    """Licences in force in the national template, the others, whose state needs a word, in plain columns."""
    licences = world.make("licence", make_licences)
    national = [each for each in licences if each.status == "有效"]
    plain = [each for each in licences if each.status != "有效"]
    rows = [layouts.national_licence(each, serial) for serial, each in enumerate(national, 1)]
    return {
        "licences-xk.csv": writing.csv_bytes(rows, "gb18030"),
        "licences-changed.csv": writing.csv_bytes([layouts.licence(each) for each in plain]),
    }


def _honour_files(world: _World) -> dict[str, bytes]:
    ratings = world.make("rating", make_ratings, Rating)
    brands = world.make("brand", make_brands, Brand)
    declarations = world.make("declaration", make_declarations)
    return {
        "ratings.csv": writing.csv_bytes([layouts.rating(each) for each in ratings]),
        "brands.csv": writing.csv_bytes([layouts.brand(each) for each in brands], "utf-8-sig"),
        "declarations.jsonl.gz": writing.gzip_bytes(
            writing.json_lines(layouts.declaration(each) for each in declarations)
        ),
    }


def _conduct_files(world: _World) -> dict[str, bytes]:
    """Lists as JSON Lines; penalties in the national template, repaired ones (which it has no column for) in
    a workbook.
    """
    listings = world.make("listing", make_listings, Listing)
    penalties = world.make("penalty", make_penalties, Penalty)
    in_workbook = [each for at, each in enumerate(penalties) if each.repaired_on or at % 5 == 4]
    in_template = [each for at, each in enumerate(penalties) if not (each.repaired_on or at % 5 == 4)]
    title = f"{world.timeline.today.year}年行政处罚案件信息公示表（示例）"
    return {
        "listings.jsonl": writing.json_lines(layouts.listing(each) for each in listings),
        "penalties-cf.csv": writing.csv_bytes([layouts.national_penalty(each) for each in in_template]),
        "penalties.xlsx": writing.xlsx_bytes(
            [layouts.penalty(each) for each in in_workbook], "行政处罚", title
        ),
    }


def _supervision_files(world: _World) -> dict[str, bytes]:
    """Inspections as an archive with one table for each kind; alerts as a workbook with real dates."""
    inspections = world.make("inspection", make_inspections, Inspection)
    alerts = world.make("alert", make_alerts)
    by_kind = {
        name: [layouts.inspection(each) for each in inspections if each.kind == kind]
        for name, kind in (("random.csv", "双随机检查"), ("sampling.csv", "监督抽查"))
    }
    tables = {name: writing.csv_bytes(rows, day="%Y%m%d") for name, rows in by_kind.items() if rows}
    return {
        "inspections.zip": writing.zip_bytes(tables),
        "alerts.xlsx": writing.xlsx_bytes([layouts.alert(each) for each in alerts], "风险与召回"),
    }


def _policy_files(policies: list[Policy]) -> dict[str, bytes]:
    return {f"policies/{policy.file_name}": policy.text.encode() for policy in policies}
