"""CPU seconds that processes and their children have used, read from /proc."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType

TICKS = os.sysconf("SC_CLK_TCK")


class CpuWatch:
    """``used``: name -> CPU seconds of that process and its children between entering and leaving the block."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._before: dict[str, float] = {}
        self.used: dict[str, float] = {}

    def __enter__(self) -> CpuWatch:
        self._before = {name: family_s(pid) for name, pid in self._pids.items()}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.used = {name: family_s(pid) - self._before[name] for name, pid in self._pids.items()}


def family_s(pid: int) -> float:
    """CPU seconds of a process, of its living children and of those it has waited for."""
    own = _times(pid)
    total = 0.0 if own is None else own[1] + own[2]
    for path in Path("/proc").glob("[0-9]*"):
        found = _times(int(path.name))
        if found is not None and found[0] == pid:
            total += found[1]
    return total


def _times(pid: int) -> tuple[int, float, float] | None:
    """Parent, CPU seconds of its own, CPU seconds of the children it has waited for."""
    with suppress(OSError):
        fields = (Path("/proc") / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        numbers = [int(text) for text in fields[11:15]]
        return int(fields[1]), sum(numbers[:2]) / TICKS, sum(numbers[2:]) / TICKS
    return None
