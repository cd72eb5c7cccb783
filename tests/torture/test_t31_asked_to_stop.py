"""T31: workers and web servers are asked to stop under load, again and again; each ends in time and leaves no lease."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.torture.cluster import READY_S, Cluster, distributed
from tests.torture.experiment import asked_for
from tests.torture.steady import steady_load

pytestmark = [pytest.mark.slow, pytest.mark.torture]
TIMES = 50
EXIT_WITHIN_S = 30.0
#: Every fifth one asked is a web server: it holds no leases, but has requests in hand.
WEB_EVERY = 5
ALIVE = "SELECT name FROM worker_heartbeat WHERE name LIKE :owner AND state = 'running'"
LEFT = """
SELECT 'job ' || id FROM job WHERE state IN ('leased', 'sent') AND lease_owner LIKE :owner
UNION ALL
SELECT 'timer ' || id FROM timer WHERE state = 'waiting' AND lease_until IS NOT NULL AND lease_owner LIKE :owner
UNION ALL
SELECT 'news ' || id FROM inbox_message
 WHERE state = 'received' AND lease_until IS NOT NULL AND lease_owner LIKE :owner
"""


def test_asked_to_stop_under_load(figures: Callable[..., None], tmp_path: Path) -> None:
    """The lease is long, so that what a worker left behind would be seen."""
    took: dict[str, list[float]] = {"web": [], "worker": []}
    left: list[str] = []
    times = asked_for("TIMES", TIMES)
    with distributed(tmp_path, YIZHAN_JOB_LEASE_S="120") as cluster, steady_load(cluster, prefix="T31") as steady:
        steady.wait_for_orders(final=3)
        rng = random.Random(steady.seed)
        for number in range(1, times + 1):
            kind = "web" if number % WEB_EVERY == 0 else "worker"
            seconds, found = ask_to_stop(cluster, rng.choice(cluster.names(kind)))
            took[kind].append(seconds)
            left += found
            time.sleep(rng.uniform(0.2, 2.0))
    codes = {code for _name, _pid, code in cluster.deaths}
    figures(
        "T31",
        asked=times,
        longest_worker_s=round(max(took["worker"]), 1),
        longest_web_s=round(max(took["web"]), 1),
        leases_left=len(left),
        exit_codes=sorted(codes),
        **steady.figures(),
    )
    steady.check()
    assert left == []
    assert codes == {0}
    assert max(took["worker"] + took["web"]) <= EXIT_WITHIN_S
    assert steady.counters.get("lease_expired", 0) == 0


def ask_to_stop(cluster: Cluster, name: str) -> tuple[float, list[str]]:
    """Send SIGTERM and wait; returns how long it took and what was left leased by that process."""
    cluster.wait_ready(name)
    wait_for_a_sign_of_life(cluster, name)
    deaths = len(cluster.deaths)
    began = time.monotonic()
    pid = cluster.signal(name, signal.SIGTERM)
    while pid not in {dead for _name, dead, _code in cluster.deaths[deaths:]}:
        assert time.monotonic() < began + 2 * EXIT_WITHIN_S, f"{name} does not end"
        time.sleep(0.02)
    seconds = time.monotonic() - began
    # The name of a worker is host, process id and a few random letters.
    left = [str(row[0]) for row in cluster.sql_patiently(LEFT, owner=f"%-{pid}-%")]
    cluster.journal.write("ended", name=name, pid=pid, seconds=round(seconds, 2), left=left)
    return seconds, left


def wait_for_a_sign_of_life(cluster: Cluster, name: str) -> None:
    """Wait until a worker works: before that there is nobody to be asked, and nothing in hand."""
    member, deadline = cluster.members[name], time.monotonic() + READY_S
    while member.kind == "worker" and not cluster.sql_patiently(ALIVE, owner=f"%-{member.pid}-%"):
        assert time.monotonic() < deadline, f"{name} does not begin to work"
        time.sleep(0.05)
