"""Trials and stored tests run in a process of their own, so that no drawing can hang or fill the one that asks.

Nothing of the surroundings goes along: no settings, no connection, no file is open there. What takes too long or needs
too much is ended by the system, and the caller is told.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from adapters.operations import OperationRegistry
from processes.errors import ProcessError
from processes.trial_answers import TrialError

ROOT: Final = Path(__file__).resolve().parents[1]
#: Variables that say where programs and compiled modules are, nothing else.
HANDED_ON: Final = ("PATH", "PYTHONPYCACHEPREFIX", "LD_LIBRARY_PATH")


#: Files of decisions by key and version.
Pinned = Mapping[tuple[str, int], bytes]


class TrialTooLong(ProcessError):
    """The trial was ended: it took too long, or needed too much memory."""

    code = "trial-too-long"


class TrialsBusy(ProcessError):
    """As many trials run as may run at once, and none has ended in time."""

    code = "trials-busy"


@dataclass(frozen=True)
class TrialBox:
    """Where trials run.

    ``cpu_s`` seconds of processor and ``wall_s`` of the clock for one request; ``places``: how many run at once, others
    wait ``wait_s`` seconds.
    """

    cpu_s: int = 10
    wall_s: float = 30.0
    memory_bytes: int = 400_000_000
    answer_bytes: int = 8_000_000
    wait_s: float = 20.0
    places: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(2))

    def trial(
        self,
        files: Mapping[str, bytes],
        registry: OperationRegistry,
        operations: Iterable[str] | None,
        asked: Mapping[str, Any],
        pinned: Pinned | None = None,
    ) -> dict[str, Any]:
        """Try a process of the files; ``asked`` and the result as :func:`processes.trial.try_model` has them.

        ``asked["known"]``: answers by operation, for those that nothing else is said of. ``pinned``: the versions of
        decisions that steps are pinned to.

        :raises TrialError: it cannot begin. :raises TrialTooLong: it was ended. :raises TrialsBusy: no place.
        """
        result: dict[str, Any] = self._run(files, registry, operations, {"trial": dict(asked)}, pinned)["trial"]
        return result

    def cases(
        self,
        files: Mapping[str, bytes],
        registry: OperationRegistry,
        operations: Iterable[str] | None,
        cases: Sequence[tuple[str, str]],
        pinned: Pinned | None = None,
    ) -> list[dict[str, Any]]:
        """Run stored tests, pairs of file name and content; a row for each, see :mod:`processes.trial_child`.

        :raises TrialTooLong: it was ended. :raises TrialsBusy: no place.
        """
        asked = {"cases": list(cases)}
        rows: list[dict[str, Any]] = self._run(files, registry, operations, asked, pinned)["cases"]
        return rows

    def _run(
        self,
        files: Mapping[str, bytes],
        registry: OperationRegistry,
        operations: Iterable[str] | None,
        asked: Mapping[str, Any],
        pinned: Pinned | None,
    ) -> dict[str, Any]:
        rows, policies = registry.rows()
        request = {
            "files": {name: _text(body) for name, body in files.items()},
            "registry": {
                "operations": [_plain(row) for row in rows],
                "retry_policies": [_plain(row) for row in policies],
                "adapters": [_plain(row) for row in registry.adapters],
            },
            "operations": None if operations is None else sorted(operations),
            "pinned": None if pinned is None else [[*place, _text(body)] for place, body in pinned.items()],
            "limits": {
                "cpu_s": self.cpu_s,
                "memory_bytes": self.memory_bytes,
                "answer_bytes": self.answer_bytes,
            },
            **asked,
        }
        if not self.places.acquire(timeout=self.wait_s):
            raise TrialsBusy("other trials are running; try again in a moment")
        try:
            said = _child(json.dumps(request, ensure_ascii=False, default=str).encode(), self.wall_s)
        finally:
            self.places.release()
        if said.get("error") == "too-much":
            raise TrialTooLong(f"it needs too much memory ({said['message']})")
        if "error" in said:
            raise TrialError(str(said["message"]))
        return said


def _child(request: bytes, wall_s: float) -> dict[str, Any]:
    around = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    command = [sys.executable, "-m", "processes.trial_child"]
    try:
        done = subprocess.run(  # noqa: S603  our own program; what is tried comes in as data
            command, input=request, capture_output=True, timeout=wall_s, cwd=ROOT, env=around, check=False
        )
    except subprocess.TimeoutExpired:
        raise TrialTooLong(f"it was ended after {wall_s:g} s") from None
    if done.returncode:
        raise TrialTooLong(f"it was ended by the system ({done.returncode})")
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _plain(row: object) -> dict[str, Any]:
    """A row of the registry for JSON."""
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in vars(row).items()}
