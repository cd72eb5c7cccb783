"""I4: what we say customers have is what the neighbours say, and the other way round."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from adapters.errors import AdapterError
from app.deps import Deps
from app.persistence.counter.customers import InstalledProduct
from app.persistence.ordering.orders import ProductOrderItem
from app.services.counter.sold_tariffs import SoldTariffs
from app.services.repairs import reconcile
from app.services.repairs.reconcile import ordered_products
from app.unit_of_work import read
from processes.invariants import Look, Violation
from processes.invariants.look import batches

RULE: Final = "I4"
AT_ONCE: Final = 200
Product = Mapping[str, Any]


@dataclass
class Books:
    """The comparison of all books. ``silent``: neighbours that gave no answer, with the reason."""

    deps: Deps
    silent: dict[str, str] = field(default_factory=dict)

    def differences(self, look: Look) -> Iterator[Violation]:
        """Every product in service against its neighbours, then what is in force there against our products.

        What an open order works on is its own business until it ends. A difference is looked at twice: an order may
        have begun or ended while the neighbours were asked.
        """
        sold = SoldTariffs.read(look.session)
        asked = list(reconcile.QUESTIONS)
        for ids in batches(_in_service(look), AT_ONCE):
            rows = look.session.scalars(select(InstalledProduct).where(InstalledProduct.product_id.in_(ids))).all()
            look.session.expunge_all()
            tariffs = sold.of(rows)
            found = reconcile.compare_products(rows, asked, self.deps, tariffs, self.silent)
            if found:
                moved = self._moved(rows)
                found = [one for one in found if one.product_id not in moved]
            if found:
                still = [row for row in rows if row.product_id in {one.product_id for one in found}]
                found = reconcile.compare_products(still, asked, self.deps, tariffs, self.silent)
            look.saw(RULE, "products in service", len(rows))
            yield from map(_said, found)
        yield from self._strangers(look, asked)

    def _moved(self, rows: Sequence[InstalledProduct]) -> set[str]:
        """The products that have changed since they were read, or that an open order works on by now."""
        before = {row.product_id: _facts(row) for row in rows}
        with read(self.deps.read_sessions) as session:
            now = session.scalars(select(InstalledProduct).where(InstalledProduct.product_id.in_(before))).all()
            busy = _busy_among(session, before)
        after = {row.product_id: _facts(row) for row in now}
        return busy | {product_id for product_id in before if before[product_id] != after.get(product_id)}

    def _strangers(self, look: Look, asked: Iterable[str]) -> Iterator[Violation]:
        for adapter in asked:
            if adapter not in reconcile.BOOKS or adapter in self.silent or adapter not in self.deps.ports:
                continue
            book, in_force = reconcile.BOOKS[adapter]
            try:
                rows = self.deps.ports[adapter].books(book, timeout_s=reconcile.READ_TIMEOUT_S)
            except AdapterError as error:
                self.silent[adapter] = str(error)
                continue
            held = [row for row in rows if row.get("state") in in_force and _holder(row) not in reconcile.OUTSIDE]
            look.saw(RULE, f"{book} in force at {adapter}", len(held))
            for piece in batches(held, AT_ONCE):
                with read(self.deps.read_sessions) as session:
                    known = _known(session, [_holder(row) for row in piece])
                for row in piece:
                    if _holder(row) not in known:
                        yield _said(reconcile.stranger(adapter, book, row))


def _in_service(look: Look) -> Iterator[str]:
    part = aliased(InstalledProduct)
    bundle = select(part.product_id).where(part.parent_product_id == InstalledProduct.product_id)
    whole, ordered = InstalledProduct.parent_product_id, ordered_products()
    rows = select(InstalledProduct.product_id).where(
        InstalledProduct.status.in_(reconcile.IN_SERVICE),
        ~bundle.exists(),
        InstalledProduct.product_id.not_in(ordered),
        or_(whole.is_(None), whole.not_in(ordered)),
    )
    return (row.product_id for row in look.stream(rows))


def _busy_among(session: Session, product_ids: Collection[str]) -> set[str]:
    """Those of the products that open orders work on; with a bundle goes all that it is made of."""
    ordered = ordered_products().where(ProductOrderItem.product_id.in_(product_ids))
    parts = select(InstalledProduct.product_id).where(
        InstalledProduct.product_id.in_(product_ids), InstalledProduct.parent_product_id.in_(ordered_products())
    )
    return {*session.scalars(ordered), *session.scalars(parts)}


def _known(session: Session, product_ids: Sequence[str]) -> set[str]:
    """Those of the products that are in service here, or that an open order works on."""
    in_service = select(InstalledProduct.product_id).where(
        InstalledProduct.product_id.in_(product_ids), InstalledProduct.status.in_(reconcile.IN_SERVICE)
    )
    return {*session.scalars(in_service), *_busy_among(session, product_ids)}


def _facts(row: InstalledProduct) -> tuple[Any, ...]:
    return row.status, row.resources, row.characteristics, row.subscription_no, row.charging_from


def _holder(row: Product) -> str:
    return str(row.get("product_id") or "")


def _said(found: reconcile.Found) -> Violation:
    sides: Mapping[str, Callable[[reconcile.Found], str]] = {
        "asked": lambda one: one.asked,
        "built": lambda one: one.built,
        "billed": lambda one: one.billed,
    }
    said = ", ".join(f"{name} {side(found)}" for name, side in sides.items() if side(found))
    return Violation(RULE, found.product_id, f"{found.adapter}, {found.field} ({found.label_en}): {said or 'nothing'}")
