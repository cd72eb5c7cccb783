"""An engine with a scripted far side, a worker that works when told to, and a clock that stands still."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from processes import queries
from processes.clock import FixedClock, SystemClock
from processes.engine import Engine, EngineParts, ProcessEvent
from processes.invariants import violations
from processes.store.instances import ProcessInstance
from processes.store.opening import create_database_engine
from processes.store.sessions import session_factory
from processes.worker import Worker
from tests.engine.far_side import FarSide, registry

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


class Rig:
    """One engine, one worker that does things when told to, one far side, a clock that stands still."""

    def __init__(self, url: str, folder: Path, **parts: Any) -> None:
        self.url, self.folder = url, folder
        self.database = create_database_engine(url, application_name="test", lock_timeout_s=3)
        self.sessions = session_factory(self.database)
        self.far = FarSide(folder / "far.sqlite")
        self.clock = FixedClock(NOW)
        self.parts = EngineParts(
            registry=registry(),
            ports={"net": self.far, "odd": self.far, "ask": self.far},
            clock=self.clock,
            rng=random.Random(7),
            callback_url=lambda adapter: f"http://us/{adapter}",
            **parts,
        )
        self.engine = Engine(self.parts)
        self.events: list[ProcessEvent] = []
        self.moody = False
        self.engine.listen(lambda _session, event: self.events.append(event))
        self.worker = Worker(self.engine, self.sessions, name="worker-a")

    def real_time(self) -> None:
        """Use the clock of the database from now on, and policies that outlive many deaths."""
        self.parts = replace(self.parts, clock=SystemClock(), registry=registry(attempts=30))
        self.engine = Engine(self.parts)

    def another_worker(self, **more: Any) -> Worker:
        return Worker(self.engine, self.sessions, name="worker-b", **more)

    @contextmanager
    def work(self) -> Iterator[Session]:
        with self.sessions() as session, session.begin():
            yield session

    def deploy(self, *files: bytes) -> Any:
        with self.work() as session:
            named = {f"{number}.bpmn": body for number, body in enumerate(files)}
            return self.engine.deploy(session, named, actor="designer", now=self.parts.clock.now(session))

    def start(self, key: str, **data: Any) -> str:
        """Start an instance and run it until it waits; returns its id."""
        with self.work() as session:
            instance = self.engine.start(
                session, key, business_key=f"order:{key}", area="SH", data=data, now=self.clock.at, actor="front"
            )
        self.drain()
        return instance.id

    def drain(self) -> int:
        return self.worker.drain()

    def later(self, **delta: float) -> None:
        """Let time pass, then do what has come due."""
        self.clock.move(timedelta(**delta))
        self.drain()

    def instance(self, instance_id: str) -> ProcessInstance:
        with self.sessions() as session:
            return session.get_one(ProcessInstance, instance_id)

    def data(self, instance_id: str) -> Mapping[str, Any]:
        """The final data of an instance, as its last event told it."""
        for event in reversed(self.events):
            if event.kind == "instance_completed" and event.instance_id == instance_id:
                found: Mapping[str, Any] = event.detail["data"]
                return found
        raise AssertionError(f"{instance_id} has not completed")

    def jobs(self, root_id: str, **wanted: str) -> list[Any]:
        with self.sessions() as session:
            rows = queries.jobs_of_tree(session, root_id)
        return [job for job in rows if all(getattr(job, name) == value for name, value in wanted.items())]

    def effects(self, root_id: str) -> list[Any]:
        with self.sessions() as session:
            return list(queries.effects_of_tree(session, root_id))

    def incidents(self, root_id: str) -> list[Any]:
        with self.sessions() as session:
            return list(queries.open_incidents(session, root_id))

    def user_tasks(self, root_id: str) -> list[Any]:
        with self.sessions() as session:
            return list(queries.open_user_tasks(session, root_id))

    def complete(self, root_id: str, element: str | None = None, **result: Any) -> None:
        """Hand in the open user task (of that element) and run on."""
        task = next(task for task in self.user_tasks(root_id) if element in (None, task.element_id))
        with self.work() as session:
            self.engine.complete_user_task(session, task.id, result, actor="field", now=self.clock.at)
        self.drain()

    def answer(self, operation_id: str, *, event_id: str = "", status: str = "done", **more: Any) -> None:
        """The far side reports the result of an operation."""
        with self.work() as session:
            self.engine.receive_answer(
                session,
                adapter="net",
                event_id=event_id or f"event-{operation_id}-{status}",
                operation_id=operation_id,
                status=status,
                now=self.clock.at,
                **more,
            )

    def cancel(self, root_id: str) -> Any:
        with self.work() as session:
            return self.engine.cancel(session, root_id, reason="changed his mind", actor="front", now=self.clock.at)

    def retry(self, incident_id: str, **more: Any) -> None:
        with self.work() as session:
            self.engine.retry_incident(session, incident_id, actor="ops", now=self.clock.at, **more)
        self.drain()

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    def check(self) -> None:
        """Nothing is broken, ours and theirs."""
        with self.sessions() as session:
            now = self.parts.clock.now(session)
            assert violations(session, now=now, far_effects=self.far.counts()) == []

    def close(self) -> None:
        self.database.dispose()
