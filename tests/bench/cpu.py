"""CPU time of processes that are not our own children alone: exact, from the clocks of Linux.

Every process has a clock that runs only while it computes, in nanoseconds, threads that have ended included. A server
that forks (PostgreSQL) is its first process, what lives below it, and what has lived there: the kernel adds the time of
an ended child to its parent.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path

TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def process_ns(pid: int) -> int:
    """CPU time of one process with all its threads; 0 if it has just ended."""
    clock = (~pid << 3) | 2  # clock_getcpuclockid(3) for a process, CPUCLOCK_SCHED
    try:
        return time.clock_gettime_ns(clock)
    except OSError:
        return 0


def ended_children_ns(pid: int) -> int:
    """CPU time of the children this process has had and buried, in ticks of 10 ms."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return 0
    fields = text.rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) * TICK_NS


def children(pid: int) -> Iterator[int]:
    """The living children of a process."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[1]) == pid:
            yield int(stat.parent.name)


def tree_ns(pid: int, *, without: Collection[int] = ()) -> int:
    """CPU time of a process and everything that was ever started below it, except the processes ``without``."""
    below = sum(tree_ns(child, without=without) for child in children(pid) if child not in without)
    return process_ns(pid) + ended_children_ns(pid) + below
