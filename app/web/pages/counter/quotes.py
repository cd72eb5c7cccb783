"""What the counter can say before an order is placed: offerings, the promise, the price."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from app.domain.counter.intake import NormalItem
from app.domain.products.catalogue import Offering
from app.domain.promises.sla import Case, Promise, conditions_of
from app.persistence.counter.customers import Customer
from app.services.promises.sla_start import quote_promise
from app.web.reader import Reader
from app.web.views.new_order import OfferingCard, Pledge, PriceList
from app.web.views.parts import Pair


def offering_card(reader: Reader, offering: Offering, href: str) -> OfferingCard:
    """An offering with its price."""
    t, f = reader.t, reader.f
    monthly = sum((p.amount_cny for p in offering.prices if p.kind == "recurring"), Decimal(0))
    once = sum((p.amount_cny for p in offering.prices if p.kind == "one_off"), Decimal(0))
    return OfferingCard(
        code=offering.code,
        name=reader.words(offering.name),
        monthly=t("{amount} a month", amount=f.money(monthly)),
        one_off=t("{amount} once", amount=f.money(once)) if once else "",
        note=t("contract {months} months", months=offering.contract_months) if offering.contract_months else "",
        href=href,
    )


def pledge_of(session: Session, reader: Reader, customer: Customer, item: NormalItem | None) -> Pledge | None:
    """What would be promised if the order were accepted now, and why."""
    promise = _promise(session, reader, customer, item)
    if promise is None:
        return None
    f = reader.f
    start: datetime = promise.started_at
    steps = [(f.moment(start), reader.t("Start"))]
    steps += [("", reader.words(reason)) for reason in promise.reasons]
    steps.append(("", f.promise(promise.due_at)))
    return Pledge(when=f.promise(promise.due_at), iso=promise.due_at.isoformat(), steps=tuple(steps))


def _promise(session: Session, reader: Reader, customer: Customer, item: NormalItem | None) -> Promise | None:
    if item is None:
        return None
    case = Case(
        product=item.product,
        order_type=item.order_type,
        tier=customer.tier,
        area_class=item.area_class,
        grade=str(item.characteristics.get("service_grade", "normal")),
        conditions=conditions_of(item.order_type, item.characteristics, areas={place.area for place in item.places}),
    )
    try:
        given = quote_promise(session, case, area=item.area, at=reader.now)
    except LookupError:
        return None  # no promise is made for this kind of order
    return next((promise for promise in given if promise.kind == "promise"), None)


def price_list(reader: Reader, item: NormalItem | None) -> PriceList | None:
    """What the item costs, once and every month."""
    if item is None or not item.prices:
        return None
    t, f = reader.t, reader.f
    monthly, once = item.total_cny("recurring"), item.total_cny("one_off")
    rows = []
    for price in item.prices:
        amount = f.money(price.amount_cny)
        text = t("{amount} a month", amount=amount) if price.kind == "recurring" else amount
        rows.append(Pair(reader.words(price.name), text))
    return PriceList(rows=tuple(rows), monthly=f.money(monthly), first_bill=f.money(monthly + once))
