"""`yizhan up` on PostgreSQL: several processes that are kept running, lose nobody, and stop as one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from tests.running.family import below, children, left_after
from tests.scenario.rig import YIZHAN, Rig, answers, environment
from tests.scenario.supervised import patiently
from tests.servers import ROOT, free_port, start, stop
from tests.torture.own_servers import OwnServer, own_postgresql

pytestmark = pytest.mark.slow
HOME = "home-bundle.json"
HARD_S = 30.0
#: Other things may run on this machine.
PATIENCE_S = 120.0
#: What may stay until its parent's end is noticed, and its own stop.
ALONE_S = 40.0


@contextmanager
def up(folder: Path, url: str, redis_url: str = "", **changes: str) -> Iterator[tuple[Rig, subprocess.Popen[bytes]]]:
    """One life of `yizhan up --demo` on PostgreSQL; it may be dead at the end."""
    port, far_port = free_port(), free_port()
    neighbours = f"http://127.0.0.1:{far_port}"
    env = environment(url, redis_url=redis_url, neighbours=neighbours, port=port, folder=folder)
    env.update(YIZHAN_WEB_PROCESSES="2", YIZHAN_WORKERS="2", **changes)
    process = start([*YIZHAN, "up", "--demo"], log=folder / "up.log", cwd=ROOT, env=env)
    rig = Rig([f"http://127.0.0.1:{port}"], neighbours, env, folder)
    try:
        yield rig, process
    finally:
        family = below(process.pid)
        rig.close()
        if process.poll() is None:
            process.terminate()
            process.wait(HARD_S)
        for one in left_after(family, ALONE_S):
            os.kill(one.pid, signal.SIGKILL)


def log_of(rig: Rig) -> str:
    return (rig.folder / "up.log").read_text(encoding="utf-8", errors="replace")


def wait_ready(rig: Rig, process: subprocess.Popen[bytes]) -> None:
    until(lambda: "is ready" in log_of(rig) or process.poll() is not None, PATIENCE_S)
    assert process.poll() is None, log_of(rig)


def until(holds: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def leases(url: str) -> list[tuple[str, str]]:
    """Everything that somebody holds: kind and holder."""
    held = """
        SELECT 'job', lease_owner FROM job WHERE state IN ('leased', 'sent')
        UNION ALL SELECT 'timer', lease_owner FROM timer WHERE state = 'waiting' AND lease_until IS NOT NULL
        UNION ALL SELECT 'inbox', lease_owner FROM inbox_message WHERE state = 'received' AND lease_until IS NOT NULL
    """
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string()) as connection:
        return [(str(kind), str(owner)) for kind, owner in connection.execute(held).fetchall()]


def test_every_part_is_killed_and_comes_back_and_the_order_completes(
    tmp_path: Path, make_database: Callable[..., str], redis_url: str
) -> None:
    url = make_database("postgresql", migrated=False)
    with up(tmp_path, url, redis_url) as (rig, process):
        wait_ready(rig, process)
        workers, web = children(process.pid, "worker"), children(process.pid, "web")
        assert (len(workers), len(web)) == (2, 1)
        answering = children(web[0], "web")
        assert len(answering) == 2
        order_id = rig.place(HOME)
        for pid in (*workers, *answering):
            os.kill(pid, signal.SIGKILL)
        # A connection to a process that was killed is reset; whoever asks again is answered.
        view = patiently(lambda _turn: rig.follow(order_id, within_s=PATIENCE_S))
        assert view["state"] == "completed"
        until(lambda: len(children(web[0], "web")) == 2)
        os.kill(web[0], signal.SIGKILL)
        until(lambda: children(process.pid, "web") not in ([], web) and answers(f"{rig.urls[0]}/readyz"))
        assert not set(workers) & set(children(process.pid, "worker"))
        said = log_of(rig)
        assert "worker 1 has ended (killed by SIGKILL); starting it again in 0.5 s" in said
        assert "工作进程 2 已退出（被 SIGKILL 终止）" in said
        assert "the web server has ended (killed by SIGKILL)" in said
        assert json.loads(rig.command("invariants", "--json")) == []


def test_it_stops_as_one_and_leaves_no_lease(tmp_path: Path, make_database: Callable[..., str]) -> None:
    url = make_database("postgresql", migrated=False)
    with up(tmp_path, url) as (rig, process):
        wait_ready(rig, process)
        slow = {"adapter": "*", "operation": "*", "fault": "slow", "seconds": 2, "times": 3}
        rig.far("POST", "/control/faults", slow)
        for _ in range(6):
            rig.place(HOME)
        until(lambda: leases(url) != [])
        family = below(process.pid)
        process.terminate()
        assert process.wait(HARD_S) == 0
        assert left_after(family, 0.5) == []
        assert leases(url) == []
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{rig.urls[0]}/healthz", timeout=2)


def test_nobody_is_left_when_it_is_killed(tmp_path: Path, make_database: Callable[..., str]) -> None:
    with up(tmp_path, make_database("postgresql", migrated=False)) as (rig, process):
        wait_ready(rig, process)
        family = below(process.pid)
        assert len(family) >= 6  # neighbours, web and its two, two workers
        process.kill()
        process.wait()
        assert left_after(family, HARD_S) == []


def test_a_second_one_at_the_same_port_says_so(tmp_path: Path, make_database: Callable[..., str]) -> None:
    env = environment(
        make_database("postgresql", migrated=False),
        redis_url="",
        neighbours="http://127.0.0.1:1",
        port=free_port(),
        folder=tmp_path,
    )
    with listening(int(env["YIZHAN_PORT"])):
        for words in (("up",), ("web",)):
            done = subprocess.run(
                [*YIZHAN, *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False
            )
            said = done.stdout + done.stderr
            assert done.returncode == 1
            assert f"port {env['YIZHAN_PORT']} is in use" in said
            assert "Traceback" not in said


@contextmanager
def listening(port: int) -> Iterator[None]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        yield


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[OwnServer]:
    with own_postgresql(tmp_path / "postgresql.log") as server:
        yield server


def begin(server: OwnServer) -> subprocess.Popen[bytes]:
    process = server.begin()
    until(server.is_ready)
    return process


def state_of(rig: Rig) -> int:
    try:
        return httpx.get(f"{rig.urls[0]}/readyz", timeout=20).status_code
    except httpx.TransportError:
        return 0


@pytest.mark.torture
def test_a_database_that_is_down_at_the_start_and_later_is_waited_for(tmp_path: Path, postgres: OwnServer) -> None:
    with up(tmp_path, postgres.url) as (rig, process):
        until(lambda: state_of(rig) == 503)
        assert process.poll() is None
        assert "no database answers; trying again until one does" in log_of(rig)
        database = begin(postgres)
        try:
            wait_ready(rig, process)
            until(lambda: state_of(rig) == 200)
            parts = {one.pid for one in below(process.pid)}
            stop(database, how=signal.SIGINT)
            until(lambda: state_of(rig) == 503)
            time.sleep(5)
            database = begin(postgres)
            until(lambda: state_of(rig) == 200)
            assert rig.follow(rig.place(HOME), within_s=PATIENCE_S)["state"] == "completed"
            assert {one.pid for one in below(process.pid)} == parts  # nobody gave up
            assert "has ended" not in log_of(rig)
        finally:
            process.terminate()
            process.wait(HARD_S)
            stop(database, how=signal.SIGINT)
