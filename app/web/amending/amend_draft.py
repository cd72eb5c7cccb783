"""What somebody wants to be different in one item of an order: read from the form, told as a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from app.domain.commands import Place
from app.domain.forms import validate_form
from app.domain.products.catalogue import Catalogue, OrderType, ProductSpec
from app.errors import FieldProblem
from app.persistence.ordering.orders import ProductOrderItem
from app.services.amending.amend_items import ItemChange
from app.web.counter.order_draft import change_schema, characteristics_schema, typed
from app.web.form_rendering import answers_from_form

FIND: Final = "find-"
PLACE: Final = "place-"
DROP: Final = "drop-"
#: The place that comes along, for products that have as many as one likes.
MORE: Final = "more"


@dataclass(frozen=True, kw_only=True)
class AmendDraft:
    """The answers as they were typed; ``places`` by position in the item, ``more`` is one that comes along."""

    item_no: str = ""
    offering: str = ""
    answers: Mapping[str, Any] | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    queries: Mapping[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    reason: str = ""

    def change(self, item: ProductOrderItem, schema: Mapping[str, Any], catalogue: Catalogue) -> ItemChange:
        """Only what is to be different."""
        kind = catalogue.order_types[item.order_type]
        spec = catalogue.products[item.product]
        answers, _ = validate_form(schema, self.answers or {})
        present = dict(item.characteristics)
        values = {
            code: value
            for code, value in typed(spec, kind, answers, present).items()
            if code in present or value not in ("", None, False)
        }
        fixed = catalogue.offerings[self.offering].fixed if self.offering in catalogue.offerings else {}
        return ItemChange(
            item_no=item.item_no,
            characteristics={code: value for code, value in values.items() if code not in fixed},
            places=self._places(item.places),
            offering=self.offering if self.offering and self.offering != item.offering else None,
        )

    def problems(self, schema: Mapping[str, Any]) -> list[FieldProblem]:
        """What is wrong with the answers themselves."""
        return validate_form(schema, self.answers or {})[1]

    def _places(self, present: Sequence[Mapping[str, Any]]) -> tuple[Place, ...] | None:
        found = [
            Place(role=str(place["role"]), address_code=self.places.get(str(at)) or str(place["address_code"]))
            for at, place in enumerate(present)
            if str(at) not in self.dropped
        ]
        if self.places.get(MORE):
            found.append(Place(role=str(present[-1]["role"]), address_code=self.places[MORE]))
        before = [(str(place["role"]), str(place["address_code"])) for place in present]
        return None if [(place.role, place.address_code) for place in found] == before else tuple(found)


def amend_schema(item: ProductOrderItem, offering: str, catalogue: Catalogue) -> dict[str, Any]:
    """What can be said about an item, as it is now: of a new product everything its offering leaves open."""
    spec: ProductSpec = catalogue.products[item.product]
    kind: OrderType = catalogue.order_types[item.order_type]
    if item.order_type != "install":
        return change_schema(spec, kind, dict(item.characteristics))
    known = catalogue.offerings.get(offering or item.offering or "")
    schema = characteristics_schema(spec, known.fixed if known is not None else {})
    present = {f"c-{code}": value for code, value in item.characteristics.items()}
    for part in schema["components"]:
        value = present.get(part["key"])
        if not part["disabled"] and value is not None:
            part["defaultValue"] = value if isinstance(value, bool) else str(value)
    return schema


def read_amend_draft(
    item: ProductOrderItem, form: MultiDict[str, str], catalogue: Catalogue, offering: str
) -> AmendDraft:
    """Read the form; without one the item as it is."""
    schema = amend_schema(item, offering, catalogue)
    return AmendDraft(
        item_no=item.item_no,
        offering=offering,
        answers=answers_from_form(schema, form) if form else None,
        places={name.removeprefix(PLACE): value[:32] for name, value in form.items() if name.startswith(PLACE)},
        queries={n.removeprefix(FIND): v.strip()[:100] for n, v in form.items() if n.startswith(FIND)},
        dropped=frozenset(name.removeprefix(DROP) for name in form if name.startswith(DROP)),
        reason=form.get("reason", "").strip()[:500],
    )
