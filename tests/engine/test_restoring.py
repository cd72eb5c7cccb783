"""A backup is put back, and the far side is further on: nothing is done twice, and nobody has to remember what was."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from adapters.errors import Unreachable
from adapters.ports import Answer, OperationCall
from processes import home, lost_calls, restoring
from processes.invariants import violations
from processes.mending import Correction
from processes.store.restores import LostCall
from tests.engine.diagrams import end, process, service, start, user
from tests.engine.rig import Rig

ORDER = process(
    "order",
    start(),
    user("agree", {"what": "result.said"}),
    service("reserve", "net.reserve", {"what": "what"}),
    user("install"),
    service("announce", "net.announce", {"what": "what"}),
    end(),
    flows="begin > agree > reserve > install > announce > done",
)
ODD = process("odd", start(), service("poke", "odd.poke", {"what": "'A'"}), end(), flows="begin > poke > done")


class Copy(Rig):
    """A backup that was put back: the far side is the one the original has gone on with."""

    def __init__(self, path: Path, folder: Path) -> None:
        super().__init__(f"sqlite:///{path}", folder, lost=self.lost)

    def look(self) -> home.Home:
        with self.database.connect() as connection:
            return home.look(connection)

    def lost(self) -> home.Lost:
        return self.look().lost

    def restore(self, *, takes_over: bool = False, leave_open: bool = False) -> None:
        """What `yizhan db restored` does, of the engine's part."""
        with self.work() as session:
            how: dict[str, Any] = {"actor": "root", "reason": "disk died", "takes_over": takes_over}
            found = restoring.begin(session, self.parts.registry, self.parts.ids, now=self.clock.at, **how)
            for adapter, port in self.parts.ports.items():
                calls = port.books("calls", timeout_s=5, after=restoring.first_key(found))
                restoring.keep_told(session, self.parts.registry, found, adapter, calls)
            if not leave_open:
                restoring.finish(session, found, held=(), now=self.clock.at)

    def calls(self) -> list[LostCall]:
        with self.sessions() as session:
            return list(lost_calls.listed(session, everything=True))

    def settle(self, *keys: str) -> list[str]:
        with self.work() as session:
            return lost_calls.settle(session, keys, actor="ops", note="seen to", now=self.clock.at)


class Scene:
    """The original, and backups of it."""

    def __init__(self, url: str, folder: Path, stack: ExitStack) -> None:
        self.rig, self.folder, self.stack = Rig(url, folder), folder, stack
        stack.callback(self.rig.close)
        with self.rig.work() as session:
            home.settle_in(session, now=self.rig.clock.at)

    def backup(self, name: str = "copy") -> Path:
        target = self.folder / f"{name}.sqlite"
        source = self.rig.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
        return target

    def put_back(self, backup: Path) -> Copy:
        copy = Copy(backup, self.folder)
        self.stack.callback(copy.close)
        copy.clock.at = self.rig.clock.at
        return copy


