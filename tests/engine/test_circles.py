"""An instance that moves itself round and round is stopped at an incident; one that waits for somebody is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.errors import Rejected
from tests.engine.diagrams import call, end, node, on_error, process, service, start, user, wait_for
from tests.engine.rig import Rig

BUDGET = 30


@pytest.fixture
def small(make_database: Callable[..., str], tmp_path: Path) -> Iterator[Rig]:
    built = Rig(make_database("sqlite", migrated=True), tmp_path, alone_budget=BUDGET)
    built.engine.handle("local.note", lambda _session, _call, _now: {"id": "n"})
    yield built
    built.close()


def stopped(rig: Rig, root: str, element: str) -> Any:
    (incident,) = rig.incidents(root)
    assert (incident.element_id, incident.code) == (element, "endless-circle")
    assert str(BUDGET) in incident.message
    rig.check()
    return incident


def circle(*elements: str, way: str, **more: Any) -> bytes:
    return process(
        "circle", start(), node("exclusiveGateway", "turn"), *elements, flows=f"begin > turn > {way} > turn", **more
    )


NOTE = service("note", "local.note", {"what": "'A'"})


def test_a_circle_of_our_own_operations(small: Rig) -> None:
    small.deploy(circle(NOTE, way="note"))
    root = small.start("circle")
    incident = stopped(small, root, "note")
    small.retry(incident.id)  # a person lets it go on: as far again
    assert stopped(small, root, "note").id != incident.id


def test_a_circle_of_refusals_that_are_caught(small: Rig) -> None:
    def refuse(*_: object) -> dict[str, Any]:
        raise Rejected("no", "never")

    small.engine.handle("local.note", refuse)
    small.deploy(
        circle(NOTE, on_error("sorry", "note", "no"), way="note", codes=["no"]).replace(
            b"</bpmn:process>", b'<bpmn:sequenceFlow id="back" sourceRef="sorry" targetRef="turn"/></bpmn:process>'
        )
    )
    stopped(small, small.start("circle"), "note")


def test_a_circle_of_calls_that_wait_for_nothing(small: Rig) -> None:
    small.deploy(process("empty", start(), end(), flows="begin > done"))
    small.deploy(circle(call("inside", "empty", {}), way="inside"))
    stopped(small, small.start("circle"), "inside")


def test_a_circle_of_timers_that_are_due_at_once(small: Rig) -> None:
    small.deploy(circle(wait_for("pause", "PT0S"), way="pause"))
    incident = stopped(small, small.start("circle"), "pause")
    small.retry(incident.id)
    stopped(small, incident.root_id, "pause")


def test_who_waits_for_a_person_a_time_a_neighbour_or_a_called_person_goes_on(small: Rig) -> None:
    small.deploy(process("desk", start(), user("look"), end(), flows="begin > look > done"))
    for number, (wait, way, element) in enumerate(
        [
            (user("install"), "note > install", "install"),
            (wait_for("pause", "PT2S"), "note > pause", None),
            (
                service("reserve", "net.reserve", {"what": "'B'"}) + user("install"),
                "note > reserve > install",
                "install",
            ),
            (call("inside", "desk", {}), "note > inside", "look"),
        ]
    ):
        small.deploy(circle(NOTE, wait, way=way).replace(b'"circle"', f'"c{number}"'.encode()))
        root = small.start(f"c{number}")
        for _ in range(BUDGET + 2):
            if element is None:
                small.later(seconds=3)
            else:
                small.complete(root, element)
        assert small.incidents(root) == []
        assert small.instance(root).state == "running"
    small.check()
