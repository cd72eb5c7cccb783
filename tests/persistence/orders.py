"""Orders for the tests of rows: what a fact does not need is filled in."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.persistence.numbers import next_number
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.teamwork.work_items import WorkItem

_counter = count(1)
PATHS = {"SH-SH": "CN/SH/SH-SH", "SC-CD": "CN/SC/SC-CD", "SH": "CN/SH", "CN": "CN", "JS-NJ": "CN/JS/JS-NJ"}


def actor(area: str, role: str = "front_desk", **more: Any) -> Actor:
    """Somebody of an area."""
    return Actor(login=more.pop("login", "somebody"), role=role, area=area, area_path=PATHS[area], **more)


def make_order(session: Session, now: datetime, *, area: str = "SH-SH", **more: Any) -> ProductOrder:
    """A fibre install at A0013 for C100003, unless said otherwise."""
    item = {
        "item_no": "1",
        "action": "add",
        "order_type": "install",
        "product": "ftth_broadband",
        "offering": "fb-300",
        "address_code": "A0013",
        "places": [{"role": "installation", "address_code": "A0013", "area": area}],
        "characteristics": {"downstream_mbps": 300},
        "area": area,
    }
    items = more.pop("items", [{}])
    order = ProductOrder(
        **{
            "number": next_number(session, "O", now),
            "external_id": f"TEST-{next(_counter)}",
            "client": "tests",
            "channel": "counter",
            "category": "install",
            "area": area,
            "customer_no": "C100003",
            "account_no": "AC1000031",
            "ordered_at": now,
            **more,
        }
    )
    order.items = [
        ProductOrderItem(**{**item, "position": number, "item_no": str(number + 1), **given})
        for number, given in enumerate(items)
    ]
    session.add(order)
    session.flush()
    return order


def make_item(session: Session, now: datetime, order: ProductOrder | None = None, **more: Any) -> WorkItem:
    """A field task of the east crew of Shanghai, unless said otherwise."""
    item = WorkItem(
        **{
            "number": next_number(session, "W", now),
            "kind": "task",
            "order_id": order.id if order else None,
            "title_zh": "客户端安装",
            "title_en": "Install at customer",
            "team_role": "home_field",
            "team_code": "home_field.sh-sh.east",
            "form_key": "install_at_customer",
            "area": "SH-SH",
            "created_at": now,
            **more,
        }
    )
    session.add(item)
    session.flush()
    return item
