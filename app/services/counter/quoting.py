"""What an order would cost and when it would be done, if it were accepted now; nothing is ordered, nothing promised.

Our own books judge it as they would judge the order. Then the neighbours are asked, with no transaction open; one that
does not answer makes the quote a "pending check" and refuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.errors import AdapterError, Rejected
from adapters.ports import OperationCall
from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.commands import PlaceOrder
from app.domain.counter.intake import Judgement, NormalItem
from app.domain.counter.intake_facts import Facts
from app.domain.counter.quotes import Answer, ItemQuote, Quote
from app.domain.promises.calendar import ZONE
from app.domain.promises.sla import Case, Promise, conditions_of
from app.persistence.counter.customers import Contract, InstalledProduct
from app.persistence.counter.order_quotes import OrderQuote
from app.persistence.products.catalogue_reader import load_catalogue
from app.services.counter.order_judging import accepted
from app.services.counter.quote_keeping import keep
from app.services.promises.sla_start import quote_promise
from app.unit_of_work import read

TIMEOUT_S: Final = 4.0  # somebody stands at the counter
FINE: Final = "fine"
PENDING_CHECK: Final = "pending_check"
NOT_POSSIBLE: Final = "not_possible"
#: What the resource system says of a place where nothing can be built.
IMPOSSIBLE: Final = frozenset({"no_coverage", "address-not-found"})
CENT: Final = Decimal("0.01")


def quote(command: PlaceOrder, actor: Actor, deps: Deps) -> tuple[Quote, OrderQuote]:
    """Work out prices and promises of an order that may be accepted, and keep them as they are told.

    :raises InvalidInput, OpenOrderConflict: it may not; as at submission.
    """
    may(actor, "order.submit")
    with read(deps.read_sessions) as session:
        now = deps.clock(session)
        facts, judgement = accepted(session, command, actor, deps, now)
        penalties = _penalties(session, judgement, now.astimezone(ZONE).date())
    credit, network = _ask_all(command, judgement, deps)
    start = command.requested_start_date
    with read(deps.read_sessions) as session:
        promises = [
            _promise(session, facts, item, network.get(item.item_no), max(start, now) if start else now)
            for item in judgement.items
        ]
    items = [
        ItemQuote(
            item=item,
            one_off_cny=item.total_cny("one_off"),
            monthly_cny=item.total_cny("recurring"),
            penalty_cny=penalties.get(item.item_no, Decimal(0)),
            promise=promise,
            feasibility=network.get(item.item_no),
        )
        for item, promise in zip(judgement.items, promises, strict=True)
    ]
    made = Quote(
        area=judgement.area,
        state=_state([*network.values(), *([credit] if credit else [])]),
        items=items,
        first_bill_cny=judgement.first_bill_cny,
        credit=credit,
        promised_at=max((promise.due_at for promise in promises if promise is not None), default=None),
    )
    return made, keep(made, command, actor, deps)


def _state(answers: Sequence[Answer]) -> str:
    if any(answer.verdict in IMPOSSIBLE for answer in answers):
        return NOT_POSSIBLE
    return FINE if all(answer.is_answered for answer in answers) else PENDING_CHECK


def _ask_all(command: PlaceOrder, judgement: Judgement, deps: Deps) -> tuple[Answer | None, dict[str, Answer]]:
    """Credit where something is new, and the network at the place of every new item."""
    new = [item for item in judgement.items if item.action == "add"]
    credit = None
    if new:
        asked = {
            "customer_no": command.customer_no,
            "account_no": judgement.account_no or "",
            "amount_cny": f"{judgement.first_bill_cny:.2f}",
        }
        credit = _ask("billing.check_credit", asked, judgement.area, deps)
    network = {
        item.item_no: _ask(
            "resource.check_feasibility",
            {
                "address_code": item.address_code,
                "product_spec": item.product,
                "characteristics": dict(item.characteristics),
            },
            item.area,
            deps,
        )
        for item in new
        if item.address_code is not None
    }
    return credit, network


def _ask(operation: str, inputs: Mapping[str, Any], area: str, deps: Deps) -> Answer:
    port = deps.ports[deps.registry.get(operation).adapter]
    call = OperationCall(name=operation, operation_id=deps.new_id(), inputs=inputs, business_key="quote", area=area)
    try:
        outputs = port.perform(call, timeout_s=TIMEOUT_S).outputs
    except Rejected as refusal:
        return Answer(is_answered=True, verdict=refusal.code)
    except AdapterError:
        return Answer(is_answered=False)
    return Answer(is_answered=True, verdict=str(outputs.get("verdict") or ""))


def _promise(session: Session, facts: Facts, item: NormalItem, network: Answer | None, at: datetime) -> Promise | None:
    present = item.installed.characteristics if item.installed is not None else None
    case = Case(
        product=item.product,
        order_type=item.order_type,
        tier=facts.customer.tier if facts.customer else "standard",
        area_class=item.area_class,
        grade=str(item.characteristics.get("service_grade", "normal")),
        conditions=conditions_of(
            item.order_type,
            item.characteristics,
            present=present,
            areas={place.area for place in item.places},
            verdict=network.verdict if network is not None else None,
        ),
    )
    try:
        given = quote_promise(session, case, area=item.area, at=at)
    except LookupError:
        return None  # no promise is made for this kind of order
    return next((promise for promise in given if promise.kind == "promise"), None)


def _penalties(session: Session, judgement: Judgement, today: date) -> dict[str, Decimal]:
    """By item number: a part of the rent of the months that are left of an agreement, for what is disconnected."""
    leaving = {item.product_id: item for item in judgement.items if item.order_type == "disconnect"}
    if not leaving:
        return {}
    catalogue = load_catalogue(session)
    rows = session.execute(
        select(InstalledProduct.product_id, InstalledProduct.offering, Contract.ends_on, Contract.body)
        .join(Contract, Contract.contract_no == InstalledProduct.contract_no)
        .where(InstalledProduct.product_id.in_(leaving), Contract.ends_on > today)
    )
    found = {}
    for row in rows:
        offering = catalogue.offerings.get(row.offering or "")
        prices = offering.prices if offering is not None else ()
        rent = sum((price.amount_cny for price in prices if price.kind == "recurring"), Decimal(0))
        months = (row.ends_on.year - today.year) * 12 + row.ends_on.month - today.month
        share = Decimal(str(row.body.get("penalty_percent_of_rest", "0"))) / 100
        found[leaving[row.product_id].item_no] = (rent * max(months, 0) * share).quantize(CENT, ROUND_HALF_EVEN)
    return found
