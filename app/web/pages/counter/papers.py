"""Quotes and confirmations as people take them along: masked, complete, with the reasons of each promise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain.words import Words
from app.persistence.counter.order_quotes import OrderQuote
from app.services.counter.confirmation import Confirmation, ConfirmedItem
from app.web.addresses import Addresses
from app.web.pages.counter.customer_lists import quote_tag
from app.web.pages.counter.order_checks import VERDICTS
from app.web.pages.names import Names
from app.web.pages.states import order_tag
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.values import valued
from app.web.views.papers import Paper, PaperItem
from app.web.views.parts import Pair

QUOTE_NOTES: Final = {
    "fine": Sentence("Credit and network were asked and are fine."),
    "pending_check": Sentence("A check is still pending: the order may be placed, the check is made again."),
    "not_possible": Sentence("As asked now, this cannot be built at this address or for this customer."),
}


def quote_paper(
    session: Session, reader: Reader, addresses: Addresses, quote: OrderQuote, order_number: str | None
) -> Paper:
    """A quote as it was told."""
    t, f, names = reader.t, reader.f, Names(session, reader)
    told = quote.told
    customer = names.customers([quote.customer_no]).get(quote.customer_no or "")
    items = [_quoted(reader, names, item) for item in told["items"]]
    monthly = sum((Decimal(item["monthly_cny"]) for item in told["items"]), Decimal(0))
    facts = [
        Pair(t("Customer"), names.customer(customer), href=addresses.customer(quote.customer_no or "")),
        Pair(t("Customer number"), quote.customer_no or "–"),
        Pair(t("Made"), f.full(quote.made_at)),
        Pair(t("Valid until"), f.full(quote.valid_until)),
        Pair(t("Made by"), names.person(quote.login)),
    ]
    said = QUOTE_NOTES.get(told["state"])
    can_order = not order_number and quote.valid_until >= reader.now and reader.may("order.submit")
    return Paper(
        title=t("Quote"),
        number=quote.number,
        crumb=((addresses.quotes(), t("Quotes")),),
        state=quote_tag(quote, order_number, reader),
        facts=tuple(facts),
        items=tuple(items),
        totals=(
            Pair(t("Monthly"), f.money(monthly)),
            Pair(t("First bill, one-off charges included"), f.money(told["first_bill_cny"])),
            *((Pair(t("All done by"), f.promise(_at(told["promised_at"]))),) if told["promised_at"] else ()),
        ),
        notes=(
            t(said) if said is not None else "",
            t("Amounts are in CNY, tax included. The promise counts from the day the order is placed."),
        ),
        sign=False,
        order_href=_order_href(addresses, quote, told["items"]) if can_order else "",
    )


def confirmation_paper(reader: Reader, addresses: Addresses, found: Confirmation) -> Paper:
    """The confirmation of an order as it stands."""
    t, f, order = reader.t, reader.f, found.order
    facts = [
        Pair(t("Customer"), found.customer),
        Pair(t("Customer number"), order.customer_no or "–"),
        Pair(t("Ordered"), f.full(order.ordered_at)),
        Pair(t("Area"), reader.words(found.area)),
        Pair(t("Channel"), reader.words(found.channel)),
    ]
    if order.account_no:
        facts.append(Pair(t("Account"), order.account_no))
    if order.external_id:
        facts.append(Pair(t("Your own number"), order.external_id))
    if found.quote:
        facts.append(Pair(t("By quote"), found.quote, href=addresses.quote(found.quote)))
    if found.work_begins is not None:
        facts.append(Pair(t("Work begins"), f.full(found.work_begins)))
    totals = [
        Pair(t("Charged once"), f.money(found.total_cny("one_off"))),
        Pair(t("Monthly"), f.money(found.total_cny("monthly"))),
    ]
    if order.promised_at is not None:
        totals.append(Pair(t("All done by"), f.promise(order.promised_at)))
    return Paper(
        title=t("Confirmation of the order"),
        number=order.number,
        crumb=((addresses.orders(), t("Orders")), (addresses.order(order.number), order.number)),
        state=order_tag(order.state, reader),
        facts=tuple(facts),
        items=tuple(_confirmed(reader, item) for item in found.items),
        totals=tuple(totals),
        notes=(
            t("Amounts are in CNY, tax included."),
            t("If we do it later than promised, you are owed what the rules say; it comes with the next bill."),
        ),
        sign=True,
    )


def _quoted(reader: Reader, names: Names, item: Mapping[str, Any]) -> PaperItem:
    t, f = reader.t, reader.f
    what = names.offering(item.get("offering")) or names.product(item["product"])
    answer, facts = item.get("feasibility"), []
    if answer is not None:
        sentence, _ = VERDICTS.get(str(answer.get("verdict") or ""), (Sentence("check pending"), ""))
        facts.append(Pair(t("Network"), t(sentence)))
    if Decimal(item["penalty_cny"]):
        facts.append(Pair(t("For leaving the contract early"), f.money(item["penalty_cny"])))
    prices = tuple(
        (reader.said_in(price), _how_often(reader, price["kind"]), f.money(price["amount_cny"]))
        for price in item["prices"]
    )
    promise = item.get("promise")
    return PaperItem(
        title=f"{names.order_type(item['order_type'])} · {what}",
        facts=tuple(facts),
        prices=prices,
        promise=f.promise(_at(promise["due_at"])) if promise else "",
        why=tuple(reader.words(Words(one["zh"], one["en"])) for one in promise["reasons"]) if promise else (),
    )


def _confirmed(reader: Reader, item: ConfirmedItem) -> PaperItem:
    t, f = reader.t, reader.f
    what = reader.words(item.offering or item.product)
    facts = [Pair(t("Product number"), item.product_id)] if item.product_id else []
    facts += [Pair(t("Address"), reader.words(place)) for place in item.places]
    facts += [
        Pair(reader.words(name), valued(_number(reader.words(value)), unit, reader.language))
        for name, value, unit in item.traits
    ]
    return PaperItem(
        title=f"{reader.words(item.order_type)} · {what}",
        facts=tuple(facts),
        prices=tuple(
            (
                reader.words(name) + (f" × {times}" if times != 1 else ""),
                _how_often(reader, kind),
                f.money(amount),
            )
            for name, kind, amount, times in item.prices
        ),
        promise=f.promise(item.promised_at) if item.promised_at is not None else "",
        why=(reader.words(item.why),) if item.why is not None else (),
    )


def _order_href(addresses: Addresses, quote: OrderQuote, items: Iterable[Mapping[str, Any]]) -> str:
    """The form that this quote was made in; nothing where it was not made in one."""
    found = list(items)
    if len(found) != 1:
        return ""
    item = found[0]
    if item.get("product_id"):
        return addresses.new_order(product=item["product_id"], type=item["order_type"], quote=quote.number)
    if item["order_type"] != "install" or not item.get("offering"):
        return ""
    return addresses.new_order(customer=quote.customer_no or "", offering=item["offering"], quote=quote.number)


def _how_often(reader: Reader, kind: str) -> str:
    return reader.t("every month") if kind == "recurring" else reader.t("once")


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
