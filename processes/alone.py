"""An instance that moves itself round and round, with nobody outside moving it, is stopped.

Steps of one transaction have a budget of their own. A circle of steps done in this house (our own operations, calls
of processes that wait for nothing, timers that are due at once) is many transactions, each of them small and in order.
So an instance counts them since it last waited for anybody or anything outside: a person, a neighbour, a message, an
hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from processes.parts import EngineParts
from processes.running import Running
from processes.store.instances import Timer
from processes.store.jobs import InboxMessage, Job

CODE: Final = "endless-circle"
EVENTS_CODE: Final = "circle-of-events"
#: Jobs that move an instance by what this house does itself. Undoing is bounded by what was done.
COUNTED: Final = frozenset({"operation", "call", "resume_parent", "child_error", "child_escalation"})
#: Who waits for less has not waited.
SHORTEST_WAIT: Final = timedelta(seconds=1)


def attended(running: Running) -> None:
    """Somebody outside, or the time, moves the instance: the counts begin again."""
    answered(running)
    running.instance.event_path = None


def answered(running: Running) -> None:
    """A neighbour has answered, and so something outside was waited for.

    That says nothing about events: instances that begin each other could call a neighbour each time.
    """
    running.instance.alone_steps, running.instance.attended = 0, True


def after_event(running: Running, message: InboxMessage) -> bool:
    """Note by which way an event comes. False: it has gone round through this process too often."""
    if message.event_path is None:
        attended(running)
        return True
    return _pass(running, message.event_path, running.parts.passing_budget)


def began_by(running: Running, message: InboxMessage, *, by_signal: bool) -> bool:
    """The same for the event an instance begins with. A signal reaches many, so it may not go round at all."""
    if message.event_path is None:
        return True
    return _pass(running, message.event_path, 1 if by_signal else running.parts.passing_budget)


def path_of(running: Running) -> dict[str, int]:
    """By which way an event comes that this instance throws."""
    return running.instance.event_path or {running.instance.process_key: 1}


def path_reason(running: Running) -> str:
    """What the incident says of a circle of events."""
    ways = ", ".join(sorted(running.instance.event_path or {}))
    return f"the events of {ways} lead back to {running.instance.process_key}: this looks like a circle without an end"


def _pass(running: Running, path: Mapping[str, int], most: int) -> bool:
    passed = path.get(running.instance.process_key, 0)
    running.instance.event_path = {**path, running.instance.process_key: passed + 1}
    return passed < most


def after_job(running: Running, job: Job) -> bool:
    """Count a job done in this house. False: it is one too many, and the count begins again for who lets it go on."""
    if job.kind not in COUNTED:
        return True
    if job.payload.get("attended"):  # the process that was called has waited for somebody
        answered(running)
        return True
    return _count(running)


def after_timer(running: Running, timer: Timer) -> bool:
    """Count a timer that was due as soon as it was set; false as above. Any other is a wait."""
    if timer.armed_at is None or timer.due_at - timer.armed_at >= SHORTEST_WAIT:
        attended(running)
        return True
    return _count(running)


def reason(parts: EngineParts) -> str:
    """What the incident says."""
    return f"{parts.alone_budget} steps in a row waited for nobody: this looks like a circle without an end"


def _count(running: Running) -> bool:
    if running.instance.alone_steps >= running.parts.alone_budget:
        running.instance.alone_steps = 0
        return False
    running.instance.alone_steps += 1
    return True
