"""T04: workers are stopped in the middle of a job, for three times their lease, and then go on as if nothing had been.

Somebody else has done their work meanwhile: whatever they still write is refused, once for each job they held.
"""

from __future__ import annotations

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.torture.cluster import Cluster, distributed
from tests.torture.faulty import FaultFiles
from tests.torture.steady import steady_load

pytestmark = pytest.mark.slow

LEASE_S = 1
STOPPED_S = 3 * LEASE_S
WITHIN_S = 180.0
#: Outside any transaction: what such a worker held is certain, so what is refused can be counted.
BETWEEN = ("op.after_sent_commit", "http.before", "http.after_reply")
#: Inside one, with the instance locked: the database ends it, or it commits in time. Counted, not compared.
WITHIN = ("advance.loaded", "advance.before_commit", "claim.after_commit")
HELD = "SELECT id FROM job WHERE lease_owner LIKE :owner AND state IN ('leased', 'sent')"
COUNTED = "SELECT counters FROM worker_heartbeat WHERE name LIKE :owner"


@dataclass
class Zombies:
    """What became of the stopped."""

    stops: Counter[str] = field(default_factory=Counter)  # by point
    held: int = 0
    refused: int = 0
    refused_within: int = 0


def test_stopped_workers_write_nothing_when_they_come_back(
    full: bool, figures: Callable[..., None], tmp_path: Path, filled: Path
) -> None:
    rounds = 100 if full else 2
    zombies = Zombies()
    faults = FaultFiles(tmp_path, "stopped")
    with distributed(tmp_path, filled=filled, YIZHAN_JOB_LEASE_S=str(LEASE_S)) as cluster:
        alone = {"YIZHAN_WORKER_THREADS": "1", "YIZHAN_JOB_BATCH": "1"}
        cluster.add_yizhan("stopped", "stopped", "worker", changes={**alone, **faults.env})
        with steady_load(cluster, prefix="T04", window=8) as steady:
            rng = random.Random(steady.seed)
            stopped = f"%-{cluster.members['stopped'].pid}-%"
            wait_until(lambda: bool(cluster.sql_patiently(COUNTED, owner=stopped)), "the first sign of life")
            for number in range(rounds):
                # One in four stops inside a transaction.
                point = rng.choice(WITHIN if number % 4 == 3 else BETWEEN)
                stop_once(cluster, faults, point, zombies)
    figures(
        "T04",
        lease_s=LEASE_S,
        stopped_s=STOPPED_S,
        stops=dict(zombies.stops),
        jobs_held_by_zombies=zombies.held,
        refused=zombies.refused,
        refused_after_stops_inside=zombies.refused_within,
        **steady.figures(),
    )
    steady.check()
    assert zombies.held > 0
    assert zombies.refused >= zombies.held


def stop_once(cluster: Cluster, faults: FaultFiles, point: str, zombies: Zombies) -> None:
    """Stop the worker at a point it is about to pass, let it go on after its lease, and count what was refused."""
    owner = f"%-{cluster.members['stopped'].pid}-%"
    before = refused(cluster, owner)
    armed = faults.arm(point, 5, "stop")  # some will pass while the rule is being written
    wait_until(lambda: faults.passed(armed) is not None and is_stopped(cluster.members["stopped"].pid), point)
    cluster.journal.write("stopped", point=point)
    faults.disarm()
    held = {row[0] for row in cluster.sql_patiently(HELD, owner=owner)}
    time.sleep(STOPPED_S)
    still = {row[0] for row in cluster.sql_patiently(HELD, owner=owner)}
    cluster.signal("stopped", signal.SIGCONT)
    zombies.stops[point] += 1
    taken = len(held - still)
    if point in BETWEEN:
        zombies.held += taken
        # Leases of a second also run out by themselves where the machine is busy: so there may be more, never fewer.
        wait_until(lambda: refused(cluster, owner) - before >= taken, f"{taken} refused writes after {point}")
        zombies.refused += refused(cluster, owner) - before
        return
    settle(cluster)
    zombies.refused_within += refused(cluster, owner) - before


def settle(cluster: Cluster) -> None:
    """Let the workers tell their counts: they do with every round of the sweeper."""
    ((before,),) = cluster.sql_patiently("SELECT max(seen_at) FROM worker_heartbeat")
    wait_until(
        lambda: cluster.sql_patiently("SELECT min(seen_at) FROM worker_heartbeat")[0][0] > before, "signs of life"
    )


def refused(cluster: Cluster, owner: str) -> int:
    """The writes refused so far by the fence, of one worker."""
    rows = cluster.sql_patiently(COUNTED, owner=owner)
    return sum(int(json.loads(row[0])["fenced_writes"]) for row in rows)


def is_stopped(pid: int) -> bool:
    """Whether Linux has stopped a process."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "T"


def wait_until(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not ready():
        assert time.monotonic() < deadline, f"waited {WITHIN_S:g} s for {what}"
        time.sleep(0.05)
