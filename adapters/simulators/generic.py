"""Operations nobody wrote a behaviour for: they answer in the declared shape and keep what they were given."""

from typing import Any

from adapters.operations import Operation
from adapters.simulators.work import Handler, Work


def generic_handler(operation: Operation) -> Handler:
    """Return a handler that keeps its inputs as one document and answers every declared output."""

    def perform(work: Work) -> dict[str, Any]:
        subject = str(next((value for value in work.inputs.values() if isinstance(value, str)), work.operation_id))
        key = f"{operation.adapter}:{subject}"
        before = work.store.get("generic", key)
        if operation.is_write:
            doc = {"operation": operation.code, "inputs": dict(work.inputs), "product_id": work.product()}
            work.store.put("generic", key, {**doc, "at": work.at})
        kept = None if before is None else before["inputs"]
        return {name: _output(work, name, kept) for name in operation.outputs}

    return perform


def _output(work: Work, name: str, before: Any) -> Any:
    if name in work.inputs:
        return work.inputs[name]
    if name in ("snapshot", "previous"):
        return before or dict(work.inputs)
    if name.endswith("_at"):
        return work.at
    if name in ("passed", "accepted"):
        return True
    return work.number(f"{name.upper()}-", 6)
