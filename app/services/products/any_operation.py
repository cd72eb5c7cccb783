"""Every operation a drawing may name, ours and the neighbours', told of in one way."""

from __future__ import annotations

from adapters.operations import Operation, OperationRegistry
from app.domain.ordering.own_operations import OWN_OPERATIONS
from processes.spiff.lint_business import Advice


def any_operation(registry: OperationRegistry, code: str) -> Operation | None:
    """What is known about an operation; of those done in our own books, names, inputs and outputs."""
    own = OWN_OPERATIONS.get(code)
    if own is None:
        return registry.get(code) if code and code in registry else None
    return Operation(
        code=code,
        adapter=code.partition(".")[0],
        name_zh=own.name_zh,
        name_en=own.name_en,
        mode="sync",
        effect="write",
        inputs=own.inputs,
        outputs=own.outputs,
        timeout_s=0,
        retry="",
        idempotency="keyed",
    )


def advice(registry: OperationRegistry) -> Advice:
    """What the rules of how we want to work have to know."""
    return Advice(lambda code: any_operation(registry, code))
