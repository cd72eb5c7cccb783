"""Asks the neighbours before an order is submitted: credit and feasibility. Nothing is stored, nothing is promised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields, validate

from adapters.errors import AdapterError, Rejected
from adapters.ports import OperationCall
from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.schemas.fields import Anything, Code, In, Out
from app.persistence.counter.customer_search import get_address, get_customer
from app.unit_of_work import read

door: Final = Door("pre_checks", "/api/v1/checks", "checks before submission")
TIMEOUT_S: Final = 5.0
MAX_PLACES: Final = 5


class CreditIn(In):
    """Whose credit, for how much (CNY, text with two decimals)."""

    customer_no = Code(required=True)
    account_no = Code()
    amount_cny = fields.String(validate=validate.Regexp(r"^[0-9]{1,9}\.[0-9]{2}\Z"), load_default="0.00")


class FeasibilityIn(In):
    """Whether a product can be built at an address."""

    address_code = Code(required=True)
    product = Code(required=True)
    characteristics = fields.Dict(keys=fields.String(), values=Anything(allow_none=True), load_default=dict)


class ChecksIn(In):
    """What to ask."""

    credit = fields.Nested(CreditIn)
    feasibility = fields.List(fields.Nested(FeasibilityIn), validate=validate.Length(1, MAX_PLACES))


class AnswerOut(Out):
    """One neighbour's answer. A neighbour that does not answer delays an order, it never refuses one."""

    answered = fields.Boolean()
    verdict = fields.String(allow_none=True)
    address_code = fields.String()
    details = Anything()


class ChecksOut(Out):
    """The answers."""

    credit = fields.Nested(AnswerOut, allow_none=True)
    feasibility = fields.List(fields.Nested(AnswerOut))


@door.route(
    "POST",
    "",
    right="order.submit",
    summary="Ask for credit and feasibility before submitting an order",
    body=ChecksIn,
    answers={200: ChecksOut},
    errors=(404,),
)
def check_before_order(body: Mapping[str, Any]) -> Reply:
    actor, credit, places = current_actor(), body.get("credit"), body.get("feasibility") or []
    with read(current_deps().read_sessions) as session:
        asked_credit, area = None, actor.area
        if credit is not None:
            customer = get_customer(session, actor, credit["customer_no"])
            accounts = [account.account_no for account in customer.accounts]
            account_no = credit.get("account_no") or (accounts[0] if accounts else "")
            asked_credit = {**credit, "account_no": account_no}
            area = customer.area
        areas = [get_address(session, actor, place["address_code"]).area for place in places]
    # The neighbours are asked when no transaction is open.
    return {
        "credit": _ask("billing.check_credit", asked_credit, area) if asked_credit else None,
        "feasibility": [
            _ask("resource.check_feasibility", _feasibility_inputs(place), place_area)
            | {"address_code": place["address_code"]}
            for place, place_area in zip(places, areas, strict=True)
        ],
    }


def _feasibility_inputs(place: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "address_code": place["address_code"],
        "product_spec": place["product"],
        "characteristics": place["characteristics"],
    }


def _ask(operation: str, inputs: Mapping[str, Any], area: str) -> dict[str, Any]:
    deps = current_deps()
    port = deps.ports[deps.registry.get(operation).adapter]
    call = OperationCall(
        name=operation, operation_id=deps.new_id(), inputs=inputs, business_key="check-before-order", area=area
    )
    try:
        outputs = port.perform(call, timeout_s=TIMEOUT_S).outputs
    except Rejected as refusal:
        return {"answered": True, "verdict": refusal.code, "details": {}}
    except AdapterError:
        return {"answered": False, "verdict": None, "details": {}}
    return {"answered": True, "verdict": outputs.get("verdict"), "details": dict(outputs)}
