"""A database a migration behind, or one ahead: everybody says so in one line and leaves it alone until it fits."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from app.persistence.database_watch import known_versions
from tests.running.slow_clients import wait_for
from tests.scenario.rig import ORDERS, YIZHAN, answers, environment
from tests.servers import ROOT, free_port, start, stop

pytestmark = pytest.mark.slow
NEWEST = max(known_versions())
BEHIND = sorted(known_versions())[-2]
AHEAD = "9999_from_tomorrow"
PATIENCE_S = 180.0


class Installation:
    """A migrated PostgreSQL, and the commands that run on it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.dsn = url.replace("+psycopg", "")
        self.folder = folder
        self.port = free_port()
        self.env = environment(url, redis_url="", neighbours="http://127.0.0.1:9", port=self.port, folder=folder)

    def put_at(self, version: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute("UPDATE alembic_version SET version_num = %s", [version])

    def rows(self, table: str) -> int:
        with psycopg.connect(self.dsn) as connection:
            found = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
            assert found is not None
            return int(found[0])

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*YIZHAN, *words], cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")


@pytest.fixture
def installation(make_database: Callable[..., str], tmp_path: Path) -> Installation:
    return Installation(make_database("postgresql", migrated=True), tmp_path)


@pytest.fixture
def running(installation: Installation) -> Iterator[Installation]:
    """A web server and a worker, started on a database that does not fit yet."""
    done = installation.run("db", "upgrade")
    assert done.returncode == 0, done.stderr
    installation.put_at(BEHIND)
    folder = installation.folder
    web = start([*YIZHAN, "web"], log=folder / "web.log", cwd=ROOT, env=installation.env)
    worker = start([*YIZHAN, "worker"], log=folder / "worker.log", cwd=ROOT, env=installation.env)
    try:
        wait_for("web", lambda: answers(f"http://127.0.0.1:{installation.port}/healthz"), within_s=PATIENCE_S)
        yield installation
    finally:
        stop(worker)
        stop(web)


def ask(url: str, **more: Any) -> httpx.Response:
    return httpx.get(url, timeout=30, **more)


def is_at_work(running: Installation) -> bool:
    return running.rows("worker_heartbeat") > 0 and answers(f"http://127.0.0.1:{running.port}/readyz")


def lines_with(text: str, words: str) -> int:
    return sum(words in line for line in text.splitlines())


def test_web_and_worker_wait_for_the_migration_and_then_go_on_by_themselves(running: Installation) -> None:
    base = f"http://127.0.0.1:{running.port}"
    ready = ask(f"{base}/readyz", headers={"Accept-Language": "en"})
    assert ready.status_code == 503
    assert int(ready.headers["Retry-After"]) > 0
    assert BEHIND in ready.text and NEWEST in ready.text and "yizhan db upgrade" in ready.text
    assert "请先运行" in ask(f"{base}/readyz", headers={"Accept-Language": "zh"}).text

    refused = httpx.post(f"{base}{ORDERS}", json={}, headers={"Authorization": "Bearer demo-front"}, timeout=30)
    assert refused.status_code == 503 and refused.json()["@type"] == "Error" and refused.headers["Retry-After"]
    page = ask(f"{base}/login", headers={"Accept": "text/html", "Accept-Language": "en"})
    assert page.status_code == 503 and "yizhan db upgrade" in page.text
    login = httpx.post(
        f"{base}/login", data={"login": "front", "password": "demo"}, headers={"Accept": "text/html"}, timeout=30
    )
    assert login.status_code == 503

    told = "nothing is done until the database fits"
    wait_for("the worker has looked", lambda: told in running.log("worker"), within_s=PATIENCE_S)
    time.sleep(3)
    assert running.rows("worker_heartbeat") == 0  # nothing at all is written
    assert running.rows("login_attempt") == 0
    assert lines_with(running.log("worker"), told) == 1

    running.put_at(NEWEST)
    wait_for("web and worker", lambda: is_at_work(running), within_s=PATIENCE_S)
    assert lines_with(running.log("worker"), "fits again") == 1

    # A newer program migrates it: the old ones stop where they are.
    running.put_at(AHEAD)
    wait_for("the worker has looked again", lambda: AHEAD in running.log("worker"), within_s=PATIENCE_S)
    time.sleep(2)
    ready = ask(f"{base}/readyz", headers={"Accept-Language": "en"})
    assert ready.status_code == 503 and "start the newer program" in ready.text
    seen = signs_of_life(running)
    time.sleep(6.0)
    assert signs_of_life(running) == seen  # the worker writes nothing, not even that it is there


def signs_of_life(installation: Installation) -> list[object]:
    with psycopg.connect(installation.dsn) as connection:
        return connection.execute("SELECT name, seen_at FROM worker_heartbeat ORDER BY name").fetchall()


def test_commands_refuse_in_one_line(installation: Installation) -> None:
    behind, ahead = (BEHIND, "yizhan db upgrade"), (AHEAD, "start the newer program")
    for (version, advice), command in (
        (behind, "invariants"),
        (behind, "drain --all"),
        (ahead, "workers"),
        (ahead, "doctor"),
    ):
        installation.put_at(version)
        done = installation.run(*command.split())
        said = done.stdout + done.stderr
        assert done.returncode == 1 and advice in said, (command, said)
        assert len(said.strip().splitlines()) == 1 or command == "doctor", said
    assert installation.rows("worker_drain") == 0


def test_a_database_of_a_newer_program_is_not_migrated(installation: Installation) -> None:
    installation.put_at(AHEAD)
    done = installation.run("db", "upgrade")
    assert done.returncode == 1
    assert "start the newer program" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    with psycopg.connect(installation.dsn) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(AHEAD,)]


def test_two_hosts_may_migrate_at_one_moment(make_database: Callable[..., str], tmp_path: Path) -> None:
    empty = Installation(make_database("postgresql", migrated=False), tmp_path)
    command = [*YIZHAN, "db", "upgrade"]
    both = [start(command, log=tmp_path / f"{number}.log", cwd=ROOT, env=empty.env) for number in range(2)]
    codes = [process.wait(timeout=PATIENCE_S) for process in both]
    assert codes == [0, 0], [(tmp_path / f"{number}.log").read_text() for number in range(2)]
