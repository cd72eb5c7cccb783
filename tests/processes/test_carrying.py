"""Carrying a saved execution over to another version: what moves with its waits, what is said and left where it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from processes.spiff.carrying import Carried, carry, set_down
from processes.spiff.counterparts import Change
from processes.spiff.registry import dump_loaded
from tests.processes.drawing import boundary, bpmn, catch, end, event, flows, io, many, service, start, sub, timer, user
from tests.processes.driving import Drive, loaded


def carried(drive: Drive, new: bytes, mapping: dict[str, str | None] | None = None) -> tuple[Carried, Change]:
    change = Change(drive.spec, loaded(new), mapping or {})
    return carry(drive.execution.dump(), change), change


def gone_on(drive: Drive, new: bytes, mapping: dict[str, str | None] | None = None) -> Drive:
    """The instance in the new version, driven on."""
    found, change = carried(drive, new, mapping)
    assert found.doubts == []
    execution = set_down(found, change, drive.context())
    on = Drive("stimulus", change.new, execution, now=drive.now, ids=drive.ids, before=dump_loaded(change.new))
    return on.settle()


def codes(found: Carried) -> list[tuple[str, str]]:
    return [(doubt.code, doubt.element_id) for doubt in found.doubts]


def gate(kind: str, name: str) -> str:
    return f'<bpmn:{kind}Gateway id="{name}"/>'


def waiting(drive: Drive) -> list[str]:
    return sorted(wait.element_id for wait in drive.execution.waits)


FORKED = bpmn(
    start(), gate("parallel", "fork"), user("a"), user("b"), gate("parallel", "join"), end(),
    flows("s>fork fork>a fork>b a>join b>join join>e"),
)  # fmt: skip


def test_a_token_that_has_arrived_at_a_join_is_counted_in_the_new_version() -> None:
    drive = Drive.begin("stimulus", FORKED)
    drive.complete("a")
    renamed = bpmn(
        start(), gate("parallel", "fork"), user("a"), user("b2"), gate("parallel", "meet"), user("after"), end(),
        flows("s>fork fork>a fork>b2 a>meet b2>meet meet>after after>e"),
    )  # fmt: skip
    on = gone_on(drive, renamed, {"b": "b2", "join": "meet"})
    assert waiting(on) == ["b2"]
    on.complete("b2")
    assert waiting(on) == ["after"]


def test_a_join_that_would_wait_for_ever_is_told_before() -> None:
    drive = Drive.begin("stimulus", FORKED)
    third = bpmn(
        start(), gate("parallel", "fork"), user("a"), user("b"), user("c"), gate("parallel", "join"), end(),
        flows("s>fork fork>a fork>b fork>c a>join b>join c>join join>e"),
    )  # fmt: skip
    assert codes(carried(drive, third)[0]) == [("join-starves", "join")]
    # Before the fork nothing is lost: all three branches are still to be taken.
    ahead = bpmn(start(), user("first"), gate("parallel", "fork"), user("a"), user("b"), gate("parallel", "join"),
                 end(), flows("s>first first>fork fork>a fork>b a>join b>join join>e"))  # fmt: skip
    then = bpmn(start(), user("first"), gate("parallel", "fork"), user("a"), user("b"), user("c"),
                gate("parallel", "join"), end(),
                flows("s>first first>fork fork>a fork>b fork>c a>join b>join c>join join>e"))  # fmt: skip
    assert codes(carried(Drive.begin("stimulus", ahead), then)[0]) == []


def test_a_step_of_another_kind_or_repeated_in_another_way_is_refused() -> None:
    drive = Drive.begin("stimulus", bpmn(start(), user("a"), end(), flows("s>a a>e")))
    assert codes(carried(drive, bpmn(start(), service("a"), end(), flows("s>a a>e")))[0]) == [("kind-differs", "a")]
    repeated = bpmn(start(), user("a", many(cardinality="3")), end(), flows("s>a a>e"))
    assert codes(carried(drive, repeated)[0]) == [("repeat-differs", "a")]


def test_a_step_that_lies_in_a_sub_process_now_is_refused_with_that_reason() -> None:
    drive = Drive.begin("stimulus", bpmn(start(), user("a"), end(), flows("s>a a>e")))
    inside = bpmn(start(), sub("box", start("s2") + user("a") + end("e2") + flows("s2>a a>e2")), end(),
                  flows("s>box box>e"))  # fmt: skip
    assert codes(carried(drive, inside)[0]) == [("other-scope", "a")]


def test_instances_of_a_repeated_sub_process_move_with_what_they_have_done() -> None:
    def sites(*inner: str, chain: str) -> bytes:
        body = many("sites", "site", collect="found", output="level") + start("s2") + "".join(inner) + end("e2")
        return bpmn(start(), sub("each", body + flows(chain)), end(), flows("s>each each>e"))

    one = user("look", io({}, {"level": "result.level"}))
    drive = Drive.begin("stimulus", sites(one, chain="s2>look look>e2"), {"sites": ["x", "y", "z"]})
    drive.complete("look", {"level": 1})
    on = gone_on(drive, sites(one, user("write_up"), chain="s2>look look>write_up write_up>e2"))
    assert waiting(on) == ["look", "look"]
    for _ in range(2):
        on.complete("look", {"level": 2})
        on.complete("write_up")
    assert on.execution.is_completed
    assert sorted(on.execution.data["found"]) == [1, 2, 2]


def test_a_timer_at_the_edge_keeps_its_due_time_and_one_that_is_new_begins_now() -> None:
    def drawn(first: str, *more: str, links: str = "") -> bytes:
        return bpmn(start(), user("a"), boundary("late", "a", timer(first)), *more, end(), end("gone"),
                    flows(f"s>a a>e late>gone {links}"))  # fmt: skip

    drive = Drive.begin("stimulus", drawn("PT8H"))
    due = {wait.element_id: wait.due_at for wait in drive.execution.waits}
    drive.now += timedelta(hours=1)
    later = drawn("PT24H", boundary("nudge", "a", timer("PT2H"), interrupting=False), end("told"), links="nudge>told")
    on = gone_on(drive, later)
    now = {wait.element_id: wait.due_at for wait in on.execution.waits}
    assert now["late"] == due["late"]
    assert now["nudge"] == drive.now + timedelta(hours=2)
    assert [wait.element_id for wait in on.opened] == ["nudge"]


def test_a_reminder_that_has_fired_is_not_armed_again() -> None:
    drawn = bpmn(start(), user("a"), boundary("nudge", "a", timer("PT1H"), interrupting=False), end(), end("told"),
                 flows("s>a a>e nudge>told"))  # fmt: skip
    drive = Drive.begin("stimulus", drawn)
    drive.fire("nudge")
    on = gone_on(drive, drawn.replace(b'name="', b'name="neu ', 1))
    assert waiting(on) == ["a"]


def test_an_event_the_new_version_does_not_have_is_let_go_with_what_it_waited_for() -> None:
    drive = Drive.begin("stimulus", bpmn(start(), user("a"), boundary("late", "a", timer("PT8H")), end(), end("gone"),
                                         flows("s>a a>e late>gone")))  # fmt: skip
    found, _ = carried(drive, bpmn(start(), user("a"), end(), flows("s>a a>e")))
    assert codes(found) == []
    assert [(note.code, note.element_id) for note in found.notes] == [("event-dropped", "late")]
    assert list(found.dropped.values()) == ["timer"]


def test_event_sub_processes_move_and_new_ones_are_armed() -> None:
    def drawn(*handlers: str) -> bytes:
        return bpmn(start(), user("a"), end(), *(handler(name) for name in handlers), flows("s>a a>e"))

    def handler(name: str) -> str:
        inner = start(f"{name}_s", timer("PT3H"), isInterrupting="false") + user(f"{name}_do") + end(f"{name}_e")
        return sub(name, inner + flows(f"{name}_s>{name}_do {name}_do>{name}_e"), triggeredByEvent="true")

    drive = Drive.begin("stimulus", drawn("first"))
    on = gone_on(drive, drawn("first", "second"))
    assert waiting(on) == ["a", "first_s", "second_s"]
    gone = gone_on(drive, drawn("second"), {})
    assert waiting(gone) == ["a", "second_s"]


def test_a_race_of_events_goes_on() -> None:
    def drawn(patience: str) -> bytes:
        return bpmn(start(), gate("eventBased", "either"), catch("ready", event("message", "m"), yz_messageKey="'1'"),
                    catch(patience, timer("PT1H")), end(), end("late"),
                    flows(f"s>either either>ready either>{patience} ready>e {patience}>late"))  # fmt: skip

    drive = Drive.begin("stimulus", drawn("wait"))
    on = gone_on(drive, drawn("patience"), {"wait": "patience"})
    assert waiting(on) == ["patience", "ready"]
    on.fire("patience")
    assert on.execution.is_completed and waiting(on) == []


@pytest.mark.parametrize("mapping", [{}, {"a": None}])
def test_a_step_without_a_counterpart_needs_one(mapping: dict[str, str | None]) -> None:
    drive = Drive.begin("stimulus", bpmn(start(), user("a"), end(), flows("s>a a>e")))
    found, _ = carried(drive, bpmn(start(), user("z"), end(), flows("s>z z>e")), mapping)
    assert codes(found) == [("element-gone", "a")]


def several(*inner: str, together: bool = False) -> bytes:
    more = {"parallelMultiple": "true"} if together else {}
    return bpmn(start(), catch("c", "".join(inner), **more), user("z"), end(), flows("s>c c>z z>e"))


def test_what_one_event_waits_for_may_become_more_or_less() -> None:
    both = several(event("message", "m"), timer("PT4H"))
    drive = Drive.begin("stimulus", both)
    due = next(wait.due_at for wait in drive.execution.waits if wait.kind == "timer")
    drive.later(hours=1)
    more = gone_on(drive, several(event("message", "m"), timer("PT9H"), event("signal", "gong")))
    assert sorted((wait.kind, wait.due_at) for wait in more.execution.waits if wait.kind == "timer") == [("timer", due)]
    assert sorted(wait.kind for wait in more.execution.waits) == ["message", "signal", "timer"]
    less, change = carried(more, several(event("message", "m"), timer("PT9H")))
    assert [(note.code, note.element_id) for note in less.notes] == [("event-dropped", "c")]
    assert less.doubts == []
    on = Drive("stimulus", change.new, set_down(less, change, more.context()), before=dump_loaded(change.new)).settle()
    assert sorted(wait.kind for wait in on.execution.waits) == ["message", "timer"]
    assert waiting(on.deliver("c")) == ["z"]


def test_an_event_with_one_definition_is_of_another_kind_than_one_with_several() -> None:
    found = carried(
        Drive.begin("stimulus", several(event("message", "m"))), several(event("message", "m"), timer("PT4H"))
    )
    assert codes(found[0]) == [("kind-differs", "c")]


def test_all_at_the_edge_are_carried_over_with_what_has_happened() -> None:
    def drawn(*inner: str) -> bytes:
        edge = boundary("x", "a", "".join(inner)).replace(
            "<bpmn:boundaryEvent", '<bpmn:boundaryEvent parallelMultiple="true"'
        )
        return bpmn(start(), user("a"), edge, user("b"), end(), flows("s>a a>e x>b"))

    drive = Drive.begin("stimulus", drawn(event("signal", "gong"), event("signal", "bell")))
    drive.execution.signal("gong")
    on = gone_on(drive.settle(), drawn(event("signal", "gong"), event("signal", "bell")))
    assert waiting(on) == ["a", "x"]
    on.execution.signal("bell")
    assert waiting(on.settle()) == ["b"]
