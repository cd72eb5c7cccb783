"""Machines whose clocks are minutes apart: everything goes by the database's clock, and each says once that its own is
wrong."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from app.persistence.database_watch import ClockSkew, DatabaseWatch, measure_skew
from tests.running.slow_clients import wait_for
from tests.scenario.rig import YIZHAN, Rig, answers, environment
from tests.servers import ROOT, free_port, start, stop
from tests.torture.shims import ShiftedClock, build

pytestmark = pytest.mark.slow
APART_S = 120.0
PATIENCE_S = 240.0


@pytest.fixture
def rig(make_database: Callable[..., str], tmp_path: Path) -> Iterator[Rig]:
    """A web server two minutes ahead, a worker two minutes behind, neighbours and a database that are right."""
    library = build("clock", tmp_path)
    ahead = ShiftedClock(library, tmp_path / "ahead", APART_S)
    behind = ShiftedClock(library, tmp_path / "behind", -APART_S)
    url, port, far = make_database("postgresql", migrated=True), free_port(), f"http://127.0.0.1:{free_port()}"
    env = environment(url, redis_url="", neighbours=far, port=port, folder=tmp_path) | {"YIZHAN_WEB_PROCESSES": "1"}
    done = subprocess.run([*YIZHAN, "db", "upgrade"], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    running = [
        start([*YIZHAN, "simulators"], log=tmp_path / "simulators.log", cwd=ROOT, env=env),
        start([*YIZHAN, "web"], log=tmp_path / "web.log", cwd=ROOT, env=env | ahead.env),
        start([*YIZHAN, "worker"], log=tmp_path / "worker.log", cwd=ROOT, env=env | behind.env),
    ]
    base = f"http://127.0.0.1:{port}"
    found = Rig([base], far, env, tmp_path)
    try:
        wait_for("everybody", lambda: answers(f"{base}/readyz") and answers(f"{far}/healthz"), within_s=PATIENCE_S)
        yield found
    finally:
        found.close()
        for process in reversed(running):
            stop(process)


@pytest.mark.torture
def test_an_order_goes_all_the_way_though_web_and_worker_are_four_minutes_apart(rig: Rig, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    order_id = rig.place("broadband-voice-move-in.json")
    view = rig.follow(order_id, within_s=PATIENCE_S)
    assert view["state"] == "completed", view
    # What is written down is the database's time, whoever wrote it.
    engine = create_engine(rig.env["YIZHAN_DATABASE_URL"])
    with engine.connect() as connection:
        ordered, completed, log_from, log_to = connection.execute(
            text(
                "SELECT o.ordered_at, o.completed_at, min(l.at), max(l.at) FROM product_order o, activity_log l "
                "WHERE o.id = :id GROUP BY o.id"
            ),
            {"id": order_id},
        ).one()
    engine.dispose()
    after = datetime.now(UTC)
    assert before <= ordered <= log_to <= after and ordered <= completed <= after and before <= log_from

    # A session lives by the database's clock too: logged in through a server that is ahead, one is not logged out.
    with httpx.Client(base_url=rig.urls[0], follow_redirects=True, timeout=60) as browser:
        page = browser.get("/login")
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0] if "csrf_token" in page.text else ""
        browser.post("/login", data={"login": "front", "password": "demo", "csrf_token": token})
        assert browser.get("/api/v1/me").json()["login"] == "front"

    ready = httpx.get(f"{rig.urls[0]}/readyz", timeout=30).json()
    assert ready == {"status": "ready", "degraded": ["clock"]}
    for name, side in (("web", "ahead of"), ("worker", "behind")):
        lines = (tmp_path / f"{name}.log").read_text(encoding="utf-8").splitlines()
        told = [line for line in lines if f"s {side} the database's" in line]
        assert len(told) == 1 and "NTP" in told[0], (name, told)
        assert json.loads(told[0])["level"] == "warning"
    assert "no violation" not in rig.command("invariants")


def test_a_skew_is_measured_and_told_once(pg_url: str, caplog: pytest.LogCaptureFixture, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    engine = create_engine(pg_url)
    with engine.connect() as connection:
        skew = measure_skew(connection)
    assert skew is not None and abs(skew.ahead_s) < 1.0 and skew.within_s < 5
    monkeypatch.setattr("app.persistence.database_watch.LOOK_EVERY_S", 0.0)
    monkeypatch.setattr("app.persistence.database_watch.CLOCK_EVERY_S", 0.0)
    watch = DatabaseWatch(engine, skew_limit_s=5.0)
    for _ in range(3):
        watch.problem()
    assert not watch.is_askew
    monkeypatch.setattr("app.persistence.database_watch.measure_skew", lambda _connection: ClockSkew(-121.0, 0.01))
    for _ in range(3):
        watch.problem()
    assert watch.is_askew and str(watch.skew) == "the clock of this machine is 121.0 s behind the database's"
    monkeypatch.setattr("app.persistence.database_watch.measure_skew", lambda _connection: ClockSkew(0.1, 0.01))
    watch.problem()
    engine.dispose()
    told = [record.getMessage() for record in caplog.records if "clock" in record.getMessage()]
    assert len(told) == 2 and "121.0 s behind" in told[0] and told[1] == "the clock of this machine is right again"


def test_a_slow_database_is_not_taken_for_a_wrong_clock() -> None:
    assert not ClockSkew(ahead_s=6.0, within_s=2.0).exceeds(5.0)
    assert ClockSkew(ahead_s=-8.0, within_s=2.0).exceeds(5.0)
