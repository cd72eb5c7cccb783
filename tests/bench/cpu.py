"""CPU time of whole families of processes: exact, from the clocks of Linux.

Every process has a clock that runs only while it computes, in nanoseconds, threads that have ended included. A server
that forks (PostgreSQL, a web server with its workers) is its first process, what lives below it, and what has lived
there: the kernel adds the time of an ended child to its parent.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def process_ns(pid: int) -> int:
    """CPU time of one process with all its threads; 0 if it has just ended."""
    clock = (~pid << 3) | 2  # clock_getcpuclockid(3) for a process, CPUCLOCK_SCHED
    try:
        return time.clock_gettime_ns(clock)
    except OSError:
        return 0


def stat_of(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; empty if it has just ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def ended_children_ns(pid: int) -> int:
    """CPU time of the children this process has had and buried, in ticks of 10 ms."""
    fields = stat_of(pid)
    return (int(fields[13]) + int(fields[14])) * TICK_NS if fields else 0


def children() -> Mapping[int, list[int]]:
    """Every living process of this machine by its parent."""
    found: dict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*"):
        if fields := stat_of(int(path.name)):
            found[int(fields[1])].append(int(path.name))
    return found


def family(pid: int, *, without: Collection[int] = ()) -> list[int]:
    """A process and everything below it, except the processes ``without`` and what is below those."""
    below, found, todo = children(), [], [pid]
    while todo:
        one = todo.pop()
        if one not in without:
            found.append(one)
            todo += below.get(one, [])
    return found


def family_ns(pid: int, *, without: Collection[int] = ()) -> int:
    """CPU time of a process and everything that was ever started below it, except the processes ``without``."""
    return sum(process_ns(one) + ended_children_ns(one) for one in family(pid, without=without))
