"""What our database knows about everything an order names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.domain.actors import Actor, contains
from app.domain.commands import PlaceOrder
from app.domain.counter.intake_facts import Facts, KnownAddress, KnownCustomer, KnownOrder, KnownProduct
from app.domain.ordering.order_lifecycle import OPEN
from app.persistence.areas import Area
from app.persistence.counter.customers import Account, Address, Customer, InstalledProduct
from app.persistence.filters import is_id
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.scope import scoped, within


def load_facts(session: Session, command: PlaceOrder, actor: Actor) -> Facts:
    """Read customer, products, addresses and open orders; what the actor may not see is not in the answer."""
    return load_many_facts(session, [command], actor)[0]


def load_many_facts(session: Session, commands: Sequence[PlaceOrder], actor: Actor) -> list[Facts]:
    """The facts of each of many orders, read all at once."""
    items = [item for command in commands for item in command.items]
    owners = {item.characteristics.get("to_customer") for item in items}
    wanted = {*(command.customer_no for command in commands), *owners}
    customers = _customers(session, actor, {number for number in wanted if isinstance(number, str)})
    product_ids = {item.product_id for item in items if item.product_id is not None}
    asking = {command.customer_no for command in commands if command.customer_no in customers}
    products = _products(session, actor, product_ids, {number for number in asking if number is not None})
    codes = {place.address_code for item in items for place in item.places}
    addresses = _addresses(session, codes | _places_of(products.values()))
    orders = _orders(session, actor, {tie.order for command in commands for tie in command.order_relationships})
    return [_facts_of(command, customers, products, addresses, orders, actor) for command in commands]


def _facts_of(
    command: PlaceOrder,
    customers: Mapping[str, KnownCustomer],
    products: Mapping[str, KnownProduct],
    addresses: Mapping[str, KnownAddress],
    orders: Mapping[str, KnownOrder],
    actor: Actor,
) -> Facts:
    """What of all that was read one order may know."""
    owners = {item.characteristics.get("to_customer") for item in command.items}
    customer = customers.get(command.customer_no or "")
    named = [known for item in command.items if (known := products.get(item.product_id or "")) is not None]
    return Facts(
        customer=customer,
        products={
            known.product_id: known
            for known in named
            # One that another order may know has been read as well.
            if contains(actor.area_path, known.area_path) or (customer and known.customer_no == customer.customer_no)
        },
        addresses=addresses,
        new_owners={number: owner for number, owner in customers.items() if number in owners},
        orders=orders,
    )


def _places_of(products: Iterable[KnownProduct]) -> set[str]:
    """Where installed products are: what changes them happens there."""
    codes = {place["address_code"] for product in products for place in product.places}
    return codes | {product.address_code for product in products if product.address_code is not None}


def _customers(session: Session, actor: Actor, numbers: set[str]) -> dict[str, KnownCustomer]:
    if not numbers:
        return {}
    query = select(Customer, Area.path).join(Area, Area.code == Customer.area)
    rows = session.execute(scoped(query.where(Customer.customer_no.in_(numbers)), Customer, actor)).all()
    accounts: dict[str, list[str]] = {number: [] for number in numbers}
    held = select(Account.customer_no, Account.account_no).where(Account.customer_no.in_(numbers))
    for customer_no, account_no in session.execute(held.order_by(Account.account_no)):
        accounts[customer_no].append(account_no)
    return {
        row.customer_no: KnownCustomer(
            customer_no=row.customer_no,
            segment=row.segment,
            tier=row.tier,
            area=row.area,
            area_path=path,
            accounts=tuple(accounts[row.customer_no]),
            blacklisted=row.blacklisted,
            merged_into=row.merged_into,
        )
        for row, path in rows
    }


def _products(session: Session, actor: Actor, product_ids: set[str], customers: set[str]) -> dict[str, KnownProduct]:
    if not product_ids:
        return {}
    # A customer's own area serves the customer's products wherever they are.
    visible = within(InstalledProduct.area, actor)
    if customers:
        visible = or_(visible, InstalledProduct.customer_no.in_(customers))
    rows = session.execute(
        select(InstalledProduct, Area.path)
        .join(Area, Area.code == InstalledProduct.area)
        .where(InstalledProduct.product_id.in_(product_ids), visible)
    ).all()
    busy = _open_orders(session, {row.product_id for row, _ in rows})
    return {
        row.product_id: KnownProduct(
            product_id=row.product_id,
            product=row.product,
            offering=row.offering,
            status=row.status,
            customer_no=row.customer_no,
            account_no=row.account_no,
            area=row.area,
            area_path=path,
            address_code=row.address_code,
            places=tuple(row.places),
            characteristics=row.characteristics,
            subscription_no=row.subscription_no,
            resources=row.resources,
            open_order=busy[row.product_id][0] if row.product_id in busy else None,
            open_order_type=busy[row.product_id][1] if row.product_id in busy else None,
            stopped=_stopped(row),
        )
        for row, path in rows
    }


def _stopped(row: InstalledProduct) -> str | None:
    """How far a product is stopped; one of which nothing is said is stopped wholly."""
    if row.status != "suspended":
        return None
    return str(row.suspended.get("mode") or "two_way") if isinstance(row.suspended, dict) else "two_way"


def _orders(session: Session, actor: Actor, names: set[str]) -> dict[str, KnownOrder]:
    """Other orders of the actor's area, by the id or number that named them."""
    if not names:
        return {}
    ids, numbers = {name for name in names if is_id(name)}, {name for name in names if not is_id(name)}
    rows = session.execute(
        scoped(select(ProductOrder.id, ProductOrder.number, ProductOrder.state), ProductOrder, actor).where(
            or_(ProductOrder.id.in_(ids), ProductOrder.number.in_(numbers))
        )
    )
    found = [KnownOrder(id=row.id, number=row.number, state=row.state) for row in rows]
    return {name: known for known in found for name in (known.id, known.number) if name in names}


