"""Compensation through the ledger: newest first, each effect once, also when something fails half-way."""

from __future__ import annotations

from tests.engine.diagrams import call, end, node, on_timer, process, service, start, user
from tests.engine.far_side import refuse
from tests.engine.rig import Rig

UNDO_ALL = node("intermediateThrowEvent", "undo_all", "<bpmn:compensateEventDefinition/>")
CHILD = process(
    "child",
    start(),
    service("fourth", "net.reserve", {"what": "'D'"}),
    service("fifth", "net.reserve", {"what": "'E'"}),
    end(),
    flows="begin > fourth > fifth > done",
)


def handled(host: str, handler: str) -> str:
    """A compensation event at ``host``, tied to its handler."""
    event = node("boundaryEvent", f"{host}_undo", "<bpmn:compensateEventDefinition/>", attachedToRef=host)
    return event + f'<bpmn:association id="{host}_tie" sourceRef="{host}_undo" targetRef="{handler}"/>'


PLAN = process(
    "plan",
    start(),
    service("first", "net.reserve", {"what": "'A'"}),
    service("second", "net.reserve", {"what": "'B'"}, {"b": "result.id"}),
    handled("second", "give_back"),
    service("give_back", "net.release", {"id": "b"}, isForCompensation="true"),
    service("tell", "net.announce", {"what": "'hello'"}),
    call("inside", "child", {}),
    UNDO_ALL,
    user("look"),
    end(),
    flows="begin > first > second > tell > inside > undo_all > look > done",
)


def released(rig: Rig) -> list[str]:
    return [row["inputs"]["id"] for row in rig.far.effects() if row["operation"] == "net.release"]


def states(rig: Rig, root: str) -> list[str]:
    return [effect.state for effect in rig.effects(root)]


def test_what_was_done_is_undone_newest_first_by_handler_or_ledger(rig: Rig) -> None:
    rig.deploy(CHILD, PLAN)
    root = rig.start("plan")
    assert released(rig) == [f"net.reserve:{what}" for what in "EDBA"]
    assert states(rig, root) == ["undone", "undone", "irreversible", "undone", "undone"]
    assert [task.element_id for task in rig.user_tasks(root)] == ["look"]
    by_handler = rig.effects(root)[1]
    assert (by_handler.undo_operation, by_handler.undo_inputs) == ("net.release", {"id": "net.reserve:B"})
    rig.check()
    assert rig.cancel(root).effects == 0
    rig.drain()
    assert len(released(rig)) == 4
    assert rig.instance(root).state == "cancelled"
    rig.check()


def test_an_undo_that_fails_is_an_incident_and_holds_up_what_is_older(rig: Rig) -> None:
    rig.deploy(CHILD, PLAN)
    rig.far.script("net.release", refuse("locked"))
    root = rig.start("plan")
    [incident] = rig.incidents(root)
    assert released(rig) == []
    assert states(rig, root)[-1] == "undo_failed"
    rig.retry(incident.id)
    assert released(rig) == [f"net.reserve:{what}" for what in "EDBA"]
    assert [task.element_id for task in rig.user_tasks(root)] == ["look"]
    rig.check()


def test_a_handler_that_fails_is_an_incident_of_its_own(rig: Rig) -> None:
    rig.deploy(CHILD, PLAN)
    rig.far.script("net.release", rig.far.take_effect, rig.far.take_effect, refuse("locked"))
    root = rig.start("plan")
    [incident] = rig.incidents(root)
    assert incident.element_id == "give_back"
    assert states(rig, root)[:2] == ["confirmed", "confirmed"]
    rig.retry(incident.id)
    assert released(rig) == [f"net.reserve:{what}" for what in "EDBA"]
    rig.check()


def test_a_cancel_in_the_middle_undoes_the_rest_once(rig: Rig) -> None:
    rig.deploy(CHILD, PLAN)
    rig.far.script("net.release", refuse("locked"))
    root = rig.start("plan")
    [incident] = rig.incidents(root)
    assert rig.cancel(root).state == "cancelling"
    rig.drain()
    assert released(rig) == [f"net.reserve:{what}" for what in "DBA"]
    rig.retry(incident.id)
    assert sorted(released(rig)) == [f"net.reserve:{what}" for what in "ABDE"]
    assert rig.instance(root).state == "cancelled"
    rig.check()


