"""One process of a system under torture, the journal of what was done to it, and a look into its database."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event

from processes.store.opening import read_uuids_as_text


class Journal:
    """What was done to a system and when, one JSON object a line: a red run can be read, and played again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def write(self, event: str, **more: Any) -> None:
        """Note something."""
        row = {"t": round(time.monotonic() - self._began, 3), "event": event, **more}
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def rows(self) -> list[dict[str, Any]]:
        """Everything noted so far."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]


@dataclass
class Member:
    """One process of the system; ``kind``: web, worker, simulators, redis, postgresql or up."""

    name: str
    kind: str
    log: Path
    begin: Callable[[], subprocess.Popen[bytes]]
    is_ready: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None
    begun_at: float = 0.0
    starts: int = 0

    @property
    def pid(self) -> int:
        return 0 if self.process is None else self.process.pid

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


def family(pid: int) -> list[int]:
    """A process and all its descendants, parents first, as /proc tells."""
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        with suppress(FileNotFoundError, ProcessLookupError):
            for thread in Path(f"/proc/{one}/task").iterdir():
                with suppress(FileNotFoundError, ProcessLookupError):
                    todo += [int(child) for child in (thread / "children").read_text().split()]
    return found


def open_reader(url: str) -> Any:
    """A database engine that only reads and waits for nobody long."""
    engine = create_engine(url, pool_pre_ping=True, pool_size=4, isolation_level="AUTOCOMMIT")
    if url.startswith("sqlite"):

        def read_only(connection: Any, _entry: Any) -> None:
            connection.execute("PRAGMA busy_timeout = 5000")
            connection.execute("PRAGMA query_only = ON")

        event.listen(engine, "connect", read_only)
    else:
        event.listen(engine, "connect", read_uuids_as_text)
    return engine
