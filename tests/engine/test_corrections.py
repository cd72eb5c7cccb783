"""Other inputs after an unknown outcome: never two effects of which the ledger knows one."""

from __future__ import annotations

import pytest

from adapters.errors import Unreachable
from adapters.ports import Answer, OperationCall
from processes.causes import cause_key, normalised
from processes.errors import OutcomeOpen, WrongInputs
from processes.mending import Correction
from tests.engine.diagrams import end, process, service, start
from tests.engine.rig import Rig


def one(operation: str) -> bytes:
    return process("one", start(), service("s", operation, {"what": "'x'"}), end(), flows="begin > s > done")


def lost(made: OperationCall) -> Answer:
    raise Unreachable("dropped")


def test_when_the_earlier_call_had_no_effect_the_corrected_one_goes_out_under_a_new_id(rig: Rig) -> None:
    rig.deploy(one("net.reserve"))
    rig.far.script("net.reserve", lost, lost, lost)
    root = rig.start("one")
    for _ in range(3):
        rig.later(minutes=2)
    (incident,) = rig.incidents(root)
    (before,) = {call.operation_id for call in rig.far.calls}
    rig.retry(incident.id, correction=Correction(change={"what": "y"}))
    assert rig.instance(root).state == "completed"
    (effect,) = rig.effects(root)
    assert effect.inputs == {"what": "y"} and effect.operation_id != before
    rig.check()


def test_when_it_had_one_the_incident_says_so_and_a_retry_takes_it_over(rig: Rig) -> None:
    def done_but_lost(made: OperationCall) -> Answer:
        rig.far.take_effect(made)
        raise Unreachable("dropped")

    rig.deploy(one("net.reserve"))
    rig.far.script("net.reserve", done_but_lost, lost, lost)
    root = rig.start("one")
    for _ in range(3):
        rig.later(minutes=2)
    rig.retry(rig.incidents(root)[0].id, correction=Correction(change={"what": "y"}))
    (incident,) = rig.incidents(root)
    assert incident.code == "took-effect"
    rig.retry(incident.id)
    assert rig.instance(root).state == "completed"
    assert [row["inputs"] for row in rig.far.effects()] == [{"what": "x"}]
    rig.check()


def test_where_nobody_can_be_asked_somebody_has_to_say(rig: Rig) -> None:
    rig.deploy(one("odd.poke"))
    rig.far.script("odd.poke", lost)
    root = rig.start("one")
    (incident,) = rig.incidents(root)
    with pytest.raises(OutcomeOpen):
        rig.retry(incident.id, correction=Correction(change={"what": "y"}))
    with pytest.raises(WrongInputs):
        rig.retry(incident.id, correction=Correction(change={"what": None}, nothing_happened=True))
    rig.retry(incident.id, correction=Correction(change={"what": "y"}, nothing_happened=True))
    assert rig.instance(root).state == "completed"
    assert [row["inputs"] for row in rig.far.effects()] == [{"what": "y"}]


def test_a_cause_is_what_the_messages_have_in_common() -> None:
    first = normalised("no free port at OLT-SH-07/1/2 for order O-2611-000042 since 2026-11-02T08:00:00Z")
    assert first == normalised("no free port at OLT-SH-11/3/9 for order O-2611-000777 since 2026-11-03T09:30:00Z")
    assert first != normalised("no free address at OLT-SH-07/1/2 for order O-2611-000042 since 2026-11-02T08:00:00Z")
    assert normalised("'abc' is not in “清单”") == normalised("'xyz' is not in “其他”")
    assert cause_key("a", "b", first) != cause_key("a", "c", first)
