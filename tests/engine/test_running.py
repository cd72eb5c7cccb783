"""An instance goes through each kind of step and ends with its data."""

from __future__ import annotations

from datetime import timedelta

import pytest

from processes.errors import DefinitionRefused, InstanceNotRunning, StaleTask, UnknownProcess
from processes.queries import history, waiting_summary
from tests.engine.diagrams import (
    call,
    each,
    end,
    fail,
    hear,
    node,
    on_error,
    on_timer,
    process,
    service,
    start,
    user,
    wait_for,
)
from tests.engine.far_side import refuse
from tests.engine.rig import Rig

RESERVE = service("reserve", "net.reserve", {"what": "port"}, {"reserved": "result.id"})
PLAIN = process("plain", start(), RESERVE, end(), flows="begin > reserve > done", data=["port"])


def test_same_content_keeps_its_version_and_another_gets_the_next(rig: Rig) -> None:
    first, again = rig.deploy(PLAIN), rig.deploy(PLAIN)
    other = rig.deploy(PLAIN.replace(b"result.id", b"str(result.id)"))
    assert [d.processes[0].version for d in (first, again, other)] == [1, 1, 2]
    rig.clock.move(timedelta(seconds=1))
    back = rig.deploy(PLAIN)
    assert back.processes[0].version == 1
    instance = rig.instance(rig.start("plain", port="P1"))
    assert instance.definition_id == back.processes[0].id


def test_a_broken_file_is_refused_and_nothing_is_kept(rig: Rig) -> None:
    with pytest.raises(DefinitionRefused) as refusal:
        rig.deploy(PLAIN.replace(b"net.reserve", b"net.nonsense"))
    assert refusal.value.findings
    with pytest.raises(UnknownProcess):
        rig.start("plain", port="P1")


def test_a_service_task_calls_out_and_its_answer_becomes_data(rig: Rig) -> None:
    rig.deploy(PLAIN)
    root = rig.start("plain", port="P1")
    assert rig.data(root)["reserved"] == "net.reserve:P1"
    assert rig.instance(root).state == "completed"
    assert [(effect.operation, effect.undo_inputs) for effect in rig.effects(root)] == [
        ("net.reserve", {"id": "net.reserve:P1"})
    ]
    call_made = rig.far.calls[0]
    assert (call_made.business_key, call_made.area, call_made.callback_url) == ("order:plain", "SH", "http://us/net")
    rig.check()


def test_the_history_has_no_gaps_and_the_listener_hears_it_all(rig: Rig) -> None:
    rig.deploy(PLAIN)
    root = rig.start("plain", port="P1")
    with rig.sessions() as session:
        rows = history(session, root)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert ("reserve", "completed") in [(row.element_id, row.event) for row in rows]
    assert rig.kinds()[0] == "instance_started"
    assert rig.kinds()[-1] == "instance_completed"
    entered = next(e for e in rig.events if e.kind == "element_entered" and e.element and e.element.id == "reserve")
    assert entered.detail["inputs"] == {"what": "P1"}


def test_a_user_task_waits_for_a_person_and_takes_one_result(rig: Rig) -> None:
    rig.deploy(
        process("visit", start(), user("install", {"serial": "result.serial"}), end(), flows="begin > install > done")
    )
    root = rig.start("visit")
    task = rig.user_tasks(root)[0]
    with rig.sessions() as session:
        assert [(w.kind, w.element_id) for w in waiting_summary(session, root)] == [("user", "install")]
    rig.complete(root, serial="HW-1")
    assert rig.data(root)["serial"] == "HW-1"
    with rig.work() as session, pytest.raises(StaleTask):
        rig.engine.complete_user_task(session, task.id, {}, actor="late", now=rig.clock.at)
    rig.check()


def test_a_timer_fires_when_it_is_due_and_not_before(rig: Rig) -> None:
    rig.deploy(process("grace", start(), wait_for("pause", "PT24H"), end(), flows="begin > pause > done"))
    root = rig.start("grace")
    rig.later(hours=23)
    assert rig.instance(root).state == "running"
    rig.later(hours=1, seconds=1)
    assert rig.instance(root).state == "completed"
    rig.check()


