"""Amendments of an order: what is asked, what it would mean, what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load, validate, validates_schema

from app.api.field_problems import TwoTongues
from app.api.schemas.fields import Anything, Code, In, Out, Text, Truth
from app.domain.commands import Place
from app.services.amending.amend_items import ItemChange


class AmendedPlaceIn(In):
    """Where an end or site is to be."""

    role = Code(load_default="installation")
    address_code = Code(required=True)


class AmendedItemIn(In):
    """What is to be different in one item; what is not said stays. ``places`` replaces all of them."""

    item_no = Code(required=True)
    offering = Code()
    characteristics = fields.Dict(keys=fields.String(), values=Anything(allow_none=True), load_default=dict)
    places = fields.List(fields.Nested(AmendedPlaceIn), validate=validate.Length(1, 100))

    @post_load
    def as_change(self, data: Mapping[str, Any], **_: object) -> ItemChange:
        places = data.get("places")
        return ItemChange(
            item_no=data["item_no"],
            offering=data.get("offering"),
            characteristics=data["characteristics"],
            places=None if places is None else tuple(Place(**place) for place in places),
        )


class AmendmentIn(In):
    """An amendment: to be looked at (``dry_run``), or confirmed with the ``digest`` of what was shown."""

    items = fields.List(fields.Nested(AmendedItemIn), required=True, validate=validate.Length(1, 50))
    reason = Text(500, load_default="")
    dry_run = Truth(load_default=True)
    digest = Text(32)

    @validates_schema
    def confirmed_as_shown(self, data: Mapping[str, Any], **_: object) -> None:
        """Nobody confirms what was not shown."""
        if not data.get("dry_run", True) and not data.get("digest"):
            raise TwoTongues(
                "required", "请先预览，再凭预览的 digest 确认", "Look at it first, and give its digest.", path="digest"
            )
        numbers = [change.item_no for change in data.get("items", ())]
        if len(set(numbers)) != len(numbers):
            raise TwoTongues("duplicate-item", "同一项只能出现一次", "Each item once, please.", path="items")


class AmendmentDecisionIn(In):
    """Whether somebody agrees, and why."""

    agreed = Truth(required=True)
    reason = Text(500, least=1, required=True)


class AmendmentWordsOut(Out):
    """One sentence in both languages."""

    zh = fields.String()
    en = fields.String()


class AmendedStepOut(Out):
    """What becomes of one step: ``keep``, ``change`` (in place), ``redo`` (undone first), ``drop`` or ``new``."""

    path = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    work_order_zh = fields.String()
    work_order_en = fields.String()
    operation = fields.String()
    act = fields.String()
    was_done = fields.Boolean()
    differs = fields.List(fields.String())


class AmendedItemOut(Out):
    """What an amendment means for one item. ``offer``: the order type to place instead where it is refused."""

    item_no = fields.String()
    kinds = fields.List(fields.String())
    differs = fields.List(fields.String())
    offer = fields.String()
    notes = fields.List(fields.Nested(AmendmentWordsOut))
    prices_before = fields.List(Anything())
    prices_after = fields.List(Anything())
    promised_before = fields.String(allow_none=True)
    promised_after = fields.String(allow_none=True)
    steps = fields.List(fields.Nested(AmendedStepOut))


class AmendmentPreviewOut(Out):
    """What an amendment would do. Only what was shown, named by ``digest``, can be confirmed."""

    digest = fields.String()
    refused = fields.Nested(AmendmentWordsOut, allow_none=True)
    needs_approval = fields.Boolean()
    fee_cny = fields.String()
    first_bill_cny = fields.String()
    items = fields.List(fields.Nested(AmendedItemOut))


class AmendmentOut(Out):
    """An amendment: ``awaitingApproval``, ``inProgress``, ``done``, ``refused`` or ``ended`` (by a cancel)."""

    id = fields.String()
    seq = fields.Integer()
    state = fields.String()
    reason = fields.String()
    requested_by = fields.String()
    decided_by = fields.String(allow_none=True)
    at = fields.String()
    ended_at = fields.String(allow_none=True)
    fee_cny = fields.String()
    shown = fields.Nested(AmendmentPreviewOut)


class AmendmentsOut(Out):
    """The amendments of an order, the newest first."""

    items = fields.List(fields.Nested(AmendmentOut))
