"""Customers: found, and looked at with what they have, what is under way for them, and what was done to their data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.masking import mask_document, mask_email, mask_phone
from app.domain.products.catalogue import Catalogue
from app.domain.promises.calendar import ZONE
from app.persistence.counter.customer_search import (
    find_customers,
    get_customer,
    get_product,
    installed_products,
    open_orders_of,
)
from app.persistence.counter.customers import Contract, Customer, InstalledProduct
from app.persistence.products.catalogue_reader import load_catalogue
from app.web.addresses import Addresses
from app.web.pages.counter.customer_lists import TABS, counts_of, lists_of
from app.web.pages.counter.known_customers import example_customers, recent_customers
from app.web.pages.counter.product_panel import product_panel, role_word
from app.web.pages.names import Names
from app.web.pages.states import product_tag
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.customers import (
    CustomerPage,
    CustomerRow,
    CustomerSearch,
    ProductGroup,
    ProductPanel,
    ProductRow,
)
from app.web.views.parts import Choice, Pages, Pair, Tab

#: Keys that order a change of the row one stands on.
KEYS: Final = {"move": "m", "change": "c", "suspend": "s", "resume": "r", "disconnect": "d"}
#: What can be ordered for several products at once.
#: Products on a page; the parts of bundles come on top.
PAGE_SIZE: Final = 50
BATCH: Final = ("move", "change", "suspend", "resume", "disconnect")
REPAIRABLE: Final = frozenset({"active", "suspended"})
#: A contract that ends within so long is pointed out.
SOON: Final = timedelta(days=60)
BY: Final = {"product": Sentence("by product"), "address": Sentence("by address")}


@dataclass(frozen=True)
class Wanted:
    """Which part of a customer is looked at."""

    tab: str = "products"
    by: str = "product"
    product: str = ""
    offset: int = 0


def customer_search(session: Session, reader: Reader, addresses: Addresses, query: str) -> CustomerSearch:
    """Customers that fit; hits are masked."""
    rows, _ = find_customers(session, reader.actor, query) if query else ((), 0)
    return CustomerSearch(
        query=query,
        rows=customer_rows(session, rows, reader, lambda number: addresses.customer(number)),
        asked=bool(query),
        recent=customer_rows(
            session,
            () if query else recent_customers(session, reader),
            reader,
            lambda number: addresses.customer(number),
        ),
        examples=tuple(Choice(addresses.customer(number), number) for number in example_customers(session, reader)),
    )


def customer_rows(
    session: Session, rows: Sequence[Customer], reader: Reader, href: Callable[[str], str]
) -> tuple[CustomerRow, ...]:
    """Customers as rows; ``href`` makes the link of a number."""
    names = Names(session, reader)
    numbers = [row.customer_no for row in rows]
    held = select(InstalledProduct.customer_no, func.count()).where(
        InstalledProduct.customer_no.in_(numbers), InstalledProduct.status != "terminated"
    )
    counts = dict(session.execute(held.group_by(InstalledProduct.customer_no)).all())
    return tuple(
        CustomerRow(
            number=row.customer_no,
            name=names.customer(row),
            contact=mask_phone(row.phone),
            area=names.area(row.area),
            tier=names.tier(row.tier),
            products=counts.get(row.customer_no, 0),
            href=href(row.customer_no),
        )
        for row in rows
    )


def customer_page(
    session: Session, reader: Reader, addresses: Addresses, number: str, wanted: Wanted = Wanted()
) -> CustomerPage:
    """One customer and one tab of what there is."""
    customer = get_customer(session, reader.actor, number)
    names = Names(session, reader)
    t, href = reader.t, addresses.customer(customer.customer_no)
    products = installed_products(session, reader.actor, number)
    tab = wanted.tab if wanted.tab in TABS else "products"
    is_open = customer.merged_into is None
    groups: tuple[ProductGroup, ...] = ()
    panel: ProductPanel | None = None
    if tab == "products":
        groups, panel = _products(session, reader, addresses, names, products, wanted, href)
    counts = {"products": sum(not row.parent_product_id for row in products), **counts_of(session, reader, customer)}
    may_batch = is_open and reader.may("order.submit") and tab == "products"
    return CustomerPage(
        number=customer.customer_no,
        name=names.customer(customer),
        facts=_facts(customer, names, reader),
        tabs=tuple(
            Tab(t(text), f"{href}?tab={name}" if name != "products" else href, name == tab, counts.get(name))
            for name, text in TABS.items()
        ),
        tab=tab,
        groups=groups,
        by=tuple(Tab(t(text), f"{href}?by={name}", name == wanted.by) for name, text in BY.items()),
        batch=tuple(Choice(kind, names.order_type(kind)) for kind in BATCH) if may_batch else (),
        batch_href=f"{href}/batch",
        pages=_pages(f"{href}?by={wanted.by}", wanted.offset, counts["products"]) if tab == "products" else None,
        panel=panel,
        lists=lists_of(session, reader, addresses, names, customer, tab),
        new_order_href=addresses.new_order(customer=customer.customer_no)
        if is_open and reader.may("order.submit")
        else "",
        edit_href=f"{href}/edit" if is_open and reader.may("customer.edit") else "",
        merge_href=f"{href}/merge" if is_open and reader.may("customer.merge") else "",
        merged_into=customer.merged_into or "",
        merged_href=addresses.customer(customer.merged_into) if customer.merged_into else "",
    )


def _pages(address: str, offset: int, total: int) -> Pages:
    before, after = max(0, offset - PAGE_SIZE), offset + PAGE_SIZE
    return Pages(
        first=min(offset + 1, total),
        last=min(after, total),
        total=total,
        before=f"{address}&offset={before}" if offset else "",
        after=f"{address}&offset={after}" if after < total else "",
    )


def _facts(customer: Customer, names: Names, reader: Reader) -> tuple[Pair, ...]:
    t = reader.t
    arrears = [account.arrears_cny for account in customer.accounts if account.arrears_cny not in ("0.00", "0")]
    facts = [
        Pair(t("Customer number"), customer.customer_no),
        Pair(t("Segment"), names.segment(customer.segment)),
        Pair(t("Tier"), names.tier(customer.tier)),
        Pair(t("Contact"), mask_phone(customer.phone), reveal="phone"),
        Pair(t("Document"), mask_document(customer.id_number), reveal="id_number"),
        Pair(t("Area"), names.area(customer.area)),
        Pair(t("Credit"), t("arrears {amount}", amount=f"¥{arrears[0]}") if arrears else t("no arrears")),
    ]
    if customer.email:
        facts.append(Pair(t("E-mail"), mask_email(customer.email)))
    if customer.account_manager:
        facts.append(Pair(t("Account manager"), names.person(customer.account_manager)))
    return tuple(facts)


def _products(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    names: Names,
    products: Sequence[InstalledProduct],
    wanted: Wanted,
    href: str,
) -> tuple[tuple[ProductGroup, ...], ProductPanel | None]:
    """What is installed in groups, bundles before their parts; and the product that is looked at, else the first."""
    tops = [row for row in products if not row.parent_product_id]
    here = sorted(tops, key=lambda row: _group(names, wanted, row))[wanted.offset : wanted.offset + PAGE_SIZE]
    rows = Rows(session, reader, addresses, names, products)
    shown = next((row for row in products if row.product_id == wanted.product), here[0] if here else None)
    grouped: dict[str, list[ProductRow]] = {}
    for top in here:
        into = grouped.setdefault(_group(names, wanted, top) or reader.t("Without an address"), [])
        for row in (top, *_parts(top, products)):
            address = f"{href}?by={wanted.by}&offset={wanted.offset}&product={row.product_id}#panel"
            into.append(rows.row(row, href=address, is_shown=row is shown))
    panel = product_panel(session, reader, names, shown, _parts(shown, products)) if shown is not None else None
    return tuple(ProductGroup(title=title, rows=tuple(found)) for title, found in grouped.items()), panel


def _group(names: Names, wanted: Wanted, row: InstalledProduct) -> str:
    return names.address(row.address_code) if wanted.by == "address" else names.product(row.product)


def _parts(top: InstalledProduct, products: Sequence[InstalledProduct]) -> list[InstalledProduct]:
    return [row for row in products if row.parent_product_id == top.product_id]


def changes_of(row: InstalledProduct, catalogue: Catalogue) -> tuple[str, ...]:
    """The kinds of orders that can be placed for an installed product as it is now."""
    spec = catalogue.products.get(row.product)
    offered = spec.order_types if spec is not None else ()
    return tuple(
        kind.code
        for kind in catalogue.order_types.values()
        if kind.code in offered and row.status in kind.product_status
    )


class Rows:
    """Makes rows of installed products; what is read for all of them is read once."""

    def __init__(
        self,
        session: Session,
        reader: Reader,
        addresses: Addresses,
        names: Names,
        products: Sequence[InstalledProduct],
    ) -> None:
        self._reader, self._addresses, self._names = reader, addresses, names
        self._catalogue = load_catalogue(session)
        self._locks: Mapping[str, str] = open_orders_of(session, [row.product_id for row in products])
        contracts = {row.contract_no for row in products if row.contract_no}
        found = session.scalars(select(Contract).where(Contract.contract_no.in_(contracts))) if contracts else ()
        self._contracts = {row.contract_no: row for row in found}

    def locked_by(self, row: InstalledProduct) -> str:
        """The number of an order that works on the product; empty where none does."""
        return self._locks.get(row.product_id, "")

    def row(self, row: InstalledProduct, *, href: str = "", is_shown: bool = False) -> ProductRow:
        """One installed product and what may be done with it; a part changes with its bundle."""
        reader, names, addresses = self._reader, self._names, self._addresses
        locked = self._locks.get(row.product_id, "")
        parts = [
            f"{names.characteristic(row.product, code)} {names.value(row.product, code, value)}"
            for code, value in row.characteristics.items()
            if value not in (None, "", False)
        ]
        can_change = not locked and not row.parent_product_id and reader.may("order.submit")
        kinds = changes_of(row, self._catalogue) if can_change else ()
        contract = self._contracts.get(row.contract_no or "")
        today = reader.now.astimezone(ZONE).date()
        return ProductRow(
            product_id=row.product_id,
            name=names.offering(row.offering) or names.product(row.product),
            detail=" · ".join(parts[:4]),
            address=names.address(row.address_code) or "–",
            addresses=tuple(
                f"{role_word(reader, str(place.get('role')))} {names.address(place.get('address_code'))}"
                for place in row.places[:4]
            )
            if len(row.places) > 1
            else (),
            state=product_tag(row.status, reader),
            since=row.charging_from.isoformat() if row.charging_from else "–",
            contract_until=contract.ends_on.isoformat() if contract is not None else "",
            ends_soon=contract is not None and contract.ends_on - today <= SOON,
            is_part=bool(row.parent_product_id),
            change_hrefs=tuple(
                Choice(
                    addresses.new_order(product=row.product_id, type=kind), names.order_type(kind), KEYS.get(kind, "")
                )
                for kind in kinds
            ),
            report_href=addresses.report_fault(row.product_id)
            if row.status in REPAIRABLE and reader.may("ticket.open")
            else "",
            locked_by=locked,
            locked_href=addresses.order(locked) if locked else "",
            href=href,
            is_shown=is_shown,
        )


def product_row(
    session: Session, row: InstalledProduct, names: Names, reader: Reader, addresses: Addresses
) -> ProductRow:
    """One installed product on a page of its own."""
    return Rows(session, reader, addresses, names, [row]).row(get_product(session, reader.actor, row.product_id))
