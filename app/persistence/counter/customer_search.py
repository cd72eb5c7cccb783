"""Finding customers, addresses and installed products for the counter. Only in the caller's area."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Select, Text, func, select, type_coerce
from sqlalchemy.orm import Session, selectinload

from app.domain.actors import Actor
from app.domain.counter.found_by import half_width
from app.domain.ordering.order_lifecycle import OPEN
from app.errors import NotFound
from app.persistence.counter.customer_words import customers_like
from app.persistence.counter.customers import Account, Address, Customer, InstalledProduct
from app.persistence.filters import WHOLE_WORD, contains_text
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.scope import scoped, within

#: Shorter texts would list customers instead of finding one.
SHORTEST_TEXT: Final = 2
MOST: Final = 500
#: Products that an order still has to build, or that are gone.
NOT_THERE: Final = ("created", "cancelled", "aborted", "terminated")


def find_customers(
    session: Session, actor: Actor, text: str = "", *, offset: int = 0, limit: int = 20
) -> tuple[Sequence[Customer], int]:
    """Customers by number, name or its initials, phone, identity number, or the number of a product, account or line.

    An identity number must be whole, of a phone number four digits are enough.
    A text that is too short finds nothing; of one that is too general, the
    first ``MOST`` are found.
    """
    wanted = half_width(text)
    if len(wanted) < SHORTEST_TEXT:
        return (), 0
    numbers = _numbers_named(session, actor, wanted)
    query = scoped(select(Customer), Customer, actor).where(Customer.customer_no.in_(numbers))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.scalars(
        query.options(selectinload(Customer.accounts)).order_by(Customer.customer_no).offset(offset).limit(limit)
    ).all()
    return rows, total


def _numbers_named(session: Session, actor: Actor, text: str) -> Sequence[str]:
    """Customers that a text names, at most ``MOST``: by an exact number first, then by a part of a name.

    Each question is one that an index answers; joined by OR to one condition, every customer would be read.
    """
    mine = select(Customer.customer_no).where(within(Customer.area, actor), Customer.merged_into.is_(None))
    owners = select(InstalledProduct.customer_no).where(within(InstalledProduct.area, actor))
    accounts = select(Account.customer_no).where(Account.account_no == text)
    exact = (
        mine.where(Customer.customer_no == text.upper()),
        mine.where(Customer.phone == text),
        mine.where(Customer.id_number == text),
        mine.where(Customer.customer_no.in_(accounts)),
        owners.where(InstalledProduct.product_id == text),
        owners.where(InstalledProduct.subscription_no == text),
    )
    found = _numbers(session, exact)
    if found:
        return found
    # Resources are a document; the quotes keep the match to whole values.
    held = type_coerce(InstalledProduct.resources, Text).contains(f'"{text}"', autoescape=True)
    alike = [mine.where(like) for like in customers_like(text)]
    if WHOLE_WORD.search(text):
        alike.append(owners.where(held))
    return _numbers(session, alike)


def _numbers(session: Session, questions: Iterable[Select[str]]) -> Sequence[str]:
    found: set[str] = set()
    for question in questions:
        found.update(session.scalars(question.limit(MOST)))
    return sorted(found)[:MOST]


def get_customer(session: Session, actor: Actor, customer_no: str) -> Customer:
    """One customer with accounts. :raises NotFound: there is none in the actor's area."""
    customer = session.scalars(
        scoped(select(Customer), Customer, actor)
        .where(Customer.customer_no == customer_no)
        .options(selectinload(Customer.accounts))
    ).one_or_none()
    if customer is None:
        raise NotFound(f"there is no customer {customer_no}", f"没有客户 {customer_no}")
    return customer


def installed_products(session: Session, actor: Actor, customer_no: str) -> Sequence[InstalledProduct]:
    """What a customer has, bundles before their components; what is not built yet or gone is left out.

    The products of a customer the actor may see are shown wherever they are.
    """
    return session.scalars(
        select(InstalledProduct)
        .join(Customer, Customer.customer_no == InstalledProduct.customer_no)
        .where(
            within(Customer.area, actor),
            InstalledProduct.customer_no == customer_no,
            InstalledProduct.status.not_in(NOT_THERE),
        )
        .order_by(InstalledProduct.product_id)
    ).all()


def get_product(session: Session, actor: Actor, product_id: str) -> InstalledProduct:
    """One installed product with its customer. :raises NotFound: there is none in the actor's area."""
    product = session.scalars(
        scoped(select(InstalledProduct), InstalledProduct, actor)
        .where(InstalledProduct.product_id == product_id)
        .options(selectinload(InstalledProduct.customer))
    ).one_or_none()
    if product is None:
        raise NotFound(f"there is no product {product_id}", f"没有产品 {product_id}")
    return product


def open_order_of(session: Session, product_id: str) -> str | None:
    """Number of an order that still works on a product."""
    return session.scalars(
        select(ProductOrder.number)
        .join(ProductOrderItem, ProductOrderItem.order_id == ProductOrder.id)
        .where(ProductOrderItem.product_id == product_id, ProductOrderItem.state.in_(OPEN))
        .order_by(ProductOrder.number)
        .limit(1)
    ).first()


def open_orders_of(session: Session, product_ids: Sequence[str]) -> dict[str, str]:
    """By number of a product, the number of an order that still works on it; those nobody works on are left out."""
    if not product_ids:
        return {}
    rows = session.execute(
        select(ProductOrderItem.product_id, func.min(ProductOrder.number).label("number"))
        .join(ProductOrder, ProductOrderItem.order_id == ProductOrder.id)
        .where(ProductOrderItem.product_id.in_(product_ids), ProductOrderItem.state.in_(OPEN))
        .group_by(ProductOrderItem.product_id)
    )
    return {row.product_id: row.number for row in rows}


def find_addresses(
    session: Session, actor: Actor, text: str = "", *, area: str | None = None, offset: int = 0, limit: int = 20
) -> tuple[Sequence[Address], int]:
    """Standard addresses by code or any part of the text; without a text the first ones of the area."""
    query = scoped(select(Address), Address, actor)
    if text.strip():
        query = query.where(contains_text((Address.code, Address.text_zh, Address.text_en), text))
    if area is not None:
        query = query.where(Address.area == area)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return session.scalars(query.order_by(Address.code).offset(offset).limit(limit)).all(), total


def get_address(session: Session, actor: Actor, code: str) -> Address:
    """One address. :raises NotFound: there is none in the actor's area."""
    address = session.scalars(scoped(select(Address), Address, actor).where(Address.code == code)).one_or_none()
    if address is None:
        raise NotFound(f"there is no address {code}", f"没有地址 {code}")
    return address
