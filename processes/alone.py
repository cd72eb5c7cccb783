"""An instance that moves itself round and round, with nobody outside moving it, is stopped.

Steps of one transaction have a budget of their own. A circle of steps done in this house (our own operations, calls
of processes that wait for nothing, timers that are due at once) is many transactions, each of them small and in order.
So an instance counts them since it last waited for anybody or anything outside: a person, a neighbour, a message, an
hour.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from processes.parts import EngineParts
from processes.running import Running
from processes.store.instances import Timer
from processes.store.jobs import Job

CODE: Final = "endless-circle"
#: Jobs that move an instance by what this house does itself. Undoing is bounded by what was done.
COUNTED: Final = frozenset({"operation", "call", "resume_parent", "child_error", "child_escalation"})
#: Who waits for less has not waited.
SHORTEST_WAIT: Final = timedelta(seconds=1)


def attended(running: Running) -> None:
    """Somebody or something outside moves the instance: the count begins again."""
    running.instance.alone_steps, running.instance.attended = 0, True


def after_job(running: Running, job: Job) -> bool:
    """Count a job done in this house. False: it is one too many, and the count begins again for who lets it go on."""
    if job.kind not in COUNTED:
        return True
    if job.payload.get("attended"):  # the process that was called has waited for somebody
        attended(running)
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
