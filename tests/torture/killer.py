"""Kills processes of a cluster at random, by a seed, and writes down which and when."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

from tests.torture.cluster import Cluster

#: How often each class dies among the others. Neighbours that die leave a breaker open for 10 s: those are rare here,
#: and have experiments of their own.
CLASSES = ("worker",) * 3 + ("web",) * 2 + ("postgresql",) * 2 + ("redis", "simulators", "up")
#: So many kills, of all, do not wait until everybody serves again.
WHILE_STARTING = 0.5
#: Between two kills there is at least so long, so that there is something to kill.
APART_S = 0.3
#: Without progress for so long the next one dies all the same: a system that stands still is killed too.
LONGEST_S = 30.0


class Killer:
    """A thread that kills ``count`` times while ``progress`` goes from 0 to 1: evenly over the work, not over time."""

    def __init__(
        self,
        cluster: Cluster,
        *,
        seed: int,
        count: int,
        progress: Callable[[], float],
        classes: Sequence[str] = CLASSES,
        longest_s: float = LONGEST_S,
    ) -> None:
        self.kills: Counter[str] = Counter()
        self.last_at = 0.0
        self._cluster, self._count, self._progress = cluster, count, progress
        self._rng = random.Random(seed)
        self._classes = [kind for kind in classes if cluster.names(kind)]
        self._bag: list[str] = []
        self._longest_s = longest_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="killer", daemon=True)

    def start(self) -> None:
        """Begin to kill."""
        self._thread.start()

    def join(self) -> None:
        """Wait until the last kill."""
        self._thread.join()

    def stop(self) -> None:
        """Kill no more."""
        self._stop.set()
        self._thread.join()

    @property
    def total(self) -> int:
        return sum(self.kills.values())

    def kill_one(self) -> bool:
        """Kill a random member of a random class; false where it is dead already."""
        if not self._bag:  # every class has its turn, in a random order
            self._bag = self._rng.sample(self._classes, len(self._classes))
        kind = self._bag[-1]
        name = self._rng.choice(self._cluster.names(kind))
        pids = self._cluster.pids(name)
        if not pids:
            return False
        self._bag.pop()
        chosen = self._chosen(kind, pids)
        self._cluster.kill(name, *chosen)
        self.last_at = time.monotonic()
        self.kills[kind if len(chosen) > 1 or chosen == pids[:1] else f"child of {kind}"] += 1
        return True

    def _let_them_start(self) -> None:
        """Mostly kill what serves, sometimes what is starting; but never so that nothing ever serves."""
        if self._rng.random() < WHILE_STARTING:
            return
        until = time.monotonic() + self._longest_s
        for name in self._cluster.members.keys() - self._cluster.left_alone:
            member = self._cluster.members[name]
            while not (member.is_running() and member.is_ready()):
                if self._stop.wait(0.1) or time.monotonic() > until:
                    return

    def _chosen(self, kind: str, pids: list[int]) -> list[int]:
        """One child, the parent alone, or the whole family: children of a dead parent must end by themselves."""
        parent, *children = pids
        chance = self._rng.randrange(3)
        if children and chance == 0:
            return [self._rng.choice(children)]
        return [parent] if kind == "up" or chance == 1 else pids

    def _run(self) -> None:
        due_at = time.monotonic()
        while self.total < self._count and not self._stop.is_set():
            # The k-th kill falls anywhere in the k-th part of the work.
            at = (self.total + self._rng.random()) / self._count
            while self._progress() < at and time.monotonic() < due_at + self._longest_s and not self._stop.is_set():
                self._stop.wait(0.05)
            self._let_them_start()
            while not self._stop.is_set() and not self.kill_one():
                self._stop.wait(0.05)
            due_at = time.monotonic()
            self._stop.wait(APART_S + self._rng.random() * APART_S)
