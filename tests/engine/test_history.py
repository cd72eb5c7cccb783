"""Sums per element are right at any moment, and what ended long ago goes without a trace and without harm."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

import processes.store
from processes.invariants import violations
from processes.retention import ROWS_OF_INSTANCES, Policy, Removed, remove_batch, remove_news
from processes.store.base import Base
from processes.store.history import ElementCount
from processes.store.instances import ActivityLog, ProcessInstance
from processes.store.jobs import InboxMessage
from processes.store.rows import table_of
from processes.tallies import SETTLES, sum_up, tallies
from tests.engine.diagrams import call, end, process, service, start, user, wait_for
from tests.engine.far_side import refuse
from tests.engine.rig import Rig

RESERVE = service("reserve", "net.reserve", {"what": "port"}, {"reserved": "result.id"})
PLAN = process(
    "plan", start(), RESERVE, user("install"), end(), flows="begin > reserve > install > done", data=["port"]
)
PARENT = process(
    "whole", start(), call("piece", "plan", {"port": "port"}), end(), flows="begin > piece > done", data=["port"]
)
LATER = process("later", start(), wait_for("rest", "P400D"), end(), flows="begin > rest > done")
MONTH = Policy(days=30)


def figures(rig: Rig, key: str) -> Mapping[str, tuple[int, ...]]:
    """By element: entered, completed, cancelled, failed, running, incidents."""
    with rig.sessions() as session:
        ids = session.scalars(select(ProcessInstance.definition_id).where(ProcessInstance.process_key == key)).all()
        return {
            tally.element_id: (
                tally.entered,
                tally.completed,
                tally.cancelled,
                tally.failed,
                tally.running,
                tally.incidents,
            )
            for tally in tallies(session, sorted(set(ids)))
        }


def sum_all_up(rig: Rig) -> int:
    rounds = 1
    with rig.work() as session:
        while sum_up(session, now=rig.clock.at):
            rounds += 1
    return rounds


def remove_all(rig: Rig, policy: Policy, limit: int = 20) -> list[Removed]:
    found = []
    while True:
        with rig.work() as session:
            batch = remove_batch(session, policy, now=rig.clock.at, limit=limit)
        if not batch.trees:
            return found
        found.append(batch)


def rows_left(rig: Rig) -> dict[str, int]:
    """Rows of instances that are left, by table; tables without any are left out."""
    tables = {table for table, _ in ROWS_OF_INSTANCES} | {ProcessInstance}
    with rig.sessions() as session:
        counts = {table.__tablename__: session.scalar(select(func.count()).select_from(table)) for table in tables}
    return {name: count for name, count in counts.items() if count}


def test_figures_are_the_same_before_and_after_they_are_summed_up(rig: Rig) -> None:
    rig.deploy(PLAN)
    first, second = rig.start("plan", port="P1"), rig.start("plan", port="P2")
    rig.far.script("net.reserve", refuse("port-broken"))
    rig.start("plan", port="P3")
    rig.complete(first)
    rig.cancel(second)
    rig.drain()
    wanted = {
        "begin": (0, 3, 0, 0, 0, 0),
        "reserve": (3, 2, 0, 0, 1, 1),
        "install": (2, 1, 1, 0, 0, 0),
        "done": (0, 1, 0, 0, 0, 0),
    }
    assert figures(rig, "plan") == wanted
    sum_all_up(rig)
    with rig.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ElementCount)) == 0, "a line may still be on its way"
    rig.clock.move(SETTLES + timedelta(seconds=1))
    sum_all_up(rig)
    assert figures(rig, "plan") == wanted
    with rig.sessions() as session:
        assert session.scalar(select(func.sum(ElementCount.completed))) == 7
    rig.start("plan", port="P4")
    sum_all_up(rig)
    assert figures(rig, "plan")["install"] == (3, 1, 1, 0, 1, 0)


def test_a_quiet_year_is_passed_over_in_a_few_strides(rig: Rig) -> None:
    rig.deploy(PLAN)
    rig.start("plan", port="P1")
    rig.clock.move(timedelta(days=365))
    rig.start("plan", port="P2")
    rig.clock.move(timedelta(days=1))
    assert sum_all_up(rig) <= 4
    assert figures(rig, "plan")["install"] == (2, 0, 0, 0, 2, 0)


def test_figures_can_be_asked_for_some_areas(rig: Rig) -> None:
    rig.deploy(PLAN)
    rig.start("plan", port="P1")
    with rig.sessions() as session:
        of_definition = [session.scalars(select(ProcessInstance.definition_id)).one()]
        elsewhere = select(ProcessInstance.area).where(ProcessInstance.area == "BJ")
        assert tallies(session, of_definition, areas=elsewhere) == []
        assert len(tallies(session, of_definition, areas=select(ProcessInstance.area))) == 3


def test_what_ended_long_ago_goes_with_all_its_rows_and_the_rest_stays(rig: Rig) -> None:
    rig.clock.at = datetime.now(UTC) + timedelta(hours=1)  # the keys of operations carry the time of the machine
    rig.deploy(PLAN, PARENT, LATER)
    gone = [rig.start("whole", port=f"P{number}") for number in range(3)]
    for root in gone:
        rig.complete(root)
    running = rig.start("later")
    before = rows_left(rig)
    rig.clock.move(timedelta(days=31))
    assert remove_all(rig, MONTH) == [], "nothing goes that is not in the sums"
    sum_all_up(rig)
    summed = figures(rig, "plan")
    with rig.sessions() as session:
        plan = session.scalars(
            select(ProcessInstance.definition_id).where(ProcessInstance.process_key == "plan")
        ).first()
    recent = rig.start("whole", port="P9")
    rig.complete(recent)
    with_recent = rows_left(rig)
    batches = remove_all(rig, MONTH, limit=2)
    assert [batch.trees for batch in batches] == [2, 1]
    left = rows_left(rig)
    assert sum(batch.rows for batch in batches) == sum(with_recent.values()) - sum(left.values())
    assert left["process_instance"] == 1 + 2
    assert left["timer"] == before["timer"] == 1
    with rig.sessions() as session:
        of_plan = {tally.element_id: tally.completed for tally in tallies(session, [str(plan)])}
    assert of_plan["reserve"] == summed["reserve"][1] + 1 == 4, "the sums stay"
    rig.check()
    assert rig.instance(running).state == "running"


def test_a_process_may_be_kept_longer_or_shorter_than_the_others(rig: Rig) -> None:
    rig.deploy(PLAN, PARENT)
    for key in ("plan", "whole"):
        rig.complete(rig.start(key, port="P1"))
    rig.clock.move(timedelta(days=40))
    sum_all_up(rig)
    assert remove_all(rig, Policy()) == []
    assert remove_all(rig, Policy(days=60)) == []
    assert remove_all(rig, Policy(days=60, by_process={"plan": 50})) == []
    assert [batch.trees for batch in remove_all(rig, Policy(days=60, by_process={"plan": 30}))] == [1]
    assert remove_all(rig, Policy(by_process={"plan": 30})) == []
    assert [batch.trees for batch in remove_all(rig, Policy(days=30, by_process={"plan": 90}))] == [1]
    assert rows_left(rig) == {}


def test_what_somebody_still_has_to_settle_stays(rig: Rig) -> None:
    rig.deploy(PLAN)
    root = rig.start("plan", port="P1")
    rig.far.script("net.release", refuse("still-used"))
    rig.cancel(root)
    rig.drain()
    assert [incident.code for incident in rig.incidents(root)] == ["still-used"]
    rig.clock.move(timedelta(days=100))
    sum_all_up(rig)
    assert remove_all(rig, MONTH) == []
    rig.retry(rig.incidents(root)[0].id)
    rig.clock.move(timedelta(days=100))
    sum_all_up(rig)
    assert [batch.trees for batch in remove_all(rig, MONTH)] == [1]


def test_news_goes_when_it_is_done_with(rig: Rig) -> None:
    states = ("delivered", "ignored", "expired", "received", "unmatched")
    with rig.work() as session:
        for state in states:
            session.add(
                InboxMessage(
                    id=rig.parts.ids(),
                    source="net",
                    event_id=state,
                    kind="message",
                    payload={},
                    state=state,
                    received_at=rig.clock.at,
                    expires_at=rig.clock.at,
                )
            )
    rig.clock.move(timedelta(days=31))
    with rig.work() as session:
        assert remove_news(session, Policy(), now=rig.clock.at) == 0
        assert remove_news(session, MONTH, now=rig.clock.at, limit=2) == 2
        assert remove_news(session, MONTH, now=rig.clock.at) == 1
    with rig.sessions() as session:
        assert set(session.scalars(select(InboxMessage.state))) == {"received", "unmatched"}


def test_every_table_that_speaks_of_an_instance_is_thought_of() -> None:
    """What is told of an instance either goes with it or is kept on purpose."""
    kept_on_purpose = {
        "inbox_message": "goes by its own age",
        "process_instance": "is the instance",
        "repair": "says what operators did and why",
        "process_migration_item": "says what became of every instance of a migration",
    }
    for module in pkgutil.walk_packages(processes.store.__path__, "processes.store."):
        importlib.import_module(module.name)
    telling = {
        mapper.local_table.name
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith("processes.")
        and {"instance_id", "root_id", "root_instance_id"} & set(mapper.local_table.columns.keys())
    }
    removed = {table_of(table).name for table, _ in ROWS_OF_INSTANCES}
    assert telling - removed - kept_on_purpose.keys() == set()


@pytest.mark.parametrize("lost", ["activity_log", "job", "effect", "user_task"])
def test_rows_of_an_instance_that_is_not_there_are_noticed(rig: Rig, lost: str) -> None:
    rig.deploy(PLAN)
    rig.complete(rig.start("plan", port="P1"))
    columns: dict[str, Any] = {"instance_id": "01a1ffbc-0000-7000-8000-000000000000"}
    table = next(table_of(table) for table, _ in ROWS_OF_INSTANCES if table_of(table).name == lost)
    chosen = select(table.c.instance_id).limit(1).scalar_subquery()
    with rig.work() as session:
        session.execute(table.update().where(table.c.instance_id == chosen).values(**columns))
    with rig.sessions() as session:
        found = [row.message for row in violations(session, now=rig.clock.at)]
    assert any(text.endswith("belongs to a process that is not there") for text in found)


def test_the_history_knows_who_did_what(rig: Rig) -> None:
    rig.deploy(PLAN)
    root = rig.start("plan", port="P1")
    rig.complete(root)
    with rig.sessions() as session:
        line = session.scalars(
            select(ActivityLog).where(ActivityLog.element_id == "install", ActivityLog.event == "completed")
        ).one()
    assert line.actor == "field"
