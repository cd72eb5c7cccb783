"""Compares all books on demand: what we say customers have, against network and bill, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from adapters.errors import AdapterError, Rejected
from adapters.ports import OperationCall, Port
from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.ordering.order_lifecycle import OPEN
from app.domain.ordering.reconciliation import (
    BILLING,
    INSTALLED,
    NETWORK,
    Difference,
    FieldRule,
    compare_installed,
    tariff_of,
)
from app.domain.words import Words
from app.persistence.counter.customers import InstalledProduct
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.ordering.reconciliation import Difference as DifferenceRow
from app.persistence.ordering.reconciliation import ReconcileRun
from app.persistence.scope import scoped
from app.services.counter.sold_tariffs import SoldTariffs
from app.unit_of_work import read, transaction

AT_ONCE: Final = 8
READ_TIMEOUT_S: Final = 10.0
IN_SERVICE: Final = ("active", "suspended")
#: Holders that are known to lie outside our customer data.
OUTSIDE: Final = frozenset({"", "LEGACY", "None"})
#: By adapter: the read operation, the name of its key, and where the answer goes in the comparison.
QUESTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "resource": ("resource.query", "built"),
    "provisioning": ("provisioning.query_service", "configured"),
    "billing": ("billing.query_subscription", "billed"),
}
#: By adapter: the book that lists what is in force there, for what we know nothing of.
BOOKS: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "resource": ("units", frozenset({"occupied", "installed"})),
    "provisioning": ("services", frozenset({"active", "suspended"})),
    "billing": ("subscriptions", frozenset({"active", "suspended"})),
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """One difference of one product, as the page and the interface show it."""

    product_id: str
    area: str
    adapter: str
    field: str
    asked: str
    built: str
    billed: str
    owner_role: str
    label_zh: str
    label_en: str


@dataclass(frozen=True)
class Comparison:
    """What a run came to. ``unanswered``: adapters that gave no answer, with the reason."""

    id: str
    compared: int
    differences: tuple[Found, ...]
    unanswered: Mapping[str, str] = field(default_factory=dict)


def reconcile_all(actor: Actor, deps: Deps, *, adapter: str | None = None) -> Comparison:
    """Compare every product in service in the caller's area with its neighbours, and their books with ours.

    Products that an open order is working on are left out: their order compares them at its end. No transaction
    is open while the neighbours are asked.
    """
    may(actor, "reconcile.run")
    asked = [adapter] if adapter else list(QUESTIONS)
    with read(deps.read_sessions) as session:
        now = deps.clock(session)
        busy = products_with_open_orders(session)
        rows = session.scalars(scoped(select(InstalledProduct), InstalledProduct, actor)).all()
        known = {row.product_id for row in session.scalars(select(InstalledProduct)) if row.status in IN_SERVICE}
        tariffs = SoldTariffs.read(session).of(rows)
    unanswered: dict[str, str] = {}
    bundles = {row.parent_product_id for row in rows if row.parent_product_id}
    in_service = [row for row in rows if row.status in IN_SERVICE and row.product_id not in busy]
    found = compare_products(
        [row for row in in_service if row.product_id not in bundles], asked, deps, tariffs, unanswered
    )
    if actor.area_path == "CN":
        found += strangers(asked, known | busy, deps, unanswered)
    run_id = keep(found, len(in_service), unanswered, adapter, actor, deps, now)
    return Comparison(run_id, len(in_service), tuple(found), unanswered)


def compare_products(
    rows: Sequence[InstalledProduct],
    asked: Sequence[str],
    deps: Deps,
    tariffs: Mapping[str, str],
    unanswered: dict[str, str],
) -> list[Found]:
    """Ask the neighbours about each product, several at once, and compare."""

    def one(row: InstalledProduct) -> list[Found]:
        answers = {
            QUESTIONS[name][1]: ask(deps.ports[name], name, row, unanswered, deps.new_id)
            for name in asked
            if name in deps.ports
        }
        rules = [rule for rule in INSTALLED if judged(rule, answers)]
        facts = {**own_side(row, tariffs), **{side: plain(side, answer) for side, answer in answers.items()}}
        return [
            found_in(row.product_id, row.area, "billing" if diff.owner == BILLING else "network", diff)
            for diff in compare_installed(facts, rules)
        ]

    # A web process lets half as many calls out to one neighbour as it has threads; one is left for the counter.
    at_once = max(1, min(AT_ONCE, deps.settings.web_threads // 2 - 1))
    with ThreadPoolExecutor(at_once) as pool:
        return [found for per_product in pool.map(one, rows) for found in per_product]


def ask(
    port: Port, adapter: str, row: InstalledProduct, unanswered: dict[str, str], new_id: Callable[[], str]
) -> Mapping[str, Any] | None:
    """One neighbour's answer about one product; {} when it knows nothing of it, None when it does not answer."""
    operation, _side = QUESTIONS[adapter]
    inputs = {"subscription_no": row.subscription_no} if adapter == "billing" else {"product_id": row.product_id}
    if adapter in unanswered or (adapter == "billing" and not row.subscription_no):
        return None
    call = OperationCall(
        name=operation,
        operation_id=new_id(),
        inputs=inputs,
        business_key=f"product:{row.product_id}",
        area=row.area,
    )
    try:
        return port.perform(call, timeout_s=READ_TIMEOUT_S).outputs
    except Rejected:
        return {}
    except AdapterError as error:
        unanswered[adapter] = str(error)
        return None


