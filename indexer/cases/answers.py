"""Answered questions that were chosen to be published (公开答复): in words that an operator gave them, numbers of persons masked once more."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.people import Conflict
from indexer.cases.case import Case
from indexer.cases.models import PublishedAnswer as Row
from indexer.cases.paths import State
from indexer.cases.texts import lines
from indexer.clock import Clock
from indexer.register.database import reading
from indexer.rules.masking import scan

MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its answer, as anyone may read it; the number of its case is not told."""

    id: int
    question: str
    answer: str
    published_at: datetime


class Answers:
    """All published answers."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock

    def publish(self, caller: Caller, case: Case, question: str, answer: str) -> None:
        """Publish the answer to a question that has ended. Raises InvalidParameter `question`, `answer`, and Conflict."""
        if case.kind.name != "question" or case.state != State.ENDED or case.outcome != "answered":
            raise Conflict("只有已答复的咨询可以公开。", "Only answered questions are published.")
        values = {"question": lines(question, "question"), "answer": lines(answer, "answer")}
        try:
            with acting(self.engine, self.clock, caller) as act:
                act.connection.execute(
                    insert(Row).values(
                        case_id=case.id, published_at=act.now, published_by=caller.account, **values
                    )
                )
                act.note(Act.ANSWER_PUBLISHED, f"case:{case.number}")
        except IntegrityError:
            raise Conflict("已经公开了。", "It is published already.") from None

    def withdraw(self, caller: Caller, case: Case) -> None:
        """Take the answer to a question back; nothing happens where it is not published."""
        with acting(self.engine, self.clock, caller) as act:
            row = update(Row).where(Row.case_id == case.id, Row.withdrawn_at.is_(None))
            if act.connection.execute(row.values(withdrawn_at=act.now)).rowcount:
                act.note(Act.ANSWER_WITHDRAWN, f"case:{case.number}")

    def of(self, case: Case) -> Answered | None:
        """What is published of a question now."""
        asked = select(Row).where(Row.case_id == case.id, Row.withdrawn_at.is_(None))
        with reading(self.engine) as connection:
            row = connection.execute(asked).first()
        return Answered(row.id, row.question, row.answer, row.published_at) if row is not None else None

    def search(self, words: str, limit: int, below: int | None = None) -> list[Answered]:
        """Published answers that hold every word, newest first, before the id that the last page ended with."""
        asked = select(Row).where(Row.withdrawn_at.is_(None)).order_by(Row.id.desc()).limit(limit)
        for word in words.split()[:MOST_WORDS]:
            asked = asked.where(
                Row.question.icontains(word, autoescape=True) | Row.answer.icontains(word, autoescape=True)
            )
        if below is not None:
            asked = asked.where(Row.id < below)
        with reading(self.engine) as connection:
            return [
                Answered(row.id, scan(row.question), scan(row.answer), row.published_at)
                for row in connection.execute(asked)
            ]
