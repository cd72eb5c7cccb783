"""The addresses of an order: looked for, found or nearly found, chosen."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from app.persistence.counter.customer_search import find_addresses, installed_products
from app.persistence.counter.customers import Address, Customer
from app.persistence.counter.near_addresses import nearest_named
from app.web.counter.order_draft import OrderDraft
from app.web.pages.counter.order_checks import MOST_NEAR, choices
from app.web.pages.counter.places import PLACES
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.new_order import PlaceField

MOST_ADDRESSES: Final = 8


class PlaceFields:
    """Makes the fields for one draft."""

    def __init__(self, session: Session, reader: Reader, draft: OrderDraft, customer: Customer | None) -> None:
        self._session = session
        self._reader = reader
        self._draft = draft
        self._customer = customer

    def field(self, role: str, problem: str) -> PlaceField:
        """One address: found, nearest to what was typed, or known of this customer."""
        t, actor = self._reader.t, self._reader.actor
        query, chosen = self._draft.queries.get(role, ""), self._draft.places.get(role, "")
        base, _, number = role.partition("-")
        label = t(PLACES.get(base, Sentence("Address"))) + (f" {number}" if number else "")
        rows: list[Address] = []
        note = ""
        if query:
            rows = list(find_addresses(self._session, actor, query, limit=MOST_ADDRESSES)[0])
            if not rows:
                rows = list(nearest_named(self._session, actor, query, limit=MOST_NEAR))
                note = t("Nothing reads like that. These are the nearest.") if rows else ""
        elif self._customer is not None and base in ("installation", "a_end"):
            rows = self._known_addresses()
        if chosen and chosen not in {row.code for row in rows}:
            rows += [row for row in [self._session.get(Address, chosen)] if row is not None]
        return PlaceField(
            role=role,
            label=label,
            query=query,
            hits=choices(self._reader, rows),
            chosen=chosen,
            chosen_text="",
            problem=problem,
            note=note,
        )

    def _known_addresses(self) -> list[Address]:
        if self._customer is None:
            return []
        products = installed_products(self._session, self._reader.actor, self._customer.customer_no)
        codes = dict.fromkeys(product.address_code for product in products if product.address_code)
        found = [self._session.get(Address, code) for code in list(codes)[:3]]
        return [row for row in found if row is not None]
