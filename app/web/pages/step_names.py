"""What the steps of processes are called, by process and element; the newest version that knows the element says it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.web.pages.ordering.diagrams import said_element
from app.web.reader import Reader
from processes.definitions import elements_of
from processes.store.definitions import ProcessDefinition


def step_names(session: Session, reader: Reader, keys: Iterable[str]) -> dict[tuple[str, str], str]:
    """Names of every element of these processes."""
    wanted = set(keys)
    if not wanted:
        return {}
    rows = select(ProcessDefinition).where(ProcessDefinition.key.in_(wanted)).order_by(ProcessDefinition.version)
    return {
        (row.key, element.id): said_element(element, reader)
        for row in session.scalars(rows)
        for element in elements_of(row).values()
    }
