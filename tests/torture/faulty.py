"""Programs with fault points switched on: which they passed, and at which passing they are to die."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers import ROOT, start, stop


@dataclass(frozen=True)
class Hit:
    """One passing of a fault point."""

    point: str
    nth: int
    pid: int


@dataclass
class FaultFiles:
    """The rules and the log of the fault points of one program, whatever number of lives it has."""

    folder: Path
    role: str
    rules: Path = field(init=False)
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.rules, self.log = self.folder / f"rules-{self.role}", self.folder / f"hits-{self.role}"

    @property
    def env(self) -> dict[str, str]:
        """What the program has to be told."""
        return {
            "YIZHAN_TEST_FAULTS": "1",
            "YIZHAN_TEST_FAULT_FILE": str(self.rules),
            "YIZHAN_TEST_FAULT_LOG": str(self.log),
        }

    def hits(self, since: int = 0) -> list[Hit]:
        """Every passing of a point in order, leaving out the first ``since``."""
        if not self.log.exists():
            return []
        lines = self.log.read_text(encoding="utf-8").splitlines()[since:]
        return [Hit(name, int(nth), int(pid)) for name, nth, pid in map(str.split, lines)]

    def arm(self, point: str, nth_from_now: int, action: str = "kill") -> Hit:
        """Act at the nth passing of a point from now on, and at no other; returns which that will be (process 0)."""
        nth = Counter(hit.point for hit in self.hits())[point] + nth_from_now
        self.rules.write_text(f"{point}:{nth}:{action}\n", encoding="utf-8")
        return Hit(point, nth, 0)

    def disarm(self) -> None:
        """Let every point be passed."""
        self.rules.write_text("", encoding="utf-8")

    def passed(self, armed: Hit) -> Hit | None:
        """The passing that was armed, once it has happened."""
        return next((hit for hit in self.hits() if (hit.point, hit.nth) == (armed.point, armed.nth)), None)


class WorkerLives:
    """The worker of the engine's tests, which is begun again whenever it is killed."""

    def __init__(self, url: str, books: Path, faults: FaultFiles, *, slow_s: float = 0.0) -> None:
        self.faults = faults
        command = [sys.executable, "-m", "tests.engine.worker_program", url, str(books), str(slow_s)]
        self._log = faults.folder / f"{faults.role}.log"
        self._process = start(command, log=self._log, cwd=ROOT, env={**os.environ, **faults.env})

    def killed(self) -> int:
        """How many lives it has lost."""
        return self._log.read_text(encoding="utf-8", errors="replace").split().count("killed")

    def stop(self) -> None:
        """End it."""
        stop(self._process)


class Door:
    """What web servers do to the engine; a request that is killed is made again until it is answered."""

    def __init__(self, url: str, redis_url: str, books: Path, faults: FaultFiles) -> None:
        self.faults = faults
        self.killed = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.door_program", url, redis_url, str(books)],
            cwd=ROOT,
            env={**os.environ, **faults.env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, act: str, **arguments: Any) -> str:
        """Make a request; returns the id of what it was about."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"act": act, **arguments}) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            answer = json.loads(line)
            if "done" in answer:
                return str(answer["done"])
            self.killed += 1
        raise RuntimeError(f"the door ended while asked to {act}")

    def stop(self) -> None:
        """End it."""
        with suppress(BrokenPipeError):
            self._process.communicate(timeout=10)


def is_alive(pid: int) -> bool:
    """Whether a process exists (a zombie counts: its parent has not looked yet)."""
    return Path(f"/proc/{pid}").exists()
