"""What somebody at the counter has to look at today: to-dos, own orders that stand still or run late, drafts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from sqlalchemy.orm import Session

from app.persistence.form_drafts import FormDraft, drafts_of
from app.persistence.ordering.order_search import list_orders
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.ordering.order_list import OrderFilters, order_rows, view_filters
from app.web.pages.teamwork.work_filters import Asked
from app.web.pages.teamwork.work_list import found_items, work_rows
from app.web.reader import Reader
from app.web.views.desk import Desk, DraftRow
from app.web.views.parts import COUNTED_AT_MOST, Tab

MOST: Final = 10


def desk(session: Session, reader: Reader, addresses: Addresses) -> Desk:
    """The page for now."""
    t = reader.t
    mine = OrderFilters(mine=True)
    late, soon, paused = (replace(mine, view=view) for view in ("late", "soon", "paused"))
    items, waiting = found_items(session, reader, Asked(tab="team"), limit=MOST)
    drafts = drafts_of(session, reader.actor.login, "order")
    shown = {row.id: row for wanted in (late, paused, soon) for row in _orders(session, reader, wanted)}
    rows = list(shown.values())[:MOST]
    return Desk(
        counts=(
            Tab(t("to do in my teams"), addresses.work_list(tab="team"), False, waiting),
            *(
                Tab(text, addresses.orders(**wanted.arguments()), False, _count(session, reader, wanted), bad=bad)
                for text, wanted, bad in (
                    (t("my orders that are late"), late, True),
                    (t("my orders due within 24 hours"), soon, False),
                    (t("my orders paused for the customer"), paused, False),
                    (t("my orders in flight"), mine, False),
                )
            ),
        ),
        items=work_rows(items, Names(session, reader), reader, addresses),
        orders=order_rows(session, rows, reader, addresses),
        drafts=tuple(_draft(draft, reader, addresses) for draft in drafts[:MOST]),
        items_href=addresses.work_list(tab="team"),
        orders_href=addresses.orders(**mine.arguments()),
    )


def _filters(wanted: OrderFilters, reader: Reader) -> dict[str, Any]:
    return view_filters(wanted, reader, (), None)


def _count(session: Session, reader: Reader, wanted: OrderFilters) -> int:
    return list_orders(session, reader.actor, _filters(wanted, reader), limit=0, count_at_most=COUNTED_AT_MOST)[1]


def _orders(session: Session, reader: Reader, wanted: OrderFilters) -> Any:
    return list_orders(session, reader.actor, _filters(wanted, reader), limit=MOST)[0]


def _draft(draft: FormDraft, reader: Reader, addresses: Addresses) -> DraftRow:
    customer, offering, product, kind = (*draft.key.split(":"), "", "", "", "")[:4]
    href = (
        addresses.new_order(product=product, type=kind)
        if product
        else addresses.new_order(customer=customer, offering=offering)
    )
    return DraftRow(title=draft.title or customer, href=href, saved=reader.time(draft.saved_at))
