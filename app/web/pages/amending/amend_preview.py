"""What an amendment would mean, as people read it: before and after, price, promise, and what is done again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from adapters.operations import OperationRegistry
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.services.amending.amend_previews import ItemPreview, Preview
from app.services.amending.amend_shown import summary
from app.web.addresses import Addresses
from app.web.pages.counter.places import place_label
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.values import plain
from app.web.views.order_acts import AmendedStep, AmendPreview, BeforeAfter
from app.web.views.parts import Pair, Tag, Tone

#: What is told of steps; those that are kept are counted, and those that lie ahead are no difference.
_ACTS: Final[Mapping[str, tuple[Sentence, str, Tone]]] = {
    "change": (Sentence("changed in place"), "draft", "run"),
    "redo": (Sentence("undone and done again"), "loop", "warn"),
    "drop": (Sentence("undone"), "undo", "warn"),
}


def amend_preview(
    shown: Preview, names: Names, reader: Reader, addresses: Addresses, registry: OperationRegistry
) -> AmendPreview:
    """One preview of one item."""
    data = summary(shown)
    item = shown.items[0]
    said = data["items"][0]
    steps = [_step(step, reader, registry) for step in said["steps"] if step["act"] in _ACTS]
    offer = str(said["offer"])
    return AmendPreview(
        digest=shown.digest,
        refused=reader.words(shown.refused) if shown.refused else "",
        offer=_offer(shown.order, offer, names, reader, addresses) if shown.refused and offer else None,
        needs_approval=shown.needs_approval,
        fee=reader.f.money(shown.fee_cny) if shown.fee_cny else reader.t("free of charge"),
        is_free=not shown.fee_cny,
        differences=(*_asked(item, names, reader), *_prices(said, reader), _promise(item, reader)),
        notes=tuple(reader.words(note) for note in item.assessment.notes),
        steps=tuple(dict.fromkeys(steps)),
        kept=sum(step["act"] == "keep" and step["was_done"] for step in said["steps"]),
    )


def _offer(order: ProductOrder, kind: str, names: Names, reader: Reader, addresses: Addresses) -> Pair | None:
    if order.customer_no is None or not reader.may("customer.view"):
        return None
    label = reader.t("Go to the customer's products")
    return Pair(label, names.order_type(kind), href=addresses.customer(order.customer_no))


def _step(step: Mapping[str, Any], reader: Reader, registry: OperationRegistry) -> AmendedStep:
    text, icon, tone = _ACTS[step["act"]]
    name, around = reader.said_in(step), reader.said_in(step, "work_order")
    operation = str(step["operation"])
    if step["act"] == "drop":  # a step that the plan does not have any more is known by what it did
        name = reader.said(registry.get(operation)) if operation in registry else reader.t("a step done by people")
    return AmendedStep(text=name, part_of=around if around != name else "", state=Tag(reader.t(text), icon, tone))


def _asked(one: ItemPreview, names: Names, reader: Reader) -> Iterable[BeforeAfter]:
    """Offering, characteristics and places that are to be different."""
    before, after = one.one.before, one.one.after
    item = one.one.item
    if before.offering != after.offering:
        yield BeforeAfter(
            reader.t("Offering"), names.offering(before.offering) or "–", names.offering(after.offering) or "–"
        )
    for code in before.differs_in(after):
        yield BeforeAfter(
            names.characteristic(item.product, code),
            _value(item, code, before.characteristics.get(code), names, reader),
            _value(item, code, after.characteristics.get(code), names, reader),
        )
    for at in range(max(len(before.places), len(after.places))):
        was, will = _at(before.places, at), _at(after.places, at)
        if was != will:
            label = place_label(str((was or will or {}).get("role", "")), reader)
            yield BeforeAfter(label, _address(was, names), _address(will, names))


def _at(places: Sequence[Mapping[str, str]], at: int) -> dict[str, str] | None:
    return dict(places[at]) if at < len(places) else None


def _address(place: Mapping[str, str] | None, names: Names) -> str:
    return names.address(place["address_code"]) if place else "–"


def _value(item: ProductOrderItem, code: str, value: Any, names: Names, reader: Reader) -> str:
    if isinstance(value, dict):
        return plain(value, reader.language)
    return "–" if value in (None, "") else names.value(item.product, code, value)


def _prices(said: Mapping[str, Any], reader: Reader) -> Iterable[BeforeAfter]:
    """Monthly and one-off sums, before and after."""
    for kind, label in (("recurring", reader.t("Monthly")), ("one_off", reader.t("Charged once"))):
        sums = [
            sum((Decimal(row["amount_cny"]) for row in said[rows] if row["kind"] == kind), Decimal("0.00"))
            for rows in ("prices_before", "prices_after")
        ]
        if any(sums):
            yield BeforeAfter(label, reader.f.money(sums[0]), reader.f.money(sums[1]))


def _promise(one: ItemPreview, reader: Reader) -> BeforeAfter:
    was, will = one.one.item.promised_at, one.promised_at
    return BeforeAfter(reader.t("Promise"), _instant(was, reader), _instant(will, reader) + _later(was, will, reader))


def _instant(at: datetime | None, reader: Reader) -> str:
    return reader.f.promise(at) if at else reader.t("no promise")


def _later(was: datetime | None, will: datetime | None, reader: Reader) -> str:
    if was is None or will is None or will - was < timedelta(minutes=1):
        return ""
    glue = ", " if reader.language == "en" else "，"
    return glue + reader.t("{span} later", span=reader.f.long_span(will - was))
