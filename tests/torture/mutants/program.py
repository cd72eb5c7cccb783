"""One short scene on the real product, in a process of its own: ``program.py SCENE MUTANT DATABASE_URL FOLDER``.

``MUTANT`` is a name of :data:`tests.torture.mutants.planted.MUTANTS`, or ``-`` for the product as it is. The last line
printed is what the scene saw, as JSON; the judge is elsewhere.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import make_url

from adapters.errors import Unreachable
from adapters.ports import Answer, OperationCall
from app import unit_of_work
from processes.bell import LocalBell
from processes.clock import FixedClock, SystemClock
from processes.engine import Engine, EngineParts
from processes.errors import IncidentClosed
from processes.queries import jobs_of_tree, open_incidents
from processes.store.instances import ProcessInstance
from processes.store.opening import create_database_engine
from processes.store.sessions import session_factory
from processes.worker import Worker
from tests.engine.far_side import FarSide, refuse, registry
from tests.engine.rig import NOW
from tests.torture.mutants.planted import MUTANTS

Saw = dict[str, Any]
NAME: Final = "mutant-worker"
ATTEMPTS: Final = 30


class Stage:
    """An engine on the database of the scene, with the far side whose books the judge reads."""

    def __init__(self, url: str, folder: Path, *, far: FarSide | None = None, fixed: bool = False) -> None:
        self.url = url
        self.far = far or FarSide(folder / "far.sqlite")
        self.sessions = session_factory(create_database_engine(url, application_name=NAME))
        self.clock = FixedClock(NOW)
        self.engine = Engine(
            EngineParts(
                registry=registry(ATTEMPTS),
                ports={"net": self.far, "odd": self.far, "ask": self.far},
                clock=self.clock if fixed else SystemClock(),
                rng=random.Random(3),
            )
        )

    def start(self, *, key: str = "scene") -> str:
        with self.sessions.begin() as session:
            now = self.engine.parts.clock.now(session)
            return self.engine.start(
                session, key, business_key="order:scene", area="SH", data={}, now=now, actor="front"
            ).id

    def state(self, root: str) -> str:
        with self.sessions() as session:
            return session.get_one(ProcessInstance, root).state


class Stalling(FarSide):
    """Says that it was called, and takes its time."""

    def perform(self, call: OperationCall, *, timeout_s: float) -> Answer:
        answer = super().perform(call, timeout_s=timeout_s)
        print("called", flush=True)
        time.sleep(0.5)
        return answer


def a_worker_that_stalls(url: str, folder: Path) -> Saw:
    """Do one call that is not to be repeated; the judge stops this process in the midst of it."""
    stage = Stage(url, folder, far=Stalling(folder / "far.sqlite"))
    root = stage.start()
    worker = Worker(stage.engine, stage.sessions, name=NAME, lease_s=1.0)
    worker.drain()
    return {"root": root, "fenced": stage.engine.parts.counters.all().get("fenced_writes", 0)}


def an_answer_that_gets_lost(url: str, folder: Path) -> Saw:
    """The far side does what it is asked and its answer does not arrive; the call is made again."""
    stage = Stage(url, folder, fixed=True)

    def done_but_unheard(call: OperationCall) -> Answer:
        stage.far.take_effect(call)
        raise Unreachable("the line broke", maybe_done=True)

    stage.far.script("net.reserve", done_but_unheard)
    root = stage.start()
    worker = Worker(stage.engine, stage.sessions, name=NAME)
    for _round in range(ATTEMPTS):
        worker.drain()
        stage.clock.move(timedelta(minutes=2))
    return {"root": root, "calls": len(stage.far.calls), "state": stage.state(root)}


class Spying(FarSide):
    """Asks the database, while it is being called, how its caller stands there."""

    def __init__(self, path: Path, url: str) -> None:
        super().__init__(path)
        self.seen: list[str] = []
        self._dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    def perform(self, call: OperationCall, *, timeout_s: float) -> Answer:
        question = (
            "SELECT state FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
            " AND xact_start IS NOT NULL"
        )
        with psycopg.connect(self._dsn, application_name="far side") as connection:
            self.seen += [str(row[0]) for row in connection.execute(question, (NAME,)).fetchall()]
        return super().perform(call, timeout_s=timeout_s)


def a_far_side_that_looks(url: str, folder: Path) -> Saw:
    """One call, during which the far side looks whether a transaction of the caller is open."""
    spy = Spying(folder / "far.sqlite", url)
    stage = Stage(url, folder, far=spy)
    root = stage.start()
    Worker(stage.engine, stage.sessions, name=NAME).drain()
    return {"root": root, "calls": len(spy.calls), "open": spy.seen, "state": stage.state(root)}


def a_bell_that_is_all_there_is(url: str, folder: Path) -> Saw:
    """A worker that looks only when the bell rings; the commit takes its time."""
    stage = Stage(url, folder)
    bell = LocalBell()
    worker = Worker(stage.engine, stage.sessions, name=NAME, poll_s=3600, look_again_s=3600)
    looked = threading.Event()
    bell.listen(worker.wake)
    running = threading.Thread(target=worker.run)
    running.start()
    time.sleep(1.0)  # it has looked, and sleeps
    with unit_of_work.transaction(stage.sessions) as tx:
        now = stage.engine.parts.clock.now(tx.session)
        root = stage.engine.start(
            tx.session, "scene", business_key="order:scene", area="SH", data={}, now=now, actor="front"
        ).id
        tx.after_commit.append(bell.ring)
        # Between the bell of the mutant and the commit; the right one rings later anyway.
        tx.after_commit.append(lambda: looked.wait(1.0) and None)
    until = time.monotonic() + 10
    while time.monotonic() < until and stage.state(root) == "running" and not stage.far.calls:
        time.sleep(0.1)
    time.sleep(0.5)
    worker.stop()
    running.join(timeout=20)
    return {"root": root, "calls": len(stage.far.calls), "state": stage.state(root)}


def many_at_one_incident(url: str, folder: Path) -> Saw:
    """Eight people try the same incident again at one moment; whoever is second is told so."""
    stage = Stage(url, folder)
    stage.far.script("net.reserve", refuse("no-port"))
    root = stage.start()
    Worker(stage.engine, stage.sessions, name=NAME).drain()
    with stage.sessions() as session:
        incident = open_incidents(session, root)[0].id
    # What listens to the engine takes its time, inside the transaction.
    stage.engine.listen(lambda _session, event: time.sleep(0.05) if event.kind == "incident_resolved" else None)
    together, told = threading.Barrier(8), []

    def retry(who: int) -> None:
        together.wait()
        try:
            with stage.sessions.begin() as session:
                now = stage.engine.parts.clock.now(session)
                stage.engine.retry_incident(session, incident, actor=f"p{who}", now=now, inputs={"what": f"'{who}'"})
            told.append("done")
        except IncidentClosed:
            told.append("late")

    people = [threading.Thread(target=retry, args=(who,)) for who in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    with stage.sessions() as session:
        jobs = jobs_of_tree(session, root)
    return {"root": root, "told": sorted(told), "jobs": len(jobs)}


def a_clerk_of_another_province(url: str, folder: Path) -> Saw:
    """Somebody of Chengdu asks for an order of Shanghai, then writes into it."""
    from tests.services.whole import whole

    with whole(url, folder, fresh=False, demo=False) as running:
        order_id = running.place("home-bundle.json", externalId="ours")
        stranger = running.headers("cd.front")
        shown = running.client.get(f"/api/v1/orders/{order_id}", headers=stranger).status_code
        address = f"/tmf-api/productOrderingManagement/v4/productOrder/{order_id}"
        change = json.dumps({"description": "by a stranger"})
        kind = "application/merge-patch+json"
        written = running.client.patch(address, data=change, content_type=kind, headers=stranger).status_code
    return {"shown": shown, "written": written}


SCENES: Final[Mapping[str, Callable[[str, Path], Saw]]] = {
    "no fence": a_worker_that_stalls,
    "new key per attempt": an_answer_that_gets_lost,
    "call inside the transaction": a_far_side_that_looks,
    "bell before commit": a_bell_that_is_all_there_is,
    "deferred BEGIN": many_at_one_incident,
    "no area filter": a_clerk_of_another_province,
}


def main() -> None:
    """Plant, play, tell."""
    scene, mutant, url, folder = sys.argv[1:]
    if mutant != "-":
        MUTANTS[mutant]()
    print(json.dumps(SCENES[scene](url, Path(folder))), flush=True)


if __name__ == "__main__":
    main()
