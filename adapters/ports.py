"""What the engine needs from an outside system, whoever it is.

One port per outside system, all of one shape: perform a registered operation, ask what became of
it, list the books for reconciliation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class OperationCall:
    """One operation to perform.

    ``operation_id`` is the idempotency key: one value per activation of a step, kept over every
    retry; a redo after an undo, and each undo, get new ones. ``area`` is the area code of the
    business row. ``attempt`` counts from 1 and never changes the effect. ``callback_url`` is where
    the far side reports the result of an operation that answers later.
    """

    name: str
    operation_id: str
    inputs: Mapping[str, Any]
    business_key: str
    area: str
    attempt: int = 1
    callback_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the far side said. ``pending``: accepted, the result comes by signed callback."""

    outputs: Mapping[str, Any] = field(default_factory=dict)
    pending: bool = False


class Port(Protocol):
    """One outside system."""

    def perform(self, call: OperationCall, *, timeout_s: float) -> Answer:
        """Send one registered operation; same ``call.operation_id``, same effect.

        :param timeout_s: seconds to wait for the answer of this one attempt.
        :raises Unreachable: trying again may help; the effect may or may not have happened.
        :raises Rejected: the far side refused; nothing happened there.
        """

    def query(self, operation_id: str, *, timeout_s: float, attempt: int = 1) -> Answer | None:
        """Ask what the far side knows of an operation sent earlier.

        :param attempt: how the manieth time this is asked, from 1.
        :return: its answer (``pending`` while it is still being worked on), ``None`` = never heard of it.
        :raises Unreachable: no answer to the question.
        :raises Rejected: the operation ended refused.
        """

    def books(self, kind: str, *, timeout_s: float, after: str = "") -> list[Mapping[str, Any]]:
        """List what the far side has on record, for reconciliation.

        :param kind: name of a book of that system, such as ``subscriptions``; ``calls`` is that of what it was asked
            to do: rows of ``key`` (the operation id), ``operation``, ``business_key``, ``state`` (``done``, ``pending``
            or ``rejected``), ``is_write``, ``at``, and ``digest`` as in :mod:`adapters.digests` if it keeps one.
        :param after: only rows with keys above this one.
        :raises Unreachable: no answer.
        :raises Rejected: there is no such book.
        """
