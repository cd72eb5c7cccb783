"""Thousands of strange orders: never a server error, never half an order."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from tests.api.world import ORDERS, Person, World, home_bundle, item

TEXT = st.text(st.characters(exclude_categories=()), max_size=20) | st.sampled_from(
    ["1", "add", "hb-500", "A0013", "C100003", "P10000101", "", " ", "\x00", "🚀", "null", "2026-12-01T10:00:00Z"]
)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
VALUE = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)
ORDER_KEYS = st.sampled_from(
    [
        *("externalId", "category", "description", "priority", "requestedStartDate", "requestedCompletionDate"),
        *("channel", "note", "relatedParty", "billingAccount", "productOrderItem", "agreement", "@type", "state"),
    ]
)
ITEM_KEYS = st.sampled_from(
    ["id", "action", "quantity", "productOffering", "product", "productOrderItemRelationship", "@type", "state"]
)
PRODUCT_KEYS = st.sampled_from(["id", "productSpecification", "productCharacteristic", "place", "isBundle", "name"])


@st.composite
def nearly_orders(draw: st.DrawFn) -> dict[str, Any]:
    """A good order with a few parts replaced by anything."""
    product = item()["product"] | draw(st.dictionaries(PRODUCT_KEYS, VALUE, max_size=1))
    line = item(product=product) | draw(st.dictionaries(ITEM_KEYS, VALUE, max_size=1))
    return home_bundle(productOrderItem=[line]) | draw(st.dictionaries(ORDER_KEYS, VALUE, max_size=1))


def counts(world: World) -> tuple[int, int]:
    def read(session: Any) -> tuple[int, int]:
        orders = session.scalar(select(func.count()).select_from(ProductOrder))
        lines = session.scalar(select(func.count(ProductOrderItem.order_id.distinct())))
        return orders, lines

    found: tuple[int, int] = world.look(read)
    return found


RELAXED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@RELAXED
@given(body=nearly_orders() | VALUE)
def test_a_strange_order_is_refused_or_taken_whole(world: World, front: Person, body: Any) -> None:
    answer = front.call("POST", ORDERS, json=body)
    assert answer.status_code in {200, 201, 400, 409, 422}, (answer.status_code, answer.get_data(as_text=True))
    if answer.status_code >= 400:
        shown = answer.get_json()
        assert shown["code"] and shown["reason"] and shown["message"]
    orders, with_items = counts(world)
    assert orders == with_items


@RELAXED
@given(raw=st.binary(max_size=300))
def test_raw_bytes_are_never_more_than_a_bad_request(front: Person, raw: bytes) -> None:
    answer = front.call("POST", ORDERS, data=raw, content_type="application/json")
    assert answer.status_code == 400


@RELAXED
@given(query=st.dictionaries(st.sampled_from(["state", "fields", "offset", "limit", "q", "externalId"]) | TEXT, TEXT))
def test_strange_selections_are_answered_or_refused(front: Person, query: dict[str, str]) -> None:
    clean = {
        name.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace").decode()
        for name, value in query.items()
    }
    assert front.get(ORDERS, query_string=clean).status_code in {200, 400}
