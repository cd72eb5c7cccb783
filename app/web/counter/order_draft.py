"""What somebody at the counter has filled in so far: read from address and form, never kept on the server."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from app.domain.commands import Place, PlaceOrder, PlaceOrderItem
from app.domain.products.catalogue import Characteristic, OrderType, ProductSpec
from app.web.form_rendering import answers_from_form
from app.web.values import valued

PREFIX: Final = "c-"
MOST_SITES: Final = 5
FIND: Final = "find-"
#: What an order says when billing asks for it.
NOT_AT_THE_COUNTER: Final = ("asked_by", "instruction_no")
PLACE: Final = "place-"


@dataclass(frozen=True, kw_only=True)
class OrderDraft:
    """The order as far as it is known. ``answers`` are the characteristics as the browser sent them."""

    customer_no: str = ""
    customer_query: str = ""
    offering: str = ""
    product_id: str = ""
    order_type: str = "install"
    answers: Mapping[str, Any] | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    queries: Mapping[str, str] = field(default_factory=dict)
    account_no: str = ""
    external_id: str = ""
    start_date: str = ""
    description: str = ""
    quote: str = ""

    @property
    def key(self) -> str:
        """What the order is for: whoever comes back to the same finds what was typed."""
        return ":".join((self.customer_no, self.offering, self.product_id, self.order_type))

    def command(self, characteristics: Mapping[str, Any], *, action: str, channel: str, zone: str) -> PlaceOrder:
        """The order as the services take it."""
        item = PlaceOrderItem(
            item_no="1",
            action=action,
            order_type=self.order_type,
            offering=self.offering or None,
            product_id=self.product_id or None,
            characteristics=dict(characteristics),
            places=tuple(
                Place(role=role.split("-")[0], address_code=code) for role, code in self.places.items() if code
            ),
        )
        return PlaceOrder(
            external_id=self.external_id or None,
            channel=channel,
            category=self.order_type,
            customer_no=self.customer_no,
            account_no=self.account_no or None,
            description=self.description,
            requested_completion_date=self.wanted_at(zone),
            items=(item,),
            extra={"quote": [{"id": self.quote}]} if self.quote else {},
        )

    def wanted_at(self, zone: str) -> datetime | None:
        """End of business of the wanted day; None when none was given or it is no date."""
        try:
            day = date.fromisoformat(self.start_date)
        except ValueError:
            return None
        return datetime.combine(day, time(18, 0), ZoneInfo(zone))

    def body_hash(self) -> str:
        """Tells two different orders with one external number apart."""
        kept = {name: value for name, value in vars(self).items() if name not in ("queries", "customer_query")}
        return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()


def place_roles(spec: ProductSpec, kind: OrderType | None = None) -> tuple[str, ...]:
    """The addresses an order of this product asks for; of an installed one only what moves or comes has one."""
    if kind is not None and kind.code == "change":
        return ("site",) if any(part.code == "add_site" for part in own_parts(spec, kind)) else ()
    if kind is not None and kind.code not in ("install", "move"):
        return ()
    if kind is not None and kind.code == "move" and spec.places < 0:
        return ("site",)
    if spec.places == 0:
        return ()
    if spec.places == 1:
        return ("installation",)
    if spec.places == 2:
        return ("a_end", "z_end")
    return tuple(f"site-{number}" for number in range(1, MOST_SITES + 1))


def characteristics_schema(spec: ProductSpec, fixed: Mapping[str, Any]) -> dict[str, Any]:
    """A product's characteristics as a form; what the offering fixes is shown and cannot be changed."""
    return {"components": [_component(part, fixed) for part in spec.characteristics.values()]}


def own_parts(spec: ProductSpec, kind: OrderType) -> tuple[Characteristic, ...]:
    """What an order of this kind itself says about this product, as far as people at the counter say it."""
    return tuple(
        part
        for part in kind.characteristics
        if part.code not in NOT_AT_THE_COUNTER and (not part.products or spec.code in part.products)
    )


def change_schema(spec: ProductSpec, kind: OrderType, present: Mapping[str, Any]) -> dict[str, Any]:
    """What can be said about an installed product: for a change its characteristics as they are, to be changed."""
    parts = [_component(part, {}) for part in own_parts(spec, kind)]
    if kind.code == "change":
        amendable = [part for part in spec.characteristics.values() if part.amendable]
        parts = [_component(replace(part, default=present.get(part.code)), {}) for part in amendable] + parts
    return {"components": parts}


def _component(part: Characteristic, fixed: Mapping[str, Any]) -> dict[str, Any]:
    is_fixed = part.code in fixed
    value = fixed[part.code] if is_fixed else part.default
    kinds = {"boolean": "checkbox", "integer": "number", "phone_number": "phone"}
    return {
        "key": f"{PREFIX}{part.code}",
        "type": "select" if part.values and not is_fixed else kinds.get(part.type, "textfield"),
        "label": part.name.zh,
        "labelEn": part.name.en,
        "unit": part.unit,
        "decimalDigits": 0,
        "values": [] if is_fixed else [_option(v, part.unit) for v in part.values],
        "disabled": is_fixed,
        "defaultValue": value if isinstance(value, bool) or value is None else str(value),
        "description": "不填则由系统选号" if part.assigned else "",
        "descriptionEn": "Left empty, the system chooses one" if part.assigned else "",
        # A yes-or-no question is answered by leaving the box empty, too.
        "validate": {
            "required": part.required and not part.assigned and part.type != "boolean",
            "min": part.minimum,
            "max": part.maximum,
        },
    }


def _option(value: Any, unit: str) -> dict[str, str]:
    return {"value": str(value), "label": valued(value, unit, "zh"), "labelEn": valued(value, unit, "en")}


def typed(spec: ProductSpec, kind: OrderType, answers: Mapping[str, Any], present: Mapping[str, Any]) -> dict[str, Any]:
    """Checked answers as catalogue values: choices are texts in a form and numbers in the catalogue.

    What is as it was (``present``: the installed product; empty for a new one) is not asked for.
    """
    known = {**spec.characteristics, **{part.code: part for part in kind.characteristics}}
    values: dict[str, Any] = {}
    for key, value in answers.items():
        part = known.get(key.removeprefix(PREFIX))
        if part is None or (value in ("", None, False) and part.code not in present and kind.code != "install"):
            continue
        values[part.code] = int(value) if part.type == "integer" and not isinstance(value, bool) else value
    return {code: value for code, value in values.items() if code not in present or present[code] != value}


def read_draft(
    arguments: Mapping[str, str], form: MultiDict[str, str] | None, schema: Mapping[str, Any] | None = None
) -> OrderDraft:
    """Read the draft; ``schema`` is known once product and offering are."""
    given: MultiDict[str, str] = form if form is not None else MultiDict()
    return OrderDraft(
        customer_no=arguments.get("customer", "")[:32],
        customer_query=given.get("customer_query", "").strip()[:64],
        offering=arguments.get("offering", "")[:64],
        product_id=arguments.get("product", "")[:32],
        order_type=arguments.get("type", "install")[:40] if arguments.get("product") else "install",
        answers=answers_from_form(schema, given) if form is not None and schema is not None else None,
        places={n.removeprefix(PLACE): v[:32] for n, v in given.items() if n.startswith(PLACE)},
        queries={n.removeprefix(FIND): v.strip()[:100] for n, v in given.items() if n.startswith(FIND)},
        account_no=given.get("account_no", "")[:32],
        external_id=given.get("external_id", "").strip()[:64],
        start_date=given.get("start_date", "")[:10],
        description=given.get("description", "").strip()[:500],
        quote=arguments.get("quote", "")[:20],
    )
