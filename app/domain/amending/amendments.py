"""Amendments of an order in flight: their states, what kind of change each is, and what the rules say of it.

The rules are data (``amend_rules`` of the rule book ``changes``): what becomes of a kind of change once work on site
has begun, and whether the promise is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from app.domain.words import Words
from app.errors import IllegalTransition


class AmendmentState(StrEnum):
    """``awaitingApproval``: a second person has to agree; ``ended``: the order was cancelled meanwhile."""

    AWAITING_APPROVAL = "awaitingApproval"
    IN_PROGRESS = "inProgress"
    DONE = "done"
    REFUSED = "refused"
    ENDED = "ended"


A = AmendmentState
ALLOWED: Final[Mapping[A, frozenset[A]]] = {
    A.AWAITING_APPROVAL: frozenset({A.IN_PROGRESS, A.DONE, A.REFUSED, A.ENDED}),
    A.IN_PROGRESS: frozenset({A.DONE, A.ENDED}),
    A.DONE: frozenset(),
    A.REFUSED: frozenset(),
    A.ENDED: frozenset(),
}
OPEN: Final = frozenset({A.AWAITING_APPROVAL, A.IN_PROGRESS})
#: What people pay for a visit in vain, by the first letters of the product.
HOME_VISIT_CNY: Final = Decimal("50.00")
HOME: Final = ("ftth_broadband", "fixed_voice", "iptv", "home_bundle")
ADDRESS: Final = frozenset({"address_same_local_network", "address_other_local_network", "one_end", "address"})


def next_amendment_state(current: A, wanted: A) -> A:
    """Return ``wanted`` if an amendment in ``current`` may go there, else raise IllegalTransition."""
    if wanted not in ALLOWED[current]:
        raise IllegalTransition(current, wanted)
    return wanted


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an item asks for: the parts of it that an amendment can change."""

    product: str
    offering: str | None
    characteristics: Mapping[str, Any]
    places: Sequence[Mapping[str, str]]
    prices: Sequence[Mapping[str, Any]] = ()

    def differs_in(self, other: Asked) -> tuple[str, ...]:
        """The names of the characteristics that are others."""
        names = {*self.characteristics, *other.characteristics}
        return tuple(
            sorted(name for name in names if self.characteristics.get(name) != other.characteristics.get(name))
        )


def kinds_of_change(before: Asked, after: Asked) -> tuple[str, ...]:
    """The kinds of change, in the words of the rules; ``other`` where they have none."""
    found: list[str] = []
    differs = before.differs_in(after)
    for name in differs:
        found.append(_kind(name, after.characteristics.get(name)))
    if [dict(place) for place in before.places] != [dict(place) for place in after.places]:
        found.append(_place_kind(before, after))
    if not found and before.offering != after.offering:
        found.append("price_or_contract")
    return tuple(dict.fromkeys(found))


_KINDS: Final = {
    "downstream_mbps": "speed",
    "upstream_mbps": "speed",
    "bandwidth_kbps": "bandwidth",
    "interface_a": "interface",
    "interface_z": "interface",
    "number": "number",
    "msisdn": "number",
    "plan": "plan",
    "quantity": "quantity",
    "contract_months": "price_or_contract",
}


def _kind(name: str, value: Any) -> str:
    if name in ("with_voice", "with_iptv"):
        return f"{'add' if value else 'remove'}_{name.removeprefix('with_')}"
    return _KINDS.get(name, "other")


def _place_kind(before: Asked, after: Asked) -> str:
    if len(after.places) != len(before.places):
        return "add_site" if len(after.places) > len(before.places) else "remove_site"
    if len(after.places) > 1:
        return "one_end"
    areas = {str(place.get("area", "")) for place in (*before.places, *after.places)}
    return "address_same_local_network" if len(areas) == 1 else "address_other_local_network"


@dataclass(frozen=True, kw_only=True)
class Passed:
    """How far the plan of an item is. ``point``: the furthest point of no return passed, or none; ``redone``: the
    points of steps that would be done again or dropped; ``final``: steps that cannot be undone and would have to be.
    """

    point: str | None = None
    redone: Collection[str] = ()
    final: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """Whether a change can be made now. ``refused``: why not, with the order type to offer instead (``offer``)."""

    refused: Words | None = None
    offer: str = ""
    needs_approval: bool = False
    fee_cny: Decimal = Decimal("0.00")
    new_promise: bool = False
    notes: tuple[Words, ...] = field(default=())


def assess(product: str, kinds: Iterable[str], passed: Passed, rules: Sequence[Mapping[str, Any]]) -> Assessment:
    """What the rules say of these changes now."""
    wanted = list(kinds)
    offer = "move" if ADDRESS & set(wanted) else "change"
    if passed.point == "hard" or passed.final:
        return Assessment(refused=HARD[offer], offer=offer)
    known = {row["change"]: row for row in rows_of(product, rules)}
    found = [known.get(kind, {}) for kind in wanted]
    if any(str(row.get("after_configuration", "")).startswith("cancel and replace") for row in found):
        return Assessment(refused=REPLACE, offer="install")
    late = "soft" in passed.redone
    if late and any(str(row.get("after_visit", "")).startswith("refuse") for row in found):
        return Assessment(refused=SOFT[offer], offer=offer)
    new = any(_is_new(str(row.get("promise", "")), kind) for row, kind in zip(found, wanted, strict=True))
    fee = HOME_VISIT_CNY if late and product in HOME else Decimal("0.00")
    notes = () if not late or product in HOME else (BY_CONTRACT,)
    return Assessment(offer=offer, needs_approval=late, fee_cny=fee, new_promise=new, notes=notes)


def rows_of(product: str, rules: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rules for a product."""
    return [row for row in rules if row.get("product") == product]


def _is_new(promise: str, kind: str) -> bool:
    return promise.startswith("new") or (not promise and kind in ADDRESS)


HARD: Final[Mapping[str, Words]] = {
    "move": Words(
        "已过不可撤回点，不能变更地址；完工后可办理移机",
        "the point of no return is passed; order a move after completion",
    ),
    "change": Words(
        "已过不可撤回点，不能变更；完工后可办理改单",
        "the point of no return is passed; order a change after completion",
    ),
}
SOFT: Final[Mapping[str, Words]] = {
    "move": Words(
        "现场施工已开始，不能改地址；完工后可办理移机", "work on site has begun; order a move after completion"
    ),
    "change": Words(
        "现场施工已开始，不能这样变更；完工后可办理改单", "work on site has begun; order a change after completion"
    ),
}
REPLACE: Final = Words(
    "新地址在其他本地网：请撤单后重新受理",
    "the new address is in another local network: cancel the order and place a new one",
)
BY_CONTRACT: Final = Words("已发生的施工费用按合同收取", "what has been built is charged by the contract")
