"""Objections (异议): what one does to the record it is about. The mark is public at once and goes with the case's end."""

from indexer.accounts.acting import Acting
from indexer.cases.case import Case
from indexer.register.disputes import end_dispute, open_dispute


class MarksRecord:
    """The effect of an objection: its record is marked while it is open, and the outcome stands in the record's history."""

    def filed(self, act: Acting, case: Case) -> None:
        """Raises DisputedAlready where another objection to the record is open."""
        assert case.record_id is not None
        open_dispute(act.connection, case.record_id, act.now)

    def ended(self, act: Acting, case: Case) -> None:
        assert case.record_id is not None and case.outcome is not None
        end_dispute(act.connection, case.record_id, act.now, case.outcome, case.reason)
