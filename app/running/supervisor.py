"""Keeps processes running: starts again whatever ends, ever more slowly where it ends at once, and stops them all."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 30.0
#: A process that ran so long was sound: its next end counts as the first.
SOUND_AFTER_S: Final = 60.0
LOOK_S: Final = 0.1


@dataclass
class Part:
    """One process to be kept running. ``stop_last``: others need it until they have ended."""

    name: str
    name_zh: str
    start: Callable[[], subprocess.Popen[bytes]]
    stop_last: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float | None = None
    deaths: int = 0


@dataclass
class Supervisor:
    """``say`` prints a line for people."""

    say: Callable[[str], None]
    parts: list[Part] = field(default_factory=list)

    def add(self, part: Part) -> Part:
        """Start a process and look after it from now on."""
        self.parts.append(part)
        self._start(part)
        return part

    def look(self) -> None:
        """Notice what has ended, and start what is due."""
        now = time.monotonic()
        for part in self.parts:
            if part.process is not None and part.process.poll() is not None:
                self._plan_restart(part, part.process.returncode, now)
            if part.process is None and part.start_at is not None and now >= part.start_at:
                self._start(part)

    def stop(self, within_s: float) -> None:
        """Ask everything to end, and end what does not."""
        until = time.monotonic() + within_s
        self._end([part for part in self.parts if not part.stop_last], until)
        self._end([part for part in self.parts if part.stop_last], max(until, time.monotonic() + 1.0))

    def _start(self, part: Part) -> None:
        part.started_at, part.start_at = time.monotonic(), None
        try:
            part.process = part.start()
        except OSError as problem:  # no memory, no process numbers left: later, perhaps
            self.say(f"{part.name} cannot be started: {problem.strerror}")
            part.start_at = part.started_at + LONGEST_WAIT_S

    def _plan_restart(self, part: Part, code: int, now: float) -> None:
        part.deaths = 1 if now - part.started_at > SOUND_AFTER_S else part.deaths + 1
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (part.deaths - 1))
        part.process, part.start_at = None, now + wait_s
        how, how_zh = ending(code)
        self.say(
            f"{part.name} has ended ({how}); starting it again in {wait_s:g} s"
            f"  {part.name_zh}已退出（{how_zh}），{wait_s:g} 秒后重新启动"
        )

    @staticmethod
    def _end(parts: Sequence[Part], until: float) -> None:
        running = [part.process for part in parts if part.process is not None and part.process.poll() is None]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=max(LOOK_S, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def ending(code: int) -> tuple[str, str]:
    """How a process ended, in two languages."""
    if code >= 0:
        return f"exit code {code}", f"退出码 {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    return f"killed by {name}", f"被 {name} 终止"
