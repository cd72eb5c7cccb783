"""Two versions of one process, and instances at every place of the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from processes import migrations
from processes.bulk_runner import BulkRunner
from processes.store.bulk import BulkItem
from processes.store.instances import ProcessInstance
from processes.store.migrations import Migration, MigrationItem
from tests.engine.rig import Rig
from tests.processes.drawing import boundary, bpmn, catch, end, event, flows, io, many, service, start, sub, timer
from tests.processes.drawing import user as person


def gate(kind: str, name: str) -> str:
    return f'<bpmn:{kind}Gateway id="{name}"/>'


ONE = bpmn(
    start(),
    person("survey"),
    boundary("late", "survey", timer("PT8H")),
    service("reserve", io({"what": "'port'"}, {"port": "result.id"}), operation="net.reserve"),
    person("old_visit"),
    boundary("reminder", "old_visit", timer("R3/PT1H", "timeCycle"), interrupting=False),
    service("switch_on", io({"what": "port"}), operation="net.activate"),
    person("hand_over"),
    end(),
    end("gone"),
    end("reminded"),
    flows(
        "s>survey survey>reserve reserve>old_visit old_visit>switch_on switch_on>hand_over hand_over>e late>gone"
        " reminder>reminded"
    ),
    key="line",
)
#: ``old_visit`` is called ``visit`` now, has no reminder but a message; switching on is another operation.
TWO = bpmn(
    start(),
    person("survey"),
    boundary("late", "survey", timer("PT24H")),
    boundary("called_off", "survey", event("message", "line_ready")).replace(
        'id="called_off"', 'id="called_off" yizhan:messageKey="\'K\'"'
    ),
    service("reserve", io({"what": "'port'"}, {"port": "result.id"}), operation="net.reserve"),
    person("visit"),
    service("switch_on", io({"what": "port"}), operation="net.announce"),
    person("hand_over"),
    person("rate_us"),
    end(),
    end("gone"),
    flows(
        "s>survey survey>reserve reserve>visit visit>switch_on switch_on>hand_over hand_over>rate_us rate_us>e"
        " late>gone called_off>gone"
    ),
    key="line",
)


def drawn(*body: str, key: str = "p") -> bytes:
    """A process between a start ``s`` and an end ``e``."""
    return bpmn(start(), *body, end(), key=key)


def plan(rig: Rig, key: str = "line", mapping: Mapping[str, str | None] | None = None, **more: Any) -> str:
    """A migration of everything from version 1 to 2, judged; returns its id."""
    with rig.work() as session:
        given = {"from_version": 1, "to_version": 2, "reason": "the model was wrong", "actor": "ops", **more}
        made = migrations.create(rig.parts, session, key, counterparts=mapping, now=rig.clock.at, **given)
    judge(rig, made.id)
    return made.id


def judge(rig: Rig, migration_id: str) -> None:
    for _chunk in range(1000):
        with rig.work() as session:
            if migrations.judge(rig.parts, session, migration_id, now=rig.clock.at, limit=500):
                return
    raise AssertionError("it does not end")


def items(rig: Rig, migration_id: str) -> dict[str, MigrationItem]:
    """The verdicts by instance."""
    with rig.sessions() as session:
        rows = session.scalars(select(MigrationItem).where(MigrationItem.migration_id == migration_id))
        return {row.instance_id: row for row in rows}


def verdicts(rig: Rig, migration_id: str) -> dict[str, tuple[str, list[str]]]:
    """Verdict and codes of the reasons by instance."""
    found = items(rig, migration_id)
    return {key: (row.verdict, [reason["code"] for reason in row.reasons]) for key, row in found.items()}


def carry_out(rig: Rig, migration_id: str, **more: Any) -> str:
    """Begin to move; returns the id of the bulk run."""
    with rig.work() as session:
        run = migrations.carry_out(rig.parts, session, migration_id, actor="ops", area="SH", now=rig.clock.at, **more)
        return run.id


def run_all(rig: Rig) -> int:
    """Let the bulk runs go as far as they go now; returns how many subjects were touched."""
    return BulkRunner(rig.parts, rig.sessions).round(limit=100_000)


def moved(rig: Rig, key: str = "line", mapping: Mapping[str, str | None] | None = None) -> str:
    """Plan, judge and carry out; returns the migration."""
    migration_id = plan(rig, key, mapping)
    carry_out(rig, migration_id)
    run_all(rig)
    return migration_id


def version_of(rig: Rig, instance_id: str) -> int:
    with rig.sessions() as session:
        instance = session.get_one(ProcessInstance, instance_id)
        return rig.engine.definition(session, instance.definition_id).version


def results(rig: Rig, migration_id: str) -> Iterator[BulkItem]:
    """What became of each instance that was to be moved."""
    with rig.sessions() as session:
        run_id = session.get_one(Migration, migration_id).run_id
        yield from session.scalars(select(BulkItem).where(BulkItem.run_id == run_id).order_by(BulkItem.seq)).all()


__all__ = ["ONE", "TWO", "catch", "drawn", "event", "gate", "io", "many", "person", "service", "sub", "timer"]
