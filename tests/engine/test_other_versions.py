"""Old and new programs side by side: what one does not know is left to the other, and is no failure."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select, update

from adapters.operations import OperationRegistry
from processes import strangers
from processes.engine import Engine
from processes.errors import UnknownHere
from processes.store.instances import ProcessInstance
from processes.store.jobs import Job, WorkerHeartbeat
from processes.worker import Worker
from tests.engine import far_side
from tests.engine.diagrams import end, process, service, start, user
from tests.engine.rig import Rig

FUTURE = far_side._row("net.future", irreversible=True)
AHEAD = process(
    "ahead", start(), user("fill_in"), service("known", "net.reserve", {"what": "'x'"}),
    service("step", "net.future", {"what": "'x'"}), end(), flows="begin > fill_in > known > step > done",
)  # fmt: skip
AHEAD_AT_ONCE = process(
    "ahead_at_once", start(), user("fill_in"), service("step", "net.future", {"what": "'x'"}), end(),
    flows="begin > fill_in > step > done",
)  # fmt: skip
PLAIN = process(
    "plain", start(), user("fill_in"), service("step", "net.reserve", {"what": "'x'"}), end(),
    flows="begin > fill_in > step > done",
)  # fmt: skip


def newer_registry() -> OperationRegistry:
    """What the next version knows."""
    known = far_side.registry()
    return OperationRegistry(
        [*(known.get(code) for code in known.codes()), *_operations(FUTURE)], [known.policy("quick")]
    )


def _operations(row: dict[str, object]) -> list[object]:
    policy = {"code": "quick", "attempts": 3, "first_wait_s": 2, "factor": 2, "cap_s": 60, "then": "incident"}
    return [OperationRegistry.from_data({"operations": [row], "retry_policies": [policy]}).get(str(row["code"]))]


@pytest.fixture
def newer(rig: Rig, database: str, tmp_path: Path) -> Iterator[Rig]:
    """The next version of the program on the same database, with the same far side."""
    built = Rig(database, tmp_path)
    built.clock, built.far = rig.clock, rig.far
    ports = {"net": rig.far, "odd": rig.far, "ask": rig.far}
    built.parts = replace(built.parts, registry=newer_registry(), program="2", clock=rig.clock, ports=ports)
    built.engine = Engine(built.parts)
    built.engine.listen(lambda _session, event: built.events.append(event))
    built.worker = Worker(built.engine, built.sessions, name="worker-new")
    yield built
    built.close()


def test_a_worker_says_which_version_it_runs(rig: Rig, newer: Rig) -> None:
    rig.worker.sweep()
    newer.worker.sweep()
    with rig.sessions() as session:
        rows = session.execute(select(WorkerHeartbeat.name, WorkerHeartbeat.version))
        versions = {row.name: row.version for row in rows}
    assert versions["worker-a"] == strangers.version_of(rig.parts)
    assert versions["worker-new"] == strangers.version_of(newer.parts)
    assert versions["worker-a"] != versions["worker-new"]


def test_a_step_only_the_newer_program_knows_is_left_to_it(rig: Rig, newer: Rig) -> None:
    newer.deploy(AHEAD)
    newer.worker.sweep()
    root = start_in(newer, "ahead")
    rig.complete(root)
    (job,) = rig.jobs(root, kind="operation")
    # The old worker has made the call it knows, and cannot record it: the next step is beyond it.
    assert (job.operation, job.state, job.attempts, job.outcome_unknown) == ("net.reserve", "ready", 0, True)
    assert "net.future" in job.last_error
    assert rig.incidents(root) == []
    newer.later(seconds=5)
    assert newer.instance(root).state == "completed"
    newer.check()


def test_an_operation_the_old_one_has_claimed_does_not_go_out_and_burns_no_attempt(rig: Rig, newer: Rig) -> None:
    newer.deploy(AHEAD_AT_ONCE)
    newer.worker.sweep()
    root = start_in(newer, "ahead_at_once")
    with pytest.raises(UnknownHere):  # an old web process cannot step on; the caller tries again elsewhere
        rig.complete(root)
    with newer.work() as session:
        newer.engine.complete_user_task(session, newer.user_tasks(root)[0].id, {}, actor="x", now=newer.clock.at)
    rig.drain()
    (job,) = rig.jobs(root, kind="operation")
    assert (job.state, job.attempts, job.outcome_unknown) == ("ready", 0, False)
    assert rig.far.calls == []
    assert rig.parts.counters.all()["left_to_others"] >= 1
    newer.later(seconds=5)
    assert newer.instance(root).state == "completed"


def start_in(rig: Rig, key: str) -> str:
    """Start an instance and let the worker of that version bring it to its first person."""
    root = rig.start(key)
    assert rig.user_tasks(root)
    return root


def test_a_saved_state_of_the_next_format_is_left_alone(rig: Rig, newer: Rig) -> None:
    rig.deploy(PLAIN)
    root = rig.start("plain")
    rig.complete(root)
    rig.worker.sweep()
    newer.worker.sweep()
    root = rig.start("plain")
    with rig.work() as session:
        rig.engine.complete_user_task(session, rig.user_tasks(root)[0].id, {}, actor="field", now=rig.clock.at)
    make_future(rig, root)
    rig.drain()
    assert rig.incidents(root) == []
    (job,) = rig.jobs(root, kind="operation")
    assert job.state == "ready"
    assert "format 99" in job.last_error
    # The call had gone out before the state could not be read: whoever does it next takes that into account.
    assert job.outcome_unknown
    make_future(rig, root, format_=1)
    rig.later(seconds=10)
    assert rig.instance(root).state == "completed"
    assert [count for _, count in counts(rig, job.operation_id)] == [1]


def counts(rig: Rig, operation_id: str) -> list[tuple[str, int]]:
    return [(row["operation_id"], row["count"]) for row in rig.far.counts() if row["operation_id"] == operation_id]


def make_future(rig: Rig, root: str, *, format_: int = 99) -> None:
    """Save the state of an instance as another version would."""
    rig.parts.live.take(root, rig.instance(root).version) if hasattr(rig.parts, "live") else None
    with rig.work() as session:
        blob = session.scalar(select(ProcessInstance.snapshot).where(ProcessInstance.id == root))
        assert blob is not None
        body = orjson.loads(zlib.decompress(blob)) | {"format": format_}
        saved = zlib.compress(orjson.dumps(body))
        session.execute(update(ProcessInstance).where(ProcessInstance.id == root).values(snapshot=saved))


def test_a_kind_of_job_nobody_knows_reaches_a_person_when_no_other_version_is_alive(rig: Rig) -> None:
    rig.deploy(PLAIN)
    root = rig.start("plain")
    with rig.work() as session:
        rig.engine.complete_user_task(session, rig.user_tasks(root)[0].id, {}, actor="field", now=rig.clock.at)
        session.flush()
        made = update(Job).where(Job.instance_id == root, Job.kind == "operation")
        session.execute(made.values(kind="from_tomorrow", adapter=None))
    rig.worker.sweep()
    for _ in range(12):
        rig.later(seconds=61)
    (incident,) = rig.incidents(root)
    assert "from_tomorrow" in incident.message


def test_an_old_worker_that_died_long_ago_is_nobody_to_leave_work_to(rig: Rig, newer: Rig) -> None:
    newer.worker.sweep()
    rig.worker.sweep()
    with rig.sessions() as session:
        assert strangers.are_at_work(session, rig.parts, rig.clock.at)
    rig.later(seconds=60)
    with rig.sessions() as session:
        assert not strangers.are_at_work(session, rig.parts, rig.clock.at)
