"""The ways of a case (办件流程): its states, the acts that move it, who may do them. One table; whatever it does not say is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a case stands."""

    FILED = "filed"  # 待受理
    ACCEPTED = "accepted"  # 办理中
    ASKED = "asked"  # 待补充: more is awaited from who filed it
    TRANSFERRED = "transferred"  # 已转办: another agency looks at it
    ANSWERED = "answered"  # 已答复
    PROPOSED = "proposed"  # 待复核: the second person decides
    ENDED = "ended"  # 已办结


class Move(StrEnum):
    """What can be done with a case."""

    FILE = "file"  # 提交
    TAKE = "take"  # 认领
    ASSIGN = "assign"  # 分派
    ACCEPT = "accept"  # 受理
    REFUSE = "refuse"  # 不予受理
    ASK = "ask"  # 要求补充
    ADD = "add"  # 补充
    TRANSFER = "transfer"  # 转办
    RECALL = "recall"  # 转办回复
    REPLY = "reply"  # 转办单位答复
    HAND_BACK = "hand-back"  # 转办单位退回
    EXTEND = "extend"  # 延期
    ANSWER = "answer"  # 答复
    DECIDE = "decide"  # 办结
    PROPOSE = "propose"  # 提请复核
    CONFIRM = "confirm"  # 复核同意
    RETURN = "return"  # 复核退回
    NOTE = "note"  # 内部备注
    WITHDRAW = "withdraw"  # 撤回


class By(StrEnum):
    """In which capacity somebody acts. That the person has it is for the caller to know; the engine asks what the case itself tells."""

    FILER = "filer"  # who filed it, or somebody else of the same enterprise
    DESK = "desk"  # anybody who handles cases
    HANDLER = "handler"  # the one who handles this one
    SECOND = "second"  # who decides and did not propose
    AGENCY = "agency"  # an officer of the agency that it was transferred to


@dataclass(frozen=True, slots=True)
class Step:
    """One row: in `state`, `by` may do `move`, after which the case is in `to`. `text`, `outcome`: whether these have to be given."""

    state: State
    move: Move
    by: By
    to: State
    text: bool = True
    outcome: bool = False


def _each(
    states: tuple[State, ...], move: Move, by: By, to: State | None = None, **needs: bool
) -> list[Step]:
    return [Step(state, move, by, to or state, **needs) for state in states]


WORKED = (State.ACCEPTED, State.ASKED, State.TRANSFERRED)
ASSIGNABLE = (State.FILED, *WORKED, State.ANSWERED)
OPEN = (*ASSIGNABLE, State.PROPOSED)

STEPS: tuple[Step, ...] = (
    *_each(ASSIGNABLE, Move.TAKE, By.DESK, text=False),
    *_each(ASSIGNABLE, Move.ASSIGN, By.DESK, text=False),
    *_each(OPEN, Move.NOTE, By.DESK),
    Step(State.FILED, Move.ACCEPT, By.HANDLER, State.ACCEPTED, text=False),
    Step(State.FILED, Move.REFUSE, By.HANDLER, State.ENDED),
    Step(State.ACCEPTED, Move.ASK, By.HANDLER, State.ASKED),
    *_each((State.FILED, State.ACCEPTED, State.TRANSFERRED, State.PROPOSED), Move.ADD, By.FILER),
    *_each((State.ASKED, State.ANSWERED), Move.ADD, By.FILER, State.ACCEPTED),
    *_each((State.ACCEPTED, State.ASKED), Move.TRANSFER, By.HANDLER, State.TRANSFERRED),
    Step(State.TRANSFERRED, Move.RECALL, By.HANDLER, State.ACCEPTED),
    Step(State.TRANSFERRED, Move.REPLY, By.AGENCY, State.ANSWERED),
    Step(State.TRANSFERRED, Move.HAND_BACK, By.AGENCY, State.ACCEPTED),
    *_each(WORKED, Move.EXTEND, By.HANDLER),
    *_each(WORKED, Move.ANSWER, By.HANDLER, State.ANSWERED),
    *_each((*WORKED, State.ANSWERED), Move.DECIDE, By.HANDLER, State.ENDED, outcome=True),
    *_each((State.ACCEPTED, State.ASKED), Move.PROPOSE, By.HANDLER, State.PROPOSED, outcome=True),
    Step(State.PROPOSED, Move.CONFIRM, By.SECOND, State.ENDED, text=False),
    Step(State.PROPOSED, Move.RETURN, By.SECOND, State.ACCEPTED),
    *_each(OPEN, Move.WITHDRAW, By.FILER, State.ENDED, text=False),
)

TABLE: Mapping[tuple[State, Move], Step] = {(step.state, step.move): step for step in STEPS}
"""(state, move) → what it takes and where it leads."""

EVERYBODY: frozenset[Move] = frozenset(
    {Move.FILE, Move.TAKE, Move.ASSIGN, Move.NOTE, Move.ASK, Move.ADD, Move.WITHDRAW}
)
"""Moves that cases of every kind know."""

HANDED_ON: frozenset[Move] = frozenset({Move.TRANSFER, Move.RECALL, Move.REPLY, Move.HAND_BACK})
"""Moves of kinds that another agency can be given."""

ONE_DECIDES: frozenset[Move] = frozenset({Move.DECIDE})
TWO_DECIDE: frozenset[Move] = frozenset({Move.PROPOSE, Move.CONFIRM, Move.RETURN})

INTERNAL: frozenset[Move] = frozenset({Move.TAKE, Move.ASSIGN, Move.NOTE, Move.PROPOSE, Move.RETURN})
"""Moves that who filed the case does not see."""
