"""One record as staff read it (留存记录), public or not, with what its repair needs, and the way to have a repair taken back."""

from flask import render_template

from indexer.accounts.roles import Permission
from indexer.errors import NotFound
from indexer.register.handling import held
from portal.accounts.access import may
from portal.accounts.person import somebody
from portal.context import portal
from portal.pages.account_frame import blueprint, crumbs
from portal.pages.enterprise_home import own_holding, own_record, told


@blueprint.get("/desk/holdings/<code>/<identity>")
@may(Permission.HELD_VIEW, scoped=True)
def desk_holding(code: str, identity: str) -> str:
    """The record; the look is written down."""
    reach = somebody().reach(Permission.HELD_VIEW)
    if not reach.covers(held(portal().desk.engine, identity, portal().clock.today()).whose):
        raise NotFound("没有这条记录。", "There is no such record.")
    holding = own_holding(code, f"record:{identity}")
    record = own_record(holding, identity)
    repaired = record.standing == "repaired"
    return render_template(
        "desk_holding.html",
        **told(holding, record),
        code=code,
        name=holding.subject.name,
        may_take_back=repaired and somebody().may(Permission.RECORDS_PREPARE),
        waiting=portal().desk.submissions.waiting_for(identity) if repaired else None,
        crumbs=crumbs(),
    )
