"""T23: 20,000 timers due within one second, two workers on PostgreSQL, and people at the counter meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from tests.databases import upgrade
from tests.scenario.rig import ORDERS, Rig, distributed
from tests.servers import ROOT, postgresql
from tests.torture.cpu import CpuWatch
from tests.torture.experiment import asked_for

pytestmark = [pytest.mark.slow, pytest.mark.torture]
AHEAD = timedelta(hours=2)  # of the product's clock, so that building the instances may take as long as it takes
LEAD_S = 5.0
HOME = "home-bundle.json"
READS = (f"{ORDERS}?limit=20", "/api/v1/work-items?tab=all&limit=20", "/api/v1/me")
SUBMIT_EVERY_S = 5.0


@dataclass
class Desk:
    """People at the counter during the storm: they read lists and pages, and every few seconds one places an order."""

    rig: Rig
    read_s: list[float] = field(default_factory=list)
    submit_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    orders: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def read(self, server: int) -> None:
        """One reader, who looks at something a few times a second."""
        with httpx.Client(
            base_url=self.rig.urls[server], headers={"Authorization": "Bearer demo-front"}, timeout=30
        ) as client:
            for turn in range(1_000_000):
                if self.stopping.wait(0.2):
                    return
                began = time.monotonic()
                status = client.get(READS[turn % len(READS)]).status_code
                self.read_s.append(time.monotonic() - began)
                self.statuses[status] += 1

    def submit(self) -> None:
        """One who places orders."""
        while not self.stopping.wait(SUBMIT_EVERY_S):
            began = time.monotonic()
            self.orders.append(self.rig.place(HOME))
            self.submit_s.append(time.monotonic() - began)


def test_timers_due_in_one_second_all_fire_once_and_soon(
    tmp_path: Path, redis_url: str, figures: Callable[..., None]
) -> None:
    count = asked_for("TIMERS", 20_000)
    with postgresql(durable=True) as server:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE storm")
        url = server.url("storm")
        upgrade(url)
        with distributed(tmp_path, url, redis_url, web=1, workers=2, YIZHAN_DEMO_WAIT_SCALE="1") as rig:
            storm(rig, count, figures, server.process.pid)


def storm(rig: Rig, count: int, figures: Callable[..., None], postgresql_pid: int) -> None:
    began = time.monotonic()
    due_at = datetime.now(UTC) + AHEAD
    build(rig, count, due_at)
    wait_for(rig, "SELECT count(*) FROM timer WHERE state = 'waiting'", count, within_s=1200)
    wait_for(rig, "SELECT count(*) FROM job WHERE ended_at IS NULL", 0, within_s=60)
    built_s = time.monotonic() - began

    desk = Desk(rig)
    people = [threading.Thread(target=desk.read, args=(0,), daemon=True) for _ in range(2)]
    people.append(threading.Thread(target=desk.submit, daemon=True))
    for person in people:
        person.start()
    pids = {"postgresql": postgresql_pid} | {f"worker{n}": worker.pid for n, worker in enumerate(rig.workers)}
    with CpuWatch(pids) as cpu:
        set_clock(rig, due_at - timedelta(seconds=LEAD_S))
        broke = time.monotonic() + LEAD_S
        wait_for(
            rig,
            "SELECT count(*) FROM timer WHERE state = 'waiting' AND due_at <= "
            f"'{(due_at + timedelta(seconds=2)).isoformat()}'",
            0,
            within_s=600,
        )
    storm_s = time.monotonic() - broke
    desk.stopping.set()
    for person in people:
        person.join(30)

    late = [row[0] for row in rows(rig, LATENESS)]
    figures(
        "T23",
        timers=count,
        fired=len(late),
        lateness_p50_s=share(late, 0.5),
        lateness_p95_s=share(late, 0.95),
        lateness_max_s=share(late, 1.0),
        per_timer_cpu_ms={name: round(1000 * used / count, 2) for name, used in cpu.used.items()},
        seconds=round(storm_s, 1),
        timers_per_s=round(count / storm_s),
        reads=len(desk.read_s),
        read_p95_ms=round(1000 * share(desk.read_s, 0.95)),
        submits=len(desk.submit_s),
        submit_p95_ms=round(1000 * share(desk.submit_s, 0.95)),
        statuses=dict(desk.statuses),
        built_s=round(built_s, 1),
    )
    assert len(late) == count, "every timer fires"
    assert min(late) >= 0, "none fires early"
    assert rows(rig, FIRED_TWICE) == [], "none fires twice"
    assert rows(
        rig, "SELECT count(*) FROM process_instance WHERE process_key = 'waits_once' AND state <> 'completed'"
    ) == [(0,)]
    assert set(desk.statuses) == {200}
    assert share(late, 0.95) <= 30
    assert share(desk.read_s + desk.submit_s, 0.95) <= 0.5
    assert json.loads(rig.command("invariants", "--json")) == []


LATENESS = """
    SELECT extract(epoch FROM timer.ended_at - timer.due_at)::float FROM timer
    JOIN process_instance ON process_instance.id = timer.instance_id
    WHERE process_key = 'waits_once' AND timer.state = 'fired' ORDER BY 1"""
FIRED_TWICE = """
    SELECT instance_id FROM activity_log WHERE element_id = 'until' AND event = 'completed'
    GROUP BY instance_id HAVING count(*) > 1"""


def build(rig: Rig, count: int, due_at: datetime) -> None:
    """Start the instances in a process of its own; the workers of the system take the first steps."""
    command = [sys.executable, "-m", "tests.torture.many_instances", str(count), due_at.isoformat()]
    done = subprocess.run(command, cwd=ROOT, env=dict(rig.env), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def rows(rig: Rig, query: str) -> list[Any]:
    address = make_url(rig.env["YIZHAN_DATABASE_URL"]).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string()) as connection:
        return connection.execute(query.encode()).fetchall()


def wait_for(rig: Rig, query: str, wanted: int, *, within_s: float) -> None:
    """Wait until a count is reached."""
    deadline = time.monotonic() + within_s
    while (found := rows(rig, query)[0][0]) != wanted:
        assert time.monotonic() < deadline, f"{query}: {found} instead of {wanted}"
        time.sleep(0.5)


def set_clock(rig: Rig, at: datetime) -> None:
    """Put the product's clock on, for every process at once."""
    address = make_url(rig.env["YIZHAN_DATABASE_URL"]).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string()) as connection:
        connection.execute(
            "INSERT INTO clock_setting (id, offset_s) VALUES (1, extract(epoch FROM %s - clock_timestamp())) "
            "ON CONFLICT (id) DO UPDATE SET offset_s = excluded.offset_s",
            (at,),
        )


def share(values: Sequence[float], part: float) -> float:
    """The value below which that part of the values lies; 0 if there is none."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 3) if ordered else 0.0
