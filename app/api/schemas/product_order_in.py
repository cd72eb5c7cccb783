"""TMF622 ProductOrder as it comes in -> the command of the order desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields, post_load, validate, validates_schema

from app.api.field_problems import TwoTongues
from app.api.schemas.fields import Anything, Code, Instant, Text, Truth, Whole
from app.api.schemas.tmf_common import URL_CHARS, NoteIn, RefIn, TmfIn
from app.domain.commands import OrderRelationship, Place, PlaceOrder, PlaceOrderItem, Relationship

ACTIONS: Final = ("add", "modify", "delete", "noChange")
MAX_ITEMS: Final = 200
DEFAULT_CHANNEL: Final = "partner_api"
DEFAULT_PLACE_ROLE: Final = "installation"
ORDER_TYPE: Final = "order_type"
# Standard attributes we keep and show again, but do not act upon.
ECHOED: Final = ("notification_contact", "agreement", "payment", "product_offering_qualification", "quote")


def _objects() -> fields.List[Any]:
    return fields.List(fields.Dict(keys=fields.String(), values=Anything()), validate=validate.Length(max=20))


class PartyIn(RefIn):
    """Somebody who has to do with the order; role ``customer`` names the customer."""

    role = Text(64)


class PlaceIn(RefIn):
    """An address by its code."""

    role = Code(load_default=DEFAULT_PLACE_ROLE)


class CharacteristicIn(TmfIn):
    """A property of the product; its value is checked against the catalogue."""

    id = Text(64)
    name = Code(required=True)
    value = Anything(required=True, allow_none=True)
    value_type = Text(40, data_key="valueType")


class ProductIn(TmfIn):
    """The product to build, or the installed one (``id``) to change."""

    id = Code()
    href = Text(URL_CHARS)
    name = Text(200)
    description = Text(500)
    is_bundle = Truth(data_key="isBundle")
    specification = fields.Nested(RefIn, data_key="productSpecification")
    characteristics = fields.List(
        fields.Nested(CharacteristicIn), data_key="productCharacteristic", validate=validate.Length(max=100)
    )
    places = fields.List(fields.Nested(PlaceIn), data_key="place", validate=validate.Length(max=50))


class ItemRelationshipIn(TmfIn):
    """This item has to do with another of the same order."""

    id = Code(required=True)
    relationship_type = Code(required=True, data_key="relationshipType")


class OrderRelationshipIn(RefIn):
    """This order has to do with another one, named by its id or by the number people use."""

    relationship_type = Code(required=True, data_key="relationshipType")


class ItemIn(TmfIn):
    """One line of the order."""

    id = Code(required=True)
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    quantity = Whole(1, 1000, load_default=1)
    offering = fields.Nested(RefIn, data_key="productOffering")
    product = fields.Nested(ProductIn)
    relationships = fields.List(
        fields.Nested(ItemRelationshipIn), data_key="productOrderItemRelationship", validate=validate.Length(max=50)
    )

    @validates_schema
    def names_a_product(self, data: Mapping[str, Any], **_: object) -> None:
        product = data.get("product") or {}
        if data.get("action") == "add" and not (data.get("offering") or product.get("specification")):
            raise TwoTongues(
                "required",
                "新增项必须给出 productOffering 或 product.productSpecification",
                "An item that adds needs productOffering or product.productSpecification.",
            )
        if data.get("action") in {"modify", "delete"} and not product.get("id"):
            raise TwoTongues(
                "required",
                "修改或删除项必须给出已装产品编号 product.id",
                "An item that changes or deletes needs product.id, the number of the installed product.",
            )
        given = product.get("characteristics") or []
        names = [row["name"] for row in given]
        if len(names) != len(set(names)):
            raise TwoTongues("duplicate", "同一特性重复出现", "A characteristic comes twice.")
        if any(row["name"] == ORDER_TYPE and not isinstance(row["value"], str) for row in given):
            raise TwoTongues("not-a-string", "特性 order_type 必须是文本", "The characteristic order_type is a text.")


class ProductOrderIn(TmfIn):
    """TMF622 ProductOrder_Create."""

    external_id = Text(64, least=1, data_key="externalId")
    category = Code()
    description = Text(500)
    priority = fields.String(validate=validate.OneOf(("0", "1", "2", "3", "4")))
    requested_start_date = Instant(data_key="requestedStartDate")
    requested_completion_date = Instant(data_key="requestedCompletionDate")
    notification_contact = Text(200, data_key="notificationContact")
    channels = fields.List(fields.Nested(PartyIn), data_key="channel", validate=validate.Length(max=1))
    notes = fields.List(fields.Nested(NoteIn), data_key="note", validate=validate.Length(max=50))
    related_party = fields.List(fields.Nested(PartyIn), data_key="relatedParty", validate=validate.Length(max=20))
    billing_account = fields.Nested(RefIn, data_key="billingAccount")
    agreement = _objects()
    payment = _objects()
    product_offering_qualification = fields.List(
        fields.Dict(keys=fields.String(), values=Anything()), data_key="productOfferingQualification"
    )
    quote = _objects()
    order_relationships = fields.List(
        fields.Nested(OrderRelationshipIn), data_key="orderRelationship", validate=validate.Length(max=20)
    )
    items = fields.List(
        fields.Nested(ItemIn), data_key="productOrderItem", required=True, validate=validate.Length(1, MAX_ITEMS)
    )

    @validates_schema(skip_on_field_errors=True)
    def items_fit_together(self, data: Mapping[str, Any], **_: object) -> None:
        numbers = [item["id"] for item in data["items"]]
        for position, item in enumerate(data["items"]):
            path = f"productOrderItem.{position}"
            if numbers.index(item["id"]) != position:
                raise TwoTongues("duplicate", "订单项编号重复", "The id of an item comes twice.", path=f"{path}.id")
            for link in item.get("relationships") or []:
                if link["id"] not in numbers or link["id"] == item["id"]:
                    raise TwoTongues(
                        "unknown-item",
                        "关联的订单项不存在",
                        "There is no such other item in this order.",
                        path=f"{path}.productOrderItemRelationship",
                    )

    @post_load
    def as_command(self, data: dict[str, Any], **_: object) -> PlaceOrder:
        parties = data.get("related_party") or []
        account = data.get("billing_account")
        return PlaceOrder(
            external_id=data.get("external_id"),
            channel=_first_id(data.get("channels")) or DEFAULT_CHANNEL,
            items=tuple(_item(item) for item in data["items"]),
            description=data.get("description", ""),
            category=data.get("category"),
            priority=data.get("priority"),
            requested_start_date=data.get("requested_start_date"),
            requested_completion_date=data.get("requested_completion_date"),
            customer_no=_customer_no(parties),
            account_no=account["id"] if account else None,
            related_party=tuple(_wire(party) for party in parties),
            billing_account=_wire(account) if account else None,
            notes=tuple(_wire(note) for note in data.get("notes") or []),
            order_relationships=tuple(
                OrderRelationship(type=row["relationship_type"], order=row["id"])
                for row in data.get("order_relationships") or []
            ),
            extra={_camel(name): data[name] for name in ECHOED if name in data},
        )


def _item(data: Mapping[str, Any]) -> PlaceOrderItem:
    product = data.get("product") or {}
    given = {row["name"]: row["value"] for row in product.get("characteristics") or []}
    order_type = given.pop(ORDER_TYPE, None)
    return PlaceOrderItem(
        item_no=data["id"],
        action=data["action"],
        order_type=order_type,
        offering=_id(data.get("offering")),
        product=_id(product.get("specification")),
        product_id=product.get("id"),
        quantity=data["quantity"],
        characteristics=given,
        places=tuple(Place(role=row["role"], address_code=row["id"]) for row in product.get("places") or []),
        relationships=tuple(
            Relationship(type=row["relationship_type"], item_no=row["id"]) for row in data.get("relationships") or []
        ),
    )


def _customer_no(parties: list[dict[str, Any]]) -> str | None:
    named = [party["id"] for party in parties if (party.get("role") or "").lower() == "customer"]
    typed = [party["id"] for party in parties if party.get("at_referred_type") == "Customer"]
    return next(iter([*named, *typed]), None)


def _id(reference: Mapping[str, Any] | None) -> str | None:
    return reference["id"] if reference else None


def _first_id(references: list[dict[str, Any]] | None) -> str | None:
    return references[0]["id"] if references else None


def _wire(data: Mapping[str, Any]) -> dict[str, Any]:
    """Back to the names of the wire, for what is only kept and shown again."""
    return {
        f"@{_camel(name.removeprefix('at_'))}" if name.startswith("at_") else _camel(name): data[name] for name in data
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
