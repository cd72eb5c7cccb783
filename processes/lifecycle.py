"""States of the engine's rows, each with its table of allowed moves."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from processes.errors import IllegalMove


class InstanceState(StrEnum):
    """A process instance: ``cancelling`` = frozen, effects are being undone."""

    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class JobState(StrEnum):
    """One piece of automatic work.

    ``leased``: a worker has it, nothing leaves the house. ``sent``: a worker has it and the call to the
    far side may have gone out. ``waiting_answer``: accepted, the result comes by callback. ``suspended``: nobody takes
    it before its instance goes on.
    """

    READY = "ready"
    LEASED = "leased"
    SENT = "sent"
    WAITING_ANSWER = "waiting_answer"
    INCIDENT = "incident"
    SUSPENDED = "suspended"
    DONE = "done"
    CANCELLED = "cancelled"


class UserTaskState(StrEnum):
    """A user task as the engine sees it; who claimed it is not the engine's business.

    ``kept``: its instance is begun anew, and it goes on there if its step comes again with the same inputs.
    """

    OPEN = "open"
    KEPT = "kept"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class TriggerState(StrEnum):
    """A timer or a message subscription; ``suspended`` with its instance, it neither fires nor takes anything."""

    WAITING = "waiting"
    SUSPENDED = "suspended"
    FIRED = "fired"
    CANCELLED = "cancelled"


class InboxState(StrEnum):
    """News from outside: ``unmatched`` is kept until its time to live ends, ``ignored`` came too late or twice."""

    RECEIVED = "received"
    DELIVERED = "delivered"
    UNMATCHED = "unmatched"
    IGNORED = "ignored"
    EXPIRED = "expired"


class EffectState(StrEnum):
    """A confirmed write at a far side, and what became of it."""

    CONFIRMED = "confirmed"
    UNDOING = "undoing"
    UNDONE = "undone"
    UNDO_FAILED = "undo_failed"
    IRREVERSIBLE = "irreversible"


class IncidentState(StrEnum):
    """An incident is open until it is retried, skipped, or its instance is cancelled."""

    OPEN = "open"
    RESOLVED = "resolved"


class BulkState(StrEnum):
    """A bulk run. ``stopped``: somebody ended it before its last subject."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


class BulkItemState(StrEnum):
    """One subject of a bulk run; ``applied`` says that the action was taken, and nothing of what came of it."""

    WAITING = "waiting"
    APPLIED = "applied"
    REFUSED = "refused"


class MoveState(StrEnum):
    """A token that is moved: it waits until what it left is undone."""

    UNDOING = "undoing"
    DONE = "done"
    CANCELLED = "cancelled"


class LostState(StrEnum):
    """A call that was made after the backup from which the database was put back, see :class:`LostCall`."""

    OPEN = "open"
    TAKEN_OVER = "taken_over"
    LEFT = "left"
    SETTLED = "settled"


#: States of a timer or subscription that has not ended.
OPEN_TRIGGERS: Final = (TriggerState.WAITING, TriggerState.SUSPENDED)


class MigrationState(StrEnum):
    """A migration of running instances: nothing moves before every instance has been judged."""

    DRAFT = "draft"
    JUDGING = "judging"
    JUDGED = "judged"
    CARRIED_OUT = "carried_out"


HELD_JOBS: Final = (JobState.LEASED, JobState.SENT)
ENDED_JOBS: Final = (JobState.DONE, JobState.CANCELLED)
ENDED_INSTANCES: Final = (InstanceState.COMPLETED, InstanceState.CANCELLED)

