"""What the pages around one order say above everything else."""

from __future__ import annotations

from app.persistence.ordering.orders import ProductOrder
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.ordering.order_list import product_text
from app.web.pages.states import order_tag
from app.web.reader import Reader
from app.web.views.order_acts import OrderHead


def order_head(order: ProductOrder, names: Names, reader: Reader, addresses: Addresses) -> OrderHead:
    """Number, what it is, state, customer and promise; the customer is masked."""
    customer = names.customers([order.customer_no]).get(order.customer_no or "")
    return OrderHead(
        number=order.number,
        href=addresses.order(order.number),
        kind=kind_of(order, names),
        state=order_tag(order.state, reader),
        customer=names.customer(customer),
        promised=reader.f.promise(order.promised_at) if order.promised_at else reader.t("no promise"),
    )


def kind_of(order: ProductOrder, names: Names) -> str:
    """What is ordered, in a few words."""
    return f"{product_text(order.items, names)} {names.order_type(order.category)}"
