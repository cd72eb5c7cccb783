"""The questions the counter may ask the neighbours before an order is placed; they bind nobody.

All are asked at once. A neighbour that does not answer is no reason to refuse: the order's own process asks again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from adapters.errors import AdapterError, Rejected
from adapters.ports import OperationCall
from app.deps import Deps
from app.domain.counter.intake import Judgement, NormalItem

TIMEOUT_S: Final = 4.0  # somebody stands at the counter
#: Order types that build something at the places they name.
BUILDING: Final = ("install", "move")
AT_ONCE: Final = 6


@dataclass(frozen=True, kw_only=True)
class CheckAnswer:
    """One answer. ``verdict`` is ``fine``, ``refused`` or ``silent``; ``code`` and ``facts`` are the neighbour's.

    ``address_code`` and ``role`` say of which place the network was asked; ``took_s`` is how long it took.
    """

    question: str
    verdict: str
    code: str = ""
    facts: Mapping[str, Any]
    address_code: str = ""
    role: str = ""
    took_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class _Question:
    name: str
    adapter: str
    operation: str
    inputs: Mapping[str, Any]
    area: str
    address_code: str = ""
    role: str = ""


def ask_neighbours(judgement: Judgement, customer_no: str, deps: Deps) -> list[CheckAnswer]:
    """Credit of a customer who gets something new, and the network at every place where something is built."""
    asked = [_network(item, place) for item in judgement.items if item.order_type in BUILDING for place in item.places]
    if any(item.action == "add" for item in judgement.items):
        inputs = {
            "customer_no": customer_no,
            "account_no": judgement.account_no or "",
            "amount_cny": f"{judgement.first_bill_cny:.2f}",
        }
        asked.insert(
            0,
            _Question(
                name="credit",
                adapter="billing",
                operation="billing.check_credit",
                inputs=inputs,
                area=judgement.area,
            ),
        )
    if not asked:
        return []
    with ThreadPoolExecutor(min(AT_ONCE, len(asked))) as pool:
        return list(pool.map(lambda question: _ask(question, deps), asked))


def _network(item: NormalItem, place: Any) -> _Question:
    return _Question(
        name="network",
        adapter="resource",
        operation="resource.check_feasibility",
        inputs={
            "address_code": place.address_code,
            "product_spec": item.product,
            "characteristics": dict(item.characteristics),
        },
        area=place.area,
        address_code=place.address_code,
        role=place.role,
    )


def _ask(question: _Question, deps: Deps) -> CheckAnswer:
    began = time.monotonic()
    verdict, code, facts = _answer(question, deps)
    return CheckAnswer(
        question=question.name,
        verdict=verdict,
        code=code,
        facts=facts,
        address_code=question.address_code,
        role=question.role,
        took_s=time.monotonic() - began,
    )


def _answer(question: _Question, deps: Deps) -> tuple[str, str, Mapping[str, Any]]:
    port = deps.ports.get(question.adapter)
    if port is None:
        return "silent", "", {}
    call = OperationCall(
        name=question.operation,
        operation_id=deps.new_id(),
        inputs=question.inputs,
        business_key="counter-check",
        area=question.area,
    )
    try:
        outputs = port.perform(call, timeout_s=TIMEOUT_S).outputs
    except Rejected as refusal:
        return "refused", refusal.code, {"message": refusal.message}
    except AdapterError:
        return "silent", "", {}
    return "fine", str(outputs.get("verdict") or ""), outputs
