"""Who may do what, and where. One table; what it does not name is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.words import Words
from app.errors import Forbidden


class Role(StrEnum):
    """The roles of an operator's staff; ``system`` is our own automatic work."""

    FRONT_DESK = "front_desk"
    BACK_OFFICE = "back_office"
    FIELD = "field"
    TEAM_LEADER = "team_leader"
    ACCOUNT_MANAGER = "account_manager"
    DESIGNER = "designer"
    OPERATIONS = "operations"
    OPERATIONS_MANAGER = "operations_manager"
    SLA_APPROVER = "sla_approver"
    BILLING_CLERK = "billing_clerk"
    QUALITY = "quality"
    AUDITOR = "auditor"
    ADMIN = "admin"
    SYSTEM = "system"


ROLE_NAMES: Final[Mapping[Role, Words]] = {
    Role.FRONT_DESK: Words("前台受理", "Front desk"),
    Role.BACK_OFFICE: Words("后台班组", "Back office"),
    Role.FIELD: Words("外线装维", "Field crew"),
    Role.TEAM_LEADER: Words("班组长", "Team leader"),
    Role.ACCOUNT_MANAGER: Words("客户经理", "Account manager"),
    Role.DESIGNER: Words("流程设计师", "Process designer"),
    Role.OPERATIONS: Words("运营监控", "Operations"),
    Role.OPERATIONS_MANAGER: Words("运营经理", "Operations manager"),
    Role.SLA_APPROVER: Words("赔付审批", "Compensation approver"),
    Role.BILLING_CLERK: Words("帐务员", "Billing clerk"),
    Role.QUALITY: Words("质量管理", "Quality"),
    Role.AUDITOR: Words("审计", "Auditor"),
    Role.ADMIN: Words("系统管理员", "Administrator"),
    Role.SYSTEM: Words("系统", "System"),
}

#: The login in histories for what was done by nobody in particular: the flows and the clocks.
ENGINE: Final = Role.SYSTEM.value

#: Everything that can be asked for. A word that is not here is a programming error, not a refusal.
ALL_ACTIONS: Final = frozenset(
    {
        "order.submit",
        "order.view",
        "order.cancel",
        "order.hold",
        "order.amend",
        "order.approve",
        "order.share",
        "catalogue.view",
        "catalogue.edit",
        "customer.view",
        "customer.edit",
        "customer.merge",
        "customer.internal",
        "personal.reveal",
        "item.view",
        "item.claim",
        "item.complete",
        "item.assign",
        "item.visit",
        "process.view",
        "process.edit",
        "process.deploy",
        "process.agree",
        "process.migrate",
        "incident.retry",
        "incident.skip",
        "instance.repair",
        "instance.cancel",
        "repair.agree",
        "bulk.run",
        "system.hold",
        "reconcile.run",
        "ops.view",
        "admin.view",
        "admin.users",
        "admin.settings",
        "ticket.open",
        "ticket.view",
        "audit.view",
        "sla.decide",
        "sla.revoke",
        "rules.view",
        "sla.rules",
        "calendar.edit",
        "sla.measure",
        "sla.cause",
        "compensation.decide",
    }
)

_SELLS = frozenset(
    {"order.submit", "order.view", "order.cancel", "order.hold", "order.amend", "order.share"}
    | {"customer.view", "customer.edit"}
)
_WORKS = frozenset({"item.view", "item.claim", "item.complete", "rules.view"})
_REPAIRS = frozenset({"incident.retry", "incident.skip", "instance.repair", "item.assign", "bulk.run"})
_WATCHES = frozenset({"order.view", "customer.view", "ticket.view", "process.view", "ops.view", "catalogue.view"}) | {
    "rules.view"
}