_I, _J, _E, _B, _M = InstanceState, JobState, EffectState, BulkState, MigrationState
INSTANCE_MOVES: Final[Mapping[InstanceState, frozenset[InstanceState]]] = {
    _I.RUNNING: frozenset({_I.COMPLETED, _I.CANCELLING, _I.CANCELLED}),
    _I.CANCELLING: frozenset({_I.CANCELLED}),
    _I.COMPLETED: frozenset(),
    _I.CANCELLED: frozenset(),
}
JOB_MOVES: Final[Mapping[JobState, frozenset[JobState]]] = {
    _J.READY: frozenset({_J.LEASED, _J.SENT, _J.SUSPENDED, _J.DONE, _J.CANCELLED}),
    _J.LEASED: frozenset({_J.READY, _J.SUSPENDED, _J.DONE, _J.WAITING_ANSWER, _J.INCIDENT, _J.CANCELLED}),
    _J.SENT: frozenset({_J.READY, _J.SUSPENDED, _J.DONE, _J.WAITING_ANSWER, _J.INCIDENT, _J.CANCELLED}),
    _J.WAITING_ANSWER: frozenset({_J.LEASED, _J.SENT, _J.SUSPENDED, _J.DONE, _J.INCIDENT, _J.CANCELLED}),
    _J.SUSPENDED: frozenset({_J.READY, _J.WAITING_ANSWER, _J.DONE, _J.INCIDENT, _J.CANCELLED}),
    _J.INCIDENT: frozenset({_J.READY, _J.SUSPENDED, _J.DONE, _J.CANCELLED}),
    _J.DONE: frozenset(),
    _J.CANCELLED: frozenset(),
}
USER_TASK_MOVES: Final[Mapping[UserTaskState, frozenset[UserTaskState]]] = {
    UserTaskState.OPEN: frozenset({UserTaskState.KEPT, UserTaskState.COMPLETED, UserTaskState.CANCELLED}),
    UserTaskState.KEPT: frozenset({UserTaskState.OPEN, UserTaskState.CANCELLED}),
    UserTaskState.COMPLETED: frozenset(),
    UserTaskState.CANCELLED: frozenset(),
}
EFFECT_MOVES: Final[Mapping[EffectState, frozenset[EffectState]]] = {
    _E.CONFIRMED: frozenset({_E.UNDOING}),
    _E.UNDOING: frozenset({_E.UNDONE, _E.UNDO_FAILED}),
    _E.UNDO_FAILED: frozenset({_E.UNDOING, _E.UNDONE}),
    _E.UNDONE: frozenset(),
    _E.IRREVERSIBLE: frozenset(),
}
BULK_MOVES: Final[Mapping[BulkState, frozenset[BulkState]]] = {
    _B.RUNNING: frozenset({_B.PAUSED, _B.STOPPED, _B.DONE}),
    _B.PAUSED: frozenset({_B.RUNNING, _B.STOPPED}),
    _B.STOPPED: frozenset(),
    _B.DONE: frozenset(),
}
MIGRATION_MOVES: Final[Mapping[MigrationState, frozenset[MigrationState]]] = {
    _M.DRAFT: frozenset({_M.DRAFT, _M.JUDGING}),
    _M.JUDGING: frozenset({_M.DRAFT, _M.JUDGED}),
    _M.JUDGED: frozenset({_M.DRAFT, _M.JUDGING, _M.CARRIED_OUT}),
    _M.CARRIED_OUT: frozenset(),
}

_L = LostState
LOST_MOVES: Final[Mapping[LostState, frozenset[LostState]]] = {
    _L.OPEN: frozenset({_L.TAKEN_OVER, _L.SETTLED}),
    _L.TAKEN_OVER: frozenset({_L.LEFT}),
    _L.LEFT: frozenset({_L.SETTLED}),
    _L.SETTLED: frozenset(),
}


def next_lost_state(current: str, wanted: LostState) -> LostState:
    """Return ``wanted`` if a lost call in ``current`` may go there. :raises IllegalMove: it may not."""
    if wanted not in LOST_MOVES[LostState(current)]:
        raise IllegalMove("lost call", current, wanted)
    return wanted


def next_migration_state(current: str, wanted: MigrationState) -> MigrationState:
    """Return ``wanted`` if a migration in ``current`` may go there. :raises IllegalMove: it may not."""
    if wanted not in MIGRATION_MOVES[MigrationState(current)]:
        raise IllegalMove("migration", current, wanted)
    return wanted


def next_bulk_state(current: str, wanted: BulkState) -> BulkState:
    """Return ``wanted`` if a bulk run in ``current`` may go there. :raises IllegalMove: it may not."""
    if wanted not in BULK_MOVES[BulkState(current)]:
        raise IllegalMove("bulk run", current, wanted)
    return wanted


def next_job_state(current: str, wanted: JobState) -> JobState:
    """Return ``wanted`` if a job in ``current`` may go there. :raises IllegalMove: it may not."""
    if wanted not in JOB_MOVES[JobState(current)]:
        raise IllegalMove("job", current, wanted)
    return wanted


def next_instance_state(current: str, wanted: InstanceState) -> InstanceState:
    """Return ``wanted`` if an instance in ``current`` may go there. :raises IllegalMove: it may not."""
    if wanted not in INSTANCE_MOVES[InstanceState(current)]:
        raise IllegalMove("process instance", current, wanted)
    return wanted


def next_user_task_state(current: str, wanted: UserTaskState) -> UserTaskState:
    """Return ``wanted`` if a user task in ``current`` may go there. :raises IllegalMove: it may not."""
    if wanted not in USER_TASK_MOVES[UserTaskState(current)]:
        raise IllegalMove("user task", current, wanted)
    return wanted


def next_effect_state(current: str, wanted: EffectState) -> EffectState:
    """Return ``wanted`` if an effect in ``current`` may go there. :raises IllegalMove: it may not."""
    if wanted not in EFFECT_MOVES[EffectState(current)]:
        raise IllegalMove("effect", current, wanted)
    return wanted
