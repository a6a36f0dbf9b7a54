"""Everything about supervision over one database, made in one place."""

from sqlalchemy import Engine

from indexer.clock import Clock
from indexer.rules.workdays import NO_EXTRAS, Calendar
from indexer.supervision.draws import Draws
from indexer.supervision.grading import Grading
from indexer.supervision.inspectors import Inspectors
from indexer.supervision.key_lists import KeyLists
from indexer.supervision.plans import Plans
from indexer.supervision.releases import Releases
from indexer.supervision.results import Results
from indexer.supervision.rulebook import Rulebook


class Supervision:
    """Grades, lists, draws, plans and results. Opens nothing until it is asked."""

    def __init__(self, engine: Engine, clock: Clock, calendar: Calendar = NO_EXTRAS) -> None:
        self.grading = Grading(engine, clock)
        self.rulebook = Rulebook(engine, clock, self.grading)
        self.key_lists = KeyLists(engine, clock, self.grading)
        self.inspectors = Inspectors(engine, clock)
        self.draws = Draws(engine, clock, self.grading)
        self.plans = Plans(engine, clock)
        self.results = Results(engine, clock, calendar)
        self.releases = Releases(engine, clock)
