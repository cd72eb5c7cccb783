"""Which processes stem from a process, and whether they have gone."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass

LOOK_S = 0.1


@dataclass(frozen=True)
class Relative:
    """A process below another one."""

    pid: int
    parent: int
    command: str


def table() -> list[Relative]:
    """Every process of this machine that is not a zombie."""
    listed = subprocess.run(["ps", "-axo", "pid=,ppid=,stat=,args="], check=True, capture_output=True, text=True)
    rows = [line.split(None, 3) for line in listed.stdout.splitlines()]
    return [Relative(int(row[0]), int(row[1]), row[3]) for row in rows if len(row) == 4 and not row[2].startswith("Z")]


def below(pid: int) -> list[Relative]:
    """Children of a process, their children, and so on."""
    everybody, found, parents = table(), list[Relative](), [pid]
    while parents:
        parent = parents.pop()
        children = [one for one in everybody if one.parent == parent]
        found += children
        parents += [one.pid for one in children]
    return found


def children(pid: int, word: str) -> list[int]:
    """Direct children of a process whose command has this word."""
    return [one.pid for one in below(pid) if one.parent == pid and f" {word}" in f"{one.command} "]


def left_after(relatives: Iterable[Relative], within_s: float) -> list[Relative]:
    """Those that still run after so many seconds; returns as soon as none does."""
    known = {(one.pid, one.command) for one in relatives}
    until = time.monotonic() + within_s
    while True:
        left = [one for one in table() if (one.pid, one.command) in known]
        if not left or time.monotonic() > until:
            return left
        time.sleep(LOOK_S)