def test_a_timer_on_a_task_takes_it_away(rig: Rig) -> None:
    rig.deploy(
        process(
            "late",
            start(),
            user("install"),
            on_timer("too_late", "install", "PT4H"),
            end(),
            end("gone"),
            flows="begin > install > done; too_late > gone",
        )
    )
    root = rig.start("late")
    rig.later(hours=5)
    assert rig.instance(root).state == "completed"
    assert rig.user_tasks(root) == []
    closed = next(e for e in rig.events if e.kind == "user_task_closed")
    assert closed.detail["state"] == "cancelled"
    rig.check()


def _say(rig: Rig, event_id: str, key: str, **payload: str) -> str:
    with rig.work() as session:
        row = rig.engine.receive_message(
            session, source="net", event_id=event_id, name="line_ready", key=key, payload=payload, now=rig.clock.at
        )
    rig.drain()
    return row.id


LISTENS = process(
    "listens",
    start(),
    hear("line_ready", "'line-' + number", {"speed": "result.speed"}),
    end(),
    flows="begin > line_ready > done",
    data=["number"],
)


def test_a_message_finds_who_waits_for_its_key(rig: Rig) -> None:
    rig.deploy(LISTENS)
    root = rig.start("listens", number="7")
    _say(rig, "e1", "line-8", speed="1")
    assert rig.instance(root).state == "running"
    _say(rig, "e2", "line-7", speed="2")
    assert rig.data(root)["speed"] == "2"
    rig.check()


def test_an_early_message_is_kept_and_a_repeat_is_one(rig: Rig) -> None:
    rig.deploy(LISTENS)
    assert _say(rig, "e1", "line-7", speed="2") == _say(rig, "e1", "line-7", speed="3")
    root = rig.start("listens", number="7")
    assert rig.data(root)["speed"] == "2"


def test_a_message_nobody_waits_for_expires(rig: Rig) -> None:
    rig.deploy(LISTENS)
    _say(rig, "e1", "line-7", speed="2")
    rig.later(days=8)
    rig.worker.sweep()
    root = rig.start("listens", number="7")
    assert rig.instance(root).state == "running"


CHILD = process(
    "fit",
    start(),
    service("reserve", "net.reserve", {"what": "port"}, {"reserved": "result.id"}),
    end(),
    flows="begin > reserve > done",
    data=["port"],
)


def test_a_call_runs_a_child_of_its_own_with_only_its_inputs(rig: Rig) -> None:
    rig.deploy(
        CHILD,
        process(
            "parent",
            start(),
            call("fit_it", "fit", {"port": "wanted"}, {"got": "result.reserved"}),
            end(),
            flows="begin > fit_it > done",
            data=["wanted", "secret"],
        ),
    )
    root = rig.start("parent", wanted="P9", secret="x")
    assert rig.data(root)["got"] == "net.reserve:P9"
    child = next(e for e in rig.events if e.process_key == "fit")
    assert rig.instance(child.instance_id).inputs == {"port": "P9"}
    assert rig.effects(root)[0].root_instance_id == root
    rig.check()


def test_an_error_nobody_in_the_child_catches_goes_to_the_parent(rig: Rig) -> None:
    rig.deploy(
        CHILD,
        process(
            "parent",
            start(),
            call("fit_it", "fit", {"port": "wanted"}),
            on_error("no_port", "fit_it", "no-free-port"),
            end(),
            user("ask"),
            end("other"),
            flows="begin > fit_it > done; no_port > ask > other",
            data=["wanted"],
            codes=["no-free-port"],
        ),
    )
    rig.far.script("net.reserve", refuse("no-free-port"))
    root = rig.start("parent", wanted="P9")
    assert [task.element_id for task in rig.user_tasks(root)] == ["ask"]
    assert rig.incidents(root) == []
    assert {rig.instance(e.instance_id).state for e in rig.events if e.process_key == "fit"} == {"cancelled"}
    rig.check()


