"""When background jobs last ended well (任务成功时刻), for whoever watches over them: one mark of each job, written now and then."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from indexer.register.database import filing, reading
from indexer.register.models import Mark

BEGINNING = "job succeeded: "
PATIENCE = 2  # seconds: a mark is not worth waiting behind a file that is taken in


def note_success(engine: Engine, job: str, instant: datetime) -> None:
    """Write down that a job has ended well. Raises DatabaseBusy where somebody else writes: the next time will do."""
    name, value = BEGINNING + job, instant.isoformat()
    # Of two workers that are first with a job's first mark one is enough.
    with suppress(IntegrityError), filing(engine, PATIENCE) as connection:
        known = select(Mark.name).where(Mark.name == name).with_for_update()
        if connection.scalar(known) is None:
            connection.execute(insert(Mark).values(name=name, value=value))
        else:
            connection.execute(update(Mark).where(Mark.name == name).values(value=value))


def successes(engine: Engine) -> dict[str, datetime]:
    """The jobs that have ended well, with when they last did."""
    asked = select(Mark.name, Mark.value).where(Mark.name.startswith(BEGINNING, autoescape=True))
    with reading(engine) as connection:
        rows = connection.execute(asked.order_by(Mark.name)).all()
    return {row.name.removeprefix(BEGINNING): datetime.fromisoformat(row.value) for row in rows}
