"""Bulk runs: at their rate, paused and resumed without loss, each subject once, and "retried" is not "succeeded"."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from processes import bulk, bulk_acts
from processes.bulk import Applied, Subject
from processes.bulk_runner import BulkRunner
from processes.clock import SystemClock
from processes.errors import StaleTask
from processes.store.bulk import BulkItem, BulkRun, Repair
from processes.store.instances import Incident
from tests.engine.diagrams import end, process, service, start
from tests.engine.far_side import refuse
from tests.engine.rig import Rig

ROOT = Path(__file__).resolve().parents[2]
SECOND = timedelta(seconds=1)
ONE = process(
    "one", start(), service("reserve", "net.reserve", {"what": "what"}), end(), flows="begin > reserve > done",
    data=["what"],
)  # fmt: skip


class BulkRig(Rig):
    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, folder)
        bulk_acts.register(self.parts)
        self.runner = BulkRunner(self.parts, self.sessions)

    def failed(self, count: int) -> list[str]:
        """So many instances, each with the same incident; returns the incidents' ids, oldest first."""
        self.deploy(ONE)
        self.far.script("net.reserve", *[refuse("no-free-port") for _ in range(count)])
        with self.work() as session:
            for number in range(count):
                self.engine.start(
                    session, "one", business_key=f"order:{number}", area="SH", data={"what": f"w{number}"},
                    now=self.clock.at, actor="front",
                )  # fmt: skip
        self.drain()
        with self.sessions() as session:
            return list(session.scalars(select(Incident.id).where(Incident.state == "open").order_by(Incident.id)))

    def run(self, kind: str, subjects: list[str], **more: Any) -> str:
        given: dict[str, Any] = {"params": {}, "reason": "the port is back", "actor": "ops", "area": "SH", **more}
        with self.work() as session:
            chosen = [Subject(id=one) for one in subjects]
            made = bulk.create(session, kind=kind, subjects=chosen, ids=self.parts.ids, now=self.clock.at, **given)
            return made.id

    def pause(self, run_id: str) -> None:
        with self.work() as session:
            bulk.pause(session, run_id)

    def resume(self, run_id: str) -> None:
        with self.work() as session:
            bulk.resume(session, run_id, now=self.clock.at)

    def second(self, *, drain: bool = True) -> int:
        """Let a second pass; returns how many subjects were touched in it."""
        self.clock.move(SECOND)
        touched = self.runner.round()
        if drain:
            self.drain()
        return touched

    def row(self, run_id: str) -> tuple[str, dict[str, int], dict[str, int]]:
        with self.sessions() as session:
            counts = bulk.counts(session, [run_id])[run_id]
            return session.get_one(BulkRun, run_id).state, dict(counts.states), dict(counts.outcomes)


@pytest.fixture
def rig(database: str, tmp_path: Path) -> Any:
    built = BulkRig(database, tmp_path)
    yield built
    built.close()


def effects_once(rig: BulkRig, count: int) -> None:
    took = Counter(row["inputs"]["what"] for row in rig.far.effects() if row["operation"] == "net.reserve")
    assert took == Counter({f"w{number}": 1 for number in range(count)})


def test_a_run_keeps_its_rate_is_paused_half_way_and_resumed(rig: BulkRig) -> None:
    incidents = rig.failed(24)
    run = rig.run("retry", incidents, rate_per_s=5.0)
    assert rig.runner.round() == 1  # the first goes at once
    assert [rig.second() for _ in range(2)] == [5, 5]
    rig.pause(run)
    assert [rig.second() for _ in range(20)] == [0] * 20
    state, states, outcomes = rig.row(run)
    assert (state, states) == ("paused", {"applied": 11, "waiting": 13})
    assert outcomes == {"succeeded": 11}
    rig.resume(run)
    assert rig.runner.round() == 1  # what it stood still is not made up for
    assert [rig.second() for _ in range(4)] == [5, 5, 2, 0]
    rig.second()
    assert rig.row(run) == ("done", {"applied": 24}, {"succeeded": 24})
    effects_once(rig, 24)
    with rig.sessions() as session:
        repairs = session.scalars(select(Repair)).all()
        assert {(row.action, row.actor, row.reason, row.run_id) for row in repairs} == {
            ("retry", "ops", "the port is back", run)
        }
        assert len(repairs) == 24
    rig.check()


def test_retried_is_not_succeeded_and_those_that_failed_again_are_run_again(rig: BulkRig) -> None:
    incidents = rig.failed(4)
    run = rig.run("retry", incidents)
    rig.far.script("net.reserve", refuse("no-free-port"))
    rig.second(drain=False)
    assert rig.row(run) == ("done", {"applied": 4}, {"under_way": 4})
    rig.drain()
    rig.second()
    assert rig.row(run) == ("done", {"applied": 4}, {"succeeded": 3, "failed_again": 1})
    with rig.sessions() as session:
        failed = session.scalars(select(BulkItem).where(BulkItem.outcome == "failed_again")).one()
        assert (failed.code, failed.message) == ("no-free-port", "refused by script")
    with rig.work() as session:
        again = bulk.rerun(
            session, run, actor="ops2", reason="once more", ids=rig.parts.ids, now=rig.clock.at,
            subjects_of=lambda items: bulk_acts.again(session, "retry", items),
        )  # fmt: skip
        assert again.total == 1 and again.rerun_of == run
    rig.second()
    rig.second()
    assert rig.row(again.id)[2] == {"succeeded": 1}
    effects_once(rig, 4)


