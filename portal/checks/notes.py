"""What is said of a match (识别说明): stable codes with a sentence in both languages."""

from collections.abc import Iterator
from datetime import date

from indexer.identifiers import Codes
from indexer.register.disclosure import PublicSubject
from indexer.register.reading import CreditFile
from portal.checks.model import Candidate, Note
from portal.restrictions.branches import stated_predecessors, stated_successors

EMPTY = Note("empty", "这一行没有填写代码，也没有填写名称。", "This row has neither a code nor a name.")
NAME_TOO_LONG = Note("not-a-name", "这不是一个单位名称。", "This is not the name of an organisation.")
NAME_UNKNOWN = Note(
    "name-unknown",
    "登记库中没有找到这个名称，也没有相近的名称。",
    "The register has neither this name nor a near one.",
)
SHARED_NAME = Note(
    "name-shared",
    "不止一个主体使用或曾经使用这个名称，请补充统一社会信用代码。",
    "More than one subject bears or bore this name; give the unified code.",
)
SEVERAL_NAMES = Note(
    "several-names",
    "这一格里似乎有几个名称。联合体投标请每个成员填一行。",
    "There seem to be several names in this cell; give each member of a consortium a row of its own.",
)
DEGRADED = Note(
    "search-degraded",
    "完整检索暂时不可用：只核对了与登记名称完全一致的名称，没有查曾用名和相近名称。请稍后重新核查，或填写代码。",
    "Full search is not available now: only names just as registered were looked for, no earlier or near ones. Check again later, or give the code.",
)
CODE_UNKNOWN = Note(
    "code-unknown", "登记库中没有这个代码的公示记录。", "The register holds nothing public about this code."
)
CHECK_WRONG = Note(
    "code-check-wrong",
    "代码的校验位不对，登记库中也没有它，很可能输错了。请对照证照核对，系统不会代为更正。",
    "The check character of the code is wrong and no subject has it; it was probably mistyped, and is not corrected for you.",
)
CHECK_CHARACTER = Note(
    "code-check-registered",
    "代码的校验位不符合规则，但登记库中的代码就是这样。",
    "The check character of the code is not by the rule, but the code is registered so.",
)
CODE_GIVEN_TWICE = Note(
    "code-given-twice",
    "这个代码对应不止一个主体，请改填 18 位统一社会信用代码。",
    "This code belongs to more than one subject; give the 18-character unified code.",
)

SHARED_CODE = (0.5, "所填代码同时属于这个主体", "the given code belongs to this one too")
MISTYPED = (
    0.5,
    "与所填代码只差易混字符、相邻字符的次序或校验位",
    "differs from the given code as typing errors do",
)

_GONE = {
    "cancelled": ("已注销", "deregistered"),
    "revoked": ("已被吊销营业执照", "its business licence is revoked"),
    "annulled": ("登记已被撤销", "its registration is annulled"),
    "moved_out": ("已迁出", "moved to another registry"),
    "closed": ("已停业", "closed"),
    "liquidating": ("正在清算", "in liquidation"),
}


def code_candidate(subject: PublicSubject, score: float, zh: str, en: str) -> Candidate:
    """A subject that may be meant by a code."""
    return Candidate(subject.code, subject.name, score, zh, en)


def old_code(codes: Codes, subject: PublicSubject) -> Note:
    """That a subject was found by another code than its unified one."""
    if codes.registration_number or codes.opaque:
        zh, en, given = "注册号", "registration number", codes.registration_number or codes.opaque
    else:
        zh, en, given = "组织机构代码", "organisation code", codes.organisation_code
    return Note(
        "old-code",
        f"按{zh} {given} 找到，现用代码为 {subject.code}。",
        f"Found by the {en} {given}; its code now is {subject.code}.",
    )


def former_name(given: str, name: str) -> Note:
    """That the given name is an earlier one."""
    return Note(
        "former-name", f"“{given}”是曾用名，现名为“{name}”。", f"{given} is an earlier name of {name}."
    )


def other_writing(name: str) -> Note:
    """That the registered name is written a little otherwise."""
    return Note(
        "other-writing",
        f"登记名称为“{name}”，与所填只有括号、空格、全半角、大小写或繁简的差别。",
        f"The registered name is {name}: only brackets, blanks, width, case or Traditional characters differ.",
    )


def name_differs(given: str, name: str) -> Note:
    """That the given name is neither the present nor an earlier one of the subject with the given code."""
    return Note(
        "name-differs",
        f"代码与名称不一致：此代码属于“{name}”，所填名称为“{given}”，它不是该主体的现名或曾用名。以下按代码核查，请核对投标文件。",
        f"Code and name disagree: the code is that of {name}, the given name {given} is none of its names. Checked by the code.",
    )


def state(file: CreditFile, as_of: date) -> Iterator[Note]:
    """That an enterprise is not in business on the day (企业登记状态)."""
    for record in file.of_kind("enterprise")[:1]:
        status = record.status_on(as_of)
        if status in _GONE:
            zh, en = _GONE[status]
            began = [each.since for each in record.states if each.status == status and each.since]
            since = f"（自 {began[-1]} 起）" if began else ""
            yield Note(
                f"subject-{status.replace('_', '-')}",
                f"登记状态：该主体{zh}{since}。",
                f"State of registration: {en}{f' since {began[-1]}' if began else ''}.",
            )


def succession(file: CreditFile) -> Iterator[Note]:
    """Who took the subject over, and whom it took over, where its record says so (合并、分立)."""
    if after := stated_successors(file.records):
        listed = "、".join(after)
        yield Note(
            "subject-succeeded",
            f"登记信息写明的承继主体：{listed}。本行仍按所填主体核查，请另查承继主体。",
            f"By its record succeeded by {listed}. This row is about the subject given; check its successor as well.",
        )
    if before := stated_predecessors(file.records):
        listed = "、".join(codes.uscc or "" for codes in before)
        yield Note(
            "subject-succeeds",
            f"登记信息写明，该主体由 {listed} 合并、分立而来；其限制只按写明及于承继主体的规则计入。",
            f"By its record merged or divided from {listed}, whose restrictions count only by rules that say so.",
        )


def disputed(file: CreditFile) -> Iterator[Note]:
    """That somebody objects to public records of a subject now (异议处理中), whatever day was asked for."""
    if found := [record.title for record in file.records if record.disputed is not None]:
        yield Note(
            "records-disputed",
            f"有 {len(found)} 条记录的异议正在处理：{'；'.join(found[:3])}{'……' if len(found) > 3 else ''}",
            f"Objections to {len(found)} records are being looked at: {'; '.join(found[:3])}{' …' if len(found) > 3 else ''}",
        )
