"""Each invariant goes red when the thing it guards is broken, and only then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from adapters.ports import Answer, OperationCall
from processes.invariants import CHECKS, Look, find, violations
from processes.store.instances import ProcessInstance
from processes.store.jobs import Effect
from tests.engine.diagrams import call, end, process, service, start, user, wait_for
from tests.engine.rig import Rig

FLOW = process(
    "flow",
    start(),
    service("step", "net.reserve", {"what": "'x'"}),
    user("install"),
    wait_for("pause", "PT1H"),
    end(),
    flows="begin > step > install > pause > done",
)
CHILD = process("child", start(), user("visit"), end(), flows="begin > visit > done")
PARENT = process("flow", start(), call("below", "child", {}), end(), flows="begin > below > done")
PAUSE = process("flow", start(), wait_for("pause", "PT1H"), end(), flows="begin > pause > done")
LATE = "'2026-01-01 00:00:00+00:00'"


LOST = f"UPDATE job SET state = 'ready', ended_at = NULL, adapter = NULL, run_at = {LATE} WHERE kind = 'operation'"


def two_of_one(rig: Rig, root: str) -> str:
    """A second effect of the one step."""
    with rig.sessions() as session:
        columns = {**session.scalars(select(Effect)).one().__dict__}
    columns.pop("_sa_instance_state")
    with rig.work() as session:
        session.add(Effect(**{**columns, "seq": 77, "operation_id": "01a1ffbd-0000-7000-8000-000000000000"}))
    return "UPDATE effect SET ended_at = ended_at"


Damage = str | Callable[[Rig, str], str]
#: An id that nothing has.
OTHER = "00000000-0000-7000-8000-000000000001"

#: Rule, process, what is broken, and a word of the sentence that has to say so.
PLANTED: list[tuple[str, bytes, Damage, str]] = [
    ("I1", FLOW, "DELETE FROM user_task", "waits for nothing"),
    ("I2", FLOW, "UPDATE process_instance SET state = 'cancelled'", "is cancelled"),
    ("I2", FLOW, "UPDATE effect SET operation_id = '01a1ffbd-0000-7000-8000-000000000000'", "not at the far side"),
    ("I2", FLOW, "DELETE FROM effect", "not in our ledger"),
    ("I2", FLOW, f"UPDATE effect SET state = 'undone', undo_operation_id = '{OTHER}'", "never took effect"),
    ("I2", FLOW, two_of_one, "has 2 effects"),
    ("I3", FLOW, "UPDATE process_instance SET state = 'completed'", "has ended"),
    ("I3", FLOW, f"UPDATE job SET state = 'sent', lease_until = {LATE} WHERE kind = 'operation'", "ran out"),
    ("I3", FLOW, "UPDATE job SET state = 'sent', lease_until = NULL WHERE kind = 'operation'", "ran out"),
    ("I3", FLOW, "UPDATE job SET state = 'incident' WHERE kind = 'operation'", "without an incident"),
    ("I3", FLOW, LOST, "nobody takes it"),
    ("I3", PARENT, "UPDATE process_instance SET state = 'cancelled' WHERE parent_id IS NULL", "runs on"),
    ("I5", FLOW, "DELETE FROM activity_log WHERE seq = 2", "should have"),
    ("I5", FLOW, "UPDATE process_instance SET log_seq = log_seq + 1", "should have"),
    ("I5", FLOW, "UPDATE job SET ended_at = NULL", "does not fit"),
    ("I6", FLOW, "UPDATE user_task SET state = 'completed'", "waits for a user task that does not exist"),
    ("I6", FLOW, "UPDATE user_task SET task_id = '01a1ffbd-0000-7000-8000-000000000000'", "nothing waits for it"),
    ("I6", FLOW, "DELETE FROM activity_log WHERE element_id = 'install'", "its history does not say so"),
    (
        "I6",
        FLOW,
        "UPDATE activity_log SET event = 'noted' WHERE element_id = 'step' AND event = 'completed'",
        "open in the history",
    ),
    ("I6", FLOW, "UPDATE process_instance SET snapshot = NULL", "no saved state"),
    ("I6", FLOW, "UPDATE process_instance SET state = 'completed'", "never ended"),
    ("I6", PAUSE, f"UPDATE timer SET due_at = {LATE}", "is set to 2026-01-01"),
    ("I6", PARENT, "UPDATE process_instance SET state = 'completed' WHERE parent_id IS NOT NULL", "a running child"),
    ("I7", FLOW, "UPDATE job SET area = 'JS'", "lies in JS"),
    ("I7", FLOW, "UPDATE user_task SET area = 'JS'", "lies in JS"),
    ("I7", FLOW, "UPDATE effect SET area = 'JS'", "lies in JS"),
    ("I7", PARENT, "UPDATE process_instance SET area = 'JS' WHERE parent_id IS NOT NULL", "lies in JS"),
    ("I7", FLOW, f"UPDATE process_instance SET root_id = '{OTHER}'", "belongs to another tree"),
]


@pytest.mark.parametrize(("rule", "drawing", "damage", "words"), PLANTED)
def test_damage_is_found(rig: Rig, rule: str, drawing: bytes, damage: Damage, words: str) -> None:
    rig.deploy(CHILD, drawing)
    root = rig.start("flow")
    rig.check()
    statement = damage if isinstance(damage, str) else damage(rig, root)
    with rig.work() as session:
        session.execute(text(statement))
        session.flush()
        found = violations(session, now=rig.clock.at, far_effects=rig.far.counts())
    assert [one for one in found if one.rule == rule and words in one.message], found


def test_an_effect_done_twice_is_found(rig: Rig) -> None:
    rig.far.keyed = False
    rig.deploy(FLOW)
    rig.start("flow")
    rig.far.take_effect(rig.far.calls[0])
    with rig.sessions() as session:
        found = violations(session, now=rig.clock.at, far_effects=rig.far.counts())
    said = [(violation.rule, violation.message, violation.business_key) for violation in found]
    assert said == [("I2", "net.reserve took effect 2 times at net", "order:flow")]


def test_an_effect_under_a_key_of_nobody_is_found(rig: Rig) -> None:
    rig.deploy(FLOW)
    rig.start("flow")
    stranger: dict[str, Any] = {"operation_id": "x", "operation": "net.reserve", "adapter": "net", "count": 1}
    with rig.sessions() as session:
        found = violations(session, now=rig.clock.at, far_effects=[*rig.far.counts(), stranger])
    assert [(violation.rule, violation.subject) for violation in found] == [("I2", "x")]


def break_off(_call: OperationCall) -> Answer:
    raise RuntimeError("the line broke")


def test_what_a_person_skipped_need_not_be_at_the_far_side(rig: Rig) -> None:
    rig.far.script("odd.poke", break_off)
    poke = service("step", "odd.poke", {"what": "'x'"})
    rig.deploy(process("one", start(), poke, end(), flows="begin > step > done"))
    root = rig.start("one")
    incident = rig.incidents(root)[0].id
    with rig.work() as session:
        rig.engine.skip_incident(
            session, incident, result={}, reason="done by hand", effect_happened=True, actor="ops", now=rig.clock.at
        )
    rig.drain()
    assert rig.instance(root).state == "completed"
    other = {"operation_id": "x", "operation": "odd.look", "adapter": "odd", "count": 1, "is_write": False}
    with rig.sessions() as session:
        assert violations(session, now=rig.clock.at, far_effects=[other]) == []


def test_a_late_timer_is_found(rig: Rig) -> None:
    rig.deploy(FLOW)
    rig.complete(rig.start("flow"))
    with rig.sessions() as session:
        found = violations(session, now=rig.clock.at + timedelta(hours=2))
    assert [violation.rule for violation in found] == ["I3"]


def test_each_rule_can_be_asked_alone_and_says_what_it_looked_at(rig: Rig) -> None:
    rig.deploy(CHILD, PARENT)
    rig.start("flow")
    with rig.sessions() as session:
        session.execute(text("UPDATE job SET area = 'JS', ended_at = NULL"))
        for rule in CHECKS:
            look = Look(session=session, now=rig.clock.at)
            assert {violation.rule for violation in find(look, [rule])} <= {rule}
            assert {seen for seen, _what in look.seen} == {rule}
            assert sum(look.seen.values()) > 0 or rule == "I2"


def test_many_instances_are_read_piece_by_piece(rig: Rig) -> None:
    rig.deploy(CHILD, PARENT)
    with rig.work() as session:
        for number in range(120):
            rig.engine.start(
                session, "flow", business_key=f"order:{number}", area="SH", data={}, now=rig.clock.at, actor="x"
            )
    rig.drain()
    rig.check()
    with rig.work() as session:
        session.execute(text("UPDATE user_task SET state = 'cancelled', ended_at = opened_at"))
        found = violations(session, now=rig.clock.at)
        assert session.query(ProcessInstance).count() == 240
    assert len([one for one in found if one.rule == "I6"]) == 120
    assert {one.business_key for one in found} == {f"order:{number}" for number in range(120)}
