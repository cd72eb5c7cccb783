"""A process that begins when several messages of one key have come: one instance for them, however they come."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from processes import suspending
from processes.errors import DefinitionRefused
from processes.lifecycle import InboxState
from processes.news import handle_news
from processes.repairs import Why
from processes.store.instances import ProcessInstance
from processes.store.jobs import InboxMessage
from tests.engine.rig import Rig
from tests.processes.drawing import bpmn, catch, end, event, flows, io, node, start, user

WHY = Why(actor="ops", reason="look into it")
PATIENCE_S = 30.0
AT_START = bpmn(
    start("s", event("message", "ordered") + event("message", "paid"), parallelMultiple="true"),
    user("pack"),
    end("e"),
    flows("s>pack pack>e"),
    key="together",
)
AT_GATEWAY = bpmn(
    node("eventBasedGateway", "g", instantiate="true", eventGatewayType="Parallel"),
    catch("o", event("message", "ordered") + io(outputs={"what": "result.what"})),
    node("receiveTask", "p", io(outputs={"amount": "result.amount"}), messageRef="message_paid"),
    node("parallelGateway", "j"),
    user("pack"),
    end("e"),
    flows("g>o g>p o>j p>j j>pack pack>e"),
    key="together",
)
both_drawings = pytest.mark.parametrize("drawing", [AT_START, AT_GATEWAY], ids=["start event", "gateway"])


def send(rig: Rig, event_id: str, name: str, key: str, **payload: object) -> str:
    with rig.work() as session:
        kept = rig.engine.receive_message(
            session, source="shop", event_id=event_id, name=name, key=key, payload=payload, now=rig.clock.at
        )
        return kept.id


def begun(rig: Rig) -> list[str]:
    with rig.sessions() as session:
        rows = select(ProcessInstance.id).where(ProcessInstance.process_key == "together")
        return list(session.scalars(rows.order_by(ProcessInstance.id)))


@both_drawings
def test_messages_of_one_key_begin_one_instance_in_whatever_order(rig: Rig, drawing: bytes) -> None:
    rig.deploy(drawing)
    send(rig, "1", "ordered", "A", what="modem")
    rig.drain()
    send(rig, "2", "paid", "B", amount=5)
    rig.drain()
    one, other = begun(rig)
    assert [rig.instance(one).business_key, rig.instance(other).business_key] == ["A", "B"]
    assert rig.user_tasks(one) == rig.user_tasks(other) == []
    send(rig, "3", "paid", "A", amount=7)
    rig.drain()
    assert [task.element_id for task in rig.user_tasks(one)] == ["pack"]
    assert rig.user_tasks(other) == []
    rig.complete(one)
    assert rig.data(one) == {"what": "modem", "amount": 7}
    send(rig, "4", "ordered", "B", what="tv")
    rig.drain()
    rig.complete(other)
    assert rig.data(other) == {"what": "tv", "amount": 5}
    assert begun(rig) == [one, other]
    rig.check()


@both_drawings
def test_they_begin_one_instance_if_the_process_is_suspended_meanwhile(rig: Rig, drawing: bytes) -> None:
    rig.deploy(drawing)
    with rig.work() as session:
        suspending.hold_definition(session, "together", None, now=rig.clock.at, suspended=True)
    send(rig, "1", "ordered", "A", what="modem")
    rig.drain()
    [one] = begun(rig)
    with rig.work() as session:
        rig.engine.resume(session, one, why=WHY, now=rig.clock.at)
    rig.drain()
    send(rig, "2", "paid", "A", amount=7)
    rig.drain()
    assert begun(rig) == [one]
    assert [task.element_id for task in rig.user_tasks(one)] == ["pack"]


@pytest.fixture
def on_postgresql(rig: Rig) -> Iterator[Rig]:
    if rig.database.dialect.name == "sqlite":
        pytest.skip("one writer at a time: they cannot be looked at in one instant")
    yield rig


@both_drawings
def test_two_of_them_looked_at_in_one_instant_begin_one_instance(on_postgresql: Rig, drawing: bytes) -> None:
    rig = on_postgresql
    rig.deploy(drawing)
    first, second = send(rig, "1", "ordered", "A", what="modem"), send(rig, "2", "paid", "A", amount=7)

    def look_at_the_second() -> None:
        with rig.work() as session:
            handle_news(rig.parts, session, second, now=rig.clock.at)

    thread = threading.Thread(target=look_at_the_second)
    with rig.work() as session:
        handle_news(rig.parts, session, first, now=rig.clock.at)
        thread.start()
        while thread.is_alive() and not waits_for_its_turn(rig):
            thread.join(0.02)
    thread.join(PATIENCE_S)
    [one] = begun(rig)
    assert [task.element_id for task in rig.user_tasks(one)] == ["pack"]
    with rig.sessions() as session:
        assert {row.state for row in session.scalars(select(InboxMessage))} == {InboxState.DELIVERED}


def waits_for_its_turn(rig: Rig) -> bool:
    with rig.sessions() as session:
        return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")))


def test_two_processes_cannot_begin_at_one_message_of_several(rig: Rig) -> None:
    rig.deploy(AT_START)
    twin = bpmn(start("s", event("message", "paid")), end("e"), flows("s>e"), key="twin")
    with pytest.raises(DefinitionRefused) as refused:
        rig.deploy(twin)
    assert [finding.rule for finding in refused.value.findings] == ["message-start-taken"]
