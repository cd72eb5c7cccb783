"""The questions the counter may ask the neighbours before an order is placed; they bind nobody.

A neighbour that does not answer is no reason to refuse: the order's own process asks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from adapters.errors import AdapterError, Rejected
from adapters.ports import OperationCall
from app.deps import Deps
from app.domain.intake import Judgement, NormalItem

TIMEOUT_S: Final = 4.0  # somebody stands at the counter


@dataclass(frozen=True)
class CheckAnswer:
    """One answer. ``verdict`` is ``fine``, ``refused`` or ``silent``; ``code`` and ``facts`` are the neighbour's."""

    question: str
    verdict: str
    code: str
    facts: Mapping[str, Any]


def ask_neighbours(judgement: Judgement, customer_no: str, deps: Deps) -> list[CheckAnswer]:
    """Credit of the customer, and the network at the address of every new item."""
    answers = [_credit(judgement, customer_no, judgement.first_bill_cny, deps)]
    answers += [_feasibility(item, deps) for item in judgement.items if item.action == "add" and item.address_code]
    return answers


def _credit(judgement: Judgement, customer_no: str, amount: Decimal, deps: Deps) -> CheckAnswer:
    inputs = {"customer_no": customer_no, "account_no": judgement.account_no or "", "amount_cny": f"{amount:.2f}"}
    return _ask("credit", "billing", "billing.check_credit", inputs, judgement.area, deps)


def _feasibility(item: NormalItem, deps: Deps) -> CheckAnswer:
    inputs = {
        "address_code": item.address_code,
        "product_spec": item.product,
        "characteristics": dict(item.characteristics),
    }
    return _ask("network", "resource", "resource.check_feasibility", inputs, item.area, deps)


def _ask(question: str, adapter: str, operation: str, inputs: Mapping[str, Any], area: str, deps: Deps) -> CheckAnswer:
    port = deps.ports.get(adapter)
    if port is None:
        return CheckAnswer(question, "silent", "", {})
    call = OperationCall(
        name=operation, operation_id=deps.new_id(), inputs=inputs, business_key="counter-check", area=area
    )
    try:
        outputs = port.perform(call, timeout_s=TIMEOUT_S).outputs
    except Rejected as refusal:
        return CheckAnswer(question, "refused", refusal.code, {"message": refusal.message})
    except AdapterError:
        return CheckAnswer(question, "silent", "", {})
    return CheckAnswer(question, "fine", str(outputs.get("verdict", "")), outputs)
