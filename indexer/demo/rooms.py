"""What goes on in the demonstration (演示办件): invented cases, a grading rule and a draw, made by the functions that people use.

Once for a register, always the same but for numbers and secrets, which are random wherever they are made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from sqlalchemy import select

from indexer.accounts.acting import acting
from indexer.accounts.audit import Caller
from indexer.accounts.files import look
from indexer.accounts.opening import Accounts
from indexer.accounts.people import grant
from indexer.accounts.roles import Role
from indexer.cases.case import Case, Contact, Doing, Filing
from indexer.cases.cases import Effect
from indexer.cases.kinds import UPHELD
from indexer.cases.opening import CaseRoom
from indexer.cases.paths import By, Move
from indexer.demo.people import AGENCY
from indexer.demo.stories import BLACKLISTED, CLEAN_AAA
from indexer.enterprise.days import outlooks
from indexer.enterprise.declaring import Declaring, Reviewed, checked
from indexer.enterprise.looking import look as look_at
from indexer.enterprise.repairs import Repairs
from indexer.register.database import reading
from indexer.register.disputes import held_about as title_of_held
from indexer.register.models import Subject, Version
from indexer.register.reading import Register
from indexer.supervision.draws import SERVER, Wanted
from indexer.supervision.grading import Criteria
from indexer.supervision.opening import Supervision

INSPECTORS = ("示例检查员甲", "示例检查员乙", "示例检查员丙", "示例检查员丁")
NEEDED = frozenset({"promise", "correction"})
"""What an application may still lack: the enterprise promises here, and says itself when it put things right."""

PROOF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def enliven(register: Register, accounts: Accounts) -> bool:
    """Make what goes on, where nothing does yet; the accounts of `people.py` are there already. False where something did."""
    rooms = _Rooms(register, accounts)
    if rooms.room.docket.count_all():
        return False
    rooms.objections()
    rooms.complaints()
    rooms.question()
    rooms.repair()
    rooms.supervision()
    return True


@dataclass(frozen=True, slots=True)
class _Mendable:
    """A record whose repair can be applied for: of which enterprise, since when put right, and whether that has promised already."""

    code: str
    name: str
    record: str
    title: str
    corrected_on: str
    promised: bool


@dataclass
class _Rooms:
    register: Register
    accounts: Accounts
    _forms: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        repairs = Repairs(self.register, self.accounts)
        self.declaring = Declaring(self.register, self.accounts.files)
        effects: dict[str, Effect] = {"repair": repairs, "declaration": Reviewed(self.declaring)}
        self.room = CaseRoom(self.accounts, effects)
        self.firm, self.operator, self.reviewer = (
            Caller(self.accounts.people.known(f"{name}@demo.example"), "demonstration")
            for name in ("enterprise", "operator", "reviewer")
        )
        self.today = self.register.clock.today()

    def objections(self) -> None:
        """One that an operator looks at, and one that was upheld and waits for its record to be mended."""
        records = [
            each
            for each in look_at(self.register, self.firm, CLEAN_AAA.code, "enterprise").records
            if each.kind.name == "certificate"
        ]
        open_, upheld = sorted(record.id for record in records if record.public)[:2]
        case = self._object(open_, "证书上的认证范围已于上月扩大，登记的还是原来的范围，请核对。")
        self._do(case, Move.TAKE, By.DESK)
        case = self._object(upheld, "发证机构的名称录入有误，请按证书更正。")
        self._do(case, Move.TAKE, By.DESK)
        self._do(case, Move.DECIDE, By.HANDLER, "经与发证机构核对，名称确实录错。", outcome=UPHELD)

    def complaints(self) -> None:
        """One that was answered, one that the agency of the demonstration's officer looks at."""
        about = f"{BLACKLISTED.name} {BLACKLISTED.code}"
        text = "在网店买到一批毛绒玩具，没有中文标识和 3C 标志，眼珠一扯就掉。"
        case = self._file("complaint", "玩具没有 3C 标志", {"text": text, "about": about}, BLACKLISTED.code)
        for move, said in (
            (Move.TAKE, ""),
            (Move.ACCEPT, ""),
            (Move.ANSWER, "已现场检查并抽样送检，责令停止销售同批产品，检测结果出来后再告知您。"),
        ):
            self._do(case, move, By.DESK if move == Move.TAKE else By.HANDLER, said)
        text = "招标文件要求的检测报告与网上公示的不一致，请核实。"
        case = self._file("complaint", "检测报告前后不一致", {"text": text, "about": ""})
        for move in (Move.TAKE, Move.ACCEPT):
            self._do(case, move, By.DESK if move == Move.TAKE else By.HANDLER)
        self._do(case, Move.TRANSFER, By.HANDLER, "涉及交易文件，请贵单位核查。", agency=AGENCY)

    def question(self) -> None:
        """One whose answer is public."""
        text = "公司改了名称，原来的管理体系认证证书还能用于投标吗？"
        case = self._file("question", "名称变更后证书是否有效", {"text": text})
        self._do(case, Move.TAKE, By.DESK)
        answer = "名称变更后应向发证机构申请换发证书；换发之前，请同时提交登记机关出具的变更证明。证书是否有效，以核验页显示的状态为准。"
        case = self._do(case, Move.DECIDE, By.HANDLER, answer, outcome="answered")
        self.room.answers.publish(self.operator, case, text, answer)

    def repair(self) -> None:
        """An application of the first enterprise that may apply today; the demonstration's person acts for it, too."""
        found = self._mendable()
        if found is None:
            return
        assert self.firm.account is not None
        with acting(self.accounts.engine, self.accounts.clock, Caller()) as act:
            grant(act, self.firm.account, Role.ENTERPRISE, found.code, "command")
        if not found.promised:
            self._promise(found.code, found.name)
        text = "罚款已缴清，问题已整改，附缴款凭证和整改报告。"
        content = {"corrected_on": found.corrected_on, "text": text}
        self._file("repair", found.title[:100], content, found.code, found.record)

    def supervision(self) -> None:
        """A grading rule in force, inspectors, and a draw that everybody can run again."""
        parts = Supervision(self.register.engine, self.register.clock)
        for _enterprises in parts.grading.refresh():
            continue  # its progress is of no interest here
        rule = parts.rulebook.propose(self.operator, parts.rulebook.draft(), self.today, "演示：首版分级规则")
        parts.rulebook.decide(self.reviewer, rule, True, "")
        for at, name in enumerate(INSPECTORS, 1):
            parts.inspectors.add(self.operator, f"演示{at:03d}", name, AGENCY)
        wanted = Wanted(
            "演示：产品质量双随机抽查", AGENCY, Criteria("", (), (), ""), 20, 2, {}, SERVER, "", None
        )
        draw = parts.draws.propose(self.operator, wanted, "年度抽查计划")
        parts.draws.commit(self.reviewer, draw)
        parts.draws.give_seed(self.operator, draw)

    def _object(self, record: str, text: str) -> Case:
        title = title_of_held(self.accounts.engine, record, CLEAN_AAA.code) or ""
        return self._file("objection", title, {"text": text, "record": title}, CLEAN_AAA.code, record)

    def _file(
        self,
        kind: str,
        title: str,
        content: dict[str, str],
        code: str | None = None,
        record: str | None = None,
    ) -> Case:
        files = (look(PROOF),) if kind == "repair" else ()
        filing = Filing(kind, title, content, self._once(), files, code, record, Contact())
        return self.room.docket.one(self.room.cases.file(self.firm, filing).number)

    def _do(
        self, case: Case, move: Move, by: By, text: str = "", outcome: str = "", agency: str = ""
    ) -> Case:
        now = self.room.docket.one(case.number)
        doing = Doing(move, now.version, self._once(), text, outcome, agency)
        return self.room.cases.do(self.operator, by, now, doing)

    def _promise(self, code: str, name: str) -> None:
        form = {"kind": "promise", "title": "信用承诺书", "declared_on": self.today.isoformat()}
        self.declaring.declare(self.firm, code, checked(form, code, name, self.today))

    def _mendable(self) -> _Mendable | None:
        for code in self._fined():
            holding = look_at(self.register, self.firm, code, "repairs")
            for each in outlooks(holding, self.today):
                record, needs = each.record, {need.need for need in each.missing}
                usual = record.kind.name == "penalty" and each.repair.severity != "serious"
                if usual and each.bar is None and needs <= NEEDED:
                    title = record.content.title if record.content is not None else None
                    corrected = (record.corrected_on or self.today).isoformat()
                    said = (record.id, title or record.kind.label, corrected, "promise" not in needs)
                    return _Mendable(code, holding.subject.name, *said)
        return None

    def _fined(self) -> Sequence[str]:
        asked = (
            select(Subject.uscc)
            .join(Version, Version.subject_id == Subject.id)
            .where(Version.kind == "penalty", Version.superseded_in.is_(None), Subject.uscc.is_not(None))
            .distinct()
            .order_by(Subject.uscc)
            .limit(300)
        )
        with reading(self.register.engine) as connection:
            return list(connection.scalars(asked))

    def _once(self) -> str:
        return f"demonstration-{next(self._forms)}"