def judged(rule: FieldRule, answers: Mapping[str, Mapping[str, Any] | None]) -> bool:
    """Whether the sides a rule looks at have answered."""
    sides = {path[0] for path in (rule.built, rule.billed) if path}
    return all(answers.get(side) is not None for side in sides)


def own_side(row: InstalledProduct, tariffs: Mapping[str, str]) -> dict[str, Any]:
    """What our own books say of a product, in the form of an order's facts."""
    held = dict(row.resources or {})
    is_voice = row.product == "fixed_voice"
    return {
        "item": {
            "access": {"profile": held.get("profile")},
            "voice": {"asked_number": held.get("number") if is_voice else None},
            "bandwidth_kbps": (row.characteristics or {}).get("bandwidth_kbps") if held.get("circuit_no") else None,
            "tariff": tariffs.get(row.product_id),
        },
        "assignment": held,
        "devices": held if not is_voice else {},  # a telephone shares the terminal of the access
        "charging_from": row.charging_from.isoformat() if row.charging_from else None,
        "expected": {"subscription_state": row.status},
    }


def plain(side: str, answer: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """An answer in the flat form of the comparison."""
    if not answer:
        return {}
    if side == "built":
        return dict(answer.get("resources") or {})
    if side == "configured":
        return dict(answer.get("configured_values") or {})
    return {**answer, "tariff": tariff_of(answer.get("prices"))}


def strangers(asked: Iterable[str], known: set[str], deps: Deps, unanswered: dict[str, str]) -> list[Found]:
    """What is in force at a neighbour for a product we do not have."""
    found = []
    for adapter in asked:
        if adapter not in BOOKS or adapter in unanswered or adapter not in deps.ports:
            continue
        book, in_force = BOOKS[adapter]
        try:
            rows = deps.ports[adapter].books(book, timeout_s=READ_TIMEOUT_S)
        except AdapterError as error:
            unanswered[adapter] = str(error)
            continue
        found += [
            stranger(adapter, book, row)
            for row in rows
            if row.get("state") in in_force and str(row.get("product_id") or "") not in known | OUTSIDE
        ]
    return found


def stranger(adapter: str, book: str, row: Mapping[str, Any]) -> Found:
    """One thing at a neighbour that belongs to nobody we know."""
    name = str(row.get("code") or row.get("key") or row.get("subscription_no") or row.get("kind") or "?")
    owner = BILLING if adapter == "billing" else NETWORK
    difference = Difference(
        book,
        "",
        name if owner == NETWORK else "",
        name if owner == BILLING else "",
        owner,
        "billing_desk" if owner == BILLING else "res_config",
        Words("对方多出", "unknown to us"),
    )
    return found_in(str(row.get("product_id")), "CN", adapter, difference)


def found_in(product_id: str, area: str, adapter: str, difference: Difference) -> Found:
    """A difference with the product and the neighbour it concerns."""
    return Found(
        product_id=product_id,
        area=area,
        adapter=adapter,
        field=difference.field,
        asked=difference.asked,
        built=difference.built,
        billed=difference.billed,
        owner_role=difference.owner_role,
        label_zh=difference.label.zh,
        label_en=difference.label.en,
    )


def products_with_open_orders(session: Session) -> set[str]:
    """Numbers of products that an open order works on; with a bundle goes all that it is made of."""
    parts = select(InstalledProduct.product_id).where(InstalledProduct.parent_product_id.in_(ordered_products()))
    return {str(number) for number in (*session.scalars(ordered_products()), *session.scalars(parts))}


def ordered_products() -> Select[str | None]:
    """The numbers that the items of open orders name."""
    return (
        select(ProductOrderItem.product_id)
        .join(ProductOrder, ProductOrder.id == ProductOrderItem.order_id)
        .where(ProductOrder.state.in_([state.value for state in OPEN]), ProductOrderItem.product_id.is_not(None))
    )


def keep(
    found: Sequence[Found],
    compared: int,
    unanswered: Mapping[str, str],
    adapter: str | None,
    actor: Actor,
    deps: Deps,
    started_at: datetime,
) -> str:
    """Write the run with its differences; those of earlier runs that are gone now are resolved."""
    with transaction(deps.sessions) as tx:
        now = deps.clock(tx.session)
        run = ReconcileRun(
            adapter=adapter,
            who=actor.login,
            started_at=started_at,
            ended_at=now,
            compared=compared,
            found=len(found),
            unanswered=dict(unanswered),
            area=actor.area,
        )
        tx.session.add(run)
        tx.session.flush()
        still_open = {
            (row.product_id, row.field): row
            for row in tx.session.scalars(
                scoped(select(DifferenceRow), DifferenceRow, actor).where(
                    DifferenceRow.order_id.is_(None), DifferenceRow.state == "open"
                )
            )
        }
        for one in found:
            row = still_open.pop((one.product_id, one.field), None) or DifferenceRow(
                product_id=one.product_id, field=one.field, found_at=now, state="open", area=one.area
            )
            row.run_id, row.adapter, row.owner_role = run.id, one.adapter, one.owner_role
            row.asked, row.built, row.billed = one.asked, one.built, one.billed
            tx.session.add(row)
        for gone in still_open.values():
            if not unanswered and adapter is None:
                gone.state, gone.resolved_at, gone.resolved_by = "resolved", now, actor.login
        return run.id
