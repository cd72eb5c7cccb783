"""Starts many instances of one small process through the engine: ``many_instances COUNT DUE_AT`` (with a zone).

Each waits at one timer that is due within the second after DUE_AT. Run as a program of its own with the settings of
the system under test; its workers take the first steps.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

from app.config import Settings
from app.factory import build_deps
from processes.bell import NoBell
from tests.engine.diagrams import end, node, process, start

KEY = "waits_once"
BATCH = 100


def drawing() -> bytes:
    """Wait until the date given, then end."""
    body = (
        '<bpmn:timerEventDefinition id="until_timer"><bpmn:timeDate xsi:type="bpmn:tFormalExpression">'
        "due_at</bpmn:timeDate></bpmn:timerEventDefinition>"
    )
    return process(
        KEY,
        start(),
        node("intermediateCatchEvent", "until", body),
        end(),
        flows="begin > until > done",
        data=("due_at",),
    )


def main(count: int, due_at: datetime) -> None:
    """Deploy the process and start ``count`` of it, the due times spread evenly over one second."""
    deps = build_deps(Settings.from_env(), role="command", bell=NoBell())
    with deps.sessions() as session, session.begin():
        now = deps.clock(session)
        deps.engine.deploy(session, {f"{KEY}.bpmn": drawing()}, actor="designer", now=now)
    for first in range(0, count, BATCH):
        with deps.sessions() as session, session.begin():
            now = deps.clock(session)
            for number in range(first, min(first + BATCH, count)):
                due = due_at + timedelta(seconds=number / count)
                deps.engine.start(
                    session,
                    KEY,
                    business_key=f"timer:{number}",
                    area="SH",
                    data={"due_at": due.isoformat()},
                    now=now,
                    actor="system",
                )
    deps.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
