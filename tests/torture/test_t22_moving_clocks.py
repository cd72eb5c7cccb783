"""T22: clocks that disagree and clocks that jump; no timer is early by the database's clock, none fires twice."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from processes.clock import SystemClock
from tests.engine.diagrams import end, process, start, wait_for
from tests.engine.rig import Rig
from tests.servers import server_folder, server_user
from tests.torture.cluster import Cluster
from tests.torture.harmed_servers import harmed_cluster, harmed_postgresql
from tests.torture.shims import ShiftedClock, build

pytestmark = [pytest.mark.slow, pytest.mark.torture]
DAY_S, HOUR_S = 86_400.0, 3_600.0
TIMERS = 300
LATE_S = 5.0
PATIENCE_S = 120.0
FIRED = """
SELECT t.instance_id, t.due_at, t.ended_at, t.state,
       (SELECT count(*) FROM activity_log l WHERE l.instance_id = t.instance_id
          AND l.element_id = 'pause' AND l.event = 'completed') AS times
FROM timer t JOIN process_instance i ON i.id = t.instance_id WHERE i.process_key = :key
"""


def waits(key: str, duration: str) -> bytes:
    return process(key, start(), wait_for("pause", f"'{duration}'"), end(), flows="begin > pause > done")


class Timers:
    """Process instances that wait for a time, and when they went on."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self._cluster = cluster
        self._rig = Rig(cluster.env["YIZHAN_DATABASE_URL"], folder)
        self._rig.real_time()

    def wait_for_workers(self, number: int) -> None:
        """Wait until so many have given a sign of life."""
        until = time.monotonic() + PATIENCE_S
        while self._cluster.sql_patiently("SELECT count(*) FROM worker_heartbeat")[0][0] < number:
            assert time.monotonic() < until, "the workers do not start"
            time.sleep(0.2)

    def begin(self, key: str, duration: str, number: int, *, over_s: float = 0.0) -> None:
        """Start so many, spread over some seconds."""
        self._rig.deploy(waits(key, duration))
        for _ in range(number):
            with self._rig.work() as session:
                now = SystemClock().now(session)
                self._rig.engine.start(session, key, business_key=key, area="SH", data={}, now=now, actor="test")
            time.sleep(over_s / number)

    def rows(self, key: str) -> list[Any]:
        return self._cluster.sql_patiently(FIRED, key=key)

    def fired(self, key: str) -> int:
        return sum(row.state == "fired" for row in self.rows(key))

    def wait_until_fired(self, key: str, number: int) -> float:
        """Wait for so many; returns after how many seconds they had."""
        began = time.monotonic()
        while self.fired(key) < number:
            assert time.monotonic() - began < PATIENCE_S, (key, self.fired(key), number)
            time.sleep(0.1)
        return time.monotonic() - began

    def verdict(self, key: str) -> dict[str, Any]:
        """How early, how late and how often they fired, by the database's clock."""
        rows = self.rows(key)
        late = sorted((seconds(row.ended_at) - seconds(row.due_at)) for row in rows)
        return {
            "timers": len(rows),
            "early": sum(lateness < 0 for lateness in late),
            "twice": sum(row.times > 1 for row in rows),
            "never": sum(row.times == 0 for row in rows),
            "late_max_s": round(late[-1], 2),
        }

    def close(self) -> None:
        self._rig.close()


def seconds(at: datetime) -> float:
    return at.timestamp()


def well(verdict: dict[str, Any]) -> bool:
    return (verdict["early"], verdict["twice"], verdict["never"]) == (0, 0, 0)


def test_t22_moving_clocks(tmp_path: Path, figures: Callable[..., None]) -> None:
    """Workers two minutes apart, whose clocks jump, then a database whose clock jumps."""
    seed = random.SystemRandom().randrange(1, 10**6)
    rng = random.Random(seed)
    print(f"seed {seed}")
    third = TIMERS // 3
    with server_folder("clocks", server_user()) as shared:
        library = build("clock", shared)
        shared.chmod(0o755)
        there = ShiftedClock(library, shared / "database")
        ours = [ShiftedClock(library, shared / f"worker{n}", ahead) for n, ahead in enumerate((120.0, -120.0))]
        with (
            harmed_postgresql(tmp_path / "postgresql.log", env=there.env) as database,
            harmed_cluster(
                tmp_path, database, web=0, workers=[one.env for one in ours], YIZHAN_POLL_S="0.5"
            ) as cluster,
        ):
            timers = Timers(cluster, tmp_path)
            try:
                timers.wait_for_workers(len(ours))
                found = {}
                # The workers' clocks are wrong, and jump: nobody may take any notice.
                timers.begin("skewed", "PT15S", third, over_s=10)
                for jump in (DAY_S, -HOUR_S, 120.0):
                    for clock in ours:
                        clock.step_to(rng.choice((1, -1)) * 120.0 + jump)
                    time.sleep(rng.uniform(2, 5))
                timers.wait_until_fired("skewed", third)
                found["workers +-120 s, +1 d, -1 h"] = timers.verdict("skewed")

                # The database's clock jumps ahead: what was due tomorrow is due now, once.
                timers.begin("tomorrow", "PT12H", third)
                there.step_to(DAY_S)
                drained_s = timers.wait_until_fired("tomorrow", third)
                found["database +1 d"] = timers.verdict("tomorrow")

                # It jumps back while some have fired: those do not fire again, the others wait for their time.
                timers.begin("back", "PT15S", third, over_s=10)
                timers.wait_until_fired("back", third // 5)
                there.step_to(DAY_S - HOUR_S)
                time.sleep(1.0)  # what was being fired at that moment is done
                before = timers.fired("back")
                time.sleep(8.0)
                while_back = timers.fired("back") - before
                there.step_to(DAY_S)
                timers.wait_until_fired("back", third)
                found["database -1 h and forth"] = timers.verdict("back")
            finally:
                timers.close()
            invariants = cluster.command("invariants").returncode
            told = [said_once(tmp_path / f"worker{number}.log") for number in range(2)]
    figures("T22", seed=seed, drained_after_jump_s=round(drained_s, 2), fired_while_back=while_back, told=told, **found)
    assert all(well(verdict) for verdict in found.values()), found
    assert while_back == 0
    assert found["workers +-120 s, +1 d, -1 h"]["late_max_s"] <= LATE_S
    assert drained_s <= LATE_S
    assert told == [1, 1]
    assert invariants == 0


def said_once(log: Path) -> int:
    """How often a worker said at its start that its clock is wrong."""
    return sum("the clock of this machine is" in line for line in log.read_text(encoding="utf-8").splitlines()[:50])


def test_the_shim_moves_the_clock_of_a_database(tmp_path: Path) -> None:
    """Without which the experiment would show nothing."""
    with server_folder("clocks", server_user()) as shared:
        shared.chmod(0o755)
        clock = ShiftedClock(build("clock", shared), shared / "database")
        with harmed_postgresql(tmp_path / "postgresql.log", env=clock.env) as database:
            running = database.begin()
            try:
                until = time.monotonic() + PATIENCE_S
                while not database.is_ready():
                    assert time.monotonic() < until
                    time.sleep(0.1)
                engine = create_engine(database.url, isolation_level="AUTOCOMMIT")
                with engine.connect() as connection:
                    for ahead in (DAY_S, -HOUR_S, 0.0):
                        clock.step_to(ahead)
                        now = connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())"))
                        assert abs(float(now) - time.time() - ahead) < 5
                engine.dispose()
            finally:
                running.terminate()
                running.wait(30)