def test_one_that_is_refused_says_why_and_does_not_hold_the_others(rig: BulkRig) -> None:
    first, *others = rig.failed(4)
    rig.retry(first)
    run = rig.run("retry", [first, "01a1ffbd-0000-7000-8000-000000000000", *others])
    rig.second()
    rig.second()
    state, states, outcomes = rig.row(run)
    assert (state, states, outcomes) == ("done", {"applied": 3, "refused": 2}, {"succeeded": 3})
    with rig.sessions() as session:
        refused = session.scalars(select(BulkItem).where(BulkItem.state == "refused").order_by(BulkItem.seq)).all()
        assert [row.code for row in refused] == ["incident-closed", "not-there"]
        assert all(row.message for row in refused)


def test_a_pilot_pauses_by_itself_and_a_stopped_run_touches_nothing_more(rig: BulkRig) -> None:
    done: list[str] = []

    def act(session: Session, run: BulkRun, item: BulkItem, now: datetime) -> Applied:
        done.append(item.subject_id)
        if item.subject_id == "b":
            raise StaleTask("not this one")
        if item.subject_id == "c":
            raise ZeroDivisionError("a bug")
        return Applied(outcome="moved")

    rig.parts.bulk_acts["try"] = act
    run = rig.run("try", ["a", "b", "c", "d", "e"], pause_after=3)
    rig.second()
    assert rig.row(run) == ("paused", {"applied": 1, "refused": 2, "waiting": 2}, {"moved": 1})
    rig.resume(run)
    with rig.work() as session:
        bulk.stop(session, run, now=rig.clock.at)
    rig.second()
    assert done == ["a", "b", "c"]
    assert rig.row(run)[0] == "stopped"


def test_two_runners_never_touch_a_subject_twice(rig: BulkRig) -> None:
    incidents = rig.failed(12)
    run = rig.run("retry", incidents)
    other = BulkRunner(rig.parts, rig.sessions)
    while rig.runner.round(limit=1) + other.round(limit=2):
        pass
    rig.drain()
    rig.second()
    assert rig.row(run) == ("done", {"applied": 12}, {"succeeded": 12})
    effects_once(rig, 12)


@pytest.mark.slow
def test_500_incidents_of_one_cause_at_5_a_second_paused_half_way(
    make_database: Callable[..., str], tmp_path: Path
) -> None:
    rig = BulkRig(make_database("sqlite", migrated=True), tmp_path)
    incidents = rig.failed(500)
    with rig.sessions() as session:
        assert len(set(session.scalars(select(Incident.cause_key)))) == 1
    run = rig.run("retry", incidents, rate_per_s=5.0)
    touched = [rig.runner.round(), *(rig.second() for _ in range(50))]
    assert touched == [1, *[5] * 50]
    rig.pause(run)
    rig.clock.move(100 * SECOND)
    assert rig.second() == 0
    assert rig.row(run) == ("paused", {"applied": 251, "waiting": 249}, {"succeeded": 251})
    rig.resume(run)
    assert [rig.runner.round(), *(rig.second() for _ in range(51))] == [1, *[5] * 49, 3, 0]
    assert rig.row(run) == ("done", {"applied": 500}, {"succeeded": 500})
    effects_once(rig, 500)
    rig.check()
    rig.close()


@pytest.mark.slow
def test_a_runner_killed_before_and_after_its_commits_touches_each_subject_once(
    make_database: Callable[..., str], tmp_path: Path
) -> None:
    rig = BulkRig(make_database("postgresql", migrated=True), tmp_path)
    incidents = rig.failed(12)
    rig.clock.at = SystemClock().now(rig.sessions())  # the program goes by the real time
    run = rig.run("retry", incidents)
    deaths = 0
    for deadly in ("bulk.before_commit:2", "bulk.after_commit:5", ""):
        (tmp_path / "rules").write_text(f"{deadly}:kill" if deadly else "", encoding="utf-8")
        faulty = {
            "YIZHAN_TEST_FAULTS": "1",
            "YIZHAN_TEST_FAULT_FILE": str(tmp_path / "rules"),
            "YIZHAN_TEST_FAULT_LOG": str(tmp_path / "hits"),
        }
        command = [sys.executable, "-m", "tests.engine.bulk_program", rig.url, str(tmp_path / "far.sqlite")]
        ended = subprocess.run(command, env={**os.environ, **faulty}, cwd=ROOT, check=False)
        assert ended.returncode == (-signal.SIGKILL if deadly else 0)
        deaths += ended.returncode != 0
    assert deaths == 2
    rig.clock.at = SystemClock().now(rig.sessions())
    rig.runner.round()
    assert rig.row(run) == ("done", {"applied": 12}, {"succeeded": 12})
    effects_once(rig, 12)
    with rig.sessions() as session:
        assert len(session.scalars(select(Repair)).all()) == 12
    rig.check()
    rig.close()
