"""Each invariant goes red when the thing it guards is broken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from processes.invariants import violations
from tests.engine.diagrams import end, process, service, start, user, wait_for
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

PLANTED = {
    "DELETE FROM user_task": "I1",
    "UPDATE process_instance SET state = 'completed'": "I3",
    "UPDATE job SET state = 'sent', lease_until = '2026-01-01 00:00:00+00:00' WHERE kind = 'operation'": "I3",
    "UPDATE job SET state = 'incident' WHERE kind = 'operation'": "I3",
    "DELETE FROM activity_log WHERE seq = 2": "I5",
    "UPDATE process_instance SET log_seq = log_seq + 1": "I5",
    "UPDATE process_instance SET state = 'cancelled'": "I6",
    "UPDATE effect SET operation_id = '01a1ffbd-0000-7000-8000-000000000000'": "I2",
}


@pytest.mark.parametrize("damage", PLANTED)
def test_damage_is_found(rig: Rig, damage: str) -> None:
    rig.deploy(FLOW)
    rig.start("flow")
    rig.check()
    with rig.work() as session:
        session.execute(text(damage))
        session.flush()
        found = violations(session, now=rig.clock.at, far_effects=rig.far.counts())
    assert PLANTED[damage] in {violation.rule for violation in found}


def test_an_effect_done_twice_is_found(rig: Rig) -> None:
    rig.far.keyed = False
    rig.deploy(FLOW)
    rig.start("flow")
    rig.far.take_effect(rig.far.calls[0])
    with rig.sessions() as session:
        found = violations(session, now=rig.clock.at, far_effects=rig.far.counts())
    assert [(violation.rule, violation.message) for violation in found] == [("I2", "net.reserve took effect 2 times")]


def test_a_late_timer_is_found(rig: Rig) -> None:
    rig.deploy(FLOW)
    rig.complete(rig.start("flow"))
    with rig.sessions() as session:
        found = violations(session, now=rig.clock.at + timedelta(hours=2))
    assert [violation.rule for violation in found] == ["I3"]
