"""A process of the benches: ``order_process ROLE DATABASE_URL [--redis URL] [--process KEY] [--step-ms N]``.

``people`` submits orders and completes human tasks as the web does, each in a transaction of its own; ``worker`` works;
``both`` is one process with people and workers, as on SQLite. What people do is told on the standard input, one line
each, and what became of it is said on the standard output:

    start 17 -> started 17 <instance>        complete <user task> -> completed <user task>
    count -> count {"commits": 4711}         end of input -> the process ends
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from adapters.operations import OperationRegistry
from adapters.ports import OperationCall
from processes.bell import Bell, LocalBell, NoBell
from processes.engine import Engine, EngineParts
from processes.redis_bell import BellListener, RedisBell
from processes.store.opening import create_database_engine
from processes.store.sessions import session_factory
from processes.worker import Worker
from tests.bench.order_data import FORMS, RESULTS, order_data
from tests.engine.stopping import stop_on_signals

WEB_THREADS = 4


def bench_engine(*, step_s: float = 0.0) -> Engine:
    """The product's engine, with nothing outside of it; each automatic step waits ``step_s`` without computing."""

    def done_here(_session: Session, call: OperationCall, _now: datetime) -> Mapping[str, Any]:
        if step_s:
            time.sleep(step_s)
        return RESULTS[call.name]

    registry = OperationRegistry.from_data({"operations": [], "retry_policies": []})
    return Engine(EngineParts(registry=registry, ports={}, in_process=dict.fromkeys(RESULTS, done_here)))


class People:
    """Submits and completes, in as many threads as a web server has."""

    def __init__(self, engine: Engine, sessions: Any, bell: Bell, *, process: str) -> None:
        self._engine, self._sessions, self._bell, self._process = engine, sessions, bell, process
        self._say_lock = threading.Lock()
        self.commits = 0

    def say(self, *words: object) -> None:
        """One line to whoever measures."""
        with self._say_lock:
            print(*words, flush=True)

    def start(self, number: int) -> None:
        """Submit an order."""
        with self._sessions() as session, session.begin():
            instance = self._engine.start(
                session,
                self._process,
                business_key=f"order:{number}",
                area="SH",
                data=order_data(number),
                now=self._engine.parts.clock.now(session),
                actor="front",
            )
        self._bell.ring()
        self.say("started", number, instance.id)

    def complete(self, task_id: str) -> None:
        """Hand in a user task."""
        with self._sessions() as session, session.begin():
            now = self._engine.parts.clock.now(session)
            self._engine.complete_user_task(session, task_id, FORMS, actor="crew", now=now)
        self._bell.ring()
        self.say("completed", task_id)

    def listen(self) -> None:
        """Do what the lines say until there are no more."""
        with ThreadPoolExecutor(WEB_THREADS, thread_name_prefix="web") as pool:
            for line in sys.stdin:
                word, *rest = line.split()
                if word == "start":
                    future = pool.submit(self.start, int(rest[0]))
                elif word == "complete":
                    future = pool.submit(self.complete, rest[0])
                else:
                    self.say("count", json.dumps({"commits": self.commits}))
                    continue
                future.add_done_callback(self._told)

    def _told(self, future: Future[None]) -> None:
        if problem := future.exception():
            self.say("failed", repr(problem))


def main() -> None:
    """Run one role until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=("people", "worker", "both"))
    parser.add_argument("url")
    parser.add_argument("--redis", default="")
    parser.add_argument("--process", default="order_8")
    parser.add_argument("--step-ms", type=float, default=0.0)
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    database = create_database_engine(given.url, application_name=f"bench {given.role}")
    sessions, engine = session_factory(database), bench_engine(step_s=given.step_ms / 1000)
    local = LocalBell()
    bell: Bell = RedisBell(given.redis, engine.parts.counters) if given.redis else NoBell()
    people = People(engine, sessions, local if given.role == "both" else bell, process=given.process)

    def committed(_connection: object) -> None:
        people.commits += 1

    event.listen(database, "commit", committed)
    if given.role == "people":
        people.say("ready")
        people.listen()
        return
    worker = Worker(engine, sessions)
    if given.role == "worker":
        stop_on_signals(worker)
        if given.redis:
            BellListener(given.redis, name=worker.name, on_wake=worker.wake).start()
        people.say("ready")
        worker.run()
        return
    local.listen(worker.wake)
    running = threading.Thread(target=worker.run)
    running.start()
    people.say("ready")
    people.listen()
    worker.stop()
    running.join()


if __name__ == "__main__":
    main()