def test_a_child_that_ends_with_an_error_is_caught_by_the_parent(rig: Rig) -> None:
    child = process("fit", start(), fail("broken", "no-free-port"), flows="begin > broken", codes=["no-free-port"])
    rig.deploy(
        child,
        process(
            "parent",
            start(),
            call("fit_it", "fit", {}),
            on_error("no_port", "fit_it", "no-free-port"),
            end(),
            user("ask"),
            end("other"),
            flows="begin > fit_it > done; no_port > ask > other",
            codes=["no-free-port"],
        ),
    )
    root = rig.start("parent")
    assert [task.element_id for task in rig.user_tasks(root)] == ["ask"]
    rig.check()


def test_an_error_that_no_ancestor_catches_is_an_incident_where_it_began(rig: Rig) -> None:
    rig.deploy(
        CHILD,
        process(
            "middle",
            start(),
            call("fit_it", "fit", {"port": "wanted"}),
            end(),
            flows="begin > fit_it > done",
            data=["wanted"],
        ),
        process(
            "parent",
            start(),
            call("go", "middle", {"wanted": "wanted"}),
            end(),
            flows="begin > go > done",
            data=["wanted"],
        ),
    )
    rig.far.script("net.reserve", refuse("no-free-port"))
    root = rig.start("parent", wanted="P9")
    incident = rig.incidents(root)[0]
    assert (incident.code, incident.element_id) == ("no-free-port", "reserve")
    rig.check()
    rig.retry(incident.id)
    assert rig.instance(root).state == "completed"
    assert rig.far.calls[0].operation_id != rig.far.calls[1].operation_id  # a refusal ends the first call
    rig.check()


def test_a_child_that_ends_with_an_error_nobody_catches_can_be_called_again(rig: Rig) -> None:
    child = process(
        "fit",
        start(),
        service("reserve", "net.reserve", {"what": "'x'"}),
        on_error("refused", "reserve", "no-free-port"),
        fail("broken", "no-free-port"),
        end(),
        flows="begin > reserve > done; refused > broken",
        codes=["no-free-port"],
    )
    rig.deploy(child, process("parent", start(), call("fit_it", "fit", {}), end(), flows="begin > fit_it > done"))
    rig.far.script("net.reserve", refuse("no-free-port"))
    root = rig.start("parent")
    incident = rig.incidents(root)[0]
    assert (incident.code, incident.element_id) == ("no-free-port", "fit_it")
    rig.retry(incident.id)
    assert rig.instance(root).state == "completed"
    rig.check()


def test_many_at_once_each_with_its_own_call(rig: Rig) -> None:
    rig.deploy(
        process(
            "many",
            start(),
            service("reserve", "net.reserve", {"what": "port"}, loop=each("ports", "port")),
            end(),
            flows="begin > reserve > done",
            data=["ports"],
        )
    )
    root = rig.start("many", ports=["A", "B", "C"])
    assert rig.instance(root).state == "completed"
    assert sorted(row["inputs"]["what"] for row in rig.far.effects()) == ["A", "B", "C"]
    assert {job.loop_index for job in rig.jobs(root, kind="operation")} == {0, 1, 2}
    rig.check()


def test_an_operation_done_in_this_process_shares_the_transaction(rig: Rig) -> None:
    rig.engine.handle("local.note", lambda _session, made, _now: {"id": f"note {made.inputs['what']}"})
    rig.deploy(
        process(
            "notes",
            start(),
            service("note", "local.note", {"what": "text"}, {"kept": "result.id"}),
            end(),
            flows="begin > note > done",
            data=["text"],
        )
    )
    root = rig.start("notes", text="hello")
    assert rig.data(root)["kept"] == "note hello"
    assert rig.jobs(root) == []  # what went well the first time leaves no row
    rig.check()


def test_nothing_can_be_done_to_an_instance_that_has_ended(rig: Rig) -> None:
    rig.deploy(PLAIN)
    root = rig.start("plain", port="P1")
    with pytest.raises(InstanceNotRunning):
        rig.cancel(root)


def test_calls_that_never_end_stop_at_an_incident(rig: Rig) -> None:
    again = node("callActivity", "again", y_calledExpression="'loop'")
    rig.deploy(process("loop", start(), again, end(), flows="begin > again > done"))
    root = rig.start("loop")
    assert [incident.code for incident in rig.incidents(root)] == ["call-depth"]
    assert rig.cancel(root).state == "cancelled"
    rig.check()
