"""What takes long in a draw (封存与抽取): freezing a population and drawing from it, done by whoever comes first, one process at a time.

A process that dies leaves the draw as it was, and the next begins anew: the population that counts is that of the last statement of its
transaction, and the same seed draws the same enterprises.
"""

from contextlib import suppress

from sqlalchemy import Engine, func, select

from indexer.accounts.people import Conflict
from indexer.errors import ServiceUnavailable
from indexer.register.database import DatabaseUnavailable, alone, reading
from indexer.supervision.draws import FREEZING, SEEDED, WORKER, Draw, Draws
from indexer.supervision.models import Draw as Row
from indexer.supervision.models import DrawPart
from indexer.supervision.population import SIZE


def work(draws: Draws) -> int:
    """Freeze and draw all that waits for it, one after another; gives how many. 0 where another process is at it.

    Raises DatabaseUnavailable where the register is away.
    """
    waiting = select(Row.id).where(Row.state.in_((FREEZING, SEEDED))).order_by(Row.id)
    with reading(draws.engine) as connection:
        numbers = list(connection.scalars(waiting))
    if not numbers:
        return 0
    try:
        with alone(draws.engine, "draws"):
            for number in numbers:
                with suppress(Conflict):  # written down with the draw
                    draws.freeze(number)
                draws.finish(WORKER, number)
    except DatabaseUnavailable:
        raise
    except ServiceUnavailable:  # somebody else is at it
        return 0
    return len(numbers)


def waits(draw: Draw) -> bool:
    """Whether there is something to do with a draw."""
    return draw.state in (FREEZING, SEEDED)


def frozen(engine: Engine, draw: Draw) -> int:
    """About how many enterprises are frozen so far, while that is done."""
    with reading(engine) as connection:
        pieces = connection.scalar(select(func.count()).where(DrawPart.draw_id == draw.id)) or 0
    return int(pieces) * SIZE
