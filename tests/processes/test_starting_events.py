"""What starts a process besides a person, and messages thrown."""

from __future__ import annotations

import pytest

from processes.spiff.compile import compile_files
from tests.processes.drawing import bpmn, catch, end, event, flows, io, node, service, start, throw, timer, user
from tests.processes.driving import Drive, every_way, loaded

SIGNAL = start("sig", event("signal", "storm") + io(outputs={"place": "result.area"}))
DAILY = start("day", timer("R/P1D", "timeCycle"))
STARTS = bpmn(
    start(),
    SIGNAL,
    DAILY,
    user("a"),
    user("b", io({"where": "place"})),
    user("c"),
    flows("s>a sig>b day>c"),
)


@every_way
def test_each_start_event_begins_at_its_own_place(mode):
    assert Drive.begin(mode, STARTS).at == ["a"]
    assert Drive.begin(mode, STARTS, at="day").at == ["c"]
    run = Drive.begin(mode, STARTS, start=False)
    run.execution.start("sig", {"area": "SH"})
    run.settle()
    assert run.at == ["b"]
    assert run.inputs("b") == {"where": "SH"}


@every_way
def test_the_caller_may_map_what_came_with_the_start_itself(mode):
    run = Drive.begin(mode, STARTS, {"place": "BJ"}, at="sig")
    assert run.inputs("b") == {"where": "BJ"}


RECEIVED = bpmn(
    node("receiveTask", "r", io(outputs={"order": "result.id"}), messageRef="message_order", instantiate="true"),
    user("a", io({"order": "order"})),
    flows("r>a"),
)


@every_way
def test_a_receive_task_can_start_an_instance(mode):
    run = Drive.begin(mode, RECEIVED, start=False)
    run.execution.start("r", {"id": 7})
    run.settle()
    assert run.at == ["a"]
    assert run.inputs("a") == {"order": 7}
    assert run.events("r") == ["entered", "completed"]
    assert Drive.begin(mode, RECEIVED).deliver("r", {"id": 8}).inputs("a") == {"order": 8}


RACE = bpmn(
    node("eventBasedGateway", "g", instantiate="true"),
    catch("m", event("message", "call") + io(outputs={"who": "result.who"})),
    node("receiveTask", "r", messageRef="message_letter"),
    user("a", io({"who": "who"})),
    user("b"),
    flows("g>m g>r m>a r>b"),
)


@every_way
def test_an_event_based_gateway_can_start_an_instance(mode):
    run = Drive.begin(mode, RACE, start=False)
    run.execution.start("m", {"who": "customer"})
    run.settle()
    assert run.at == ["a"]
    assert run.inputs("a") == {"who": "customer"}
    assert Drive.begin(mode, RACE, at="r").at == ["b"]
    assert Drive.begin(mode, RACE).at == ["m", "r"]


def test_only_what_nothing_leads_to_starts():
    _, _, found = compile_files({"f": RACE})
    assert found == []
    assert loaded(RACE).main.start.extensions["starts"] == {"m": ["m"], "r": ["r"]}


SENDERS = {
    "event": throw("t", event("message", "done") + io({"n": "n + 1"})).replace("id=", 'yizhan:messageKey="order" id='),
    "task": node("sendTask", "t", io({"n": "n + 1"}), messageRef="message_done", yz_messageKey="order"),
    "end": end("t", event("message", "done") + io({"n": "n + 1"})).replace("id=", 'yizhan:messageKey="order" id='),
}


@every_way
@pytest.mark.parametrize("sender", SENDERS)
def test_a_message_is_handed_to_the_caller_with_key_and_payload(mode, sender):
    after = "" if sender == "end" else user("a")
    drawing = bpmn(start(), SENDERS[sender], after, flows("s>t" if sender == "end" else "s>t t>a"))
    run = Drive.begin(mode, drawing, {"n": 1, "order": "O-1"})
    [thrown] = run.thrown
    assert (thrown.kind, thrown.name, thrown.key, thrown.payload, thrown.element_id) == (
        "message",
        "done",
        "O-1",
        {"n": 2},
        "t",
    )
    assert run.done if sender == "end" else run.at == ["a"]


