"""Instances of every construct the engine knows, each stopped half way, and how they are brought to their end.

What stands in a frozen database was made by the program of then; what is here must go on bringing it to its end.
Add processes for a new release; do not change those that are frozen already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from adapters.errors import Unreachable
from adapters.ports import Answer, OperationCall
from processes import queries
from processes.errors import StaleTask
from processes.lifecycle import ENDED_INSTANCES
from processes.store.instances import ActivityLog, ProcessInstance
from tests.engine.far_side import refuse
from tests.engine.rig import NOW, Rig
from tests.upgrade.drawn import ALL

#: In which state of the clock it was frozen: an hour after the rig's beginning.
FROZEN_AT: Final = NOW + timedelta(hours=1)
ROUNDS: Final = 200
#: Processes in which people take so long that every timer comes first.
SLOW: Final = ("edges", "inside")


def in_flight(rig: Rig, keep: Callable[[], None]) -> None:
    """Bring one instance of each to a place in the middle; ``keep`` is called while a call is out."""
    rig.deploy(*ALL)
    rig.far.script("net.announce", refuse("not-today"))
    starts: dict[str, dict[str, Any]] = {
        "edges": {},
        "many": {"sites": ["a", "b", "c", "d"]},
        "inside": {"sites": ["x", "y"]},
        "race": {},
        "half_joined": {"both": True},
        "caller": {},
        "far": {},
        "stuck": {},
        "regretted": {},
        "later": {"number": 7},
    }
    ids = {key: rig.start(key, **data) for key, data in starts.items()}
    rig.far.script("net.reserve", lambda call: None, refuse("port-taken"))
    ids["one_by_one"] = rig.start("one_by_one", ports=["p1", "p2", "p3"])
    rig.complete(ids["many"], answer="first")
    rig.complete(ids["half_joined"], "left")
    rig.complete(ids["stuck"], level="much")
    rig.far.script("net.release", refuse("not-found"))
    rig.cancel(ids["regretted"])
    rig.drain()
    rig.clock.at = FROZEN_AT
    rig.drain()
    # One call that a neighbour does not answer now, one whose reply is lost, and one that is out when all stops.
    rig.far.script("net.reserve", _unreachable)
    rig.start("regretted")
    rig.far.script("ask.poke", _lost(rig.far.take_effect))
    rig.start("unsure")

    def keep_in_the_middle(call: OperationCall) -> Answer:
        answer = rig.far.take_effect(call)
        keep()
        return answer

    rig.far.script("net.reserve", keep_in_the_middle)
    rig.start("dying")


def _unreachable(call: OperationCall) -> Answer:
    raise Unreachable("no route")


def _lost(take_effect: Callable[[OperationCall], Answer]) -> Callable[[OperationCall], Answer]:
    def step(call: OperationCall) -> Answer:
        take_effect(call)
        raise Unreachable("the reply was lost")

    return step


def finish(rig: Rig) -> None:
    """Do whatever anything waits for, oldest first, until every instance has ended."""
    for _round in range(ROUNDS):
        rig.worker.sweep()
        rig.drain()
        with rig.sessions() as session:
            open_ones = select(ProcessInstance.root_id).where(ProcessInstance.state.not_in(ENDED_INSTANCES)).distinct()
            roots = sorted(session.scalars(open_ones))
            waits = [wait for root in roots for wait in queries.waiting_summary(session, root)]
        if not roots:
            return
        ticking = {wait.instance_id for wait in waits if wait.kind == "timer"}
        now = [wait for wait in waits if wait.process_key not in SLOW or wait.instance_id not in ticking]
        if not sum(_do(rig, wait) for wait in now):
            due = [wait.until for wait in waits if wait.kind in ("timer", "job") and wait.until]
            rig.clock.at = max(rig.clock.at + timedelta(minutes=1), min(due, default=rig.clock.at))
    raise AssertionError(f"{roots} do not end: {waits}")


def _do(rig: Rig, wait: queries.Waiting) -> bool:
    """What the world does about one wait; timers and retries come by themselves."""
    try:
        return _done(rig, wait)
    except StaleTask:  # what was done before has taken it away
        return True


def _done(rig: Rig, wait: queries.Waiting) -> bool:
    with rig.work() as session:
        now = rig.clock.at
        if wait.kind == "user":
            result = {"answer": wait.element_id, "level": {"db": 1}}
            rig.engine.complete_user_task(session, wait.row_id, result, actor="field", now=now)
        elif wait.kind == "message":
            name, _, key = wait.what.partition(" ")
            told = {"source": "test", "event_id": wait.row_id, "name": name, "key": key, "payload": {"heard": name}}
            rig.engine.receive_message(session, **told, now=now)
        elif wait.kind == "incident":
            _mend(rig, session, wait)
        elif wait.kind == "answer":
            job = next(job for job in queries.jobs_of_tree(session, _root(session, wait)) if job.id == wait.row_id)
            outputs = rig.far.settle(job.operation_id)
            told = {"adapter": "net", "event_id": f"event-{job.operation_id}", "operation_id": job.operation_id}
            rig.engine.receive_answer(session, **told, status="done", outputs=outputs, now=now)
        else:
            return False
    return True


def _mend(rig: Rig, session: Any, wait: queries.Waiting) -> None:
    if wait.element_id == "good":  # a gateway cannot be skipped, and what it reads is wrong: a person ends it
        rig.engine.cancel(session, _root(session, wait), reason="wrong level", actor="ops", now=rig.clock.at)
    else:
        rig.engine.retry_incident(session, wait.row_id, actor="ops", now=rig.clock.at)


def _root(session: Any, wait: queries.Waiting) -> str:
    found: str = session.get_one(ProcessInstance, wait.instance_id).root_id
    return found


def facts(rig: Rig) -> dict[str, Any]:
    """What every instance came to: its state, how often each element was completed, and what neighbours did."""
    with rig.sessions() as session:
        instances = session.scalars(select(ProcessInstance).order_by(ProcessInstance.process_key, ProcessInstance.id))
        ended = {
            f"{instance.process_key} {number}": {"state": instance.state, "completed": _completed(session, instance.id)}
            for number, instance in enumerate(instances)
        }
    effects = Counter(
        f"{row['operation']} {row['inputs'].get('what', row['inputs'].get('id'))}" for row in rig.far.effects()
    )
    return {"instances": ended, "effects": dict(sorted(effects.items()))}


def _completed(session: Any, instance_id: str) -> Mapping[str, int]:
    mine = select(ActivityLog.element_id).where(
        ActivityLog.instance_id == instance_id, ActivityLog.event == "completed"
    )
    return dict(sorted(Counter(session.scalars(mine)).items()))
