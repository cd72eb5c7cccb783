"""What the engine refuses, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from processes.findings import Finding


class ProcessError(Exception):
    """Base of everything the engine refuses; ``code`` is a kebab word for machines."""

    code = "process-error"


class DefinitionRefused(ProcessError):
    """The files cannot be deployed; ``findings`` says what, where and how to mend it."""

    code = "definition-refused"

    def __init__(self, findings: Sequence[Finding]) -> None:
        worst = next((f for f in findings if f.severity == "error"), None)
        super().__init__(f"{worst.file}: {worst.element_id}: {worst.message_en}" if worst else "nothing to deploy")
        self.findings = tuple(findings)


class UnknownProcess(ProcessError):
    """No definition of that key is deployed."""

    code = "unknown-process"

    def __init__(self, key: str) -> None:
        super().__init__(f"no process {key!r} is deployed")
        self.key = key


class UnknownDecision(ProcessError):
    """No decision of that key is deployed, or not in the version that is asked for."""

    code = "unknown-decision"

    def __init__(self, key: str, version: int | None = None) -> None:
        of_it = "" if version is None else f"version {version} of "
        super().__init__(f"no {of_it}decision {key!r} is deployed")
        self.key, self.version = key, version


class NotThere(ProcessError):
    """No row of that kind has that id."""

    code = "not-there"

    def __init__(self, kind: str, row_id: str) -> None:
        super().__init__(f"no {kind} {row_id!r}")
        self.kind, self.row_id = kind, row_id


class StaleTask(ProcessError):
    """The task is unknown or has ended; somebody else was first, or it was cancelled."""

    code = "stale-task"


class InstanceNotRunning(ProcessError):
    """The process instance has ended or is being cancelled."""

    code = "instance-not-running"

    def __init__(self, instance_id: str, state: str) -> None:
        super().__init__(f"process instance {instance_id} is {state}")
        self.instance_id, self.state = instance_id, state


class IllegalMove(ProcessError):
    """A state change that is not on the lifecycle map."""

    code = "illegal-move"

    def __init__(self, kind: str, current: str, wanted: str) -> None:
        super().__init__(f"{kind} cannot go from {current} to {wanted}")
        self.kind, self.current, self.wanted = kind, current, wanted


class IncidentClosed(ProcessError):
    """The incident has been resolved already."""

    code = "incident-closed"


class WrongInputs(ProcessError):
    """The operation does not take such inputs."""

    code = "wrong-inputs"


class OutcomeOpen(ProcessError):
    """What became of an earlier call has to be known first."""

    code = "outcome-open"


class CannotMove(ProcessError):
    """A token cannot be moved from or to that element; the text says why."""

    code = "cannot-move"


class CannotBegin(ProcessError):
    """An activity cannot be begun by hand there; the text says why."""

    code = "cannot-begin"


class PlanChanged(ProcessError):
    """What would be done is not any more what was shown."""

    code = "plan-changed"


class SnapshotTooOld(ProcessError):
    """No upgrade is known for a snapshot of that format."""

    code = "snapshot-too-old"


class UnknownHere(ProcessError):
    """A program of another version wrote work that this one does not know how to do.

    ``before_call``: this was noticed before anything left the house.
    """

    code = "unknown-here"

    def __init__(self, message: str, *, before_call: bool = False) -> None:
        super().__init__(message)
        self.before_call = before_call


class OutcomeUnknown(ProcessError):
    """The database did not say whether the commit happened, and retrying did not settle it."""

    code = "outcome-unknown"
