"""Calling out: from a claimed job to what the far side said. Never inside a transaction."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.errors import NotSent, Rejected, StillWorking, Unreachable
from adapters.operations import Operation, RetryPolicy, UnknownOperation
from adapters.ports import Answer, OperationCall
from processes.claims import Claim
from processes.errors import UnknownHere
from processes.faults import fault
from processes.guard import Guard
from processes.parts import EngineParts
from processes.retries import written_policy

log = logging.getLogger(__name__)
IN_PROCESS_POLICY: Final = RetryPolicy(code="in_process", attempts=5, first_wait_s=1, factor=2, cap_s=60)


@dataclass(frozen=True)
class Confirmed:
    """The operation is in force; the far side returned ``outputs``."""

    outputs: dict[str, Any]


@dataclass(frozen=True)
class Pending:
    """Accepted; the result comes by callback."""


@dataclass(frozen=True)
class Refused:
    """The far side understood and refused; nothing happened there."""

    code: str
    message: str


@dataclass(frozen=True)
class NoAnswer:
    """Nothing usable came back.

    ``maybe_done``: the effect may have happened all the same. ``still_working``: the far side has the call in hand.
    """

    message: str
    maybe_done: bool = True
    retry_after_s: float | None = None
    still_working: bool = False


@dataclass(frozen=True)
class Parked:
    """The gate let nothing through (breaker open, budget spent); nothing was sent and no attempt is burned."""

    message: str
    wait_s: float


@dataclass(frozen=True)
class NeverHeard:
    """The far side was asked and knows nothing of the operation."""


@dataclass(frozen=True)
class Unsettled:
    """An earlier call may have had its effect and there is no safe way to find out: a person must."""

    message: str


@dataclass(frozen=True)
class Exhausted:
    """Claimed more often than allowed, so earlier attempts died without a word."""


Outcome = Confirmed | Pending | Refused | NoAnswer | Parked | NeverHeard | Unsettled | Exhausted


class KnownOperations:
    """The codes an element may name: registered ones and those done in this process."""

    def __init__(self, parts: EngineParts) -> None:
        self._parts = parts

    def __contains__(self, code: object) -> bool:
        return code in self._parts.registry or code in self._parts.in_process

    def __iter__(self) -> Iterator[str]:
        return iter([*self._parts.registry.codes(), *sorted(self._parts.in_process)])

    def __len__(self) -> int:
        return len(self._parts.registry.codes()) + len(self._parts.in_process)


def known_operations(parts: EngineParts) -> KnownOperations:
    """Return the operation codes a definition may use."""
    return KnownOperations(parts)


def operation_of(parts: EngineParts, code: str) -> Operation:
    """Return the operation; one done in this process needs no row in the registry.

    :raises UnknownOperation: neither registered nor done in this process.
    """
    if code in parts.registry:
        return parts.registry.get(code)
    if code not in parts.in_process:
        raise UnknownOperation(code)
    return Operation(
        code=code,
        adapter=code.partition(".")[0],
        name_zh=code,
        name_en=code,
        mode="sync",
        effect="read",
        inputs=(),
        outputs=(),
        timeout_s=0,
        retry=IN_PROCESS_POLICY.code,
        idempotency="keyed",
    )


def policy_of(parts: EngineParts, operation: Operation, override: str | None = None) -> RetryPolicy:
    """Return the retry policy of an operation, or the one the element asks for: by its code, or written out."""
    if override is not None and (written := written_policy(override)) is not None:
        return written
    code = override or operation.retry
    return IN_PROCESS_POLICY if code == IN_PROCESS_POLICY.code else parts.registry.policy(code)


def known_values(parts: EngineParts, values: Mapping[str, Container[str]] | None = None) -> dict[str, Container[str]]:
    """What attributes of a drawing may say: the retry policies there are, and whatever else the caller knows."""
    return {"retry": parts.registry.policy_codes() | {IN_PROCESS_POLICY.code}, **(values or {})}


def port_code(parts: EngineParts, operation: Operation) -> str | None:
    """Return the adapter that performs the operation, or none if it is done in this process."""
    return operation.adapter if operation.adapter in parts.ports else None


def call_of(parts: EngineParts, claim: Claim) -> OperationCall:
    """Return the call a claimed job stands for."""
    return OperationCall(
        name=claim.operation,
        operation_id=claim.operation_id,
        inputs=claim.payload.get("inputs", {}),
        business_key=claim.business_key,
        area=claim.area,
        attempt=claim.attempts,
        callback_url=parts.callback_url(claim.adapter) if claim.adapter else None,
    )


def call_out(parts: EngineParts, claim: Claim) -> Outcome:
    """Perform, or ask about, the operation of a job claimed and marked sent; returns what is now known.

    :raises UnknownHere: this version knows no such operation, or nobody who does it; nothing has gone out.
    """
    if claim.attempts > claim.max_attempts:
        return Exhausted()
    if claim.operation not in known_operations(parts) or claim.adapter not in parts.ports:
        unknown = f"operation {claim.operation!r} at {claim.adapter!r} is not known to this version"
        raise UnknownHere(unknown, before_call=True)
    with Guard() as guard:
        return _ask_or_perform(parts, claim)
    match guard.error:
        case NotSent() as refusal:
            return Parked(refusal.message, refusal.wait_s)
        case Unreachable() as failure:
            at_it = isinstance(failure, StillWorking)
            return NoAnswer(failure.message, failure.maybe_done, failure.retry_after_s, still_working=at_it)
        case Rejected() as refusal:
            return Refused(refusal.code, refusal.message)
        case _:  # a bug in the adapter: whether the call went out, nobody knows
            log.error("operation %s failed in its adapter", claim.operation, exc_info=guard.error)
            return NoAnswer(guard.message)


def _ask_or_perform(parts: EngineParts, claim: Claim) -> Outcome:
    port, operation = parts.ports[claim.adapter or ""], operation_of(parts, claim.operation)
    ask_first = claim.outcome_unknown and operation.idempotency == "queryable"
    if claim.phase != "perform" or ask_first:
        known = port.query(claim.operation_id, timeout_s=operation.timeout_s, attempt=claim.attempts)
        if known is not None:
            return _outcome(known)
        if claim.phase != "perform":
            return NeverHeard()
    elif claim.outcome_unknown and operation.idempotency == "neither":
        return Unsettled("an earlier attempt may have been carried out, and a repeat would not be recognised")
    call = call_of(parts, claim)
    fault("comp.before" if claim.kind == "undo" else "http.before")
    answer = port.perform(call, timeout_s=operation.timeout_s)
    fault("comp.after" if claim.kind == "undo" else "http.after_reply")
    return _outcome(answer)


def _outcome(answer: Answer) -> Outcome:
    return Pending() if answer.pending else Confirmed(dict(answer.outputs))
