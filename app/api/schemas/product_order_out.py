"""TMF622 ProductOrder as it goes out, and what may be changed in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields, post_load, validate, validates_schema

from app.api.field_problems import TwoTongues
from app.api.schemas.fields import Anything, Code, Instant, Text
from app.api.schemas.product_order_in import ProductIn
from app.api.schemas.tmf_common import NoteIn, RefIn, RefOut, TmfIn, TmfOut
from app.domain.commands import Place
from app.services.amending.amend_items import ItemChange


class CharacteristicOut(TmfOut):
    """A property of the product."""

    name = fields.String()
    value = Anything()


class ProductOut(TmfOut):
    """The product an item is about."""

    id = fields.String()
    specification = fields.Nested(RefOut, data_key="productSpecification")
    characteristics = fields.List(fields.Nested(CharacteristicOut), data_key="productCharacteristic")
    places = fields.List(fields.Nested(RefOut), data_key="place")


class ItemRelationshipOut(TmfOut):
    """This item has to do with another of the same order."""

    id = fields.String()
    relationship_type = fields.String(data_key="relationshipType")


class ItemOut(TmfOut):
    """One line of the order with its own state."""

    id = fields.String(required=True)
    action = fields.String(required=True)
    state = fields.String()
    quantity = fields.Integer()
    offering = fields.Nested(RefOut, data_key="productOffering")
    product = fields.Nested(ProductOut)
    relationships = fields.List(fields.Nested(ItemRelationshipOut), data_key="productOrderItemRelationship")
    order_type = fields.String(data_key="orderType", metadata={"description": "extension: install, move, change ..."})


class JeopardyOut(TmfOut):
    """A promise in danger (an attribute of TMF622 v5)."""

    id = fields.String()
    name = fields.String()
    alert_date = Instant(data_key="alertDate")
    jeopardy_type = fields.String(data_key="jeopardyType")
    message = fields.String()


class ProductOrderOut(TmfOut):
    """TMF622 ProductOrder."""

    id = fields.String(required=True)
    href = fields.String(required=True)
    at_type = fields.String(data_key="@type")
    external_id = fields.String(data_key="externalId")
    number = fields.String(data_key="orderNumber", metadata={"description": "extension: the number people say"})
    state = fields.String(required=True)
    order_date = Instant(data_key="orderDate")
    completion_date = Instant(data_key="completionDate")
    expected_completion_date = Instant(data_key="expectedCompletionDate")
    requested_start_date = Instant(data_key="requestedStartDate")
    requested_completion_date = Instant(data_key="requestedCompletionDate")
    cancellation_date = Instant(data_key="cancellationDate")
    cancellation_reason = fields.String(data_key="cancellationReason")
    category = fields.String()
    description = fields.String()
    priority = fields.String()
    channels = fields.List(fields.Nested(RefOut), data_key="channel")
    notes = fields.List(fields.Dict(keys=fields.String(), values=Anything()), data_key="note")
    related_party = fields.List(fields.Dict(keys=fields.String(), values=Anything()), data_key="relatedParty")
    billing_account = fields.Dict(keys=fields.String(), values=Anything(), data_key="billingAccount")
    items = fields.List(fields.Nested(ItemOut), data_key="productOrderItem")
    jeopardy = fields.List(fields.Nested(JeopardyOut), data_key="productOrderJeopardyAlert")


class StateReasonIn(TmfIn):
    """Why an order is paused: a code of the closed list of reasons, and the evidence for it."""

    code = Code(required=True)
    evidence = Text(500, least=1, required=True)


class ProductOrderItemPatch(TmfIn):
    """What is to be different in one item: offering, characteristics, places; what is not said stays."""

    id = Code(required=True)
    action = fields.String(validate=validate.OneOf(("add", "modify", "delete")))
    offering = fields.Nested(RefIn, data_key="productOffering")
    product = fields.Nested(ProductIn)

    @post_load
    def as_change(self, data: Mapping[str, Any], **_: object) -> ItemChange:
        product = data.get("product") or {}
        places = product.get("places")
        return ItemChange(
            item_no=data["id"],
            offering=(data.get("offering") or {}).get("id"),
            characteristics={row["name"]: row["value"] for row in product.get("characteristics") or ()},
            places=None
            if places is None
            else tuple(Place(role=place["role"], address_code=place["id"]) for place in places),
        )


class ProductOrderPatch(TmfIn):
    """What may be changed in an order. null takes a value away; a list is replaced as a whole."""

    description = Text(500, allow_none=True)
    notes = fields.List(fields.Nested(NoteIn), data_key="note", allow_none=True, validate=validate.Length(max=50))
    priority = fields.String(validate=validate.OneOf(("0", "1", "2", "3", "4")), allow_none=True)
    requested_completion_date = Instant(data_key="requestedCompletionDate", allow_none=True)
    state = fields.String(validate=validate.OneOf(("pending", "inProgress")))
    state_reason = fields.Nested(StateReasonIn, data_key="stateReason")
    items = fields.List(
        fields.Nested(ProductOrderItemPatch), data_key="productOrderItem", validate=validate.Length(1, 50)
    )

    @validates_schema
    def items_change_alone(self, data: Mapping[str, Any], **_: object) -> None:
        """An amendment is an act of its own too."""
        others = [name for name in data if not name.startswith("at_") and name != "items"]
        if "items" in data and others:
            raise TwoTongues(
                "not-together", "变更订单项须单独提交", "Amend items in a request of its own.", path="productOrderItem"
            )

    @validates_schema
    def state_changes_alone(self, data: Mapping[str, Any], **_: object) -> None:
        """Pausing is an act of its own: half of a request must never be done."""
        state = data.get("state")
        others = [name for name in data if not name.startswith("at_") and name not in {"state", "state_reason"}]
        if state is not None and others:
            raise TwoTongues(
                "not-together", "状态须单独修改", "Change the state in a request of its own.", path="state"
            )
        if (state == "pending") != ("state_reason" in data):
            raise TwoTongues(
                "required",
                "改为 pending 时必须且只有此时给出原因",
                "stateReason goes with state pending, and only with it.",
                path="stateReason",
            )


#: Attributes of an order that only the system, or only the first POST, sets.
NOT_PATCHABLE: Final = frozenset(
    {
        "id",
        "href",
        "orderNumber",
        "externalId",
        "orderDate",
        "completionDate",
        "expectedCompletionDate",
        "requestedStartDate",
        "cancellationDate",
        "cancellationReason",
        "category",
        "channel",
        "relatedParty",
        "billingAccount",
        "productOrderJeopardyAlert",
    }
)


class ReferenceToOrder(TmfIn):
    """The order to cancel."""

    id = Code(required=True)
    href = Text(500)
    name = Text(200)
    at_referred_type = Text(100, data_key="@referredType")


class CancelIn(TmfIn):
    """TMF622 CancelProductOrder_Create."""

    order = fields.Nested(ReferenceToOrder, required=True, data_key="productOrder")
    reason = Text(500, least=1, required=True, data_key="cancellationReason")
    requested_date = Instant(data_key="requestedCancellationDate")


class CancelOut(TmfOut):
    """TMF622 CancelProductOrder. ``done`` means answered; what became of the order, the order says."""

    id = fields.String(required=True)
    href = fields.String(required=True)
    at_type = fields.String(data_key="@type")
    state = fields.String()
    reason = fields.String(data_key="cancellationReason")
    requested_date = Instant(data_key="requestedCancellationDate")
    effective_date = Instant(data_key="effectiveCancellationDate")
    message = fields.String(data_key="completionMessage")
    order = fields.Nested(RefOut, data_key="productOrder")
