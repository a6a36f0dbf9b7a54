"""Declarations of an enterprise (自我声明): what it has declared, and the form."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.cases.case import Filing
from indexer.cases.texts import TITLE_LONGEST
from indexer.enterprise.declaring import FIELDS, NEEDED, FormWrong, checked
from indexer.kinds import kinds
from indexer.kinds.declaration import KINDS
from indexer.register.holding import Holding
from indexer.settings import AT_ONCE
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.i18n import english
from portal.labels import column_label, word
from portal.pages.account_frame import blueprint, crumbs, done
from portal.pages.case_parts import once, sent_once
from portal.pages.components import Link
from portal.pages.enterprise_home import own_holding
from portal.pages.held import cases_table, held_table

KIND = "declaration"


@blueprint.get("/enterprise/<code>/declarations")
@may(Permission.OWN_VIEW, of="code")
def enterprise_declarations(code: str) -> str:
    """What has been declared, what waits, and the form."""
    return _page(code, own_holding(code, "declarations"), {}, {})


@blueprint.post("/enterprise/<code>/declarations")
@may(Permission.OWN_ACT, of="code")
def enterprise_declare(code: str) -> Response | tuple[str, int]:
    """Declares: published at once, or filed for an operator to look at, as the settings say."""
    holding, form = own_holding(code, "declarations"), request.form.to_dict()
    today = portal().clock.today()
    try:
        declaration = checked(form, code, holding.subject.name, today)
        if portal().settings.declarations == AT_ONCE:
            portal().declaring.declare(caller(), code, declaration)
            done(_("声明已公示。"))
        else:
            filled = {field: form.get(field, "") for field in FIELDS}
            filled["declared_on"] = str(declaration.draft.values["declared_on"])
            filing = Filing(KIND, declaration.title[:TITLE_LONGEST], filled, sent_once(), subject_code=code)
            filed = portal().room.cases.file(caller(), filing)
            done(_("声明已提交，编号 %(number)s，经办人员看过后公示。", number=filed.number))
    except FormWrong as error:
        return _page(code, holding, form, dict(error.wrong)), 400
    return redirect(url_for("account.enterprise_declarations", code=code), 303)


def _page(code: str, holding: Holding, filled: dict[str, str], errors: dict[str, str]) -> str:
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
        errors=_in_words(errors),
        once=once(),
        today=portal().clock.today().isoformat(),
        crumbs=crumbs(Link(holding.subject.name, url_for("account.enterprise", code=code))),
        noindex=True,
    )


def _in_words(errors: dict[str, str]) -> dict[str, str]:
    """The reasons of a row's check are in Chinese; others are told that this is the field."""
    return {field: _("请核对这一栏。") if english() else zh for field, zh in errors.items()}
