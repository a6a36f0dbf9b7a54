"""Declarations of an enterprise (自我声明): what it has declared, and the form."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.files import LARGEST, Checked, look
from indexer.accounts.roles import Permission
from indexer.cases.case import Filing
from indexer.cases.texts import TITLE_LONGEST
from indexer.enterprise.declaring import FIELDS, FILE, NEEDED, Declaration, FormWrong, checked
from indexer.errors import FileRefused
from indexer.kinds import kinds
from indexer.kinds.declaration import KINDS
from indexer.register.holding import Holding
from indexer.setting_values import AT_ONCE
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.i18n import english
from portal.labels import column_label, word
from portal.pages.account_frame import blueprint, crumbs, done
from portal.pages.case_parts import ROOM, once, sent_once
from portal.pages.components import Link
from portal.pages.enterprise_home import own_holding
from portal.pages.held import cases_table, held_table, held_title

KIND = "declaration"


@blueprint.get("/enterprise/<code>/declarations")
@may(Permission.OWN_VIEW, of="code")
def enterprise_declarations(code: str) -> str:
    """What has been declared, what waits, and the form."""
    return _page(code, own_holding(code, "declarations"), {}, {})


@blueprint.post("/enterprise/<code>/declarations")
@may(Permission.OWN_ACT, of="code", largest=LARGEST + ROOM)
def enterprise_declare(code: str) -> Response | tuple[str, int]:
    """Declares: published at once, or filed for an operator to look at, as the settings say."""
    holding, form = own_holding(code, "declarations"), request.form.to_dict()
    today = portal().clock.today()
    try:
        file = _sent()
        name = holding.subject.name or " ".join(form.get("name", "").split())
        declaration = checked(form, code, name, today, file)
        if portal().settings.declarations == AT_ONCE:
            portal().declaring.declare(caller(), code, declaration, file)
            done(_("声明已公示。"))
        else:
            filed = portal().room.cases.file(caller(), _filing(code, form, declaration, file))
            done(_("声明已提交，编号 %(number)s，经办人员看过后公示。", number=filed.number))
    except FileRefused as error:
        return _page(code, holding, form, {"file": error.en if english() else error.zh}, plain=True), 400
    except FormWrong as error:
        return _page(code, holding, form, dict(error.wrong)), 400
    return redirect(url_for("account.enterprise_declarations", code=code), 303)


@blueprint.post("/enterprise/<code>/declarations/<identity>/withdraw")
@may(Permission.OWN_ACT, of="code")
def enterprise_declaration_withdrawn(code: str, identity: str) -> Response:
    """Takes a declaration back that the enterprise made here."""
    portal().declaring.withdraw(caller(), code, identity, request.form.get("reason", ""))
    done(_("声明已撤回，不再公示。"))
    return redirect(url_for("account.enterprise_declarations", code=code), 303)


def _sent() -> Checked | None:
    """The document of the form, looked at. Raises FileRefused."""
    sent = request.files.get("file")
    return look(sent.stream.read(LARGEST + 1)) if sent is not None and sent.filename else None


def _filing(code: str, form: dict[str, str], declaration: Declaration, file: Checked | None) -> Filing:
    filled = {field: form.get(field, "") for field in FIELDS}
    filled |= {
        "declared_on": str(declaration.draft.values["declared_on"]),
        "name": declaration.draft.name or "",
    }
    if file is not None:
        filled[FILE] = file.digest
    return Filing(
        KIND,
        declaration.title[:TITLE_LONGEST],
        filled,
        sent_once(),
        (file,) if file is not None else (),
        subject_code=code,
    )


def _page(
    code: str, holding: Holding, filled: dict[str, str], errors: dict[str, str], *, plain: bool = False
) -> str:
    own = portal().declaring.made_here(code)
    declared = [each for each in holding.records if each.kind.name == KIND]
    labels = {column.name: column_label(column) for column in kinds()[KIND].columns}
    return render_template(
        "enterprise_declarations.html",
        code=code,
        declared=held_table(code, declared, _("已公示的声明")),
        cases=cases_table(code, KIND, _("提交过的声明"), portal().clock.today()),
        choices=[
            (
                term.code,
                _(
                    "%(kind)s（%(needs)s）",
                    kind=word(term),
                    needs=_("、").join(labels[field] for field in NEEDED[term.code]),
                ),
            )
            for term in KINDS
        ],
        labels=labels,
        at_once=portal().settings.declarations == AT_ONCE,
        filled=filled,
        errors=errors if plain else _in_words(errors),
        name=holding.subject.name,
        largest=LARGEST // 2**20,
        withdrawable=[(each.id, held_title(each)) for each in declared if each.id in own],
        once=once(),
        today=portal().clock.today().isoformat(),
        crumbs=crumbs(Link(holding.subject.name or code, url_for("account.enterprise", code=code))),
        noindex=True,
    )


def _in_words(errors: dict[str, str]) -> dict[str, str]:
    """The reasons of a row's check are in Chinese; others are told that this is the field."""
    return {field: _("请核对这一栏。") if english() else zh for field, zh in errors.items()}
