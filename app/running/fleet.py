"""`yizhan up` on PostgreSQL: web and workers as processes of their own, started, watched and stopped from here.

This process loads neither the application nor a database, so that nothing in it can hang or grow.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from app.config import Settings
from app.running.asking import answers
from app.running.ports import PortTaken, open_listener
from app.running.simulators import (
    forget_address,
    note_address,
    start_simulators,
    wait_until_ready,
    with_own_neighbours,
)
from app.running.stopping import GONE_WITHIN_S, StopAsked
from app.running.supervisor import LOOK_S, Part, Supervisor
from app.running.welcome import welcome

#: Exit code of a command that met no database (`app/cli/database.py`).
TRY_AGAIN: Final = 75
FIRST_TRY_AGAIN_S: Final = 1.0
LONGEST_TRY_AGAIN_S: Final = 10.0
READY_WITHIN_S: Final = 30.0


class Fleet:
    """One running Yizhan of several processes. ``say`` prints a line for people."""

    def __init__(self, settings: Settings, *, say: Callable[[str], None]) -> None:
        self.settings = settings
        self._say = say
        self._asked = StopAsked()
        self._kept = Supervisor(say)

    def run(self) -> int:
        """Start, keep running until Ctrl-C or SIGTERM, stop; returns the exit code."""
        began = time.monotonic()
        try:
            listener = open_listener(self.settings.host, self.settings.port)
        except PortTaken as taken:
            self._say(str(taken))
            return 1
        self._asked.listen()
        with listener:
            try:
                return self._keep(listener, began)
            finally:
                # Nobody may knock at a door behind which nobody is.
                listener.close()
                self._say("stopping ...  正在停止……")
                self._kept.stop(GONE_WITHIN_S)
                if self.settings.demo:
                    forget_address(self.settings)

    def _keep(self, listener: socket.socket, began: float) -> int:
        if self.settings.demo:
            self._start_neighbours()
        code = self._prepare_database(listener)
        if code is not None:
            return code
        self._start_web(listener)
        for number in range(self.settings.workers):
            self._start_worker(number)
        if self.settings.demo and not self._neighbours_answer():
            self._say(f"the simulated neighbours do not start; see {self.settings.data_dir}/simulators.log")
            return 1
        self._look_after_all(began)
        return 0

    def _prepare_database(self, listener: socket.socket) -> int | None:
        """Migrate and load, as often as it takes until a database answers; an exit code when there is no going on."""
        wait_s = FIRST_TRY_AGAIN_S
        while True:
            command = subprocess.Popen(  # noqa: S603 - our own command
                self._command("db", "upgrade"), env=self._environment(), stdout=subprocess.DEVNULL
            )
            while command.poll() is None:
                self._kept.look()
                if self._asked.wait(LOOK_S):
                    command.terminate()
                    command.wait()
                    return 0
            if command.returncode == 0:
                return None
            if command.returncode != TRY_AGAIN:
                return 1
            if wait_s == FIRST_TRY_AGAIN_S:
                self._say("no database answers; trying again until one does  数据库无应答，正在重试")
                self._start_web(listener)  # so that whoever asks is told
            until = time.monotonic() + wait_s
            while time.monotonic() < until:
                self._kept.look()
                if self._asked.wait(LOOK_S):
                    return 0
            wait_s = min(LONGEST_TRY_AGAIN_S, wait_s * 2)

    def _start_neighbours(self) -> None:
        self.settings = with_own_neighbours(self.settings)
        self._kept.add(
            Part("the simulated neighbours", "模拟外围系统", lambda: start_simulators(self.settings), stop_last=True)
        )

    def _neighbours_answer(self) -> bool:
        process = self._kept.parts[0].process
        if process is None or not wait_until_ready(self.settings, process):
            return False
        note_address(self.settings)
        return True

    def _start_web(self, listener: socket.socket) -> None:
        if any(part.name == "the web server" for part in self._kept.parts):
            return
        command = self._command("web", "--end-with", str(os.getpid()), "--listener", str(listener.fileno()))
        self._kept.add(Part("the web server", "网页服务", lambda: self._child(command, keep=[listener.fileno()])))

    def _start_worker(self, number: int) -> None:
        command = self._command("worker", "--end-with", str(os.getpid()))
        metrics = self.settings.worker_metrics_port
        changes = {"YIZHAN_WORKER_METRICS_PORT": str(metrics + number)} if metrics else {}
        self._kept.add(
            Part(f"worker {number + 1}", f"工作进程 {number + 1} ", lambda: self._child(command, changes=changes))
        )

    @staticmethod
    def _command(*words: str) -> list[str]:
        return [sys.executable, "-m", "app.cli", *words]

    def _environment(self) -> dict[str, str]:
        """What the parts are told: our environment, and what the command line and the start have settled."""
        settled = self.settings
        return {
            **os.environ,
            "YIZHAN_DEMO": "1" if settled.demo else "0",
            "YIZHAN_PORT": str(settled.port),
            "YIZHAN_LOG_LEVEL": settled.log_level,
            "YIZHAN_ADAPTER_URL": settled.adapter_url,
        }

    def _child(
        self, command: Sequence[str], *, changes: Mapping[str, str] | None = None, keep: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own command
            command,
            env={**self._environment(), **(changes or {})},
            stdin=subprocess.DEVNULL,
            pass_fds=keep,
            start_new_session=True,  # Ctrl-C is for us alone; we pass it on
        )

    def _look_after_all(self, began: float) -> None:
        """Keep everything running until asked to stop; say once when the web server answers, or does not for long."""
        host = self.settings.host if ":" not in self.settings.host else f"[{self.settings.host}]"
        is_awaited, is_late = True, False
        while not self._asked.wait(LOOK_S):
            self._kept.look()
            took_s = time.monotonic() - began
            if is_awaited and answers(f"http://{host}:{self.settings.port}/healthz"):
                is_awaited = False
                welcome(self.settings, took_s, self._say)
            elif is_awaited and not is_late and took_s > READY_WITHIN_S:
                is_late = True
                self._say("the web server does not answer yet  网页服务尚无应答")
