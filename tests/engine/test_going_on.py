"""Automatic steps of our own that follow each other share a transaction, and none suffers by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from adapters.errors import Rejected
from processes.going_on import TOGETHER
from processes.store.instances import ActivityLog
from processes.store.jobs import Job
from tests.engine.diagrams import call, end, flows_of, node, process, service, start, user
from tests.engine.rig import Rig

Handler = Callable[[], Mapping[str, Any]]


class Doing:
    """What the steps of our own do: each writes down that it was begun, and in which transaction."""

    def __init__(self, rig: Rig, **special: Handler) -> None:
        self.begun: list[str] = []
        self._sessions: list[Session] = []
        self._special = special
        rig.engine.handle("local.note", self._do)

    def _do(self, session: Session, made: Any, _now: object) -> Mapping[str, Any]:
        what = made.inputs["what"]
        self.begun.append(what)
        self._sessions.append(session)
        return self._special.get(what, lambda: {"id": f"note {what}"})()

    @property
    def transactions(self) -> list[int]:
        """Of each step the number of its transaction, in the order in which these began."""
        numbers = {id(session): number for number, session in enumerate(dict.fromkeys(self._sessions))}
        return [numbers[id(session)] for session in self._sessions]


def note(name: str) -> str:
    return service(name, "local.note", {"what": f"'{name}'"})


FAN = process(
    "fan",
    start(),
    note("first"),
    node("parallelGateway", "fork"),
    note("left"),
    note("right"),
    node("parallelGateway", "join"),
    note("last"),
    user("look"),
    end(),
    flows="begin > first > fork > left > join > last > look > done; fork > right > join",
)


def test_steps_of_our_own_that_follow_are_done_in_one_transaction_and_leave_no_jobs(rig: Rig) -> None:
    doing = Doing(rig)
    rig.deploy(FAN)
    root = rig.start("fan")
    assert doing.begun == ["first", "left", "right", "last"]
    assert doing.transactions == [0, 0, 0, 0]
    assert rig.jobs(root) == []
    assert [task.element_id for task in rig.user_tasks(root)] == ["look"]
    told = [row.event for row in history(rig, root) if row.element_id == "last"]
    assert told == ["entered", "completed"]
    rig.parts.live.forget()  # what was saved is what was reached
    rig.complete(root)
    assert rig.instance(root).state == "completed"
    rig.check()


def history(rig: Rig, root: str) -> list[Any]:
    with rig.sessions() as session:
        rows = session.query(ActivityLog).filter(ActivityLog.instance_id == root).order_by(ActivityLog.seq)
        return list(rows)


@pytest.mark.parametrize("fails_with", [Rejected("no", "never"), RuntimeError("a bug")])
def test_one_that_fails_costs_the_others_nothing(rig: Rig, fails_with: Exception) -> None:
    def fail() -> Mapping[str, Any]:
        raise fails_with

    doing = Doing(rig, right=fail)
    rig.deploy(FAN)
    root = rig.start("fan")
    for _ in range(5):
        rig.later(minutes=2)
    (incident,) = rig.incidents(root)
    assert incident.element_id == "right"
    # all were begun together, and begun again apart from each other; of the failure the others know nothing
    again = doing.begun[3:]
    assert again[:2] == ["first", "left"]
    assert set(again[2:]) == {"right"}
    assert [row.event for row in history(rig, root) if row.element_id == "left"] == ["entered", "completed"]
    rig.check()


def test_after_a_worker_has_died_of_the_first_each_is_done_alone(rig: Rig) -> None:
    doing = Doing(rig)
    rig.deploy(FAN)
    with rig.work() as session:
        root = rig.engine.start(
            session, "fan", business_key="k", area="SH", data={}, now=rig.clock.at, actor="front"
        ).id
    with rig.work() as session:
        session.execute(update(Job).where(Job.instance_id == root).values(deaths=1))
    rig.drain()
    assert doing.begun[0] == "first"
    assert doing.transactions[0] not in doing.transactions[1:]
    assert [task.element_id for task in rig.user_tasks(root)] == ["look"]
    rig.check()


def test_a_step_that_an_earlier_one_has_made_superfluous_is_not_done(rig: Rig) -> None:
    doing = Doing(rig)
    inner = [
        start("go"),
        node("parallelGateway", "fork"),
        note("left"),
        note("right"),
        node("endEvent", "over", "<bpmn:terminateEventDefinition/>"),
        end("there"),
        *flows_of("go > fork > left > over; fork > right > there"),
    ]
    both = node("subProcess", "both", "".join(inner))
    rig.deploy(
        process("race", start(), note("first"), both, user("look"), end(), flows="begin > first > both > look > done")
    )
    root = rig.start("race")
    assert doing.begun == ["first", "left"]
    assert doing.transactions == [0, 0]
    assert rig.jobs(root, state="leased") == []
    rig.complete(root)
    assert rig.instance(root).state == "completed"
    rig.check()


def test_a_long_row_of_steps_is_done_in_portions(rig: Rig) -> None:
    names = [f"step_{number}" for number in range(2 * TOGETHER + 3)]
    doing = Doing(rig)
    rig.deploy(process("row", start(), *map(note, names), end(), flows=f"begin > {' > '.join(names)} > done"))
    root = rig.start("row")
    assert doing.begun == names
    assert all(doing.transactions.count(number) <= 1 + TOGETHER for number in doing.transactions)
    assert rig.instance(root).state == "completed"
    rig.check()


def test_what_a_neighbour_answered_is_written_down_before_a_step_of_our_own_is_begun(rig: Rig) -> None:
    def fail() -> Mapping[str, Any]:
        raise RuntimeError("a bug")

    doing = Doing(rig, after=fail)
    rig.deploy(
        process(
            "mixed", start(), service("ask", "net.reserve", {"what": "'A'"}), note("after"), end(),
            flows="begin > ask > after > done",
        )
    )  # fmt: skip
    root = rig.start("mixed")
    assert doing.begun == ["after"]
    assert [effect.element_id for effect in rig.effects(root)] == ["ask"]
    assert [row.event for row in history(rig, root) if row.element_id == "ask"] == ["entered", "completed"]


def test_steps_of_a_called_process_go_on_under_a_lock_of_their_own(rig: Rig) -> None:
    doing = Doing(rig)
    inner = process("inner", start(), note("one"), note("two"), end(), flows="begin > one > two > done")
    outer = process(
        "outer", start(), note("before"), call("inside", "inner", {}), note("after"), end(),
        flows="begin > before > inside > after > done",
    )  # fmt: skip
    rig.deploy(inner, outer)
    root = rig.start("outer")
    assert doing.begun == ["before", "one", "two", "after"]
    first, one, two, last = doing.transactions
    assert one == two
    assert len({first, one, last}) == 3
    assert rig.instance(root).state == "completed"
    with rig.sessions() as session:
        assert session.scalar(text("SELECT count(*) FROM job WHERE lease_owner IS NOT NULL")) == 0
    rig.check()
