"""T02 in full: every kind of step is killed at every passing of every fault point, in the worker and at the door.

A first run without a kill tells which points a kind passes, in which order; then it runs once for each passing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from processes.faults import POINTS
from processes.queries import tree, waiting_summary
from processes.store.instances import ActivityLog
from tests.engine.diagrams import call, end, hear, process, service, start, user, wait_for
from tests.engine.rig import Rig
from tests.torture.faulty import Door, FaultFiles, Hit, WorkerLives, is_alive

pytestmark = [pytest.mark.slow, pytest.mark.torture]

WITHIN_S = 30.0
LOOK_S = 0.03
QUIET_S = 0.25
RESERVE = service("step", "net.reserve", {"what": "'A'"})
INNER = process(
    "inner", start(), service("inside", "net.reserve", {"what": "'B'"}), end(), flows="begin > inside > done"
)
#: Passed only if a job happens to take so long; of the slow kind it is certain, see the last assertion.
OF_TIMING = {"lease.before_renew"}
#: A point of the application, passed where an order is placed: `test_t02_each_point_once.py` kills there.
OF_THE_APPLICATION = {"order.before_ack"}


@dataclass(frozen=True)
class StepKind:
    """One kind of step: its drawing, what is done to it from outside, and where it ends."""

    name: str
    drawing: bytes
    script: tuple[str, ...]  # "user", "answer" and "message" wait for it and then give it; "cancel" waits for a person
    ends: str = "completed"  # or "user": when a person is asked
    slow_s: float = 0.0


def _line(name: str, *elements: str, flows: str) -> bytes:
    return process(name, start(), *elements, end(), flows=f"begin > {flows} > done")


KINDS = (
    StepKind("start", _line("start", user("look"), flows="look"), (), ends="user"),
    StepKind("at_once", _line("at_once", RESERVE, flows="step"), ()),
    StepKind("slow", _line("slow", RESERVE, flows="step"), (), slow_s=0.5),
    StepKind(
        "callback", _line("callback", service("step", "net.activate", {"what": "'A'"}), flows="step"), ("answer",)
    ),
    StepKind("call", _line("call", call("inside", "inner", {}), flows="inside"), ()),
    StepKind("user", _line("user", user("look"), RESERVE, flows="look > step"), ("user",)),
    StepKind("timer", _line("timer", wait_for("pause", "PT0.2S"), RESERVE, flows="pause > step"), ()),
    StepKind(
        "message",
        process("message", start(), hear("news", "place"), end(), flows="begin > news > done", data=["place"]),
        ("message",),
    ),
    StepKind("undo", _line("undo", RESERVE, user("look"), flows="step > look"), ("cancel",), ends="cancelled"),
)  # fmt: skip


@dataclass
class Stage:
    """One database, a worker and a door that may be killed, and what happened so far."""

    rig: Rig
    worker: WorkerLives
    door: Door
    runs: int = 0
    kills: int = 0
    covered: set[tuple[str, str, str]] = field(default_factory=set)  # kind, role, point

    def faults(self, role: str) -> FaultFiles:
        return self.worker.faults if role == "worker" else self.door.faults

    def run(self, kind: StepKind) -> tuple[Any, dict[str, list[Hit]]]:
        """Let one instance of a kind go all the way; returns what it came to and the points passed, by role."""
        self.runs += 1

        before = {role: len(self.faults(role).hits()) for role in ("worker", "door")}
        done_before = Counter(row["operation"] for row in self.rig.far.effects())
        key = f"{kind.name}:{self.runs}"
        data = {"place": key} if "message" in kind.script else {}
        root = self.door.ask("start", key=kind.name, business_key=key, data=data)
        for act in kind.script:
            self.give(root, act)
        self.until(root, kind.ends)
        self.quiet()

        return self.told(root, done_before), {role: self.faults(role).hits(since) for role, since in before.items()}

    def give(self, root: str, act: str) -> None:
        waits = self.waits_for(root, "user" if act == "cancel" else act)
        if act == "user":
            self.door.ask("complete", id=waits.row_id)
        elif act == "cancel":
            self.door.ask("cancel", id=root)
        elif act == "answer":
            (job,) = self.rig.jobs(root, kind="operation")
            self.rig.far.settle(job.operation_id)
            self.door.ask("answer", operation_id=job.operation_id)
        else:
            self.door.ask("message", key=waits.what.partition(" ")[2])

    def waits_for(self, root: str, kind: str) -> Any:
        """What the tree waits for, once that is of this kind."""
        deadline = time.monotonic() + WITHIN_S
        while True:
            with self.rig.sessions() as session:
                found = waiting_summary(session, root)
            wanted = [waits for waits in found if waits.kind == kind]
            if wanted:
                return wanted[0]
            assert time.monotonic() < deadline, f"does not wait for {kind} but {found}"
            time.sleep(LOOK_S)

    def until(self, root: str, ends: str) -> None:
        if ends == "user":
            self.waits_for(root, ends)
            return
        deadline = time.monotonic() + WITHIN_S
        while self.rig.instance(root).state != ends:
            assert time.monotonic() < deadline, f"is {self.rig.instance(root).state}, not {ends}"
            time.sleep(LOOK_S)

    def told(self, root: str, done_before: Counter[str]) -> Any:
        """What an instance came to, to be compared: states, history, and what took effect at the far side."""
        with self.rig.sessions() as session:
            instances = {row.id: (row.process_key, row.state) for row in tree(session, root)}
            log = session.scalars(select(ActivityLog).where(ActivityLog.instance_id.in_(list(instances))))
            history = sorted((instances[row.instance_id][0], row.element_id, row.event) for row in log)
        effects = Counter(row["operation"] for row in self.rig.far.effects()) - done_before
        return sorted(instances.values()), history, effects

    def kill_at(self, kind: StepKind, role: str, point: str, nth: int, expected: Any) -> bool:
        """Run a kind with one kill; the outcome must be the one of the undisturbed run. False = nobody came by."""
        faults = self.faults(role)
        armed = faults.arm(point, nth)
        told, _passed = self.run(kind)
        faults.disarm()
        assert told == expected, (kind.name, role, point, nth)
        hit = faults.passed(armed)
        if hit is None:
            return False
        assert not is_alive(hit.pid)
        self.kills += 1
        self.covered.add((kind.name, role, point))
        return True

    def quiet(self) -> None:
        """Wait until no more points are passed: a job is over a moment after its instance has ended."""
        seen, since = -1, time.monotonic()
        while time.monotonic() < since + QUIET_S:
            now = sum(len(self.faults(role).hits()) for role in ("worker", "door"))
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(LOOK_S)


def kill_at_each_passing(on: Stage, kind: StepKind) -> None:
    """Run a kind once in peace, then once for each point it passed and each time it passed it."""
    expected, passed = on.run(kind)
    for role, hits in passed.items():
        for point, times in Counter(hit.point for hit in hits).items():
            came_by = on.kill_at(kind, role, point, 1, expected)
            assert came_by or point in OF_TIMING, (kind.name, role, point, "was not passed")
            for nth in range(2, times + 1):
                on.kill_at(kind, role, point, nth, expected)  # how often depends on timing


@contextmanager
def stage(url: str, redis_url: str, folder: Path, slow_s: float) -> Iterator[Stage]:
    """A stage with everything deployed."""
    folder.mkdir()
    with closing(Rig(url, folder)) as rig:
        rig.real_time()
        rig.deploy(INNER, *(kind.drawing for kind in KINDS))
        worker = WorkerLives(url, folder / "far.sqlite", FaultFiles(folder, "worker"), slow_s=slow_s)
        door = Door(url, redis_url, folder / "far.sqlite", FaultFiles(folder, "door"))
        try:
            yield Stage(rig, worker, door)
        finally:
            door.stop()
            worker.stop()


def test_each_kind_of_step_survives_a_kill_at_each_point(
    make_database: Callable[..., str], redis_url: str, tmp_path: Path, figures: Callable[..., None]
) -> None:
    covered: set[tuple[str, str, str]] = set()
    began, kills = time.monotonic(), 0
    for slow_s in (0.0, 0.5):
        url = make_database("postgresql", migrated=True)
        with stage(url, redis_url, tmp_path / f"slow-{slow_s}", slow_s) as on:
            for kind in KINDS:
                if kind.slow_s == slow_s:
                    kill_at_each_passing(on, kind)
            on.rig.check()
            covered |= on.covered
            assert on.worker.killed() + on.door.killed == on.kills
            kills += on.kills
    by_kind = Counter(kind for kind, _role, _point in covered)
    points = {point for _kind, _role, point in covered}
    assert points == set(POINTS) - OF_THE_APPLICATION
    figures(
        "T02",
        database="postgresql",
        kills=kills,
        cells=len(covered),
        points=len(points),
        points_by_kind=dict(by_kind),
        double_effects=0,
        seconds=round(time.monotonic() - began, 1),
    )
