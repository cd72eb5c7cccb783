"""What items of an order become by an amendment: judged like a new order, and completed as its plan gets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.errors import AdapterError, Rejected
from adapters.ports import OperationCall
from app.deps import Deps
from app.domain.actors import Actor
from app.domain.amending.amendments import Asked, kinds_of_change
from app.domain.commands import Place, PlaceOrder, PlaceOrderItem, Relationship
from app.domain.counter.intake import Judgement, NormalItem, judge
from app.domain.ordering.decomposition import ServiceNeeded
from app.domain.ordering.order_context import item_data
from app.domain.products.catalogue import Catalogue
from app.domain.promises.calendar import ZONE
from app.errors import FieldProblem, InvalidInput
from app.persistence.counter.facts import load_facts
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.products.catalogue_reader import load_catalogue
from app.services.counter.order_rows import item_row
from app.services.order_steps.splitting import Known, completed, products_of_items
from processes.engine import Engine
from processes.spiff.expressions import evaluate
from processes.spiff.pins import pin_of
from processes.store.instances import ProcessInstance

TIMEOUT_S: Final = 5.0
#: What is assumed of an address the resource system cannot speak of now: somebody goes and looks.
UNKNOWN: Final = "survey_needed"
IMPOSSIBLE: Final = frozenset({"no_coverage", "no_free_port"})


@dataclass(frozen=True, kw_only=True)
class ItemChange:
    """What is to be different in one item; what is not said stays."""

    item_no: str
    characteristics: Mapping[str, Any] = field(default_factory=dict)
    places: tuple[Place, ...] | None = None
    offering: str | None = None

    def as_data(self) -> dict[str, Any]:
        """As it is kept with the amendment."""
        return {
            "item_no": self.item_no,
            "characteristics": dict(self.characteristics),
            "places": None if self.places is None else [vars(place) for place in self.places],
            "offering": self.offering,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> ItemChange:
        """From what was kept."""
        places = kept["places"]
        return cls(
            item_no=kept["item_no"],
            characteristics=kept["characteristics"],
            places=None if places is None else tuple(Place(**place) for place in places),
            offering=kept["offering"],
        )


@dataclass(frozen=True, kw_only=True)
class AmendedItem:
    """One item before and after, in our own terms."""

    item: ProductOrderItem
    normal: NormalItem
    before: Asked
    after: Asked

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of change."""
        return kinds_of_change(self.before, self.after)

    @property
    def moves(self) -> bool:
        """Whether it is to be built somewhere else."""
        return [place["address_code"] for place in self.before.places] != [
            place["address_code"] for place in self.after.places
        ]


@dataclass(frozen=True)
class Amended:
    """All items that change, and the judgement of the order as it would be."""

    items: tuple[AmendedItem, ...]
    judgement: Judgement


def judged(
    session: Session, order: ProductOrder, changes: Sequence[ItemChange], actor: Actor, now: datetime
) -> Amended:
    """Judge the order as it would be.

    :raises InvalidInput: an item is not there, nothing would change, or a field is wrong.
    """
    rows = {item.item_no: item for item in order.items}
    for place, change in enumerate(changes):
        if change.item_no not in rows:
            raise _wrong(
                f"items.{place}.item_no",
                "unknown-item",
                f"订单没有第 {change.item_no} 项",
                "the order has no such item",
            )
    wanted = {change.item_no: change for change in changes}
    catalogue = load_catalogue(session)
    command = _command(order, wanted, catalogue)
    facts = load_facts(session, command, actor)
    judgement = judge(command, facts, catalogue, actor, today=now.astimezone(ZONE).date())
    problems = [one for one in judgement.problems if _counts(one, order, wanted)]
    if problems:
        raise InvalidInput(
            "; ".join(problem.en for problem in problems[:3]),
            "；".join(problem.zh for problem in problems[:3]),
            details=problems,
        )
    found = [
        AmendedItem(item=rows[normal.item_no], normal=normal, before=asked(rows[normal.item_no]), after=_asked(normal))
        for normal in judgement.items
        if normal.item_no in wanted
    ]
    items = tuple(one for one in found if one.kinds)
    if not items:
        raise _wrong("items", "nothing-changes", "没有任何变化", "nothing would change")
    return Amended(items, judgement)


def asked(item: ProductOrderItem) -> Asked:
    """What an item asks for now."""
    return Asked(
        product=item.product,
        offering=item.offering,
        characteristics=dict(item.characteristics),
        places=tuple(item.places),
        prices=tuple(item.prices),
    )


def _asked(normal: NormalItem) -> Asked:
    return Asked(
        product=normal.product,
        offering=normal.offering,
        characteristics=dict(normal.characteristics),
        places=tuple(place.as_data() for place in normal.places),
        prices=tuple(price.as_data() for price in normal.prices),
    )


