"""The data a token carries.

A token's data is a dictionary of top-level names. Values are JSON and are replaced, never changed in place, so tokens
may share them. Every write gets a number that no other write of the instance has (its *stamp*): where tokens meet,
the later write of a name wins, in whatever order the tokens arrive.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from processes.spiff.expressions import ExpressionError
from processes.spiff.library import Task

if TYPE_CHECKING:
    from processes.spiff.workflow import Scope

MAX_VALUE_BYTES: Final = 8_000_000


class Token(Task):
    """One token. Its id is text, as all through the house; the library takes any key."""

    def _set_state(self, value: int) -> None:
        """No line for a log: the library would gather what to say in it whether or not anybody listens."""
        self._state = value


def clean(value: Any) -> Any:
    """A deep copy of a JSON value; :raises ExpressionError: if it is not JSON, or too big to carry around."""
    try:
        text = orjson.dumps(value)
    except (TypeError, ValueError) as problem:
        raise ExpressionError(f"the value cannot be kept: {problem}") from None
    if len(text) > MAX_VALUE_BYTES:
        raise ExpressionError(f"the value is larger than {MAX_VALUE_BYTES} bytes")
    return orjson.loads(text)


def copied(data: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy of all the data of an instance; each value was small enough when it was written."""
    found: dict[str, Any] = orjson.loads(orjson.dumps(dict(data)))
    return found


def stamps(task: Task) -> dict[str, int]:
    """The stamp of every name the token carries."""
    found: dict[str, int] = task.internal_data.setdefault("w", {})
    return found


def write(task: Task, name: str, value: Any) -> None:
    """Set a name for this token and what comes after it, and in the scopes around it."""
    stamp = write_local(task, name, value)
    scope: Scope = task.workflow
    holder: Task | None = task
    while holder is not None and not holder.internal_data.get("private"):
        scope.latest[name], scope.stamps[name] = task.data[name], stamp
        if scope.sealed or name in scope.local_names:
            return
        holder = scope.parent_task
        if holder is not None:
            scope = holder.workflow


def write_local(task: Task, name: str, value: Any) -> int:
    """Set a name for this token only (the item of a repeated activity); returns the stamp."""
    stamp: int = task.workflow.top_workflow.next_number()
    task.data[name] = clean(value)
    stamps(task)[name] = stamp
    return stamp


def inherit(task: Task, source: Task) -> None:
    """Start with all that ``source`` carries."""
    task.data = dict(source.data)
    task.internal_data["w"] = dict(stamps(source))


def merge(task: Task, data: Mapping[str, Any], written: Mapping[str, int], leave_out: Container[str] = ()) -> None:
    """Take over every name that was written later than the token's own."""
    own = stamps(task)
    for name, stamp in written.items():
        if name not in leave_out and stamp > own.get(name, -1):
            task.data[name], own[name] = data[name], stamp