def _open_orders(session: Session, product_ids: set[str]) -> dict[str, tuple[str, str]]:
    """Number of an open order by product, and what it does; of several the newest speaks. Work on a bundle is work on
    its components, and the other way round."""
    family = session.execute(
        select(InstalledProduct.product_id, InstalledProduct.parent_product_id).where(
            or_(
                InstalledProduct.product_id.in_(product_ids),
                InstalledProduct.parent_product_id.in_(product_ids),
            )
        )
    ).all()
    touches: dict[str, set[str]] = {product_id: {product_id} for product_id in product_ids}
    for product_id, parent in family:
        if product_id in touches and parent is not None:
            touches.setdefault(parent, set()).add(product_id)
        if parent in product_ids:
            touches.setdefault(product_id, set()).add(parent)
    open_items = session.execute(
        select(ProductOrderItem.product_id, ProductOrder.number, ProductOrderItem.order_type)
        .join(ProductOrder, ProductOrder.id == ProductOrderItem.order_id)
        .where(ProductOrderItem.product_id.in_(touches), ProductOrderItem.state.in_(OPEN))
        .order_by(ProductOrder.ordered_at, ProductOrder.number)
    )
    return {asked: (number, kind) for product_id, number, kind in open_items for asked in touches[product_id or ""]}


def _addresses(session: Session, codes: set[str]) -> dict[str, KnownAddress]:
    """Read in all areas: the judgement must be able to say "not in your area", and a line has a far end."""
    if not codes:
        return {}
    rows = session.execute(
        select(Address.code, Address.area, Address.area_class, Area.path)
        .join(Area, Area.code == Address.area)
        .where(Address.code.in_(codes))
    )
    return {
        code: KnownAddress(code=code, area=area, area_path=path, area_class=area_class)
        for code, area, area_class, path in rows
    }
