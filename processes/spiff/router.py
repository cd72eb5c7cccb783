"""Who catches an error, an escalation, a cancellation or a signal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from processes.spiff.library import Task, TaskState
from processes.spiff.waits import Thrown
from processes.spiff.workflow import Process, Scope

Kind = Literal["error", "escalation", "cancel"]


def throw(
    top: Process,
    kind: Kind,
    code: str,
    *,
    scope: Scope,
    source: Task,
    failed: Task | None = None,
    message: str = "",
    payload: Mapping[str, Any] | None = None,
) -> bool:
    """Hand an event outwards until exactly one catches it; the nearest, and the exact code before a catch-all.

    ``failed`` is the activity that failed itself (its own boundary comes first); without it the search begins in
    ``scope``. What nobody catches: an error ends the process, an escalation is only reported; False.
    """
    element = source.task_spec.extensions.get("el", "")
    facts = {"code": code, "message": message, "element": element, **dict(payload or {})}
    catcher = find_catcher(kind, code, scope=scope, failed=failed)
    if catcher is not None:
        if kind != "escalation":
            _say(top, source, failed, code, message)
        catcher.task_spec.fire(catcher, facts)
        return True
    if failed is not None:
        return False
    if kind != "cancel":
        top.changes.thrown.append(Thrown(kind, code, message, element, dict(payload or {})))
    if kind != "escalation":
        _say(top, source, failed, code, message)
        top.outcome = kind
        top.end()
    return False


def _say(top: Process, source: Task, failed: Task | None, code: str, message: str) -> None:
    """Log the end of what throws before it is taken away, so that it is not logged as cancelled."""
    if failed is not None:
        top.log("failed", failed, {"code": code, "message": message})
    elif "said" not in source.internal_data:
        top.log("completed", source, {"thrown": code})
    (failed or source).internal_data["said"] = True


def find_catcher(kind: Kind, code: str, *, scope: Scope, failed: Task | None) -> Task | None:
    """The armed boundary event or event sub-process that would catch it; None: nobody."""
    while True:
        while failed is not None:
            host = failed.id
            found = best([task for task in waiting_in(scope) if task.internal_data.get("host") == host], kind, code)
            if found is not None:
                return found
            failed = scope.token(failed.internal_data.get("owner"))
        found = best([task for task in waiting_in(scope) if "trigger" in task.internal_data], kind, code)
        if found is not None or scope.parent_task is None:
            return found
        failed = scope.parent_task
        scope = failed.workflow


def waiting_in(scope: Scope) -> list[Task]:
    """The catching events of a scope that wait."""
    catching = [task for task in scope.tokens() if "event" in task.task_spec.extensions]
    return [task for task in catching if task.has_state(TaskState.STARTED)]


def best(tasks: list[Task], kind: Kind, code: str) -> Task | None:
    """The one that asks for exactly this code, else one that takes any."""
    fitting = [task for task in tasks if task.task_spec.extensions["event"]["kind"] == kind]
    exact = [task for task in fitting if task.task_spec.extensions["event"].get("code") == code]
    any_code = [task for task in fitting if task.task_spec.extensions["event"].get("code") is None]
    return next(iter([*exact, *any_code]), None)


def catch_signal(top: Process, name: str, payload: Mapping[str, Any], *, source: Task | None) -> int:
    """Hand a signal to everybody in this instance who waits for it; returns how many."""
    if source is not None:
        element = source.task_spec.extensions.get("el", "")
        top.changes.thrown.append(Thrown("signal", name, "", element, dict(payload)))
    caught = 0
    for scope in list(top.scopes()):
        for task in waiting_in(scope):
            event = task.task_spec.extensions["event"]
            if event["kind"] == "signal" and event["name"] == name and top.alive(task):
                task.task_spec.fire(task, dict(payload))
                caught += 1
    return caught