@every_way
def test_a_key_that_cannot_be_computed_stops_there_until_it_can(mode):
    run = Drive.begin(mode, bpmn(start(), SENDERS["event"], user("a"), flows("s>t t>a")), {"n": 1})
    assert run.thrown == []
    [failure] = run.failures
    run.execution.retry(failure.task_id, {"order": "O-2"})
    run.settle()
    assert [thrown.key for thrown in run.thrown] == ["O-2"]
    assert run.at == ["a"]


def test_a_send_task_with_an_operation_is_a_job_as_ever():
    drawing = bpmn(
        start(), node("sendTask", "t", messageRef="message_done", yz_operation="mail.send"), flows("s>t"), service("x")
    )
    found = compile_files({"f": drawing})[2]
    assert [row.rule for row in found] == ["unreachable"]


ANY = bpmn(
    start("s", event("message", "order") + event("signal", "go") + io(outputs={"n": "get(result, 'n')"})),
    user("a", io({"n": "n"})),
    flows("s>a"),
)
TOGETHER = bpmn(
    start(
        "s", event("message", "order") + event("message", "paid") + event("message", "signed"), parallelMultiple="true"
    ),
    user("a", io({"n": "n", "m": "m"})),
    flows("s>a"),
)
GATE = bpmn(
    node("eventBasedGateway", "g", instantiate="true", eventGatewayType="Parallel"),
    catch("m", event("message", "order") + io(outputs={"who": "result.who"})),
    node("receiveTask", "r", messageRef="message_paid"),
    node("parallelGateway", "j"),
    user("a", io({"who": "who"})),
    flows("g>m g>r m>j r>j j>a"),
)


@every_way
def test_any_of_several_definitions_starts_an_instance(mode):
    compiled, _, found = compile_files({"f": ANY})
    assert found == []
    assert [(row.element_id, row.kind, row.name) for row in compiled[0].starts] == [
        ("s", "message", "order"),
        ("s", "signal", "go"),
    ]
    run = Drive.begin(mode, ANY, start=False)
    run.execution.start("s", {"n": 3})
    assert run.settle().inputs("a") == {"n": 3}


@every_way
def test_all_of_several_messages_start_an_instance_in_whatever_order(mode):
    run = Drive.begin(mode, TOGETHER, start=False)
    run.execution.start(run.spec.starting_at("s", "paid"), {"n": 3}, "K1")
    run.settle()
    assert sorted((wait.message, wait.message_key) for wait in run.execution.waits) == [
        ("order", "K1"),
        ("signed", "K1"),
    ]
    run.deliver("s", {"m": 1})
    assert run.at == ["s"]
    run.deliver("s", {"m": 2})
    assert run.inputs("a") == {"n": 3, "m": 2}
    assert run.events("s") == ["completed"]


@every_way
def test_a_parallel_gateway_starts_an_instance_with_one_message_and_waits_for_the_others(mode):
    run = Drive.begin(mode, GATE, start=False)
    run.execution.start(run.spec.starting_at("m", "order"), {"who": "customer"}, "K1")
    run.settle()
    assert [(wait.element_id, wait.message_key) for wait in run.execution.waits] == [("r", "K1")]
    assert run.deliver("r").inputs("a") == {"who": "customer"}
    other = Drive.begin(mode, GATE, start=False)
    other.execution.start("r", {}, "K2")
    assert other.settle().at == ["m"]
    other.deliver("m", {"who": "shop"})
    assert other.at == ["a"]


@every_way
def test_begun_by_hand_a_parallel_gateway_waits_for_all(mode):
    run = Drive.begin(mode, GATE)
    assert run.at == ["m", "r"]
    assert run.deliver("r").at == ["m"]
    assert run.deliver("m", {"who": "x"}).at == ["a"]


@every_way
def test_a_first_event_that_is_skipped_leaves_the_others_to_wait_for(mode):
    run = Drive.begin(mode, GATE, {"k": 1}, start=False)
    run.execution.start("m", {}, "K1")
    run.settle()
    [failure] = run.failures
    assert failure.element_id == "m"
    run.execution.skip(failure.task_id, merge={"who": "x"})
    assert run.settle().at == ["r"]
    assert run.deliver("r").inputs("a") == {"who": "x"}
