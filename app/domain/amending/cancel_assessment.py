"""How far an order is when somebody wants to cancel it: who has to agree, what it costs, or why it is too late.

The phases and their fees are data (``cancel_phases`` of the rule book ``changes``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from app.domain.words import Words

ASSIGNED: Final = "resource.assign"
NOTHING: Final = Decimal("0.00")


class Phase(StrEnum):
    """How far an order is: nothing done, resources reserved, things configured, a point of no return passed."""

    ACKNOWLEDGED = "acknowledged"
    RESERVED = "reserved"
    CONFIGURED = "configured"
    PAST_SOFT = "past_soft"
    PAST_HARD = "past_hard"


NAMES: Final[Mapping[Phase, Words]] = {
    Phase.ACKNOWLEDGED: Words("未开工", "not begun"),
    Phase.RESERVED: Words("已预占资源", "resources are reserved"),
    Phase.CONFIGURED: Words("已配置", "configured"),
    Phase.PAST_SOFT: Words("现场施工已开始", "work on site has begun"),
    Phase.PAST_HARD: Words("已过不可撤回点", "the point of no return is passed"),
}
#: What to order instead, by the type of the item that can no longer be cancelled; else the opposite change.
OPPOSITE: Final[Mapping[str, str]] = {
    "install": "disconnect",
    "disconnect": "install",
    "suspend": "resume",
    "resume": "suspend",
}
INSTEAD: Final[Mapping[str, Words]] = {
    "disconnect": Words("完工后可办理拆机", "order a disconnect after completion"),
    "install": Words("可办理新装", "order a new installation"),
    "resume": Words("可办理复机", "order a resumption"),
    "suspend": Words("可办理停机", "order a suspension"),
}
BACK: Final = Words("完工后可办理反向变更", "order the opposite change after completion")
BY_CONTRACT: Final = Words(
    "已发生的施工费用和合作方违约金按合同收取", "what was built, and penalties of partners, are charged by the contract"
)


@dataclass(frozen=True, kw_only=True)
class ItemFacts:
    """One item. ``point``: the furthest point of no return its plan has passed (``soft``, ``hard``), or none."""

    item_no: str
    product: str
    order_type: str
    point: str | None


@dataclass(frozen=True, kw_only=True)
class CancelAssessment:
    """Whether an order can be cancelled now. ``offer``: the order type to place instead where it cannot.

    ``approver``: the role that has to agree, ``""`` where nobody has to. ``fee_cny``: what the customer pays for it.
    """

    phase: Phase
    refused: Words | None = None
    offer: str = ""
    approver: str = ""
    fee_cny: Decimal = NOTHING
    notes: tuple[Words, ...] = ()


def phase_of(items: Sequence[ItemFacts], in_force: Collection[str]) -> Phase:
    """How far an order is. ``in_force``: the operations whose effects are there."""
    points = {item.point for item in items}
    if "hard" in points:
        return Phase.PAST_HARD
    if "soft" in points:
        return Phase.PAST_SOFT
    if not in_force:
        return Phase.ACKNOWLEDGED
    return Phase.CONFIGURED if ASSIGNED in in_force else Phase.RESERVED


def assess_cancel(
    items: Sequence[ItemFacts], in_force: Collection[str], phases: Sequence[Mapping[str, Any]]
) -> CancelAssessment:
    """What the rules say of cancelling now.

    :param phases: rows with ``phase`` and, where they apply, ``approver``, ``refused``, ``visit_fee_cny`` with
        ``visit_fee_products``, and ``by_contract``.
    """
    phase = phase_of(items, in_force)
    rule = next((row for row in phases if row.get("phase") == phase), {})
    if phase is Phase.PAST_HARD or rule.get("refused"):
        late = next((item for item in items if item.point == "hard"), items[0])
        offer = OPPOSITE.get(late.order_type, late.order_type)
        why, instead = NAMES[phase], INSTEAD.get(offer, BACK)
        refused = Words(f"{why.zh}，不能撤单；{instead.zh}", f"{why.en}; {instead.en}")
        return CancelAssessment(phase=phase, refused=refused, offer=offer)
    begun = [item for item in items if item.point is not None]
    paying = set(rule.get("visit_fee_products", ()))
    fees = [Decimal(str(rule.get("visit_fee_cny", "0"))) for item in begun if item.product in paying]
    others = [item for item in begun if item.product not in paying]
    return CancelAssessment(
        phase=phase,
        approver=str(rule.get("approver") or ("operations_manager" if phase is Phase.PAST_SOFT else "")),
        fee_cny=sum(fees, NOTHING),
        notes=(BY_CONTRACT,) if others and rule.get("by_contract") else (),
    )
