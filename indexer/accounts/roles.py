"""Who may do what (角色与权限): one table. A role is held for the whole portal, or for one enterprise or agency, its scope."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What somebody is here."""

    ENTERPRISE = "enterprise"  # 企业人员, of one enterprise
    OFFICER = "officer"  # 机关工作人员, of one agency
    OPERATOR = "operator"  # 经办人员
    REVIEWER = "reviewer"  # 审核人员: the second pair of eyes
    ADMIN = "admin"  # 管理员: accounts and audit, no records


class Permission(StrEnum):
    """What a guard asks for. A permission of a role with a scope holds within that scope only."""

    OWN_VIEW = "own-view"  # all that is held about the enterprise
    OWN_ACT = "own-act"  # object, apply for repair, declare
    OWN_PEOPLE = "own-people"  # invite and dismiss people of the enterprise
    HISTORY_VIEW = "history-view"  # what was public on a past day (domain.md part 5)
    HELD_VIEW = "held-view"  # records that are not public, of any enterprise
    CASES_HANDLE = "cases-handle"  # claims, objections, repairs, complaints
    CASES_DECIDE = "cases-decide"  # what a second person decides
    RECORDS_PREPARE = "records-prepare"  # bring in, correct, withdraw: up to the second person
    RECORDS_PUBLISH = "records-publish"  # be that second person
    ACCOUNTS_MANAGE = "accounts-manage"
    AUDIT_VIEW = "audit-view"
    DESK_VIEW = "desk-view"  # what is to be published, and what was
    SUPERVISION_VIEW = (
        "supervision-view"  # supervision grades and key lists: never officers (domain.md part 5)
    )
    SUPERVISION_PREPARE = "supervision-prepare"  # rules, lists, draws, plans: up to the second person
    SUPERVISION_DECIDE = "supervision-decide"  # be that second person
    INSPECTIONS_VIEW = "inspections-view"  # plans and how far they are, an officer those of the own agency
    WEBHOOKS_MANAGE = "webhooks-manage"  # where changes are sent
    INSPECTIONS_ENTER = "inspections-enter"  # how inspections went, an officer's of the own agency
    RULES_PREPARE = "rules-prepare"  # the restriction rules: up to the second person
    RULES_DECIDE = "rules-decide"  # be that second person
    CASES_TRANSFERRED = "cases-transferred"  # cases that the desk handed to the officer's agency
    KEYS_MANAGE = "keys-manage"  # keys of the API
    EXCHANGE_VIEW = "exchange-view"  # partners and what went between, an officer those of the own agency
    EXCHANGE_MANAGE = "exchange-manage"  # partners: enter, stop, begin anew


ALLOWED: Mapping[Role, frozenset[Permission]] = {
    Role.ENTERPRISE: frozenset({Permission.OWN_VIEW, Permission.OWN_ACT, Permission.OWN_PEOPLE}),
    Role.OFFICER: frozenset(
        {
            Permission.HISTORY_VIEW,
            Permission.INSPECTIONS_VIEW,
            Permission.INSPECTIONS_ENTER,
            Permission.CASES_TRANSFERRED,
            Permission.EXCHANGE_VIEW,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            Permission.HISTORY_VIEW,
            Permission.HELD_VIEW,
            Permission.CASES_HANDLE,
            Permission.RECORDS_PREPARE,
            Permission.DESK_VIEW,
            Permission.SUPERVISION_VIEW,
            Permission.SUPERVISION_PREPARE,
            Permission.INSPECTIONS_VIEW,
            Permission.INSPECTIONS_ENTER,
            Permission.RULES_PREPARE,
            Permission.EXCHANGE_VIEW,
        }
    ),
    Role.REVIEWER: frozenset(
        {
            Permission.HISTORY_VIEW,
            Permission.HELD_VIEW,
            Permission.CASES_DECIDE,
            Permission.RECORDS_PUBLISH,
            Permission.DESK_VIEW,
            Permission.SUPERVISION_VIEW,
            Permission.SUPERVISION_DECIDE,
            Permission.INSPECTIONS_VIEW,
            Permission.EXCHANGE_VIEW,
            Permission.RULES_DECIDE,
        }
    ),
    Role.ADMIN: frozenset(
        {
            Permission.ACCOUNTS_MANAGE,
            Permission.AUDIT_VIEW,
            Permission.KEYS_MANAGE,
            Permission.WEBHOOKS_MANAGE,
            Permission.EXCHANGE_VIEW,
            Permission.EXCHANGE_MANAGE,
        }
    ),
}
"""Role → what it may."""

SCOPED = frozenset({Role.ENTERPRISE, Role.OFFICER})
"""Roles that are held of something: an enterprise, by its unified code, or an agency, by its name."""

MAY_BE_SCOPED = frozenset({Role.OPERATOR, Role.REVIEWER})
"""Roles that can be held of an agency or region alone (`reach.py`); without a scope, of the whole portal."""

TWO_STEPS = frozenset({Role.OFFICER, Role.OPERATOR, Role.REVIEWER, Role.ADMIN})
"""Roles whose people log in with two steps (两步验证) or do nothing."""
