"""Events from one instance to another, and events that begin instances: once each, after the commit, no circles."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from processes.errors import DefinitionRefused
from processes.lifecycle import InboxState
from processes.store.instances import ProcessInstance
from processes.store.jobs import InboxMessage
from processes.store.starts import SignalSubscription, StartSubscription
from tests.engine.diagrams import end, hear, io, node, process, start, user
from tests.engine.rig import Rig

SIGNALS = b'<bpmn:signal id="signal_storm" name="storm"/><bpmn:signal id="signal_calm" name="calm"/>'


def drawn(key: str, *elements: str, flows: str, **more: Any) -> bytes:
    """A process that may speak of the signals ``storm`` and ``calm``."""
    return process(key, *elements, flows=flows, **more).replace(b"<bpmn:message ", SIGNALS + b"<bpmn:message ", 1)


def signal(name: str) -> str:
    return f'<bpmn:signalEventDefinition id="{name}_{id(name)}_def" signalRef="signal_{name}"/>'


MESSAGE = '<bpmn:messageEventDefinition id="message_def" messageRef="message_line_ready"/>'


def timer(kind: str, value: str) -> str:
    body = f'<bpmn:{kind} xsi:type="bpmn:tFormalExpression">{value}</bpmn:{kind}>'
    return f'<bpmn:timerEventDefinition id="timer_def">{body}</bpmn:timerEventDefinition>'


def condition(text: str) -> str:
    return (
        '<bpmn:conditionalEventDefinition id="condition_def"><bpmn:condition xsi:type="bpmn:tFormalExpression">'
        f"{text}</bpmn:condition></bpmn:conditionalEventDefinition>"
    )


def starts_at(body: str, outputs: dict[str, str] | None = None, **attributes: str) -> str:
    return node("startEvent", "begin", io({}, outputs) + body, **attributes)


def instances(rig: Rig, key: str) -> list[ProcessInstance]:
    with rig.sessions() as session:
        rows = select(ProcessInstance).where(ProcessInstance.process_key == key).order_by(ProcessInstance.id)
        return list(session.scalars(rows))


def news(rig: Rig, **wanted: str) -> list[InboxMessage]:
    with rig.sessions() as session:
        rows = session.scalars(select(InboxMessage).order_by(InboxMessage.received_at, InboxMessage.id)).all()
    return [row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())]


def say(rig: Rig, event_id: str, key: str = "7", **payload: Any) -> None:
    with rig.work() as session:
        rig.engine.receive_message(
            session,
            source="crm",
            event_id=event_id,
            name="line_ready",
            key=key,
            payload=payload,
            now=rig.clock.at,
            area="SH-SH",
        )
    rig.drain()


def storm(rig: Rig, event_id: str, name: str = "storm", **payload: Any) -> None:
    with rig.work() as session:
        rig.engine.receive_signal(
            session, source="weather", event_id=event_id, name=name, payload=payload, now=rig.clock.at
        )
    rig.drain()


# -- messages that begin an instance ------------------------------------------------------------------------------

BY_MESSAGE = process(
    "by_message",
    starts_at(MESSAGE, {"line": "result.line"}, y_businessKey="concat('line:', result.line)"),
    user("install"),
    end(),
    flows="begin > install > done",
)


def test_a_message_begins_one_instance_with_its_payload_and_a_repeat_none(rig: Rig) -> None:
    rig.deploy(BY_MESSAGE)
    say(rig, "m1", line="4711", other="x")
    say(rig, "m1", line="4711", other="x")
    (begun,) = instances(rig, "by_message")
    assert (begun.business_key, begun.area, begun.started_by) == ("line:4711", "SH-SH", "crm")
    rig.complete(begun.id)
    assert rig.data(begun.id) == {"line": "4711"}
    say(rig, "m2", line="4712")
    assert [row.business_key for row in instances(rig, "by_message")] == ["line:4711", "line:4712"]
    rig.check()


def test_without_outputs_the_payload_is_the_start_data_and_the_key_the_business_key(rig: Rig) -> None:
    rig.deploy(process("plainly", starts_at(MESSAGE), end(), flows="begin > done"))
    say(rig, "m1", key="K-1", a=1)
    (begun,) = instances(rig, "plainly")
    assert (begun.business_key, rig.data(begun.id)) == ("K-1", {"a": 1})


def test_who_waits_for_the_key_gets_the_message_before_anything_begins(rig: Rig) -> None:
    rig.deploy(
        BY_MESSAGE, process("hears", start(), hear("news", "order"), end(), flows="begin > news > done", data=["order"])
    )
    first, second = rig.start("hears", order="7"), rig.start("hears", order="7")
    say(rig, "m1", line="1")
    assert [rig.instance(root).state for root in (first, second)] == ["completed", "running"], "who waits longest"
    say(rig, "m2", line="2")
    assert rig.instance(second).state == "completed"
    assert instances(rig, "by_message") == []
    say(rig, "m3", line="3")
    assert len(instances(rig, "by_message")) == 1


def test_a_message_for_a_process_that_comes_later_is_kept(rig: Rig) -> None:
    say(rig, "m1", line="1")
    assert [row.state for row in news(rig)] == [InboxState.UNMATCHED]
    rig.deploy(BY_MESSAGE)
    rig.worker.sweep()
    rig.drain()
    assert len(instances(rig, "by_message")) == 1


def test_a_message_whose_key_cannot_be_computed_begins_nothing_and_says_why(rig: Rig) -> None:
    rig.deploy(BY_MESSAGE)
    say(rig, "m1", nothing="1")
    (row,) = news(rig)
    assert row.state == InboxState.IGNORED
    assert "businessKey" in (row.note or "") or "line" in (row.note or "")
    rig.worker.sweep()
    assert rig.drain() == 0


def test_a_newer_version_takes_over_and_the_older_one_again_when_it_comes_back(rig: Rig) -> None:
    rig.deploy(BY_MESSAGE)
    newer = BY_MESSAGE.replace(b'id="install"', b'id="fit"').replace(b'"install"', b'"fit"')
    rig.deploy(newer)
    say(rig, "m1", line="1")
    assert [task.element_id for task in rig.user_tasks(instances(rig, "by_message")[-1].id)] == ["fit"]
    rig.deploy(BY_MESSAGE)
    say(rig, "m2", line="2")
    assert [task.element_id for task in rig.user_tasks(instances(rig, "by_message")[-1].id)] == ["install"]
    rig.deploy(process("by_message", start(), end(), flows="begin > done"))
    say(rig, "m3", line="3")
    assert [row.state for row in news(rig, event_id="m3")] == [InboxState.UNMATCHED]
    with rig.sessions() as session:
        assert {row.state for row in session.scalars(select(StartSubscription))} == {"cancelled"}


def test_two_processes_cannot_begin_at_one_message(rig: Rig) -> None:
    rig.deploy(BY_MESSAGE)
    with pytest.raises(DefinitionRefused) as refusal:
        rig.deploy(BY_MESSAGE.replace(b'"by_message"', b'"twin"'))
    (finding,) = refusal.value.findings
    assert (finding.rule, finding.element_id) == ("message-start-taken", "begin")
    say(rig, "m1", line="1")
    assert len(instances(rig, "by_message")) == 1


def test_an_instance_whose_first_steps_fail_is_there_with_an_incident(rig: Rig) -> None:
    left = [1000]

    def fails(_session: object, event: Any) -> None:
        if event.kind == "user_task_opened" and left[0]:
            left[0] -= 1
            raise RuntimeError("a bug in the house")

    rig.engine.listen(fails)
    rig.deploy(BY_MESSAGE)
    say(rig, "m1", line="1")
    for _ in range(8):
        rig.later(minutes=2)
    (begun,) = instances(rig, "by_message")
    (incident,) = rig.incidents(begun.id)
    assert (incident.element_id, incident.code) == ("begin", "internal-error")
    rig.check()
    left[0] = 0
    rig.retry(incident.id)
    rig.complete(begun.id)
    assert rig.data(begun.id) == {"line": "1"}


# -- timers and conditions that begin an instance -----------------------------------------------------------------


def test_a_repeating_timer_begins_one_instance_each_time_with_any_number_of_workers(rig: Rig) -> None:
    rig.deploy(process("nightly", starts_at(timer("timeCycle", "R3/P1D")), end(), flows="begin > done"))
    other = rig.another_worker()
    for day in range(1, 6):
        rig.clock.move(timedelta(days=1))
        found = other.claimer.claim(8)
        rig.drain()
        for piece in found:
            other._do(piece)
        other.drain()
        assert len(instances(rig, "nightly")) == min(day, 3)
    assert {row.business_key.partition(":")[0] for row in instances(rig, "nightly")} == {"nightly"}
    rig.check()


def test_firings_missed_while_all_was_down_begin_one_instance(rig: Rig) -> None:
    rig.deploy(process("hourly", starts_at(timer("timeCycle", "R/PT1H")), end(), flows="begin > done"))
    rig.later(hours=10, minutes=30)
    assert len(instances(rig, "hourly")) == 1
    rig.later(minutes=29)
    assert len(instances(rig, "hourly")) == 1
    rig.later(minutes=1)
    assert len(instances(rig, "hourly")) == 2


def test_a_date_begins_one_instance_and_none_for_a_version_that_comes_after_it(rig: Rig) -> None:
    at = "2026-11-03T09:00:00+08:00"
    body = process("cutover", starts_at(timer("timeDate", at)), end(), flows="begin > done")
    rig.deploy(body)
    rig.later(hours=16)
    assert instances(rig, "cutover") == []
    rig.later(hours=2)
    assert [row.started_at for row in instances(rig, "cutover")] == [rig.clock.at]
    rig.deploy(body.replace(b'yizhan:nameEn="done"', b'yizhan:nameEn="over"'))
    rig.later(days=2)
    assert len(instances(rig, "cutover")) == 1


def test_the_same_version_deployed_again_keeps_its_timers(rig: Rig) -> None:
    body = process("daily", starts_at(timer("timeCycle", "R/P1D")), end(), flows="begin > done")
    rig.deploy(body)
    rig.later(hours=20)
    rig.deploy(body)
    rig.later(hours=4)
    assert len(instances(rig, "daily")) == 1


def test_facts_begin_an_instance_where_the_condition_holds(rig: Rig) -> None:
    rig.deploy(process("too_hot", starts_at(condition("degrees > 70")), end(), flows="begin > done"))
    for number, facts in enumerate([{"degrees": 60}, {"degrees": 80}, {"humidity": 80}, {"degrees": "hot"}]):
        with rig.work() as session:
            rig.engine.receive_facts(
                session, source="probe", event_id=str(number), facts=facts, now=rig.clock.at, area="SH"
            )
        rig.drain()
    (begun,) = instances(rig, "too_hot")
    assert rig.data(begun.id) == {"degrees": 80}


# -- signals ------------------------------------------------------------------------------------------------------

WAITS = drawn(
    "waits",
    start(),
    node("intermediateCatchEvent", "hear", io({}, {"how": "result.how"}) + signal("storm")),
    end(),
    flows="begin > hear > done",
)
THROWS = drawn(
    "throws",
    start(),
    node("intermediateThrowEvent", "shout", io({"how": "'loud'"}) + signal("storm")),
    end(),
    flows="begin > shout > done",
)
BY_SIGNAL = drawn("by_signal", starts_at(signal("storm"), {"how": "result.how"}), end(), flows="begin > done")


def test_a_signal_reaches_every_instance_that_waits_and_begins_others_once(rig: Rig) -> None:
    rig.deploy(WAITS, THROWS, BY_SIGNAL)
    waiting = [rig.start("waits") for _ in range(3)]
    thrower = rig.start("throws")
    assert [rig.instance(root).state for root in (*waiting, thrower)] == ["completed"] * 4
    assert [rig.data(root) for root in waiting] == [{"how": "loud"}] * 3
    (begun,) = instances(rig, "by_signal")
    assert (rig.data(begun.id), begun.area) == ({"how": "loud"}, "SH")
    late = rig.start("waits")
    assert rig.instance(late).state == "running", "a signal is not kept for who comes later"
    rig.check()


def test_a_signal_from_outside_is_taken_once(rig: Rig) -> None:
    rig.deploy(WAITS, BY_SIGNAL)
    root = rig.start("waits")
    storm(rig, "s1", how="wet")
    storm(rig, "s1", how="wet")
    storm(rig, "s2", name="calm")
    assert rig.data(root) == {"how": "wet"}
    assert len(instances(rig, "by_signal")) == 1
    rig.check()


def test_a_throw_that_is_rolled_back_sends_nothing(rig: Rig) -> None:
    rig.deploy(THROWS, BY_SIGNAL)
    with pytest.raises(RuntimeError), rig.work() as session:
        rig.engine.start(session, "throws", business_key="k", area="SH", data={}, now=rig.clock.at, actor="front")
        raise RuntimeError
    rig.drain()
    assert news(rig) == []
    assert instances(rig, "by_signal") == []


def test_a_signal_inside_is_caught_once_by_its_own_instance(rig: Rig) -> None:
    both = drawn(
        "both",
        start(),
        node("parallelGateway", "fork"),
        node("intermediateCatchEvent", "hear", signal("storm")),
        user("first"),
        node("intermediateThrowEvent", "shout", signal("storm")),
        end("heard"),
        end("said"),
        flows="begin > fork > hear > heard; fork > first > shout > said",
    )
    rig.deploy(both)
    root = rig.start("both")
    with rig.sessions() as session:
        assert [row.element_id for row in session.scalars(select(SignalSubscription))] == ["hear"]
    rig.complete(root)
    assert rig.instance(root).state == "completed"
    assert [row.note for row in news(rig, kind="signal")] == ["reached 0"]
    rig.check()


def test_a_signal_that_begins_what_throws_it_is_stopped_at_once(rig: Rig) -> None:
    echo = drawn("echo", starts_at(signal("storm")), node("endEvent", "done", signal("storm")), flows="begin > done")
    rig.deploy(echo)
    storm(rig, "s1")
    rows = instances(rig, "echo")
    assert [row.state for row in rows] == ["completed", "running"]
    (incident,) = rig.incidents(rows[1].id)
    assert (incident.element_id, incident.code) == ("begin", "circle-of-events")
    rig.check()
    rig.retry(incident.id)  # somebody lets it go on: once more
    assert [row.state for row in instances(rig, "echo")] == ["completed", "completed", "running"]


def test_two_processes_that_begin_each_other_by_signals_are_stopped(rig: Rig) -> None:
    rig.deploy(
        drawn("ping", starts_at(signal("storm")), node("endEvent", "done", signal("calm")), flows="begin > done"),
        drawn("pong", starts_at(signal("calm")), node("endEvent", "done", signal("storm")), flows="begin > done"),
    )
    storm(rig, "s1")
    states = [[row.state for row in instances(rig, key)] for key in ("ping", "pong")]
    assert states == [["completed", "running"], ["completed"]]
    rig.check()


# -- messages from one instance to another ------------------------------------------------------------------------


def throw_message(name: str, key: str, inputs: dict[str, str] | None = None) -> str:
    return node("intermediateThrowEvent", name, io(inputs) + MESSAGE, y_messageKey=key)


def test_a_thrown_message_finds_the_instance_of_its_key_and_only_one(rig: Rig) -> None:
    rig.deploy(
        process(
            "tells",
            start(),
            throw_message("tell", "to", {"how": "'well'"}),
            end(),
            flows="begin > tell > done",
            data=["to"],
        ),
        process(
            "hears",
            start(),
            hear("news", "order", {"how": "result.how"}),
            end(),
            flows="begin > news > done",
            data=["order"],
        ),
    )
    mine, other = rig.start("hears", order="7"), rig.start("hears", order="8")
    teller = rig.start("tells", to="7")
    assert rig.data(mine) == {"order": "7", "how": "well"}
    assert rig.instance(other).state == "running"
    (row,) = news(rig)
    assert (row.source, row.state, row.instance_id) == (f"instance:{teller}", InboxState.DELIVERED, mine)
    rig.start("tells", to="9")
    early = rig.start("hears", order="9")
    assert rig.instance(early).state == "completed", "kept for who comes within its time"
    rig.check()


def test_two_instances_that_answer_each_other_for_ever_are_stopped(database: str, tmp_path: Path) -> None:
    rig = Rig(database, tmp_path, passing_budget=8)

    def partner(key: str, mine: str, yours: str, flows: str) -> bytes:
        turn, tell = node("exclusiveGateway", "turn"), throw_message("tell", f"'{yours}'")
        return process(key, start(), turn, hear("news", f"'{mine}'"), tell, flows=flows)

    rig.deploy(
        partner("a", "A", "B", "begin > turn > news > tell > turn"),
        partner("b", "B", "A", "begin > turn > tell > news > turn"),
    )
    one = rig.start("a")
    two = rig.start("b")
    found = [*rig.incidents(one), *rig.incidents(two)]
    assert [(row.element_id, row.code) for row in found] == [("news", "circle-of-events")]
    assert len(news(rig)) < 20
    rig.check()
    rig.retry(found[0].id)
    assert [row.code for row in (*rig.incidents(one), *rig.incidents(two))] == ["circle-of-events"]
    rig.check()
    rig.close()