ACTIONS: Final[Mapping[Role, frozenset[str]]] = {
    Role.FRONT_DESK: _SELLS | _WORKS | {"ticket.open", "ticket.view", "personal.reveal"},
    Role.BACK_OFFICE: _WORKS | {"order.view", "order.hold", "customer.view", "ticket.view", "process.view"},
    Role.FIELD: _WORKS | {"item.visit", "order.view", "order.hold", "customer.view", "ticket.view"},
    Role.TEAM_LEADER: _WORKS
    | {"item.assign", "item.visit", "bulk.run"}
    | {"order.view", "order.hold", "customer.view", "ticket.view", "process.view"}
    | {"sla.decide", "sla.measure"},
    Role.ACCOUNT_MANAGER: _SELLS | _WORKS | {"customer.merge", "ticket.open", "ticket.view", "personal.reveal"},
    # A designer tries processes with made-up data and sees no customer.
    Role.DESIGNER: frozenset({"process.view", "process.edit", "process.deploy", "process.agree"})
    | {"catalogue.view", "catalogue.edit"},
    Role.OPERATIONS: _WATCHES
    | _WORKS
    | _REPAIRS
    | {"order.hold", "order.share", "reconcile.run", "ticket.open", "personal.reveal"},
    Role.OPERATIONS_MANAGER: _WATCHES
    | _WORKS
    | _REPAIRS
    | {"process.agree", "process.migrate", "instance.cancel", "repair.agree", "system.hold"}
    | {"sla.decide", "sla.revoke", "sla.rules", "sla.measure", "sla.cause", "compensation.decide", "calendar.edit"}
    | {"order.hold", "order.cancel", "order.amend", "order.approve", "order.share", "customer.edit", "customer.merge"}
    | {"customer.internal", "admin.view"}
    | {"reconcile.run", "ticket.open", "audit.view", "personal.reveal"},
    Role.SLA_APPROVER: frozenset({"order.view", "customer.view", "ticket.view", "ops.view", "rules.view"})
    | {"sla.revoke", "compensation.decide"},
    Role.BILLING_CLERK: _WORKS | {"order.view", "order.hold", "customer.view", "ticket.view", "reconcile.run"},
    Role.QUALITY: _WORKS
    | {"order.view", "customer.view", "ticket.open", "ticket.view", "ops.view"}
    | {"sla.revoke", "sla.measure", "sla.cause"},
    Role.AUDITOR: _WATCHES | {"item.view", "audit.view", "admin.view"},
    # Runs the system, sees no customer data.
    Role.ADMIN: frozenset({"admin.view", "admin.users", "admin.settings", "ops.view", "process.view", "system.hold"})
    | {"catalogue.view", "rules.view", "calendar.edit"},
    Role.SYSTEM: ALL_ACTIONS,
}


@dataclass(frozen=True)
class Actor:
    """The person or system on whose behalf something is done.

    ``area_path`` names the areas from the top, as in ``CN/SH/SH-SH``. ``demo_any_team`` lets a demonstration user
    take the work items of any team and area; it is never set outside demo mode.
    """

    login: str
    role: str
    area: str
    area_path: str
    teams: frozenset[str] = frozenset()
    language: str = "zh"
    is_system: bool = False
    demo_any_team: bool = False


SYSTEM: Final = Actor(login="system", role=Role.SYSTEM, area="CN", area_path="CN", is_system=True)


def contains(area_path: str, other: str) -> bool:
    """Whether ``other`` is the area at ``area_path`` or lies below it; an empty path contains nothing."""
    return bool(area_path) and (other == area_path or other.startswith(f"{area_path}/"))


def allowed_actions(actor: Actor) -> frozenset[str]:
    """Everything the actor's role may do; an unknown role may do nothing."""
    try:
        return ACTIONS[Role(actor.role)]
    except ValueError:
        return frozenset()


def can(actor: Actor, action: str, *, area_path: str | None = None) -> bool:
    """Whether the actor may do this, in that area when one is given.

    :raises ValueError: there is no such action; a typing mistake must not look like a refusal.
    """
    if action not in ALL_ACTIONS:
        raise ValueError(f"unknown action {action}")
    if action not in allowed_actions(actor):
        return actor.demo_any_team and action.startswith("item.")
    if area_path is None or (actor.demo_any_team and action.startswith("item.")):
        return True
    return contains(actor.area_path, area_path)


def may(actor: Actor, action: str, *, area_path: str | None = None) -> None:
    """Pass if the actor may do this.

    :raises Forbidden: the role does not include the action, or the area is not the actor's.
    """
    if not can(actor, action, area_path=area_path):
        where = f" in {area_path}" if area_path else ""
        raise Forbidden(
            f"{actor.login} may not do {action}{where}",
            f"{actor.login} 无权执行 {action}{where}",
            facts={"action": action, "area_path": area_path},
        )