def _wrong(path: str, code: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(en, zh, details=[FieldProblem(path=path, code=code, zh=zh, en=en)])


def _command(order: ProductOrder, changes: Mapping[str, ItemChange], catalogue: Catalogue) -> PlaceOrder:
    return PlaceOrder(
        external_id=None,
        channel=order.channel,
        category=order.category,
        customer_no=order.customer_no,
        account_no=order.account_no,
        items=tuple(_item(item, changes.get(item.item_no), catalogue) for item in order.items),
    )


def _item(item: ProductOrderItem, change: ItemChange | None, catalogue: Catalogue) -> PlaceOrderItem:
    offering = (change.offering if change else None) or item.offering
    traits = dict(item.characteristics)
    if offering != item.offering:  # what the old offering fixed is fixed by the new one
        for code in (item.offering, offering):
            known = catalogue.offerings.get(code or "")
            for name in known.fixed if known is not None else ():
                traits.pop(name, None)
    traits.update(change.characteristics if change else {})
    places = tuple(Place(role=str(place["role"]), address_code=str(place["address_code"])) for place in item.places)
    return PlaceOrderItem(
        item_no=item.item_no,
        action=item.action,
        order_type=item.order_type,
        offering=offering,
        product=item.product,
        product_id=None if item.order_type == "install" else item.product_id,
        characteristics=traits,
        places=places if change is None or change.places is None else change.places,
        relationships=tuple(Relationship(type=tie["type"], item_no=tie["item_no"]) for tie in item.relationships),
    )


def _counts(problem: FieldProblem, order: ProductOrder, changes: Mapping[str, ItemChange]) -> bool:
    """Only what is wrong with the items that change counts; what was sold when the order was taken stays sold."""
    position = next(iter(problem.path.removeprefix("productOrderItem.").split(".")), "")
    row = order.items[int(position)] if position.isdigit() and int(position) < len(order.items) else None
    change = changes.get(row.item_no) if row is not None else None
    if row is None or change is None:
        return False
    stays = change.offering in (None, row.offering)
    return not (stays and problem.code in ("not-on-sale", "wrong-product-status"))


# -- what the plan gets -----------------------------------------------------------------------------------------------


def feasibility(deps: Deps, one: AmendedItem, area: str) -> str:
    """What the resource system says of the new address; it is asked when no transaction is open.

    :raises InvalidInput: the product cannot be built there.
    """
    code = "resource.check_feasibility"
    call = OperationCall(
        name=code,
        operation_id=deps.new_id(),
        inputs={
            "address_code": one.normal.address_code,
            "product_spec": one.normal.product,
            "characteristics": dict(one.normal.characteristics),
        },
        business_key=one.item.business_key,
        area=area,
    )
    try:
        outputs = deps.ports[deps.registry.get(code).adapter].perform(call, timeout_s=TIMEOUT_S).outputs
    except Rejected as refusal:
        raise _wrong("items.places", refusal.code, "新地址不能办理", "it cannot be built at the new address") from None
    except AdapterError:
        return UNKNOWN
    verdict = str(outputs.get("verdict") or UNKNOWN)
    if verdict in IMPOSSIBLE:
        raise _wrong("items.places", verdict, "新地址没有资源", "there are no resources at the new address")
    return verdict


def context_after(
    session: Session,
    engine: Engine,
    order: ProductOrder,
    one: AmendedItem,
    plan: ProcessInstance,
    root: ProcessInstance,
    *,
    verdict: str | None,
    now: datetime,
) -> tuple[dict[str, Any], list[ServiceNeeded]]:
    """The item as its plan would get it, and the services it needs; what does not follow from the change is as it is.

    :param verdict: of the new address, none where nothing moves.
    """
    present: dict[str, Any] = dict(plan.inputs["item"])
    names = next(row for row in root.inputs["items"] if row["id"] == one.item.item_no).keys()
    given = {name: present[name] for name in names}
    wanted = item_data(one.normal, str(given["access_product_id"]))
    fresh = item_row(one.normal)
    fresh.promised_at, fresh.product_id = one.item.promised_at, one.item.product_id
    products, known = products_of_items(session, [one.item])[one.item.item_no], Known.of(session, order)
    found = []
    for row, asked_for in ((one.item, given), (fresh, wanted)):
        rows, key = decided(session, engine, root, asked_for)
        if row is fresh:
            row.plan = key or str(plan.process_key)
        found.append(completed(session, order, row, asked_for, rows, str(present["feasibility"]), products, known, now))
    (before, _), (after, needed) = found
    differs = {name: value for name, value in after.items() if before.get(name) != value}
    differs.pop("reserve_until", None)
    if verdict is not None:
        differs["feasibility"] = verdict
        # What is reserved anew stands by the hour, so that what is shown is what is confirmed.
        until = datetime.fromisoformat(after["reserve_until"]).replace(minute=0, second=0, microsecond=0)
        differs["reserve_until"] = until.isoformat()
    return {**present, **differs}, needed


def decided(
    session: Session, engine: Engine, root: ProcessInstance, item: Mapping[str, Any]
) -> tuple[list[Mapping[str, Any]], str]:
    """What the decisions drawn in the order's own process say of an item: the rows it is split into, and its plan."""
    definition = engine.definition(session, root.definition_id)
    found: dict[str, Any] = {}
    for element in definition.elements.values():
        key = element.attributes.get("decision")
        if key is None:
            continue
        names = {**root.inputs, "item": dict(item)}
        inputs = {name: evaluate(text, names) for name, text in element.inputs}
        result = engine.decide(session, key, inputs, pin_of(element.attributes))
        for _, text in element.outputs:
            found[key] = result if text is None else evaluate(text, {**names, "result": result})
    return list(found.get("decomposition") or []), str(found.get("work_plan") or "")


def plan_of(session: Session, order: ProductOrder, item: ProductOrderItem) -> ProcessInstance | None:
    """The instance that carries an item out; none before the split, while it is begun anew, and after its end."""
    mine = (
        ProcessInstance.parent_id == order.process_instance_id,
        ProcessInstance.business_key == item.business_key,
        ProcessInstance.state == "running",
    )
    return session.scalars(select(ProcessInstance).where(*mine).execution_options(populate_existing=True)).first()
