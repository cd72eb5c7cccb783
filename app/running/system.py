"""`yizhan up`: everything in one process, the simulated neighbours beside it; stops as one."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from app.config import Settings
from app.factory import build_app, build_deps, local_bell
from app.observability import configure_logging
from app.running.migrations import load_everything, migrate
from app.running.ports import free_port, is_taken
from app.running.simulators import forget_address, note_address, start_simulators, wait_until_ready
from app.running.web_server import WebServer
from app.running.worker_process import Workers

DEMO_ACCOUNTS: Final = "front back field designer ops ops2 hq.dispatch admin"
STOP_WITHIN_S: Final = 25.0


class System:
    """One running Yizhan. ``say`` prints a line for people."""

    def __init__(self, settings: Settings, *, say: Callable[[str], None]) -> None:
        self.settings = settings
        self._say = say
        self._stop = threading.Event()

    def run(self) -> int:
        """Start, wait for Ctrl-C or SIGTERM, stop; returns the exit code."""
        began = time.monotonic()
        settings = self.settings
        if is_taken(settings.host, settings.port):
            self._say(f"port {settings.port} is in use: stop what uses it, or choose another one with PORT=8081")
            return 1
        if settings.demo:
            settings = self.settings = with_own_neighbours(settings)
        configure_logging(settings)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: self._stop.set())
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
        self._welcome(time.monotonic() - began)
        while not self._stop.wait(1.0):
            if neighbours is not None and neighbours.poll() is not None:
                self._say("the simulated neighbours have ended; starting them again")
                neighbours = start_simulators(self.settings)
        self._say("stopping ...")
        server.stop()
        workers.worker.stop()
        for thread in threads:
            thread.join(timeout=STOP_WITHIN_S)
        deps.close()
        if neighbours is not None:
            end(neighbours)
        return 0

    def _welcome(self, seconds: float) -> None:
        self._say(f"\n  Yizhan 一站 is ready: {self.settings.base_url}   ({seconds:.1f} s)\n")
        if self.settings.demo:
            self._say(f"  demo accounts (password: demo): {DEMO_ACCOUNTS}")
            self._say(
                "  an order all the way: .venv/bin/yizhan order submit examples/orders/home-bundle.json --follow --play"
            )
        self._say("  Ctrl-C stops everything.\n")


def with_own_neighbours(settings: Settings) -> Settings:
    """The settings with a free port for the simulated neighbours when theirs is taken."""
    address = urlsplit(settings.adapter_url)
    host, port = address.hostname or "127.0.0.1", address.port or 8090
    if not is_taken(host, port):
        return settings
    return replace(settings, adapter_url=f"http://{host}:{free_port(host)}")


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