CANCEL_EVENT = "<bpmn:cancelEventDefinition/>"
BOOKING = process(
    "booking",
    start(),
    node(
        "transaction",
        "book",
        start("in")
        + node("parallelGateway", "both")
        + service("fast", "net.reserve", {"what": "'A'"})
        + service("slow", "net.activate", {"what": "'B'"})
        + user("decide")
        + end("stop", CANCEL_EVENT)
        + "".join(
            f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>'
            for a, b in (("in", "both"), ("both", "fast"), ("both", "slow"), ("both", "decide"), ("decide", "stop"))
        ),
    ),
    node("boundaryEvent", "called_off", CANCEL_EVENT, attachedToRef="book"),
    user("look"),
    end(),
    flows="begin > book > done; called_off > look",
)


def test_a_cancelled_transaction_waits_for_answers_that_are_out(rig: Rig) -> None:
    rig.deploy(BOOKING)
    root = rig.start("booking")
    rig.complete(root, "decide")
    assert [task.element_id for task in rig.user_tasks(root)] == []
    assert released(rig) == []
    [out] = [job for job in rig.jobs(root, state="waiting_answer") if job.operation == "net.activate"]
    rig.answer(out.operation_id, outputs={"id": "net.activate:B"})
    rig.drain()
    [undo] = rig.jobs(root, kind="undo", state="waiting_answer")
    assert undo.operation == "net.deactivate"
    rig.answer(undo.operation_id, outputs={})
    rig.drain()
    assert released(rig) == ["net.reserve:A"]
    assert sorted(states(rig, root)) == ["undone", "undone"]
    assert [task.element_id for task in rig.user_tasks(root)] == ["look"]
    rig.check()


CALLING = process(
    "calling",
    start(),
    node(
        "transaction",
        "book",
        start("in")
        + node("parallelGateway", "both")
        + call("inside", "slow_child", {})
        + user("decide")
        + end("stop", CANCEL_EVENT)
        + "".join(
            f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>'
            for a, b in (("in", "both"), ("both", "inside"), ("both", "decide"), ("decide", "stop"))
        ),
    ),
    node("boundaryEvent", "called_off", CANCEL_EVENT, attachedToRef="book"),
    user("look"),
    end(),
    flows="begin > book > done; called_off > look",
)
SLOW_CHILD = process(
    "slow_child",
    start(),
    service("first", "net.reserve", {"what": "'A'"}),
    service("second", "net.activate", {"what": "'B'"}),
    end(),
    flows="begin > first > second > done",
)


def test_a_cancelled_transaction_undoes_what_its_running_calls_have_done(rig: Rig) -> None:
    rig.deploy(SLOW_CHILD, CALLING)
    root = rig.start("calling")
    rig.complete(root, "decide")
    assert released(rig) == []
    [out] = [job for job in rig.jobs(root, state="waiting_answer") if job.operation == "net.activate"]
    rig.answer(out.operation_id, outputs={"id": "net.activate:B"})
    rig.drain()
    [undo] = rig.jobs(root, kind="undo", state="waiting_answer")
    rig.answer(undo.operation_id, outputs={})
    rig.drain()
    assert released(rig) == ["net.reserve:A"]
    assert [task.element_id for task in rig.user_tasks(root)] == ["look"]
    rig.check()


LATE = process(
    "late",
    start(),
    service("first", "net.reserve", {"what": "'A'"}),
    node(
        "subProcess",
        "try_it",
        start("in")
        + UNDO_ALL.replace("undo_all", "nothing_here")
        + user("think")
        + end("out")
        + "".join(
            f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>'
            for a, b in (("in", "nothing_here"), ("nothing_here", "think"), ("think", "out"))
        ),
    ),
    on_timer("too_late", "try_it", "PT1H"),
    UNDO_ALL,
    user("look"),
    end(),
    flows="begin > first > try_it > done; too_late > undo_all > look",
)


def test_only_the_scope_of_the_throw_is_undone(rig: Rig) -> None:
    rig.deploy(LATE)
    root = rig.start("late")
    assert released(rig) == []
    rig.later(hours=2)
    assert released(rig) == ["net.reserve:A"]
    assert [task.element_id for task in rig.user_tasks(root)] == ["look"]
    rig.check()
