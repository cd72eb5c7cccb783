"""A whole product with people who call it, and a neighbour that can be broken: what repairs are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import update

from processes.bulk_runner import BulkRunner
from processes.store.jobs import Job
from tests.api.test_repairs import Broken
from tests.api.world import Person
from tests.services.whole import Whole, whole


class Desk:
    """One product. Orders go as far as they go without people."""

    def __init__(self, running: Whole) -> None:
        self.whole = running
        self.runner = BulkRunner(running.deps.engine.parts, running.deps.sessions)
        self.ops, self.manager = self.person("ops"), self.person("ops2")
        self._ports: Any = running.deps.engine.parts.ports
        self._kept = dict(self._ports)
        self.order: Any = None

    def person(self, login: str) -> Person:
        """A caller by login."""
        token = self.whole.headers(login)["Authorization"].removeprefix("Bearer ")
        return Person(self.whole.client, token)

    def place(self, example: str = "home-bundle.json", **changes: Any) -> Any:
        """Submit an example order and let everything automatic be done; returns the order."""
        order_id = self.whole.place(example, **changes)
        self.work()
        self.order = self.whole.call("GET", f"/api/v1/orders/{order_id}?fields=id,number")
        return self.order

    def work(self) -> None:
        """Let workers and neighbours do what is due, until nothing is."""
        while self.whole.work():
            pass

    def break_credit_checks(self) -> None:
        """The first step of an order fails from now on."""
        self._ports["billing"] = Broken()

    def mend(self) -> None:
        """Everybody answers again."""
        self._ports.update(self._kept)

    def until_incident(self) -> dict[str, Any]:
        """Try as often as the engine does, without waiting."""
        for _ in range(12):
            self.work()
            found: list[dict[str, Any]] = self.ops.get("/api/v1/incidents").get_json()["items"]
            if found:
                return found[0]
            with self.whole.deps.sessions() as session, session.begin():
                past = self.whole.deps.clock(session)
                session.execute(update(Job).where(Job.state == "ready").values(run_at=past))
        raise AssertionError("no incident")


@contextmanager
def desk(url: str, folder: Path) -> Iterator[Desk]:
    """A desk on a migrated, empty database."""
    with whole(url, folder, demo=False) as running:
        yield Desk(running)
