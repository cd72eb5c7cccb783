"""Submits orders, sees their tasks and their ends, and notes when: one loop, no threads.

An order counts as seen when it is in the database, not when somebody says so; the loop looks every few milliseconds.
``wanted_at`` is when an order was due, even if the loop or the system was late: a late system cannot hide behind the
orders it has not accepted yet.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.bench.meters import Database, now

STUCK_S = 60.0


@dataclass
class Order:
    """One order on its way. ``legs``: seconds from each completion to the next thing seen."""

    number: int
    wanted_at: float
    task_at: float | None = None
    done_at: float | None = None
    waits_since: float | None = None  # the last completion asked for, until something new is seen
    tasks: set[str] = field(default_factory=set)
    legs: list[float] = field(default_factory=list)

    @property
    def to_task_s(self) -> float:
        return (self.task_at or now()) - self.wanted_at

    @property
    def to_finish_s(self) -> float:
        return (self.done_at or now()) - self.wanted_at


class Broken(RuntimeError):
    """A process of the bench has failed or nothing moves any more."""


class Driver:
    """Speaks with the process of the people and looks into the database.

    :param database: none for processes that say themselves what became visible.
    """

    def __init__(self, people: subprocess.Popen[bytes], database: Database | None, *, every_s: float) -> None:
        self._people, self._database, self._every_s = people, database, every_s
        if people.stdin is None or people.stdout is None:
            raise Broken("the people need pipes")
        self._ear = people.stdout.fileno()
        self._mouth = people.stdin
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._ear, selectors.EVENT_READ)
        self._rest = b""
        self._by_number: dict[int, Order] = {}
        self._running: dict[str, Order] = {}
        self._looked_at = 0.0
        self._moved_at = now()
        self._counted: dict[str, Any] | None = None
        self._next = 1
        self.finished: list[Order] = []

    @property
    def submitted(self) -> int:
        """Orders that were submitted."""
        return self._next - 1

    @property
    def open_orders(self) -> int:
        """Orders that were submitted and have not ended."""
        return self.submitted - len(self.finished)

    def submit(self, wanted_at: float | None = None) -> None:
        """Let somebody submit the next order."""
        order = Order(self._next, now() if wanted_at is None else wanted_at)
        self._by_number[order.number] = order
        self._next += 1
        self._tell(f"start {order.number}")

    def turn(self, until: float | None = None) -> None:
        """Hear what is said and look once, at the latest at ``until``.

        :raises Broken: the process failed, or nothing has moved for a minute.
        """
        at = self._looked_at + self._every_s
        if until is not None:
            at = min(at, until)
        if self._selector.select(max(0.0, at - now())):
            self._hear()
        if self._database is not None and self._running and now() >= self._looked_at + self._every_s:
            self._look(self._database)
        elif self._database is None:
            self._looked_at = now()
        if self.open_orders and now() > self._moved_at + STUCK_S:
            raise Broken(f"nothing has moved for {STUCK_S:g} s, {self.open_orders} orders open")

    def counted(self) -> dict[str, Any]:
        """What the process of the people counts itself."""
        self._counted = None
        self._tell("count")
        while self._counted is None:
            self.turn()
        return self._counted

    def until(self, condition: Callable[[], bool]) -> None:
        """Go on until something is so."""
        while not condition():
            self.turn()

    def close(self) -> None:
        """Say that there is nothing more, and wait for the end."""
        if self._mouth.closed:
            return
        self._selector.close()
        self._mouth.close()
        self._people.wait(timeout=30)

    def _tell(self, line: str) -> None:
        self._mouth.write(line.encode() + b"\n")
        self._mouth.flush()

    def _hear(self) -> None:
        heard = os.read(self._ear, 1 << 16)
        if not heard:
            raise Broken("the process of the people has ended")
        *lines, self._rest = (self._rest + heard).split(b"\n")
        for line in lines:
            self._understand(line.decode())

    def _understand(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word == "started":
            number, _, instance = rest.partition(" ")
            self._running[instance] = self._by_number.pop(int(number))
        elif word == "task":
            instance, _, task = rest.partition(" ")
            self._task(self._running[instance], task)
        elif word == "finished":
            self._done(rest)
        elif word == "count":
            self._counted = json.loads(rest)
        elif word == "failed":
            raise Broken(rest)

    def _look(self, database: Database) -> None:
        self._looked_at = now()
        for instance, state, task in database.look(list(self._running)):
            if instance not in self._running:
                continue
            if state != "running":
                if state != "completed":
                    raise Broken(f"{instance} is {state}")
                self._done(instance)
            elif task is not None:
                self._task(self._running[instance], task)

    def _task(self, order: Order, task: str) -> None:
        if task in order.tasks:
            return
        self._moved(order)
        if order.task_at is None:
            order.task_at = now()
        order.tasks.add(task)
        order.waits_since = now()
        self._tell(f"complete {task}")

    def _done(self, instance: str) -> None:
        order = self._running.pop(instance)
        self._moved(order)
        order.done_at = now()
        self.finished.append(order)

    def _moved(self, order: Order) -> None:
        self._moved_at = now()
        if order.waits_since is not None:
            order.legs.append(now() - order.waits_since)
            order.waits_since = None