@pytest.fixture
def scene(make_database: Callable[..., str], tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(make_database("sqlite", migrated=True), tmp_path, stack)


def cut_off(call: OperationCall) -> Answer:
    raise Unreachable("line cut")


def all_is_well(rig: Rig) -> None:
    with rig.sessions() as session:
        assert violations(session, now=rig.clock.at, far_effects=rig.far.counts()) == []


def effects_of(rig: Rig, operation: str) -> list[Any]:
    return [row for row in rig.far.effects() if row["operation"] == operation]


def test_a_call_that_was_open_and_was_made_after_the_backup_is_asked_about_and_not_made_again(scene: Scene) -> None:
    rig = scene.rig
    rig.deploy(ORDER)
    rig.far.script("net.reserve", cut_off)
    root = rig.start("order", what="A")
    rig.complete(root, "agree", said="A")
    backup = scene.backup()
    rig.later(minutes=5)
    assert len(effects_of(rig, "net.reserve")) == 1
    copy = scene.put_back(backup)
    copy.restore()
    (job,) = copy.jobs(root, kind="operation")
    assert (job.phase, job.outcome_unknown, job.attempts) == ("ask", True, 0)
    copy.drain()
    assert copy.far.calls == []  # asked, not sent
    assert [task.element_id for task in copy.user_tasks(root)] == ["install"]
    (effect,) = copy.effects(root)
    assert effect.outputs == {"id": "net.reserve:A"}
    assert copy.calls() == []
    all_is_well(copy)


def test_a_call_that_was_open_and_never_made_is_made_once(scene: Scene) -> None:
    rig = scene.rig
    rig.deploy(ORDER)
    rig.far.script("net.reserve", cut_off)
    root = rig.start("order", what="A")
    rig.complete(root, "agree", said="A")
    copy = scene.put_back(scene.backup())
    copy.restore()
    copy.drain()
    assert [call.name for call in copy.far.calls] == ["net.reserve"]
    assert [task.element_id for task in copy.user_tasks(root)] == ["install"]
    (job,) = copy.jobs(root, kind="operation")
    assert job.outcome_unknown is False
    all_is_well(copy)


def test_a_step_taken_after_the_backup_is_taken_over_when_it_asks_for_the_same(scene: Scene) -> None:
    rig = scene.rig
    rig.deploy(ORDER)
    root = rig.start("order", what="A")
    backup = scene.backup()
    rig.complete(root, "agree", said="A")
    (theirs,) = effects_of(rig, "net.reserve")
    copy = scene.put_back(backup)
    copy.restore()
    (lost,) = copy.calls()
    assert (lost.operation, lost.business_key, lost.state) == ("net.reserve", "order:order", "open")
    copy.complete(root, "agree", said="A")
    assert copy.far.calls == []
    assert [effect.operation_id for effect in copy.effects(root)] == [theirs["operation_id"]]
    assert [row.state for row in copy.calls()] == ["taken_over"]
    assert copy.look().lost == frozenset()
    copy.complete(root, "install")
    assert copy.instance(root).state == "completed"
    assert len(copy.far.effects()) == 2
    all_is_well(copy)


def test_with_other_inputs_a_person_looks_first_and_a_retry_takes_it_over(scene: Scene) -> None:
    rig = scene.rig
    rig.deploy(ORDER)
    root = rig.start("order", what="A")
    backup = scene.backup()
    rig.complete(root, "agree", said="B")
    copy = scene.put_back(backup)
    copy.restore()
    copy.complete(root, "agree", said="A")
    (incident,) = copy.incidents(root)
    assert (incident.code, incident.operation) == ("done-after-backup", "net.reserve")
    assert copy.far.calls == []
    copy.retry(incident.id)
    assert [effect.outputs for effect in copy.effects(root)] == [{"id": "net.reserve:B"}]
    assert len(effects_of(copy, "net.reserve")) == 1
    all_is_well(copy)


def test_a_person_may_have_it_done_once_more_and_what_was_done_stays_on_the_list(scene: Scene) -> None:
    rig = scene.rig
    rig.deploy(ORDER)
    root = rig.start("order", what="A")
    backup = scene.backup()
    rig.complete(root, "agree", said="B")
    (theirs,) = effects_of(rig, "net.reserve")
    copy = scene.put_back(backup)
    copy.restore()
    copy.complete(root, "agree", said="A")
    (incident,) = copy.incidents(root)
    copy.retry(incident.id, correction=Correction(nothing_happened=True))
    assert [effect.outputs for effect in copy.effects(root)] == [{"id": "net.reserve:A"}]
    assert [(row.operation_id, row.state) for row in copy.calls()] == [(theirs["operation_id"], "left")]
    with copy.sessions() as session:
        (found,) = violations(session, now=copy.clock.at, far_effects=copy.far.counts())
    assert (found.rule, found.subject) == ("I2", theirs["operation_id"])
    assert copy.settle(theirs["operation_id"], "unknown") == [theirs["operation_id"]]
    all_is_well(copy)


def test_it_is_taken_over_without_a_person_if_that_was_said_and_there_is_only_one(scene: Scene) -> None:
    rig = scene.rig
    rig.deploy(ORDER)
    root = rig.start("order", what="A")
    backup = scene.backup()
    rig.complete(root, "agree", said="B")
    copy = scene.put_back(backup)
    copy.restore(takes_over=True)
    copy.complete(root, "agree", said="A")
    assert copy.incidents(root) == []
    assert [effect.outputs for effect in copy.effects(root)] == [{"id": "net.reserve:B"}]
    all_is_well(copy)


def test_a_cancelled_order_takes_back_what_its_step_waits_for(scene: Scene) -> None:
    rig = scene.rig
    rig.deploy(ORDER)
    root = rig.start("order", what="A")
    backup = scene.backup()
    rig.complete(root, "agree", said="B")
    copy = scene.put_back(backup)
    copy.restore()
    copy.complete(root, "agree", said="A")
    copy.cancel(root)
    copy.drain()
    assert copy.instance(root).state == "cancelled"
    assert [row["inputs"] for row in effects_of(copy, "net.release")] == [{"id": "net.reserve:B"}]
    all_is_well(copy)


def test_an_undo_made_after_the_backup_is_not_made_again(scene: Scene) -> None:
    rig = scene.rig
    rig.deploy(ORDER)
    root = rig.start("order", what="A")
    rig.complete(root, "agree", said="A")
    backup = scene.backup()
    rig.cancel(root)
    rig.drain()
    (theirs,) = effects_of(rig, "net.release")
    copy = scene.put_back(backup)
    copy.restore()
    copy.cancel(root)
    copy.drain()
    assert copy.instance(root).state == "cancelled"
    assert copy.far.calls == []
    assert [effect.undo_operation_id for effect in copy.effects(root)] == [theirs["operation_id"]]
    all_is_well(copy)


@pytest.mark.parametrize("done", [True, False])
def test_a_far_side_that_cannot_be_asked_is_left_to_a_person_if_it_has_done_it(scene: Scene, done: bool) -> None:
    rig = scene.rig
    rig.deploy(ODD)

    def unreachable(call: OperationCall) -> Answer:
        raise Unreachable("no connection", maybe_done=False)

    rig.far.script("odd.poke", unreachable)
    root = rig.start("odd")
    backup = scene.backup()
    if done:
        rig.later(minutes=5)
    copy = scene.put_back(backup)
    copy.restore()
    copy.later(minutes=10)
    if done:
        assert [incident.code for incident in copy.incidents(root)] == ["outcome-unknown"]
        assert copy.far.calls == []
    else:
        assert copy.instance(root).state == "completed"
    assert len(effects_of(copy, "odd.poke")) == 1


def test_what_waits_for_an_answer_is_asked_about_at_once(scene: Scene) -> None:
    rig = scene.rig
    rig.deploy(
        process("line", start(), service("up", "net.activate", {"what": "'A'"}), end(), flows="begin > up > done")
    )
    root = rig.start("line")
    (job,) = rig.jobs(root, kind="operation")
    assert job.state == "waiting_answer"
    backup = scene.backup()
    rig.far.settle(job.operation_id)  # the callback went to the machine that is no more
    copy = scene.put_back(backup)
    copy.restore()
    copy.drain()
    assert copy.instance(root).state == "completed"
    all_is_well(copy)


def test_a_copy_is_known_for_a_copy_until_it_is_at_home(scene: Scene) -> None:
    rig = scene.rig
    rig.deploy(ORDER)
    rig.start("order", what="A")
    with rig.database.connect() as connection:
        assert home.look(connection) == home.Home()
    copy = scene.put_back(scene.backup())
    assert copy.look().is_elsewhere
    copy.restore(leave_open=True)
    assert (copy.look().is_elsewhere, copy.look().is_closed) == (False, True)
    copy.restore()
    assert copy.look() == home.Home()
    again = scene.put_back(scene.backup("another"))
    with again.work() as session:
        home.move_in(session, now=again.clock.at, closed=False)
    assert again.look() == home.Home()


@pytest.mark.slow
def test_a_database_made_from_another_one_is_known_on_postgresql(
    make_database: Callable[..., str], tmp_path: Path
) -> None:
    url = make_database("postgresql", migrated=True)
    with closing(Rig(url, tmp_path)) as rig:
        with rig.work() as session:
            home.settle_in(session, now=rig.clock.at)
        with rig.database.connect() as connection:
            assert home.look(connection) == home.Home()
            name = rig.database.url.database
        rig.close()
        other = rig.database.url.set(database="postgres")
        copy_of(str(name), other.render_as_string(hide_password=False))
        beside = str(rig.database.url.set(database=f"{name}_copy"))
        with closing(Rig(beside, tmp_path)) as copy, copy.database.connect() as connection:
            assert home.look(connection).is_elsewhere


def copy_of(name: str, url: str) -> None:
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}_copy" TEMPLATE "{name}"'.encode())


def test_a_database_in_memory_has_no_place() -> None:
    from processes.store.base import Base
    from processes.store.opening import create_database_engine

    engine = create_database_engine("sqlite://", application_name="test")
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        assert home.place_of(connection) is None
        assert home.look(connection) == home.Home()
    engine.dispose()
