"""Lists about a customer: orders, tickets, accounts and contracts, quotes, and what was done to the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.domain.masking import mask_person, mask_phone
from app.domain.ordering.order_lifecycle import OPEN
from app.domain.promises.ticket_lifecycle import OPEN as OPEN_TICKETS
from app.persistence.counter.customer_records import CustomerEvent, CustomerSite
from app.persistence.counter.customers import Contract, Customer
from app.persistence.counter.order_quotes import OrderQuote
from app.persistence.ordering.orders import ProductOrder
from app.persistence.scope import scoped
from app.persistence.teamwork.tickets import TroubleTicket
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.states import order_tag, ticket_tag
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.customers import CustomerList, ListRow
from app.web.views.parts import Tag

#: More are found by searching for them.
MOST: Final = 50
TABS: Final = {
    "products": Sentence("Installed products"),
    "orders": Sentence("Orders"),
    "tickets": Sentence("Trouble tickets"),
    "accounts": Sentence("Accounts and contracts"),
    "quotes": Sentence("Quotes"),
    "history": Sentence("History"),
}
ACCOUNT_KINDS: Final = {"postpaid": Sentence("postpaid"), "prepaid": Sentence("prepaid")}
CONTACT_ROLES: Final = {
    "decision": Sentence("decides"),
    "technical": Sentence("technology"),
    "billing": Sentence("bills"),
    "site": Sentence("on site"),
    "other": Sentence("other", "contact"),
}
EVENTS: Final = {
    "created": Sentence("taken in"),
    "changed": Sentence("data changed"),
    "merged": Sentence("another customer was merged into this one"),
    "merged_into": Sentence("merged into another customer"),
    "account": Sentence("account opened"),
    "contract": Sentence("contract written down"),
    "site": Sentence("site added"),
}

FIELDS: Final = {
    "name": Sentence("Name"),
    "name_en": Sentence("Name in English"),
    "phone": Sentence("Phone"),
    "email": Sentence("E-mail"),
    "id_type": Sentence("Kind of document"),
    "id_number": Sentence("Number of the document"),
    "tier": Sentence("Tier"),
    "segment": Sentence("Segment"),
    "area": Sentence("Area"),
    "language": Sentence("Language"),
    "contact": Sentence("People to speak to"),
    "account_manager": Sentence("Account manager"),
    "birth_date": Sentence("Day of birth"),
    "kind": Sentence("Kind"),
}


def counts_of(session: Session, reader: Reader, customer: Customer) -> dict[str, int]:
    """How many open orders and open tickets there are."""
    orders = select(func.count()).where(
        ProductOrder.customer_no == customer.customer_no, ProductOrder.state.in_([state.value for state in OPEN])
    )
    tickets = select(func.count()).where(
        TroubleTicket.customer_no == customer.customer_no,
        TroubleTicket.state.in_([state.value for state in OPEN_TICKETS]),
    )
    return {
        "orders": session.scalar(scoped(orders, ProductOrder, reader.actor)) or 0,
        "tickets": session.scalar(scoped(tickets, TroubleTicket, reader.actor)) or 0,
    }


def lists_of(
    session: Session, reader: Reader, addresses: Addresses, names: Names, customer: Customer, tab: str
) -> tuple[CustomerList, ...]:
    """The lists of a tab; none of the one with the products."""
    if tab == "orders":
        return (_orders(session, reader, addresses, names, customer),)
    if tab == "tickets":
        return (_tickets(session, reader, addresses, names, customer),)
    if tab == "accounts":
        return _belongings(session, reader, names, customer)
    if tab == "quotes":
        return (quote_list(session, reader, addresses, names, customer.customer_no),)
    return (_history(session, reader, names, customer),) if tab == "history" else ()


def _orders(session: Session, reader: Reader, addresses: Addresses, names: Names, customer: Customer) -> CustomerList:
    t = reader.t
    query = scoped(select(ProductOrder), ProductOrder, reader.actor).where(
        ProductOrder.customer_no == customer.customer_no
    )
    latest = query.options(selectinload(ProductOrder.items)).order_by(ProductOrder.ordered_at.desc())
    found = session.scalars(latest.limit(MOST)).all()
    rows = tuple(
        ListRow(
            cells=(
                order.number,
                "、".join(dict.fromkeys(names.product(item.product) for item in order.items[:4])),
                "、".join(dict.fromkeys(names.order_type(item.order_type) for item in order.items[:4])),
                reader.time(order.ordered_at),
                reader.f.promise(order.promised_at) if order.promised_at else "–",
            ),
            href=addresses.order(order.number),
            state=order_tag(order.state, reader),
        )
        for order in found
    )
    head = (t("Order"), t("Product"), t("Order type"), t("Ordered"), t("Promise"))
    return CustomerList(title=t("Orders"), head=head, rows=rows, empty=t("Nothing was ordered for this customer yet."))


def _tickets(session: Session, reader: Reader, addresses: Addresses, names: Names, customer: Customer) -> CustomerList:
    t = reader.t
    query = scoped(select(TroubleTicket), TroubleTicket, reader.actor).where(
        TroubleTicket.customer_no == customer.customer_no
    )
    found = session.scalars(query.order_by(TroubleTicket.opened_at.desc()).limit(MOST)).all()
    rows = tuple(
        ListRow(
            cells=(one.number, names.product(one.product), one.description, reader.time(one.opened_at)),
            href=addresses.ticket(one.number) if reader.may("ticket.view") else "",
            state=ticket_tag(one.state, reader),
        )
        for one in found
    )
    head = (t("Ticket"), t("Product"), t("What does not work"), t("Opened"))
    return CustomerList(title=t("Trouble tickets"), head=head, rows=rows, empty=t("No fault was ever reported."))


def _belongings(session: Session, reader: Reader, names: Names, customer: Customer) -> tuple[CustomerList, ...]:
    t, number = reader.t, customer.customer_no
    accounts = tuple(
        ListRow(
            cells=(
                one.account_no,
                _word(reader, ACCOUNT_KINDS, one.kind),
                reader.f.money(one.arrears_cny or "0.00"),
                one.parent_account_no or "–",
            )
        )
        for one in customer.accounts
    )
    contracts = session.scalars(select(Contract).where(Contract.customer_no == number).order_by(Contract.contract_no))
    sites = session.scalars(select(CustomerSite).where(CustomerSite.customer_no == number).order_by(CustomerSite.name))
    return (
        CustomerList(
            title=t("Accounts"),
            head=(t("Account"), t("Kind"), t("Arrears"), t("Paid by")),
            rows=accounts,
            empty=t("There is no account yet."),
        ),
        CustomerList(
            title=t("Contracts"),
            head=(t("Contract"), t("From"), t("Until")),
            rows=tuple(
                ListRow(cells=(one.contract_no, one.starts_on.isoformat(), one.ends_on.isoformat()))
                for one in contracts
            ),
            empty=t("There is no framework agreement."),
        ),
        CustomerList(
            title=t("People to speak to"),
            head=(t("Name"), t("For what"), t("Phone")),
            rows=tuple(_contact(reader, one) for one in customer.contact),
            empty=t("Nobody is named besides the customer."),
        ),
        CustomerList(
            title=t("Sites"),
            head=(t("Name"), t("Address")),
            rows=tuple(ListRow(cells=(one.name, names.address(one.address_code))) for one in sites),
            empty=t("No place has a name of its own."),
        ),
    )


def _contact(reader: Reader, one: Mapping[str, Any]) -> ListRow:
    name, phone = str(one.get("name") or ""), str(one.get("phone") or "")
    role = _word(reader, CONTACT_ROLES, str(one.get("role") or "other"))
    return ListRow(cells=(mask_person(name), role, mask_phone(phone) if phone else "–"))


def quote_list(session: Session, reader: Reader, addresses: Addresses, names: Names, customer_no: str) -> CustomerList:
    """What was quoted to a customer, the latest first."""
    query = scoped(select(OrderQuote, ProductOrder.number), OrderQuote, reader.actor)
    query = query.outerjoin(ProductOrder, ProductOrder.id == OrderQuote.order_id)
    found = session.execute(
        query.where(OrderQuote.customer_no == customer_no).order_by(OrderQuote.made_at.desc()).limit(MOST)
    ).all()
    return quote_rows(found, reader, addresses, names)


def quote_rows(found: Sequence[Any], reader: Reader, addresses: Addresses, names: Names) -> CustomerList:
    """Quotes, each with the number of the order it has become, as a list."""
    t = reader.t
    rows = tuple(
        ListRow(
            cells=(
                row.OrderQuote.number,
                row.OrderQuote.customer_no or "–",
                "、".join(dict.fromkeys(names.product(item["product"]) for item in row.OrderQuote.told["items"][:4])),
                reader.f.money(row.OrderQuote.told["first_bill_cny"]),
                reader.time(row.OrderQuote.made_at),
                reader.time(row.OrderQuote.valid_until),
            ),
            href=addresses.quote(row.OrderQuote.number),
            state=quote_tag(row.OrderQuote, row.number, reader),
        )
        for row in found
    )
    head = (t("Quote"), t("Customer number"), t("Product"), t("First bill"), t("Made"), t("Valid until"))
    empty = t("Nothing was quoted. A quote is made in the form of an order.")
    return CustomerList(title=t("Quotes"), head=head, rows=rows, empty=empty)


def quote_tag(quote: OrderQuote, order_number: str | None, reader: Reader) -> Tag:
    """Whether a quote can still be ordered."""
    t = reader.t
    if order_number:
        return Tag(t("ordered as {number}", number=order_number), "done", "ok")
    if quote.valid_until < reader.now:
        return Tag(t("not valid any more"), "slash", "")
    return Tag(t("can be ordered"), "clock", "run")


def _history(session: Session, reader: Reader, names: Names, customer: Customer) -> CustomerList:
    t = reader.t
    lines = select(CustomerEvent).where(CustomerEvent.customer_no == customer.customer_no)
    found: Sequence[CustomerEvent] = session.scalars(lines.order_by(CustomerEvent.seq.desc()).limit(MOST)).all()
    names.know_people(one.who for one in found)
    rows = tuple(
        ListRow(
            cells=(
                reader.time(one.at),
                _word(reader, EVENTS, one.kind),
                _what(reader, one),
                one.why or "–",
                names.person(one.who),
            )
        )
        for one in found
    )
    head = (t("At"), t("What"), t("Details"), t("Reason"), t("Who"))
    return CustomerList(title=t("History"), head=head, rows=rows, empty=t("The data was never changed here."))


def _what(reader: Reader, one: CustomerEvent) -> str:
    """Which fields or whom an event is about."""
    fields = [reader.t(FIELDS[name]) for name in one.detail.get("fields", ()) if name in FIELDS]
    others = [str(one.detail[name]) for name in ("gone", "keep", "account_no", "contract_no") if one.detail.get(name)]
    return ("、" if reader.language != "en" else ", ").join([*fields, *others]) or "–"


def _word(reader: Reader, words: Mapping[str, Sentence], code: str) -> str:
    return reader.t(words[code]) if code in words else code
