"""`yizhan up` on SQLite: everything in one process, the simulated neighbours beside it; stops as one."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable

from app.config import Settings
from app.factory import build_app, build_deps, local_bell
from app.observability import configure_logging
from app.running.migrations import load_everything, migrate
from app.running.ports import is_taken, port_taken
from app.running.simulators import (
    forget_address,
    note_address,
    start_simulators,
    wait_until_ready,
    with_own_neighbours,
)
from app.running.stopping import FINISH_WITHIN_S, StopAsked, end_at_last, leave
from app.running.web_server import WebServer
from app.running.welcome import welcome
from app.running.worker_process import Workers


class System:
    """One running Yizhan. ``say`` prints a line for people."""

    def __init__(self, settings: Settings, *, say: Callable[[str], None]) -> None:
        self.settings = settings
        self._say = say
        self._asked = StopAsked()

    def run(self) -> int:
        """Start, wait for Ctrl-C or SIGTERM, stop; returns the exit code."""
        began = time.monotonic()
        settings = self.settings
        if is_taken(settings.host, settings.port):
            self._say(port_taken(settings.port))
            return 1
        if settings.demo:
            settings = self.settings = with_own_neighbours(settings)
        configure_logging(settings)
        self._asked.listen()
        neighbours = start_simulators(settings) if settings.demo else None
        try:
            return self._serve(neighbours, began)
        finally:
            if neighbours is not None:
                end(neighbours)
                forget_address(settings)

    def _serve(self, neighbours: subprocess.Popen[bytes] | None, began: float) -> int:
        deps = build_deps(self.settings, bell=local_bell(self.settings))
        migrate(deps.database)
        load_everything(deps)
        server = WebServer(build_app(self.settings, deps), self.settings)
        workers = Workers(deps)
        if neighbours is not None and not wait_until_ready(self.settings, neighbours):
            self._say(f"the simulated neighbours do not start; see {self.settings.data_dir}/simulators.log")
            return 1
        if neighbours is not None:
            note_address(self.settings)
        threads = [
            threading.Thread(target=server.run, name="web", daemon=True),
            threading.Thread(target=workers.run, name="workers", daemon=True),
        ]
        for thread in threads:
            thread.start()
        welcome(self.settings, time.monotonic() - began, self._say)
        while not self._asked.wait(1.0):
            if neighbours is not None and neighbours.poll() is not None:
                self._say("the simulated neighbours have ended; starting them again")
                neighbours = start_simulators(self.settings)
        self._say("stopping ...  正在停止……")
        end_at_last(lambda: workers.worker.in_hand)
        workers.worker.stop()
        server.stop()
        for thread in threads:
            thread.join(timeout=FINISH_WITHIN_S)
        deps.close()
        if neighbours is not None:
            end(neighbours)
            forget_address(self.settings)
        if workers.worker.in_hand:
            leave(0)  # a call that nobody waits for any more; the interpreter would
        return 0


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a process politely, then for good."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
