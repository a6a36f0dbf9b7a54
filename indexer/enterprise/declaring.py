"""Declarations of an enterprise (自我声明公开): its standards, promises, reports and its chief quality officer, filled in by itself.

What is filled in becomes a row and passes the same check as a row of a file. The enterprise is its source. Whether it is published at
once or after an operator's look is the setting `declarations`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.cases.case import Case
from indexer.errors import FileRefused, ZhixinError
from indexer.identifiers import parse_codes
from indexer.kinds import kinds
from indexer.kinds.declaration import KINDS
from indexer.register.draft import Draft
from indexer.register.reading import Register
from indexer.register.submitting import submit
from indexer.sources.check import Checker, Rejection
from indexer.sources.table import Row

APPROVED = "approved"
PATH = "网上申报"
"""What stands where a file's name would."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "standard": ("title", "number", "product"),
    "promise": ("title",),
    "annual_report": ("title", "document"),
    "responsibility_report": ("title", "document"),
    "quality_officer": ("person",),
}
"""Kind of declaration → columns that its form asks for, beside those that every row needs."""

FIELDS = ("kind", "title", "number", "declared_on", "person", "product", "document")
"""Columns of the form."""


class FormWrong(ZhixinError):
    """A form can not become a row; `wrong` says why by field."""

    code = "form-wrong"
    status = 400

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__("；".join(wrong.values()), f"Wrong: {', '.join(wrong)}.")
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration that was checked: the row it makes, and the columns that the form speaks of."""

    draft: Draft
    stated: frozenset[str]

    @property
    def title(self) -> str:
        """What it is called."""
        return str(self.draft.values["title"])


def checked(form: Mapping[str, str], code: str, name: str, today: date) -> Declaration:
    """The row that a form makes, of the enterprise with this code and name; declared today where no day is named. Raises FormWrong."""
    kind = kinds()["declaration"]
    labels = {column.name: column.label for column in kind.columns}
    filled = {field: " ".join(form.get(field, "").split()) for field in FIELDS}
    term = KINDS.find(filled["kind"])
    if term is None:
        raise FormWrong({"kind": "请选择声明类型。"})
    filled |= {"kind": term.zh, "declared_on": filled["declared_on"] or today.isoformat()}
    if wrong := {field: "请填写这一栏。" for field in NEEDED[term.code] if not filled[field]}:
        raise FormWrong(wrong)
    header = ("统一社会信用代码", "主体名称", "数据来源", *(labels[field] for field in FIELDS))
    checker = Checker(kind, header, today)
    found = checker.check(Row(1, (code, name, name, *(filled[field] for field in FIELDS))))
    if isinstance(found, Rejection):
        fields = {label: field for field, label in labels.items()}
        raise FormWrong({fields.get(reason.column, "title"): reason.zh for reason in found.reasons})
    return Declaration(found, checker.stated)


class Declaring:
    """Publishing what enterprises declare."""

    def __init__(self, register: Register) -> None:
        self.register = register

    def declare(self, caller: Caller, code: str, declaration: Declaration) -> int:
        """Publish a declaration at once; gives the batch. Raises FormWrong where the register has it already, and DatabaseBusy."""
        with acting(self.register.engine, self.register.clock, caller) as act:
            return self.publish(act, code, declaration)

    def publish(self, act: Acting, code: str, declaration: Declaration) -> int:
        """The same within a transaction."""
        draft = declaration.draft
        source = draft.name or code
        try:
            batch = submit(
                act.connection,
                self.register.clock,
                kinds()["declaration"],
                draft,
                declaration.stated,
                PATH,
                source,
            )
        except FileRefused as error:
            raise FormWrong({"title": error.zh}) from None
        act.note(Act.DECLARED, f"subject:{code}", after=declaration.title)
        return batch


class Reviewed:
    """What a case of declaration does besides being a case: on approval it is published, in the same transaction."""

    def __init__(self, declaring: Declaring) -> None:
        self.declaring = declaring

    def filed(self, act: Acting, case: Case) -> None:
        """Nothing: it was checked before, and is public when it is approved."""

    def ended(self, act: Acting, case: Case) -> None:
        """Raises FormWrong where what was right when it was filed can not be taken any more, and DatabaseBusy."""
        if case.outcome != APPROVED:
            return
        register, code = self.declaring.register, case.subject_code or ""
        [subject] = register.subjects(parse_codes(code))
        declaration = checked(case.content, code, subject.name, register.clock.today())
        self.declaring.publish(act, code, declaration)
