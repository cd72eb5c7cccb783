"""Amends an order at every one of its steps, and judges by what the neighbours have in their books afterwards.

A step is a call to a neighbour, amended while its answer is outstanding, or a work item, amended when somebody has
begun it. The order that was amended has to leave behind what one that was placed like that would.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.cli.field_crew import answers
from tests.api.world import ORDERS
from tests.scenario.cancelling import Watch
from tests.scenario.cells import Cell
from tests.scenario.far_books import far_books
from tests.services.whole import FINAL, Whole

ROUNDS = 400
LOOKS = 20
SETTINGS = re.compile(r"'(profile|bandwidth_kbps|package)', '?([\w-]+)")
CARRIED = re.compile(r"'services', \[(.*?)\]")


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is asked for, and the order as it would have been placed with it (``cell``).

    ``more``: the writes at neighbours that there may be beside those of an order that was placed like that. ``late``:
    the step from which on it is refused, or has to be agreed to; "" = the hard point of no return.
    """

    name: str
    item: Mapping[str, Any]
    cell: Cell
    more: frozenset[str]
    late: str = ""


@dataclass(kw_only=True)
class Amended:
    """One order that was amended. ``calls``: every write at a neighbour, by operation; ``shown``: the preview."""

    step: str
    number: int
    refused: str = ""
    needs_approval: bool = False
    calls: Counter[str] = field(default_factory=Counter)
    acts: dict[str, str] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)
    view: Any = None


@dataclass
class Amending:
    """Amends orders of one cell, one step later each time."""

    running: Whole
    cell: Cell
    change: Change
    watch: Watch
    tries: list[Amended] = field(default_factory=list)

    def plain(self) -> Amended:
        """The order as it would have been placed with the change."""
        return self.carried_out(self.change.cell, None)

    def amended_at(self, number: int) -> Amended:
        """One order, amended at its step of that number (from 0)."""
        return self.carried_out(self.cell, number)

    def carried_out(self, cell: Cell, number: int | None) -> Amended:
        """Place an order and do everything for it; amend it at its step of that number."""
        done = Amended(step="", number=-1 if number is None else number)
        before = far_books(self.running.neighbours)

        def at(step: str) -> None:
            if number is not None and not done.step and len(self.watch.steps) > number:
                done.step = step
                self.amend(done)

        # A number of its own, or another test of the same database would be answered with this order.
        body = cell.body(f"{cell.name}-{self.running.deps.new_id()}")
        order_id = str(self.running.call("POST", ORDERS, body)["id"])
        self.watch.order_id, self.watch.steps, self.watch.at = order_id, [], at
        try:
            done.view = self.play(order_id, cell)
        except AssertionError as problem:
            problem.add_note(f"amended at step {number}, {done.step}: {done.acts}")
            raise
        self.watch.at = lambda _step: None
        registry = self.running.deps.engine.parts.registry
        done.calls = Counter(code for code in self.watch.steps if code in registry and registry.get(code).is_write)
        after = far_books(self.running.neighbours)
        done.left = shapes(after - before)
        self.tries.append(done)
        return done

    def amend(self, done: Amended) -> None:
        """Look at it, and confirm it if it can be done without anybody else."""
        path = f"/api/v1/orders/{self.watch.order_id}/amendments"
        asked = {"items": [self.change.item], "reason": "the customer wants something else"}
        for _again in range(LOOKS):
            shown = self.running.call("POST", path, asked)
            done.refused = (shown["refused"] or {}).get("en", "")
            done.needs_approval = shown["needs_approval"]
            done.acts = {step["path"]: step["act"] for one in shown["items"] for step in one["steps"]}
            if done.refused or done.needs_approval:
                return
            # Other branches of the plan go on meanwhile: then it has to be looked at again.
            if self.accepted(path, {**asked, "dry_run": False, "digest": shown["digest"]}):
                return
        raise AssertionError(f"{done.step}: it never stands still")

    def play(self, order_id: str, cell: Cell) -> Any:
        """Do everything for the order, people's part too, until it has ended."""
        for _round in range(ROUNDS):
            self.running.work()
            view = self.running.call("GET", f"/api/v1/orders/{order_id}")
            if view["state"] in FINAL:
                return view
            query = f"/api/v1/work-items?tab=all&order={view['number']}&limit=100"
            for row in self.running.call("GET", query)["items"]:
                if row["state"] in {"open", "claimed"}:
                    self.do(row)
                    break
        raise AssertionError(f"{cell.name} does not come to an end: {view['state']} {view.get('waits_for')}")

    def do(self, row: Mapping[str, Any]) -> None:
        """One work item: begun, which is a step, and handed in if it is still there."""
        assert row["form_key"] not in {"", None, "incident"}, row
        item = f"/api/v1/work-items/{row['id']}"
        if not self.accepted(f"{item}/claim", {}):
            return  # its plan is just being begun anew: at a later round
        self.watch.see(str(row["form_key"]))
        known = self.running.call("GET", item)
        if known["state"] in {"open", "claimed"}:
            result = answers(known.get("form") or {}, known.get("context") or {})
            self.accepted(f"{item}/complete", {"result": result})

    def accepted(self, path: str, body: Any) -> bool:
        """Whether that was taken; it may contradict what is going on, and then has to be tried again."""
        answer = self.running.client.post(path, json=body, headers=self.running.headers("front"))
        assert answer.status_code in (200, 201, 409), (path, answer.get_data(as_text=True))
        return answer.status_code != 409


def shapes(books: Counter[str]) -> Counter[str]:
    """What kinds of things are in the books, and how services are set up; not under which numbers."""
    found: Counter[str] = Counter()
    for line, times in books.items():
        book, _, rest = line.partition(" ")
        values = [f"{name}={value}" for name, value in SETTINGS.findall(rest)] if book == "services" else []
        carried = [sorted(names.split(", ")) for names in CARRIED.findall(rest)]
        kind = rest.partition(":")[0] if book in ("units", "services") else ""
        found[f"{book} {kind} {sorted(values)} {carried}"] += times
    return found
