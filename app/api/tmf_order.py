"""Shows our rows as TMF622 resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.api.idempotency import shown_external_id
from app.api.schemas.product_order_out import CancelOut, ProductOrderOut
from app.domain.ordering.order_lifecycle import FINAL, OrderState
from app.persistence.amending.cancels import CancelRequest
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem

BASE: Final = "/tmf-api/productOrderingManagement/v4"
ORDER_PATH: Final = f"{BASE}/productOrder"
CANCEL_PATH: Final = f"{BASE}/cancelProductOrder"
#: What must be read of an order to show it as its TMF622 object.
SHOWN_PARTS: Final = ("items", "alerts", "cancel_requests")
#: In these states the order says why; a request that was refused is told by itself alone.
CANCELLING: Final = frozenset(
    {OrderState.ASSESSING_CANCELLATION, OrderState.PENDING_CANCELLATION, OrderState.CANCELLED}
)
ORDER: Final = ProductOrderOut()
CANCEL: Final = CancelOut()


def order_resource(order: ProductOrder, language: str) -> dict[str, Any]:
    """The whole order as its TMF622 object."""
    state = OrderState(order.state)
    cancel = order.cancel_requests[-1] if order.cancel_requests and state in CANCELLING else None
    ended_at = order.completed_at if state in FINAL else None
    facts: dict[str, Any] = {
        "id": order.id,
        "href": f"{ORDER_PATH}/{order.id}",
        "at_type": "ProductOrder",
        "external_id": shown_external_id(order.external_id),
        "number": order.number,
        "state": order.state,
        "order_date": order.ordered_at,
        "completion_date": None if state is OrderState.CANCELLED else ended_at,
        "expected_completion_date": order.expected_at or order.promised_at,
        "requested_start_date": order.requested_start_date,
        "requested_completion_date": order.requested_completion_date,
        "cancellation_date": ended_at if state is OrderState.CANCELLED else None,
        "cancellation_reason": cancel.reason if cancel else None,
        "category": order.category,
        "description": order.description or None,
        "priority": order.priority,
        "channels": [{"id": order.channel}],
        "notes": order.note or [],
        "related_party": order.related_party or _parties(order),
        "billing_account": order.billing_account or _account(order),
        "items": [_item(item) for item in order.items],
        "jeopardy": [alert for clock in order.clocks for alert in _alerts(clock, language)] or None,
    }
    shown: dict[str, Any] = ORDER.dump(facts)
    # Kept exactly as they came; they never overwrite what we know better.
    return {**(order.tmf_extra or {}), **shown}


def cancel_resource(request: CancelRequest, language: str) -> dict[str, Any]:
    """A request to cancel as its TMF622 object."""
    del language  # the message was written when the request ended
    shown: dict[str, Any] = CANCEL.dump(
        {
            "id": request.id,
            "href": f"{CANCEL_PATH}/{request.id}",
            "at_type": "CancelProductOrder",
            "state": request.state,
            "reason": request.reason,
            "requested_date": request.at,
            "effective_date": request.ended_at,
            "message": request.message or None,
            "order": {"id": request.order_id, "href": f"{ORDER_PATH}/{request.order_id}"},
        }
    )
    return shown


def chosen_fields(resource: Mapping[str, Any], wanted: frozenset[str] | None) -> dict[str, Any]:
    """Only the wanted first-level attributes; ``id`` and ``href`` always."""
    if wanted is None:
        return dict(resource)
    return {name: value for name, value in resource.items() if name in wanted or name in {"id", "href"}}


def _item(item: ProductOrderItem) -> dict[str, Any]:
    return {
        "id": item.item_no,
        "action": item.action,
        "state": item.state,
        "quantity": item.quantity,
        "offering": {"id": item.offering} if item.offering else None,
        "order_type": item.order_type,
        "product": {
            "id": item.product_id,
            "specification": {"id": item.product},
            "characteristics": [{"name": name, "value": value} for name, value in (item.characteristics or {}).items()],
            "places": [
                {"id": place.get("address_code"), "role": place.get("role"), "referred_type": "GeographicAddress"}
                for place in item.places or []
            ],
        },
        "relationships": [
            {"id": row.get("item_no"), "relationship_type": row.get("type")} for row in item.relationships or []
        ]
        or None,
    }


def _parties(order: ProductOrder) -> list[dict[str, Any]]:
    return [{"id": order.customer_no, "role": "customer", "@referredType": "Customer"}] if order.customer_no else []


def _account(order: ProductOrder) -> dict[str, Any] | None:
    return {"id": order.account_no} if order.account_no else None


def _alerts(clock: Any, language: str) -> list[dict[str, Any]]:
    return [
        {
            "id": alert.id,
            "name": f"{clock.policy} {alert.percent}%",
            "alert_date": alert.at,
            "jeopardy_type": alert.jeopardy_type,
            "message": alert.message_en if language == "en" else alert.message_zh,
        }
        for alert in clock.alerts
    ]
