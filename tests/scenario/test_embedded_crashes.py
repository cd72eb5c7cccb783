"""`yizhan up` killed in the middle of an order, on SQLite: started again on the same data, the order goes on."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.cli.client import Client as CommandClient
from tests.scenario.rig import YIZHAN, Rig, answers, environment
from tests.scenario.supervised import Crew
from tests.servers import ROOT, free_port, is_listening, start, stop, wait_until

pytestmark = pytest.mark.slow
VISIT = "install_at_customer"
LEASE_S = 120  # longer than the test waits: a new process knows that the old one is dead
GONE_WITHIN_S = 10.0


@contextmanager
def up(rig: Rig) -> Iterator[int]:
    """One life of `yizhan up --demo`; yields its process id. It may be dead at the end."""
    log = rig.folder / "up.log"
    process = start([*YIZHAN, "up", "--demo"], log=log, cwd=ROOT, env=dict(rig.env))
    try:
        wait_until(lambda: answers(f"{rig.urls[0]}/readyz") and answers(f"{rig.neighbours}/healthz"), process, log)
        yield process.pid
    finally:
        stop(process)


def neighbours_have_gone(port: int) -> bool:
    """Whether the neighbours of a killed system end by themselves."""
    deadline = time.monotonic() + GONE_WITHIN_S
    while is_listening(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_listening(port)


def test_killed_three_times_an_order_still_completes(tmp_path: Path) -> None:
    port, far_port = free_port(), free_port()
    books = tmp_path / "yizhan.sqlite"
    env = environment(
        f"sqlite:///{books}", redis_url="", neighbours=f"http://127.0.0.1:{far_port}", port=port, folder=tmp_path
    )
    env["YIZHAN_JOB_LEASE_S"] = str(LEASE_S)
    rig = Rig([f"http://127.0.0.1:{port}"], f"http://127.0.0.1:{far_port}", env, tmp_path)
    with up(rig) as pid:
        order_id = rig.place("home-bundle.json")
        rig.follow(order_id, play=False, until=lambda view: started(view) > 0)
        kill(rig, pid)
    assert neighbours_have_gone(far_port)
    with up(rig) as pid:
        work_up_to_the_visit(rig, order_id)
        kill(rig, pid)
    assert neighbours_have_gone(far_port)
    with up(rig) as pid:
        rig.crew().work(rig.order(order_id))
        kill(rig, pid)
    assert neighbours_have_gone(far_port)
    with up(rig):
        assert rig.follow(order_id, within_s=LEASE_S / 2)["state"] == "completed"
        mine = [row for row in rig.effects() if order_id in row["business_key"] and row["is_write"]]
        assert mine
        assert [row for row in mine if row["count"] != 1] == []
        assert json.loads(rig.command("invariants", "--json")) == []
        assert json.loads(rig.command("reconcile", "--json"))["differences"] == []
        rig.close()
    with closing(sqlite3.connect(books)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def work_up_to_the_visit(rig: Rig, order_id: str) -> None:
    """Do every work item but the visit, until only that one is left."""
    with closing(CommandClient(rig.urls[0], "demo-front")) as client:
        crew = Crew(client)
        crew.leave = VISIT

        def only_the_visit(view: Any) -> bool:
            crew.work(view)
            return [item["form_key"] for item in rig.items_of(order_id) if item["state"] == "open"] == [VISIT]

        rig.follow(order_id, play=False, until=only_the_visit)


def kill(rig: Rig, pid: int) -> None:
    """End the process without a warning, and forget the connections to it."""
    os.kill(pid, signal.SIGKILL)
    rig.close()
    rig.open_clients.clear()
    rig.open_crew = None


def started(view: Any) -> int:
    return sum(1 for row in view["work_orders"] if row["started_at"])


def test_the_neighbours_end_with_the_command_that_runs_them(tmp_path: Path) -> None:
    far_port = free_port()
    neighbours = f"http://127.0.0.1:{far_port}"
    env = environment("", redis_url="", neighbours=neighbours, port=free_port(), folder=tmp_path)
    del env["YIZHAN_DATABASE_URL"]
    log = tmp_path / "simulators.log"
    process = start([*YIZHAN, "simulators"], log=log, cwd=ROOT, env=env)
    wait_until(lambda: answers(f"{neighbours}/healthz"), process, log)
    process.kill()
    process.wait()
    assert neighbours_have_gone(far_port)
