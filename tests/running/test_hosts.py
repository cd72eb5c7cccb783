"""Web, two workers, PostgreSQL, Redis and the neighbours on hosts of their own, and cables that are pulled."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.running.hosts import Network, NotPermitted, network
from tests.scenario.rig import YIZHAN, Rig, answers, environment
from tests.servers import ROOT, create_cluster, find_program, postgres_command, server_folder, server_user

pytestmark = pytest.mark.slow
HOME = "home-bundle.json"
WORKERS = ("worker1", "worker2")
PATIENCE_S = 180.0
WEB_PORT, DATABASE_PORT, REDIS_PORT, FAR_PORT = 8080, 5432, 6379, 8090
LEASE_S = 5


@dataclass
class Hosts:
    """A system spread over a network."""

    net: Network
    rig: Rig
    dsn: str

    def rows(self, query: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.dsn, connect_timeout=5) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def counters(self, worker: str) -> dict[str, int]:
        """What the worker of a host has counted up to its last sign of life."""
        found: dict[str, int] = json.loads(
            self.rows("SELECT counters FROM worker_heartbeat WHERE pid = %s", self.pid(worker))[0][0]
        )
        return found

    def pid(self, worker: str) -> int:
        return self.rig.workers[WORKERS.index(worker)].pid

    def name(self, worker: str) -> str:
        return str(self.rows("SELECT name FROM worker_heartbeat WHERE pid = %s", self.pid(worker))[0][0])


def until(holds: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def answers_postgresql(dsn: str) -> bool:
    try:
        psycopg.connect(dsn, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def run_servers(net: Network, stack: ExitStack) -> None:
    """PostgreSQL and Redis, each on its host."""
    user = server_user()
    folder = stack.enter_context(server_folder("hosts", user))
    create_cluster(folder / "data", user)
    with (folder / "data" / "pg_hba.conf").open("a", encoding="utf-8") as rules:
        rules.write(f"host all all {net.area}.0/24 trust\n")
    command = [*postgres_command(folder / "data", DATABASE_PORT, durable=False)]
    command += ["-c", f"listen_addresses={net.address('database')}", "-c", f"unix_socket_directories={folder}"]
    net.run("database", "postgresql", command, user=user.pw_name)
    redis = [find_program("redis-server"), "--port", str(REDIS_PORT), "--bind", net.address("redis")]
    redis += ["--protected-mode", "no", "--save", "", "--appendonly", "no", "--dir", folder]
    net.run("redis", "redis", redis, user=user.pw_name)


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    folder = tmp_path_factory.mktemp("hosts")
    with ExitStack() as stack:
        try:
            net = stack.enter_context(network(folder))
            for host in ("database", "redis", "far", "web", *WORKERS):
                net.add(host)
        except NotPermitted as reason:
            pytest.skip(str(reason))
        run_servers(net, stack)
        dsn = f"postgresql://yizhan@{net.address('database')}:{DATABASE_PORT}/postgres"
        until(lambda: answers_postgresql(dsn))
        yield from running_system(net, dsn, folder)


def running_system(net: Network, dsn: str, folder: Path) -> Iterator[Hosts]:
    neighbours = f"http://{net.address('far')}:{FAR_PORT}"
    url = f"http://{net.address('web')}:{WEB_PORT}"
    redis_url = f"redis://{net.address('redis')}:{REDIS_PORT}/0"
    env = environment(dsn, redis_url=redis_url, neighbours=neighbours, port=WEB_PORT, folder=folder)
    env.update(YIZHAN_PUBLIC_URL=url, YIZHAN_URL=url, YIZHAN_JOB_LEASE_S=str(LEASE_S), YIZHAN_POLL_S="0.5")
    migrated = subprocess.run(
        [*YIZHAN, "db", "upgrade"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert migrated.returncode == 0, migrated.stderr
    net.run("far", "simulators", [*YIZHAN, "simulators"], env=env)
    net.run("web", "web", [*YIZHAN, "web"], env=env)
    door = ["-m", "tests.running.door", net.address("web"), str(WEB_PORT), "127.0.0.1", str(WEB_PORT)]
    net.run("web", "door", [YIZHAN[0], *door], env=env)
    rig = Rig([url], neighbours, env, folder)
    rig.workers = [net.run(host, host, [*YIZHAN, "worker"], env=env) for host in WORKERS]
    until(lambda: answers(f"{url}/readyz") and answers(f"{neighbours}/healthz"))
    hosts = Hosts(net, rig, dsn)
    until(lambda: len(hosts.rows("SELECT 1 FROM worker_heartbeat WHERE state = 'running'")) == len(WORKERS))
    yield hosts
    rig.close()


def assert_once(rig: Rig, order_id: str) -> None:
    mine = [row for row in rig.effects() if order_id in row["business_key"] and row["is_write"]]
    assert mine
    assert [row for row in mine if row["count"] != 1] == []


def test_nothing_of_the_network_is_left(tmp_path: Path) -> None:
    try:
        with network(tmp_path) as net:
            net.add("alone")
            process = net.run("alone", "sleeper", ["sleep", "600"])
            assert process.poll() is None
    except NotPermitted as reason:
        pytest.skip(str(reason))
    assert process.poll() is not None
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    assert f"{net.namespace('alone')}" not in listed.split()
    assert not Path(f"/sys/class/net/{net.bridge}").exists()
    assert os.getpid() == net.number


def test_orders_flow_between_hosts(hosts: Hosts) -> None:
    for order_id in [hosts.rig.place(HOME) for _ in range(3)]:
        assert hosts.rig.follow(order_id, within_s=PATIENCE_S)["state"] == "completed"
        assert_once(hosts.rig, order_id)
    until(lambda: all(hosts.counters(worker)["claims"] > 0 for worker in WORKERS))


def test_what_a_worker_writes_after_it_was_cut_off_is_refused(hosts: Hosts) -> None:
    """The cable is put back once another worker has the job: the first one still wants to record its call."""
    rig, net = hosts.rig, hosts.net
    slow = {"adapter": "resource", "operation": "resource.assign", "fault": "slow", "seconds": 4, "times": 1}
    rig.far("POST", "/control/faults", slow)
    order_id = rig.place(HOME)
    calling = "SELECT id, fence, lease_owner FROM job WHERE state = 'sent' AND operation = 'resource.assign'"
    until(lambda: bool(hosts.rows(calling)))
    job, fence, owner = hosts.rows(calling)[0]
    lost = next(worker for worker in WORKERS if hosts.name(worker) == owner)
    before = refused(hosts, lost)
    net.cut(lost)
    try:
        began = time.monotonic()
        until(lambda: bool(hosts.rows("SELECT 1 FROM job WHERE id = %s AND fence > %s", job, fence)))
        print(f"taken over {time.monotonic() - began:.1f} s after the cut, with leases of {LEASE_S} s")
    finally:
        net.mend(lost)
    until(lambda: refused(hosts, lost) > before)
    assert rig.follow(order_id, within_s=PATIENCE_S)["state"] == "completed"
    assert_once(rig, order_id)


def refused(hosts: Hosts, worker: str) -> int:
    """How often a worker was told that a job is no longer its own."""
    counted = hosts.counters(worker)
    return counted["fenced_writes"] + counted["lease_lost"]


def test_orders_go_on_without_a_host_and_it_works_again_when_it_is_back(hosts: Hosts) -> None:
    rig, net = hosts.rig, hosts.net
    lost, other = WORKERS
    net.cut(lost)
    try:
        began = time.monotonic()
        orders = [rig.place(HOME) for _ in range(2)]
        assert [rig.follow(one, within_s=PATIENCE_S)["state"] for one in orders] == ["completed", "completed"]
        print(f"two orders completed {time.monotonic() - began:.1f} s after the cut")
        assert rig.workers[WORKERS.index(lost)].poll() is None
    finally:
        net.mend(lost)
    for one in orders:
        assert_once(rig, one)
    before = hosts.counters(lost)["claims"]
    rig.command("drain", "--worker", hosts.name(other), "--wait", "60")
    try:
        again = rig.place(HOME)
        assert rig.follow(again, within_s=PATIENCE_S)["state"] == "completed"
        assert_once(rig, again)
    finally:
        rig.command("drain", "--end")
    until(lambda: hosts.counters(lost)["claims"] > before)
    assert json.loads(rig.command("invariants", "--json")) == []


def test_redis_cut_off_costs_time_and_nothing_else(hosts: Hosts) -> None:
    hosts.net.cut("redis")
    try:
        order_id = hosts.rig.place(HOME)
        assert httpx.get(f"{hosts.rig.urls[0]}/readyz", timeout=20).status_code == 200
        assert hosts.rig.follow(order_id, within_s=PATIENCE_S)["state"] == "completed"
        assert_once(hosts.rig, order_id)
    finally:
        hosts.net.mend("redis")
    woken = sum(hosts.counters(worker)["wakes"] for worker in WORKERS)

    def rings_again() -> bool:
        hosts.rig.follow(hosts.rig.place(HOME), within_s=PATIENCE_S)
        return sum(hosts.counters(worker)["wakes"] for worker in WORKERS) > woken

    until(rings_again)
    assert json.loads(hosts.rig.command("invariants", "--json")) == []
