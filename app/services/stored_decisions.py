"""Decisions that the application takes itself: the newest version that is deployed, compiled once per process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.definitions import latest_decision
from processes.spiff.decisions import Decision, load_decision
from processes.store.definitions import DecisionDefinition


def taken(session: Session, key: str, inputs: Mapping[str, Any]) -> Any:
    """What the decision says of these inputs.

    :raises UnknownDecision: none of that key is deployed.
    :raises DecisionError: it cannot be taken.
    """
    return _decision(_Stored(latest_decision(session, key).id, session)).evaluate(inputs)


class _Stored:
    """A stored decision that equals itself by its id, so that it is read and compiled once per process."""

    def __init__(self, decision_id: str, session: Session) -> None:
        self.decision_id = decision_id
        self._session: Session | None = session

    def __hash__(self) -> int:
        return hash(self.decision_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Stored) and other.decision_id == self.decision_id

    def xml(self) -> bytes:
        """The file; the session is let go, so that remembering this keeps nothing else alive."""
        assert self._session is not None  # noqa: S101 - read once
        found = self._session.execute(
            select(DecisionDefinition.key, DecisionDefinition.xml).where(DecisionDefinition.id == self.decision_id)
        ).one()
        self._session = None
        return bytes(found.xml)


@lru_cache(maxsize=16)
def _decision(stored: _Stored) -> Decision:
    return load_decision(stored.xml())
