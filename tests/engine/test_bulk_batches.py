"""Bulk runs over several subjects in one transaction: exact limits, nobody lost or touched twice, whatever fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.bulk import Applied, Refused
from processes.bulk_runner import AT_ONCE
from processes.clock import SystemClock
from processes.store.bulk import BulkItem, BulkRun, Repair
from tests.engine.test_bulk import ROOT, BulkRig
from tests.engine.touching import KIND, REFUSED, touch

Results = list[Applied | Refused | None]


class TouchRig(BulkRig):
    """Subjects named ``bad...`` are refused; which were in one transaction is noted in ``together``."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, folder)
        self.together: list[list[str]] = []
        self.parts.bulk_batches[KIND] = self.act

    def act(self, session: Session, run: BulkRun, items: Sequence[BulkItem], now: datetime) -> Results:
        self.together.append([item.subject_id for item in items])
        return touch(session, run, items, now)

    def touched(self) -> list[str]:
        with self.sessions() as session:
            return list(session.scalars(select(Repair.subject).order_by(Repair.subject)))

    def many(self, count: int, **more: Any) -> str:
        return self.run(KIND, [f"s{number:03}" for number in range(count)], **more)


@pytest.fixture
def rig(database: str, tmp_path: Path) -> Iterator[TouchRig]:
    built = TouchRig(database, tmp_path)
    yield built
    built.close()


def test_a_run_without_a_rate_goes_in_handfuls_and_touches_each_once(rig: TouchRig) -> None:
    run = rig.many(2 * AT_ONCE + 3)
    assert rig.second() == 2 * AT_ONCE + 3
    assert [len(some) for some in rig.together] == [AT_ONCE, AT_ONCE, 3]
    assert rig.row(run) == ("done", {"applied": 2 * AT_ONCE + 3}, {"succeeded": 2 * AT_ONCE + 3})
    assert rig.touched() == [f"s{number:03}" for number in range(2 * AT_ONCE + 3)]


def test_handfuls_keep_the_rate(rig: TouchRig) -> None:
    rig.many(40, rate_per_s=5.0)
    assert rig.runner.round() == 1
    assert [rig.second() for _ in range(3)] == [5, 5, 5]


def test_a_pilot_ends_where_it_was_told_to(rig: TouchRig) -> None:
    run = rig.many(30, pause_after=7)
    rig.second()
    assert rig.row(run) == ("paused", {"applied": 7, "waiting": 23}, {"succeeded": 7})
    rig.resume(run)
    rig.second()
    assert rig.row(run)[0] == "done" and len(rig.touched()) == 30


def test_no_more_are_refused_than_stop_the_run(rig: TouchRig) -> None:
    run = rig.run(
        KIND, ["a", "bad1", "b", "bad2", "c", "bad3", *(f"bad{number}" for number in range(4, 40))], most_refused=3
    )
    rig.second()
    state, states, _ = rig.row(run)
    assert state == "stopped" and states["refused"] == 3
    with rig.sessions() as session:
        first = session.scalars(select(BulkItem).where(BulkItem.state == "refused").order_by(BulkItem.seq)).first()
        assert first is not None and (first.subject_id, first.code, first.message) == ("bad1", *REFUSED)


def test_of_those_that_fail_together_only_the_one_at_fault_is_refused(rig: TouchRig) -> None:
    run = rig.run(KIND, ["a", "b", "breaks", "c", "d", *(f"s{number:02}" for number in range(30))])
    rig.second()
    assert rig.row(run) == ("done", {"applied": 34, "refused": 1}, {"succeeded": 34})
    assert "breaks" not in rig.touched() and len(rig.touched()) == 34
    sizes = [len(some) for some in rig.together]
    assert sizes[: AT_ONCE + 1] == [AT_ONCE, *[1] * AT_ONCE]  # one by one as far as the handful went
    assert sizes[AT_ONCE + 1 :] == [35 - AT_ONCE]


def test_who_is_told_not_now_comes_with_the_next(rig: TouchRig) -> None:
    run = rig.run(KIND, ["twin", "a", "twin", "b", "twin"])
    rig.second()
    assert rig.together == [["twin", "a", "twin", "b", "twin"], ["twin", "twin"], ["twin"]]
    assert rig.row(run) == ("done", {"applied": 5}, {"succeeded": 5})


@pytest.mark.slow
def test_whoever_is_killed_between_or_in_its_commits_has_done_all_of_a_handful_or_nothing(
    make_database: Any, tmp_path: Path
) -> None:
    rig = TouchRig(make_database("postgresql", migrated=True), tmp_path)
    with rig.sessions() as session:
        rig.clock.at = SystemClock().now(session)  # the program goes by the real time
    run = rig.many(3 * AT_ONCE)
    seen = []
    for deadly in ("bulk.before_commit:1", "bulk.before_commit:3", "bulk.after_commit:2", ""):
        (tmp_path / "rules").write_text(f"{deadly}:kill" if deadly else "", encoding="utf-8")
        faulty = {
            "YIZHAN_TEST_FAULTS": "1",
            "YIZHAN_TEST_FAULT_FILE": str(tmp_path / "rules"),
            "YIZHAN_TEST_FAULT_LOG": str(tmp_path / "hits"),
        }
        command = [sys.executable, "-m", "tests.engine.bulk_program", rig.url, str(tmp_path / "far.sqlite")]
        ended = subprocess.run(command, env={**os.environ, **faulty}, cwd=ROOT, check=False)
        assert ended.returncode == (-signal.SIGKILL if deadly else 0)
        seen.append(len(rig.touched()))
    assert seen == [0, AT_ONCE, 2 * AT_ONCE, 3 * AT_ONCE]
    assert rig.touched() == [f"s{number:03}" for number in range(3 * AT_ONCE)]
    assert rig.row(run) == ("done", {"applied": 3 * AT_ONCE}, {"succeeded": 3 * AT_ONCE})
    rig.close()
