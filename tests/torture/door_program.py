"""What web servers do to the engine, in a process that may be killed.

``door_program.py DATABASE_URL REDIS_URL FAR_SIDE_FILE``

Reads one request per line (JSON: ``act`` and its arguments) and does each in a child of its own. A caller that gets no
answer asks again, so a killed child is followed by another until one has answered; every request may be repeated.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.counters import Counters
from processes.engine import Engine, EngineParts
from processes.errors import StaleTask
from processes.redis_bell import RedisBell
from processes.store.instances import ProcessInstance
from processes.store.opening import create_database_engine
from processes.store.sessions import session_factory
from tests.engine.far_side import FarSide, registry


def act(engine: Engine, session: Session, request: dict[str, Any]) -> str:
    """Do one request in the caller's transaction; returns the id of what it was about."""
    now = engine.parts.clock.now(session)
    match request["act"]:
        case "start":
            known = select(ProcessInstance.id).where(
                ProcessInstance.business_key == request["business_key"], ProcessInstance.parent_id.is_(None)
            )
            if (found := session.scalar(known)) is not None:
                return found
            key, business_key = request["key"], request["business_key"]
            return engine.start(
                session, key, business_key=business_key, area="SH", data=request["data"], now=now, actor="front"
            ).id
        case "complete":
            try:
                return engine.complete_user_task(session, request["id"], {"seen": True}, actor="field", now=now).id
            except StaleTask:  # the first time did it, and did not live to say so
                return str(request["id"])
        case "answer":
            return engine.receive_answer(
                session, adapter="net", event_id=f"answer:{request['operation_id']}",
                operation_id=request["operation_id"], status="done", outputs={"id": "net.activate:A"}, now=now,
            ).id  # fmt: skip
        case "message":
            return engine.receive_message(
                session, source="line", event_id=f"message:{request['key']}", name="line_ready",
                key=request["key"], payload={}, now=now,
            ).id  # fmt: skip
        case "cancel":
            engine.cancel(session, request["id"], reason="changed his mind", actor="front", now=now)
            return str(request["id"])
        case other:
            raise ValueError(other)


def serve_one(url: str, redis_url: str, far: FarSide, request: dict[str, Any]) -> None:
    """Do one request as a web server does: commit, ring the bell, answer."""
    database = create_database_engine(url, application_name="door")
    engine = Engine(EngineParts(registry=registry(), ports={"net": far}))  # known, never called from here
    with session_factory(database)() as session, session.begin():
        done = act(engine, session, request)
    RedisBell(redis_url, Counters()).ring()
    print(json.dumps({"done": done}), flush=True)


def main() -> None:
    """Serve until the input ends."""
    url, redis_url, books = sys.argv[1:]
    far = FarSide(Path(books))
    for line in sys.stdin:
        while True:
            child = os.fork()
            if child == 0:
                serve_one(url, redis_url, far, json.loads(line))
                os._exit(0)
            _, status = os.waitpid(child, 0)
            if not os.WIFSIGNALED(status):
                break
            print(json.dumps({"killed": child}), flush=True)
        if os.WEXITSTATUS(status) != 0:
            sys.exit(os.WEXITSTATUS(status))


if __name__ == "__main__":
    main()
