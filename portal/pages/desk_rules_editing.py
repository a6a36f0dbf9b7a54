"""Editing a draft of the rules: one rule in a form, or the whole table as text; what is wrong is told all at once and nothing is kept."""

from collections.abc import Sequence
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.errors import NotFound
from indexer.kinds import kinds
from indexer.kinds.base import Kind, Type
from indexer.rulebook.drafts import EDITED, Draft
from portal.accounts.access import may
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.labels import column_label, kind_label, word
from portal.pages.account_frame import blueprint, done
from portal.pages.desk_rules_draft import way
from portal.pages.rules_frame import domain_words
from portal.restrictions.rule_form import amounts, columns, conditions, numbered, rule_from
from portal.restrictions.rules import DOMAINS, PLACEHOLDERS, RulesRefused, check_rules, read_rules
from portal.restrictions.writing import Plain, plain_rules, with_rule

LARGEST = 2**21  # bytes of a form, in which a Chinese character takes nine


@blueprint.get("/desk/rules/drafts/<int:draft>/table")
@may(Permission.RULES_PREPARE)
def rules_table(draft: int) -> str:
    """The whole table as text."""
    it = _own(draft)
    return _table(it, it.content, ())


@blueprint.post("/desk/rules/drafts/<int:draft>/table")
@may(Permission.RULES_PREPARE, largest=LARGEST)
def rules_table_sent(draft: int) -> Response | tuple[str, int]:
    """Keeps the table, or says all that is wrong with it."""
    it, text = _own(draft), request.form.get("content", "").replace("\r\n", "\n")
    try:
        version = read_rules(text).version
    except RulesRefused as refused:
        return _table(it, text, refused.problems), 400
    return _kept(it, text, version)


@blueprint.get("/desk/rules/drafts/<int:draft>/rule")
@may(Permission.RULES_PREPARE)
def rules_new(draft: int) -> str:
    """The form of a new rule, once its record kind is chosen."""
    it, name = _own(draft), request.args.get("kind", "")
    if name not in kinds():
        return render_template(
            "desk_rules_kind.html",
            it=it,
            kinds=[(each.name, kind_label(each)) for each in kinds().values()],
            crumbs=way(it),
        )
    return _form(it, None, {"trigger": {"kind": name}, "duration": {}}, ())


@blueprint.post("/desk/rules/drafts/<int:draft>/rule")
@may(Permission.RULES_PREPARE, largest=LARGEST)
def rules_new_sent(draft: int) -> Response | tuple[str, int]:
    """Adds a rule, or says all that is wrong with it."""
    it, name = _own(draft), request.form.get("kind", "")
    return _sent(it, None, rule_from(request.form, name))


@blueprint.get("/desk/rules/drafts/<int:draft>/rules/<rule>")
@may(Permission.RULES_PREPARE)
def rules_rule(draft: int, rule: str) -> str:
    """The form of a rule."""
    it = _own(draft)
    return _form(it, rule, _rule(it, rule), ())


@blueprint.post("/desk/rules/drafts/<int:draft>/rules/<rule>")
@may(Permission.RULES_PREPARE, largest=LARGEST)
def rules_rule_sent(draft: int, rule: str) -> Response | tuple[str, int]:
    """Keeps a rule, takes it out of the table, or says all that is wrong."""
    it = _own(draft)
    before = _rule(it, rule)
    if request.form.get("action") == "remove":
        return _sent(it, rule, None)
    return _sent(it, rule, rule_from(request.form, before["trigger"]["kind"]) | {"id": rule})


def _own(number: int) -> Draft:
    """A draft that whoever asks may edit. Raises NotFound."""
    it = portal().rules.drafts.one(number)
    if it.proposed_by != somebody().account or it.state not in EDITED:
        raise NotFound(
            "这份修订不是您起草的，或已提交复核。", "You did not begin this draft, or it was proposed."
        )
    return it


def _rule(it: Draft, identity: str) -> Plain:
    found = next((each for each in plain_rules(it.content) if each["id"] == identity), None)
    if found is None:
        raise NotFound("没有这条规则。", "There is no such rule.")
    return found


def _sent(it: Draft, identity: str | None, rule: Plain | None) -> Response | tuple[str, int]:
    editions = portal().rules.editions
    base = it.begun_from or editions.at(portal().clock.now())
    rules = plain_rules(it.content)
    if rule is not None:
        rule = numbered(rule, plain_rules(editions.content(base)))
    try:
        others = [each for each in rules if each["id"] != identity]
        check_rules({"rule": others + ([rule] if rule is not None else [])})
    except RulesRefused as refused:
        return _form(it, identity, rule or _rule(it, identity or ""), refused.problems), 400
    text = with_rule(it.content, identity, rule)
    return _kept(it, text, read_rules(text).version)


def _kept(it: Draft, text: str, version: str) -> Response:
    portal().rules.drafts.rewrite(caller(), it.id, text, version)
    done(_("已存入草稿。请重新生成预览后提交复核。"))
    return redirect(url_for("account.rules_draft", draft=it.id), 303)


def _table(it: Draft, text: str, problems: Sequence[str]) -> str:
    return render_template("desk_rules_table.html", it=it, content=text, problems=problems, crumbs=way(it))


def _form(it: Draft, identity: str | None, rule: Plain, problems: Sequence[str]) -> str:
    kind = kinds().get(str(rule["trigger"].get("kind", "")))
    if kind is None:
        raise NotFound("没有这个记录种类。", "There is no such record kind.")
    return render_template(
        "desk_rules_rule.html",
        it=it,
        identity=identity,
        rule=rule,
        trigger=rule["trigger"],
        duration=rule["duration"],
        scope=rule.get("scope", {}),
        kind=kind.name,
        kind_label=kind_label(kind),
        conditions=conditions(rule),
        amounts=amounts(rule) if any(each.name == "fine" for each in kind.columns) else [],
        domains=[(each.code, domain_words(each.code)) for each in DOMAINS],
        placeholders="、".join(f"{{{each}}}" for each in sorted(PLACEHOLDERS)),
        problems=problems,
        crumbs=way(it),
        **_choices(kind),
    )


def _choices(kind: Kind) -> dict[str, Any]:
    """What the fields of the form choose from."""
    worded = columns(kind, Type.TEXT, Type.CHOICE)
    return {
        "worded": [(each.name, column_label(each)) for each in worded],
        "dated": [(each.name, column_label(each)) for each in columns(kind, Type.DATE)],
        "states": [(each.code, word(each)) for each in kind.statuses.terms],
        "vocabulary": [
            (column_label(each), "、".join(term.code for term in each.choices.terms))
            for each in worded
            if each.choices is not None
        ],
    }
