"""Declarations of an enterprise (自我声明公开): its standards, promises, reports and its chief quality officer, filled in by itself.

What is filled in becomes a row and passes the same check as a row of a file. The enterprise is its source. Whether it is published at
once or after an operator's look is the setting `declarations`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.files import Checked, Files
from indexer.cases.case import Case
from indexer.cases.cases import publish_file
from indexer.cases.texts import line
from indexer.errors import FileRefused, NotFound, ZhixinError
from indexer.identifiers import parse_codes
from indexer.kinds import kinds
from indexer.kinds.declaration import KINDS
from indexer.register.database import reading, take_turn
from indexer.register.draft import Draft
from indexer.register.models import Batch, Subject, Version
from indexer.register.reading import Register
from indexer.register.removing import remove_within
from indexer.register.submitting import submit
from indexer.sources.check import Checker, Rejection
from indexer.sources.table import Row

APPROVED = "approved"
REASON_LONGEST = 200  # characters
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

FILE = "file"
"""The column with the SHA-256 of the document that came with the form."""

PURPOSE = "declaration"
"""Of the files that are given out to everybody, as long as a public declaration names them."""


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


def checked(
    form: Mapping[str, str], code: str, name: str, today: date, file: Checked | None = None
) -> Declaration:
    """The row that a form makes, of the enterprise with this code and name; declared today where no day is named.

    `file` is the document itself, which then need not be named. Raises FormWrong.
    """
    if not name:
        raise FormWrong({"name": "请填写企业名称，与营业执照一致。"})
    return _row(form, code, name, today, file.digest if file is not None else "")


def _row(form: Mapping[str, str], code: str, name: str, today: date, digest: str) -> Declaration:
    kind = kinds()["declaration"]
    labels = {column.name: column.label for column in kind.columns}
    filled = {field: " ".join(form.get(field, "").split()) for field in FIELDS}
    term = KINDS.find(filled["kind"])
    if term is None:
        raise FormWrong({"kind": "请选择声明类型。"})
    filled |= {"kind": term.zh, "declared_on": filled["declared_on"] or today.isoformat()}
    needed = [field for field in NEEDED[term.code] if not (field == "document" and digest)]
    if wrong := {field: "请填写这一栏。" for field in needed if not filled[field]}:
        raise FormWrong(wrong)
    said = {labels[field]: filled[field] for field in FIELDS} | {labels[FILE]: digest}
    checker = Checker(kind, ("统一社会信用代码", "主体名称", "数据来源", *said), today)
    found = checker.check(Row(1, (code, name, name, *said.values())))
    if isinstance(found, Rejection):
        fields = {label: field for field, label in labels.items()}
        raise FormWrong({fields.get(reason.column, "title"): reason.zh for reason in found.reasons})
    return Declaration(found, checker.stated)


class Declaring:
    """Publishing what enterprises declare, and taking it back."""

    def __init__(self, register: Register, files: Files) -> None:
        self.register, self.files = register, files

    def declare(
        self, caller: Caller, code: str, declaration: Declaration, file: Checked | None = None
    ) -> int:
        """Publish a declaration at once, with its document; gives the batch. Raises FormWrong where the register has it already, DatabaseBusy."""
        with acting(self.register.engine, self.register.clock, caller) as act:
            if file is not None:
                self.files.store(act, file, PURPOSE)
            return self.publish(act, code, declaration)

    def publish(self, act: Acting, code: str, declaration: Declaration) -> int:
        """The same within a transaction, for a document that is kept already."""
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

    def withdraw(self, caller: Caller, code: str, record: str, reason: str) -> int:
        """Take a declaration back that the enterprise itself made here; gives the batch. Its history keeps that it was, and the reason.

        Raises InvalidParameter `reason`, NotFound for what is no such declaration of this enterprise, and DatabaseBusy.
        """
        said = line(reason, "reason", REASON_LONGEST, required=False)
        with acting(self.register.engine, self.register.clock, caller) as act:
            take_turn(act.connection)
            if record not in declared_here(act.connection, code):
                raise NotFound(
                    "这不是本企业在网上提交的声明；由来源报送的请提出异议。",
                    "The enterprise did not declare this here; object to what a source has sent.",
                )
            why = f"企业自行撤回：{said}" if said else "企业自行撤回"
            batch = remove_within(act.connection, self.register.clock, record, why)
            act.note(Act.DECLARATION_WITHDRAWN, f"record:{record}", after=f"batch {batch}")
        return batch

    def made_here(self, code: str) -> frozenset[str]:
        """The declarations that stand and that the enterprise made here itself, by the ids of their records."""
        with reading(self.register.engine) as connection:
            return declared_here(connection, code)


def declared_here(connection: Connection, code: str) -> frozenset[str]:
    """The same within a transaction."""
    asked = (
        select(Version.record_id)
        .join(Subject, Subject.id == Version.subject_id)
        .join(Batch, Batch.id == Version.recorded_in)
        .where(Subject.uscc == code, Version.kind == "declaration", Version.superseded_in.is_(None))
        .where(Version.change != "withdrawn", Batch.path == PATH)
    )
    return frozenset(connection.scalars(asked))


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
        subjects = register.subjects(parse_codes(code))
        name = subjects[0].name if subjects else case.content.get("name", "")
        digest = case.content.get(FILE, "")
        if digest:
            publish_file(act, case, digest, PURPOSE)
        self.declaring.publish(act, code, _row(case.content, code, name, register.clock.today(), digest))
