"""A worker in a process of its own that may be killed, and waiting for what comes of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from processes.queries import waiting_summary
from tests.engine.rig import Rig

ROOT = Path(__file__).resolve().parents[2]


class Supervised:
    """The worker program, which starts its worker again whenever that has been killed."""

    def __init__(self, rig: Rig, folder: Path, rules: str, slow_s: float = 0.0) -> None:
        (folder / "rules").write_text(rules, encoding="utf-8")
        self.log = folder / "hits"
        command = [sys.executable, "-m", "tests.engine.worker_program", rig.url, str(folder / "far.sqlite")]
        self.faulty = {
            **os.environ,
            "YIZHAN_TEST_FAULTS": "1",
            "YIZHAN_TEST_FAULT_FILE": str(folder / "rules"),
            "YIZHAN_TEST_FAULT_LOG": str(self.log),
        }
        self.process = subprocess.Popen(
            [*command, str(slow_s)],
            env=self.faulty,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def stop(self) -> tuple[int, list[str]]:
        """Ask it to end; returns its exit code and what else it said."""
        self.process.send_signal(signal.SIGTERM)
        try:
            said, _ = self.process.communicate(timeout=30)
        finally:  # one that does not end would work on the database of the tests that follow
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.returncode, said.split()

    def hits(self) -> set[tuple[str, int]]:
        lines = [line.split() for line in self.log.read_text(encoding="utf-8").splitlines()]
        return {(name, int(nth)) for name, nth, _process in lines}


def until(rig: Rig, root: str, state: str = "", user_task: bool = False) -> None:
    """Wait until an instance is in a state, or has an open user task."""
    for _ in range(600):
        if (state and rig.instance(root).state == state) or (user_task and rig.user_tasks(root)):
            return
        time.sleep(0.1)
    with rig.sessions() as session:
        left = waiting_summary(session, root)
    raise AssertionError(f"not reached, waits for {left}")
