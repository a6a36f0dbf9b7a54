"""Results of inspections (检查结果): entered by form or file, checked as rows of a file; a second person has them published (`releases.py`).

Result and after-treatment of a failure are both shown ("两公开", 相市管〔2018〕45号 §10): a failure without the second stands on a list of what
is due, by the period `inspection.correction`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from sqlalchemy import ColumnElement, Engine, bindparam, select, update

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.four_eyes import APPROVED
from indexer.accounts.people import Conflict
from indexer.clock import Clock
from indexer.errors import FileRefused, InvalidParameter, NotFound, ZhixinError
from indexer.kinds.inspection import KIND
from indexer.register.database import reading
from indexer.register.draft import Draft
from indexer.rules.periods import find_period
from indexer.rules.workdays import NO_EXTRAS, Calendar
from indexer.sources.check import Checker, Rejection
from indexer.sources.files import open_tables
from indexer.sources.table import Row as Line
from indexer.supervision.models import TASKS, Plan, Task
from indexer.supervision.plans import ENTERED

HEADER = (
    "统一社会信用代码",
    "主体名称",
    "抽查计划",
    "检查类型",
    "检查事项",
    "检查结果",
    "不合格项目",
    "检查机关",
    "检查日期",
    "后处理结果",
)
"""The columns of the row that a result is (indexer/kinds/inspection.py)."""

FORM = ("统一社会信用代码", "主体名称", "检查结果", "是否发现问题", "不合格项目", "检查日期", "后处理结果")
"""The columns of the file that results are entered by."""

FIELDS = {
    "检查结果": "result",
    "不合格项目": "failed_items",
    "检查日期": "inspected_on",
    "后处理结果": "follow_up",
}
LARGEST = 4 * 2**20  # bytes of a file of results
YES, NO = "是", "否"


class RowsRefused(ZhixinError):
    """Rows of a file of results can not be taken, so none is; `rows` names each with its reason."""

    code = "file-refused"
    status = 400

    def __init__(self, rows: Sequence[tuple[int, str]]) -> None:
        self.rows = tuple(rows)
        told = "；".join(f"第 {line} 行：{why}" for line, why in self.rows[:20])
        super().__init__(f"一行也没有登记：{told}", f"Nothing was taken: {len(self.rows)} rows are wrong.")


@dataclass(frozen=True, slots=True)
class Entered:
    """How an inspection went. `failed`: something was found that needs treatment; `follow_up`: how it was treated."""

    result: str
    failed: bool
    failed_items: str
    inspected_on: date
    follow_up: str = ""


@dataclass(frozen=True, slots=True)
class Inspected:
    """An enterprise of a plan, and how it went as far as that was entered. `follow_up_due` is the day by which a treatment is awaited."""

    id: int
    plan: int
    place: int
    code: str
    name: str
    inspectors: tuple[str, ...]
    state: str
    result: str | None
    failed: bool | None
    failed_items: str | None
    inspected_on: date | None
    follow_up: str | None
    follow_up_due: date | None
    changed_by: int | None
    changed_at: datetime | None
    batch: int | None
    plan_title: str
    agency: str

    @property
    def seen(self) -> str:
        """What a form sends back, so that nobody writes over what another has entered meanwhile."""
        return self.changed_at.isoformat() if self.changed_at is not None else ""


class Results:
    """What inspections found."""

    def __init__(self, engine: Engine, clock: Clock, calendar: Calendar = NO_EXTRAS) -> None:
        self.engine, self.clock, self.calendar = engine, clock, calendar

    def of(self, plan: int, after: int = 0, limit: int = 50) -> list[Inspected]:
        """The enterprises of a plan in the order of the draw, from the one after the place `after` on."""
        return self._some((Task.plan_id == plan) & (Task.place > after), Task.place, limit)

    def one(self, task: int) -> Inspected:
        """An enterprise of a plan. Raises NotFound."""
        found = self._some(Task.id == task, Task.id, 1)
        if not found:
            raise NotFound("计划里没有这家企业。", "There is no such enterprise in a plan.")
        return found[0]

    def due(self, agencies: Sequence[str] | None = None, limit: int = 100) -> list[Inspected]:
        """Failures whose treatment is awaited, the earliest due first; of some agencies, or of all."""
        condition: ColumnElement[bool] = Task.follow_up_due.is_not(None)
        if agencies is not None:
            condition &= Plan.agency.in_(agencies)
        return self._some(condition, Task.follow_up_due, limit)

    def _some(self, condition: Any, order: Any, limit: int) -> list[Inspected]:
        asked = (
            select(*TASKS.c, Plan.title.label("plan_title"), Plan.agency)
            .join(Plan, Plan.id == Task.plan_id)
            .where(condition)
            .order_by(order, Task.id)
            .limit(limit)
        )
        with reading(self.engine) as connection:
            return [_inspected(row) for row in connection.execute(asked)]

    def enter(self, caller: Caller, task: int, entered: Entered, seen: str) -> None:
        """Enter or correct a result; it is public once it is published. Raises InvalidParameter naming the field, NotFound, Conflict."""
        before = self.one(task)
        plan = approved_plan(self.engine, before.plan)
        values = self._checked(plan, before, entered, self._checker())
        with acting(self.engine, self.clock, caller) as act:
            same = Task.changed_at.is_(None) if not seen else Task.changed_at == before.changed_at
            if (
                seen != before.seen
                or not act.connection.execute(
                    update(Task).where(Task.id == task, same).values(**values, **_entered(act))
                ).rowcount
            ):
                raise Conflict(
                    "他人刚改过这一项，请刷新后核对。", "Somebody else changed this just now: reload."
                )
            act.note(
                Act.RESULT_ENTERED, f"inspection-task:{task}", before=before.result, after=entered.result
            )

    def _checker(self) -> Checker:
        """Of the rows that results are; making one takes a millisecond, so one for all rows of a file."""
        return Checker(KIND, HEADER, self.clock.today())

    def _checked(self, plan: Any, task: Inspected, entered: Entered, checker: Checker) -> dict[str, Any]:
        """What is kept of a result that can be published. Raises InvalidParameter."""
        if entered.inspected_on < plan.starts:
            raise InvalidParameter(
                "inspected_on", f"不能早于计划开始日 {plan.starts}。", "must not be before the plan begins"
            )
        if task.batch is not None and task.inspected_on != entered.inspected_on:
            raise InvalidParameter(
                "inspected_on",
                "已公布的检查日期不能改；如系登错，请撤回该批次。",
                "was published: withdraw the batch to change it",
            )
        checked = checker.check(line_of(plan, task, entered))
        if isinstance(checked, Rejection):
            problem = checked.reasons[0]
            raise InvalidParameter(
                FIELDS.get(problem.column, "result"), problem.zh, "can not be taken by the register"
            )
        follow_up = entered.follow_up.strip() or None
        awaited = entered.failed and follow_up is None
        period = find_period("inspection.correction", entered.inspected_on) if awaited else None
        return {
            "state": ENTERED,
            "result": entered.result.strip(),
            "failed": entered.failed,
            "failed_items": entered.failed_items.strip() or None,
            "inspected_on": entered.inspected_on,
            "follow_up": follow_up,
            "follow_up_due": period.due(entered.inspected_on, self.calendar).date
            if period is not None
            else None,
        }

    def enter_file(self, caller: Caller, plan_id: int, content: bytes, filename: str) -> int:
        """Enter the results of a file (CSV or XLSX with the columns `FORM`); all rows or none. Gives how many changed.

        Raises FileRefused, and RowsRefused naming the rows that are wrong.
        """
        plan = approved_plan(self.engine, plan_id)
        tasks = {task.code: task for task in self.of(plan_id, limit=100_000)}
        checker = self._checker()
        wrong: list[tuple[int, str]] = []
        found: dict[str, dict[str, Any]] = {}
        for line, draft in self._rows(content, filename):
            if isinstance(draft, str):
                wrong.append((line, draft))
                continue
            code = draft.codes.uscc if draft.codes else None
            task = tasks.get(code or "")
            if task is None or code is None:
                wrong.append((line, "计划里没有这家企业。"))
            elif code in found:
                wrong.append((line, "与前面的行是同一家企业。"))
            else:
                try:
                    values = self._checked(plan, task, _of_draft(draft), checker)
                except InvalidParameter as error:
                    wrong.append((line, error.zh))
                else:
                    found[code] = values | {
                        "task": task.id,
                        "before": task.changed_at,
                        "same": _same(task, values),
                    }
        if wrong:
            raise RowsRefused(wrong)
        return self._enter_many(
            caller, plan_id, [values for values in found.values() if not values.pop("same")]
        )

    def _enter_many(self, caller: Caller, plan: int, rows: list[dict[str, Any]]) -> int:
        if not rows:
            return 0
        with acting(self.engine, self.clock, caller) as act:
            ids = [row["task"] for row in rows]
            asked = select(Task.id, Task.changed_at).where(Task.plan_id == plan)
            now = {row.id: row.changed_at for row in act.connection.execute(asked)}
            if any(now[row["task"]] != row.pop("before") for row in rows):
                raise Conflict(
                    "他人刚改过其中的结果，请刷新后核对。",
                    "Somebody else changed some of them just now: reload.",
                )
            changed: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "task"}
            act.connection.execute(
                update(TASKS).where(TASKS.c.id == bindparam("task")).values(**changed, **_entered(act)),
                rows,
            )
            act.note(Act.RESULT_ENTERED, f"plan:{plan}", after=f"{len(ids)} by file")
        return len(rows)

    def _rows(self, content: bytes, filename: str) -> list[tuple[int, Draft | str]]:
        """Each row of a file as a draft, or why it can not be taken."""
        with NamedTemporaryFile(suffix=Path(filename).suffix[:8]) as file:
            file.write(content)
            file.flush()
            found: list[tuple[int, Draft | str]] = []
            for table in open_tables(Path(file.name), kinds={KIND.name: KIND}):
                checker = Checker(KIND, table.header, self.clock.today())
                for row in table:
                    if len(found) > 20_000:
                        raise FileRefused("文件行数过多。", "The file has too many rows.")
                    if not any(cell.strip() for cell in row.cells[2:]):
                        continue  # not inspected yet
                    checked = checker.check(row)
                    told = (
                        "；".join(f"{each.column}：{each.zh}" for each in checked.reasons)
                        if isinstance(checked, Rejection)
                        else checked
                    )
                    found.append((row.line, told))
        return found


def approved_plan(engine: Engine, plan: int) -> Any:
    """A plan that results can be entered and published of. Raises NotFound."""
    with reading(engine) as connection:
        row = connection.execute(select(Plan).where(Plan.id == plan, Plan.state == APPROVED)).first()
    if row is None:
        raise NotFound("没有这个抽查计划，或它还没有批准。", "There is no such plan, or it is not approved.")
    return row


def line_of(plan: Any, task: Any, entered: Entered) -> Line:
    """The row of a file that a result is."""
    cells = (
        *(task.code, task.name, plan.title, "双随机检查", plan.item, entered.result, entered.failed_items),
        *(plan.agency, entered.inspected_on.isoformat(), entered.follow_up),
    )
    return Line(task.place, cells)


def _of_draft(draft: Draft) -> Entered:
    values = {name: str(value) for name, value in draft.values.items()}
    day, items = values.get("inspected_on"), values.get("failed_items", "")
    if day is None:
        raise InvalidParameter("inspected_on", "检查日期没有填写。", "is missing")
    said = draft.extra.get("是否发现问题", "").strip()
    if said not in (YES, NO, ""):
        raise InvalidParameter("failed", f"是否发现问题应填“{YES}”或“{NO}”。", "must say yes or no")
    failed = said == YES or (not said and bool(items))
    return Entered(values["result"], failed, items, date.fromisoformat(day), values.get("follow_up", ""))


def _same(task: Inspected, values: dict[str, Any]) -> bool:
    return all(
        getattr(task, name) == value
        for name, value in values.items()
        if name not in ("state", "follow_up_due")
    )


def _entered(act: Acting) -> dict[str, Any]:
    """By whom and when; what waited to be published before is something else now."""
    return {"changed_by": act.caller.account, "changed_at": act.now, "release_id": None}


def _inspected(row: Any) -> Inspected:
    return Inspected(
        *(row.id, row.plan_id, row.place, row.code, row.name, tuple(row.inspectors), row.state, row.result),
        *(row.failed, row.failed_items, row.inspected_on, row.follow_up, row.follow_up_due, row.changed_by),
        *(row.changed_at, row.batch, row.plan_title, row.agency),
    )
