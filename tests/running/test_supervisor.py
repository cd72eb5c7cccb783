"""The supervisor: starts again what ends, ever more slowly, and ends what does not stop."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

from app.running import supervisor
from app.running.supervisor import Part, Supervisor

STUBBORN = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1], 'x'); time.sleep(60)"
)


def kept(*command: str) -> tuple[Supervisor, Part, list[str], list[float]]:
    lines: list[str] = []
    starts: list[float] = []

    def begin() -> subprocess.Popen[bytes]:
        starts.append(time.monotonic())
        return subprocess.Popen(command)

    keeper = Supervisor(lines.append)
    return keeper, keeper.add(Part("the part", "部件", begin)), lines, starts


def test_what_ends_at_once_is_started_ever_more_slowly() -> None:
    keeper, part, lines, starts = kept(sys.executable, "-c", "raise SystemExit(3)")
    while len(starts) < 4:
        keeper.look()
        time.sleep(0.01)
    pauses = [later - earlier for earlier, later in pairwise(starts)]
    assert all(pause >= wanted for pause, wanted in zip(pauses, (0.5, 1.0, 2.0), strict=True)), pauses
    assert (
        "the part has ended (exit code 3); starting it again in 0.5 s  部件已退出（退出码 3），0.5 秒后重新启动"
        in lines
    )
    assert part.deaths == 3
    keeper.stop(5)


def test_the_pause_never_grows_beyond_its_cap_and_begins_anew_after_a_sound_life() -> None:
    keeper, part, lines, _starts = kept(sys.executable, "-c", "import time; time.sleep(60)")
    part.deaths = 50
    assert part.process is not None
    part.process.kill()
    part.process.wait()
    keeper.look()
    assert "killed by SIGKILL" in lines[-1] and "in 30 s" in lines[-1]
    part.start_at = time.monotonic()
    keeper.look()
    assert part.process is not None
    part.started_at -= supervisor.SOUND_AFTER_S + 1
    part.process.kill()
    part.process.wait()
    keeper.look()
    assert "in 0.5 s" in lines[-1]


def test_what_does_not_stop_is_ended(tmp_path: Path) -> None:
    keeper, part, _lines, _starts = kept(sys.executable, "-c", STUBBORN, str(tmp_path / "deaf"))
    while not (tmp_path / "deaf").exists():
        time.sleep(0.05)
    assert part.process is not None
    keeper.stop(0.5)
    assert part.process.returncode == -9


def test_a_program_that_cannot_be_started_is_tried_again_later() -> None:
    lines: list[str] = []

    def begin() -> subprocess.Popen[bytes]:
        return subprocess.Popen(["/no/such/program"])

    keeper = Supervisor(lines.append)
    part = keeper.add(Part("the part", "部件", begin))
    assert lines == ["the part cannot be started: No such file or directory"]
    assert part.start_at is not None and part.start_at > time.monotonic() + 20
