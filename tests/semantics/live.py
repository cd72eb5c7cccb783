"""Plays a scene on the durable engine: rows, jobs, a worker, one database for all scenes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.operations import OperationRegistry
from adapters.ports import Answer, OperationCall
from processes import ad_hoc, queries
from processes.clock import FixedClock
from processes.engine import Engine, EngineParts, ProcessEvent
from processes.ids import CountingIds
from processes.lifecycle import InstanceState, JobState, TriggerState
from processes.repairs import Why
from processes.store.instances import MessageSubscription, ProcessInstance, Timer
from processes.store.opening import create_database_engine
from processes.store.sessions import session_factory
from processes.store.starts import SignalSubscription
from processes.worker import Worker
from tests.semantics.scene import Scene, Seen, path_of, play

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def _row(code: str, **more: Any) -> dict[str, Any]:
    common = {"name_zh": "试", "name_en": "Test", "timeout_s": 5, "retry": "quick", "idempotency": "keyed"}
    return (
        {"code": code, "adapter": "far", "mode": "sync", "effect": "write", "inputs": [], "outputs": []} | common | more
    )


def registry() -> OperationRegistry:
    """``far.do`` answers later; it is undone by ``far.undo``, which answers at once. ``far.tell`` cannot be undone."""
    names = {"optional_inputs": ["what", "n", "item"]}
    return OperationRegistry.from_data(
        {
            "operations": [
                _row("far.do", mode="callback", undo="far.undo", callback_deadline_min=10**7, **names),
                _row("far.undo", only_as_undo=True, **names),
                _row("far.tell", mode="callback", irreversible=True, callback_deadline_min=10**7, **names),
            ],
            "retry_policies": [{"code": "quick", "attempts": 3, "first_wait_s": 2, "factor": 2, "cap_s": 60}],
        }
    )


class Far:
    """The far side: promises an answer to each call, does an undo at once."""

    def __init__(self) -> None:
        self.undone: list[str] = []

    def perform(self, call: OperationCall, *, timeout_s: float) -> Answer:
        if call.name != "far.undo":
            return Answer(outputs={}, pending=True)
        self.undone.append(str(call.inputs.get("what", "?")))
        return Answer(outputs={})

    def query(self, operation_id: str, *, timeout_s: float, attempt: int = 1) -> Answer | None:
        return None

    def books(self, kind: str, *, timeout_s: float, after: str = "") -> list[Mapping[str, Any]]:
        return []


class Stage:
    """One engine, one worker, one database; scenes are played on it one after the other."""

    def __init__(self, url: str) -> None:
        self.database = create_database_engine(url, application_name="semantics")
        self.sessions = session_factory(self.database)
        self.clock = FixedClock(NOW)
        self.far = Far()
        self.engine = Engine(
            EngineParts(
                registry=registry(), ports={"far": self.far}, clock=self.clock, rng=random.Random(7), ids=CountingIds()
            )
        )
        self.ended: dict[str, Mapping[str, Any]] = {}
        self.engine.listen(self.note_end)
        self.worker = Worker(self.engine, self.sessions, name="stage")
        self.events = 0

    def note_end(self, _session: Session, event: ProcessEvent) -> None:
        if event.kind == "instance_completed":
            self.ended[event.instance_id] = event.detail

    @contextmanager
    def work(self) -> Iterator[Session]:
        with self.sessions() as session, session.begin():
            yield session
        self.worker.drain()

    def close(self) -> None:
        self.database.dispose()


class LivePlayer:
    """One scene on the stage."""

    def __init__(self, stage: Stage, scene: Scene) -> None:
        self.stage, self.engine, self.scene = stage, stage.engine, scene
        stage.far.undone.clear()
        # What was deployed before would keep its version, and another scene's may be the newest.
        mark = f"<!-- {scene.name} -->".encode()
        named = {f"{number}.bpmn": body + mark for number, body in enumerate(scene.files)}
        with stage.sessions.begin() as session:
            self.engine.deploy(session, named, actor="designer", now=stage.clock.at)
        with stage.work() as session:
            self.root = self.start(session, scene)

    def start(self, session: Session, scene: Scene) -> str:
        now = self.stage.clock.at
        return self.engine.start(
            session, scene.key, business_key="order:1", area="SH", data=scene.data, now=now, actor="front"
        ).id

    # -- what happens --

    def hand_in(self, element_id: str, place: int | None, result: Mapping[str, Any]) -> None:
        with self.stage.sessions() as session:
            people = [row for row in queries.open_user_tasks(session, self.root) if row.element_id == element_id]
            jobs = self.jobs(session, element_id)
        if people:
            with self.stage.work() as session:
                task = chosen(people, place)
                self.engine.complete_user_task(session, task.id, result, actor="field", now=self.stage.clock.at)
            return
        assert jobs, f"{element_id} is not waited for; {self.waiting()} is"
        self.answer(chosen(jobs, place), "done", outputs=result)

    def refuse(self, element_id: str, place: int | None, code: str) -> None:
        with self.stage.sessions() as session:
            jobs = self.jobs(session, element_id)
        assert jobs, f"{element_id} is not waited for; {self.waiting()} is"
        self.answer(chosen(jobs, place), "rejected", code=code, message=f"{code} happened")

    def jobs(self, session: Session, element_id: str) -> list[Any]:
        rows = queries.jobs_of_tree(session, self.root, open_only=True)
        return [row for row in rows if row.element_id == element_id and row.state == JobState.WAITING_ANSWER]

    def answer(self, job: Any, status: str, **more: Any) -> None:
        self.stage.events += 1
        with self.stage.work() as session:
            self.engine.receive_answer(
                session,
                adapter="far",
                event_id=f"answer-{self.stage.events}",
                operation_id=job.operation_id,
                status=status,
                now=self.stage.clock.at,
                **more,
            )

    def message(self, name: str, key: str, payload: Mapping[str, Any]) -> None:
        self.stage.events += 1
        with self.stage.work() as session:
            self.engine.receive_message(
                session,
                source="outside",
                event_id=f"message-{self.stage.events}",
                name=name,
                key=key,
                payload=payload,
                now=self.stage.clock.at,
            )

    def signal(self, name: str, payload: Mapping[str, Any]) -> None:
        self.stage.events += 1
        with self.stage.work() as session:
            self.engine.receive_signal(
                session,
                source="outside",
                event_id=f"signal-{self.stage.events}",
                name=name,
                payload=payload,
                now=self.stage.clock.at,
            )

    def begin_by_hand(self, element_id: str) -> None:
        why = Why(actor="front", reason="it is needed")
        with self.stage.work() as session:
            ad_hoc.begin(
                self.engine.parts, session, self.root, element_id, task_id=None, why=why, now=self.stage.clock.at
            )

    def pass_time(self, span: timedelta) -> None:
        until = self.stage.clock.at + span
        while True:
            with self.stage.sessions() as session:
                due = [row.due_at for row in self.timers(session) if row.due_at <= until]
            if not due:
                break
            self.stage.clock.at = max(self.stage.clock.at, min(due))
            self.stage.worker.drain()
        self.stage.clock.at = until
        self.stage.worker.drain()

    def timers(self, session: Session) -> list[Timer]:
        tree = select(ProcessInstance.id).where(ProcessInstance.root_id == self.root)
        waiting = Timer.state == TriggerState.WAITING
        return list(session.scalars(select(Timer).where(Timer.instance_id.in_(tree), waiting)))

    # -- what is --

    def waiting(self) -> list[str]:
        with self.stage.sessions() as session:
            tree = select(ProcessInstance.id).where(ProcessInstance.root_id == self.root)
            here = MessageSubscription.instance_id.in_(tree), MessageSubscription.state == TriggerState.WAITING
            signals = SignalSubscription.instance_id.in_(tree), SignalSubscription.state == TriggerState.WAITING
            open_jobs = queries.jobs_of_tree(session, self.root, open_only=True)
            rows: list[Any] = [
                *queries.open_user_tasks(session, self.root),
                *[job for job in open_jobs if job.kind == "operation" and not job.detached],
                *self.timers(session),
                *session.scalars(select(MessageSubscription).where(*here)),
                *session.scalars(select(SignalSubscription).where(*signals)),
            ]
            return sorted(row.element_id for row in rows)

    def seen(self) -> Seen:
        with self.stage.sessions() as session:
            # Parents first, children in the order they began.
            tree = sorted(queries.tree(session, self.root), key=lambda row: (row.id != self.root, row.id))
            logs = [[(row.element_id, row.event) for row in queries.history(session, each.id)] for each in tree]
            outcome = self.outcome(session, tree[0])
        data = self.stage.ended.get(self.root, {}).get("data", {})
        return Seen(tuple(path_of(log) for log in logs), outcome, data, " ".join(self.stage.far.undone))

    def outcome(self, session: Session, root: ProcessInstance) -> str:
        incidents = queries.open_incidents(session, self.root)
        if incidents:
            return f"failed:{incidents[0].element_id}"
        if root.state != InstanceState.COMPLETED:
            return "waiting" if root.state == InstanceState.RUNNING else root.state
        detail = self.stage.ended[self.root]
        ended = "terminated" if self.scene.outcome == "terminated" else "completed"
        # The row of an instance does not tell a terminate end event from another end.
        return f"error:{detail['error']}" if "error" in detail else ended

    def put_away(self) -> None:
        """Nothing of this scene is left for the next one to stumble over, not even a message nobody has fetched."""
        with self.stage.sessions() as session:
            running = session.get_one(ProcessInstance, self.root).state == InstanceState.RUNNING
        if running:
            with self.stage.work() as session:
                self.engine.cancel(session, self.root, reason="over", actor="front", now=self.stage.clock.at)
        self.stage.clock.move(2 * self.engine.parts.message_ttl)


def chosen(rows: list[Any], place: int | None) -> Any:
    """The oldest, or the one of that place in a repetition."""
    if place is None:
        return rows[0]
    return ([row for row in rows if row.loop_index == place] or rows[place : place + 1])[0]


def play_live(stage: Stage, scene: Scene) -> Seen:
    """Play the scene on the durable engine."""
    player = LivePlayer(stage, scene)
    play(scene.script, player)
    seen = player.seen()
    player.put_away()
    return seen
