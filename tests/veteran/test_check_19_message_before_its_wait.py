"""Check 19: a message before its wait is delivered once within its time and not after, and is listed meanwhile."""

from __future__ import annotations

from datetime import timedelta

from processes.lifecycle import InboxState
from processes.queries import unmatched_news
from processes.store.jobs import InboxMessage
from tests.engine.diagrams import end, hear, process, start
from tests.engine.rig import Rig

HEARS = process("hears", start(), hear("news", "order"), end(), flows="begin > news > done", data=["order"])


def say(rig: Rig, event_id: str, key: str) -> None:
    with rig.work() as session:
        rig.engine.receive_message(
            session,
            source="crm",
            event_id=event_id,
            name="line_ready",
            key=key,
            payload={},
            now=rig.clock.at,
            ttl=timedelta(hours=2),
        )
    rig.drain()


def unmatched(rig: Rig) -> list[str]:
    with rig.sessions() as session:
        return [row.event_id for row in unmatched_news(session)]


def test_within_its_time_once_after_it_not_and_listed_in_between(rig: Rig) -> None:
    rig.deploy(HEARS)
    for event_id, key in (("in-time", "1"), ("too-late", "2"), ("nobody", "3")):
        say(rig, event_id, key)
    assert sorted(unmatched(rig)) == ["in-time", "nobody", "too-late"]
    rig.later(hours=1)
    first, second = rig.start("hears", order="1"), rig.start("hears", order="1")
    assert [rig.instance(root).state for root in (first, second)] == ["completed", "running"], "delivered once"
    assert sorted(unmatched(rig)) == ["nobody", "too-late"]
    rig.later(hours=2)
    rig.worker.sweep()
    late = rig.start("hears", order="2")
    assert rig.instance(late).state == "running"
    with rig.sessions() as session:
        states = {row.event_id: row.state for row in session.query(InboxMessage)}
    assert states == {
        "in-time": InboxState.DELIVERED,
        "too-late": InboxState.EXPIRED,
        "nobody": InboxState.EXPIRED,
    }, "none is lost without a trace"
    rig.check()
