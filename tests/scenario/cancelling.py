"""Cancels an order at every one of its steps, and judges by what the neighbours have in their books afterwards.

The product is whole (its rows, doors, engine and drawings), the neighbours are the simulators in memory. A step is a
call to a neighbour, cancelled while its answer is outstanding, or a work item, cancelled when somebody has begun it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select

from adapters.ports import Answer, OperationCall, Port
from app.cli.field_crew import answers
from app.persistence.ordering.orders import ProductOrder
from app.persistence.teamwork.work_items import WorkItem
from tests.api.world import CANCELS, ORDERS
from tests.scenario.cells import Cell
from tests.scenario.far_books import far_books
from tests.services.whole import FINAL, Whole

#: Steps an order has at most, and rounds in which nothing happens before it is given up: five seconds, because the
#: longest wait of a plan (fifteen days) is more than one here.
ROUNDS = 400
STILL = 100
PAUSE_S = 0.05
REFUSED = "terminatedWithError"
AWAITED = "acknowledged"


@dataclass
class Watch:
    """Sees every step of the orders and may do something at one of them."""

    order_id: str = ""
    steps: list[str] = field(default_factory=list)
    at: Callable[[str], None] = lambda _step: None

    def see(self, step: str) -> None:
        """A step of the order that is watched begins."""
        self.steps.append(step)
        self.at(step)


@dataclass(frozen=True)
class WatchedPort:
    """A neighbour that tells of each call before it does it."""

    port: Port
    watch: Watch

    def available_in_s(self) -> float:
        """See :class:`adapters.ports.Port`."""
        return self.port.available_in_s()

    def perform(self, call: OperationCall, *, timeout_s: float) -> Answer:
        """See :class:`adapters.ports.Port`."""
        if self.watch.order_id and self.watch.order_id in call.business_key:
            self.watch.see(call.name)
        return self.port.perform(call, timeout_s=timeout_s)

    def query(self, operation_id: str, *, timeout_s: float, attempt: int = 1) -> Answer | None:
        """See :class:`adapters.ports.Port`."""
        return self.port.query(operation_id, timeout_s=timeout_s, attempt=attempt)

    def books(self, kind: str, *, timeout_s: float, after: str = "") -> list[Mapping[str, Any]]:
        """See :class:`adapters.ports.Port`."""
        return self.port.books(kind, timeout_s=timeout_s, after=after)


@contextmanager
def watched(running: Whole) -> Iterator[Watch]:
    """Look over the shoulder of every call to a neighbour."""
    watch = Watch()
    ports: Any = running.deps.engine.parts.ports
    kept = dict(ports)
    ports.update({name: WatchedPort(port, watch) for name, port in kept.items()})
    try:
        yield watch
    finally:
        ports.update(kept)


@dataclass(frozen=True, kw_only=True)
class Try:
    """One cancel: at which step, how it ended, and what the neighbours were asked to undo, in that order."""

    instance_id: str
    step: str
    state: str
    done: tuple[str, ...]
    undone: tuple[str, ...]


@dataclass
class Counterfactual:
    """Cancels the order of one cell again and again, one step later each time.

    ``agrees``: what the second person says who has to agree past the soft point; "no" counts as refused.
    """

    running: Whole
    cell: Cell
    watch: Watch
    agrees: bool = False
    tries: list[Try] = field(default_factory=list)
    refused_at: str = ""
    agreed_from: str = ""
    refusals: int = 0

    def run(self) -> Any:
        """Cancel at every step until that is too late, then at every later step too; returns the order that ended."""
        before = far_books(self.running.neighbours)
        for number in range(ROUNDS):
            view, accepted = self.cancel_at(number)
            if not accepted:
                return view
            after = far_books(self.running.neighbours)
            gone, left = before - after, after - before
            assert not gone and not left, f"{self.cell.name}, cancelled at {self.tries[-1].step}: {gone=} {left=}"
        raise AssertionError(f"{self.cell.name} has no end")

    def cancel_at(self, number: int) -> tuple[Any, bool]:
        """One order, cancelled at its step of that number (from 0); whether the cancel was accepted at all."""
        asked: list[tuple[str, Any]] = []
        steps_before_undo = 0

        def at(step: str) -> None:
            nonlocal steps_before_undo
            if len(self.watch.steps) <= number or any(one["state"] != REFUSED for _, one in asked):
                return
            answer = self.running.call(
                "POST", CANCELS, {"productOrder": {"id": self.watch.order_id}, "cancellationReason": "test"}
            )
            steps_before_undo = len(self.watch.steps)
            asked.append((step, self.decided(step, answer)))

        order_id = self.place(f"{self.cell.name}-{number}")
        self.watch.order_id, self.watch.steps, self.watch.at = order_id, [], at
        view = self.play(order_id)
        self.watch.at = lambda _step: None
        accepted = [step for step, answer in asked if answer["state"] != REFUSED]
        if accepted:
            assert view["state"] == "cancelled", (self.cell.name, accepted, view["state"], view.get("waits_for"))
            steps = self.watch.steps
            self.tries.append(
                Try(
                    instance_id=self.row_of(order_id).process_instance_id,
                    step=accepted[0],
                    state=view["state"],
                    done=tuple(steps[:steps_before_undo]),
                    undone=tuple(steps[steps_before_undo:]),
                )
            )
            return view, True
        assert view["state"] == "completed", (self.cell.name, self.watch.steps[-1], view["state"])
        self.refusals = len(asked)
        self.refused_at = asked[0][0] if asked else ""
        return view, False

    def decided(self, step: str, answer: Any) -> Any:
        """The request as it is when a second person has decided on it, where somebody has to."""
        if answer["state"] != AWAITED:
            return answer
        self.agreed_from = self.agreed_from or step
        path = f"/api/v1/orders/{self.watch.order_id}/cancels/{answer['id']}/decision"
        return self.running.call("POST", path, {"agreed": self.agrees, "reason": "test"}, login="ops2")

    def row_of(self, order_id: str) -> Row[tuple[str, str, str]]:
        """Number, state and process instance of an order, read past the interface: it is asked after every step."""
        wanted = select(ProductOrder.number, ProductOrder.state, ProductOrder.process_instance_id)
        with self.running.deps.sessions.begin() as session:
            return session.execute(wanted.where(ProductOrder.id == order_id)).one()

    def place(self, external_id: str) -> str:
        """Submit the order of the cell; returns its id."""
        return str(self.running.call("POST", ORDERS, self.cell.body(external_id))["id"])

    def play(self, order_id: str) -> Any:
        """Do everything for the order, people's part too, until it has ended."""
        still = 0
        while still < STILL:
            if still:
                time.sleep(PAUSE_S)
            still = 0 if self.running.work() else still + 1
            order = self.row_of(order_id)
            if order.state in FINAL:
                return self.running.call("GET", f"/api/v1/orders/{order_id}")
            query = f"/api/v1/work-items?tab=all&order={order.number}&limit=100"
            for row in self.running.call("GET", query)["items"]:
                if row["state"] in {"open", "claimed"}:
                    self.do(row)
                    still = 0
                    break
        view = self.running.call("GET", f"/api/v1/orders/{order_id}")
        raise AssertionError(f"{self.cell.name} does not come to an end: {view['state']} {view.get('waits_for')}")

    def do(self, row: Mapping[str, Any]) -> None:
        """One work item: begun, which is a step, and handed in if it is still there."""
        if row["incident_id"]:
            incident = self.running.call("GET", f"/api/v1/incidents/{row['incident_id']}", login="ops")
            raise AssertionError(f"{self.cell.name} stands still: {incident}")
        if row["form_key"] == "resolve_difference":
            asked = self.running.call("GET", f"/api/v1/work-items/{row['id']}")
            raise AssertionError(f"{self.cell.name}: the books differ: {asked.get('context')}")
        item = self.running.call("POST", f"/api/v1/work-items/{row['id']}/claim", {})
        self.watch.see(str(row["form_key"]))
        with self.running.deps.sessions.begin() as session:
            is_there = session.get_one(WorkItem, row["id"]).state in {"open", "claimed"}
        if is_there:
            result = answers(item.get("form") or {}, item.get("context") or {})
            self.running.call("POST", f"/api/v1/work-items/{row['id']}/complete", {"result": result})
