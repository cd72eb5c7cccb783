"""Orders of every kind, each stopped at another place on its way, and how they are brought to their end."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from adapters.operations_file import load_registry
from adapters.simulators.twin import Twin
from app.factory import build_app, build_deps
from app.persistence.ordering.orders import ProductOrder
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_items import WorkItem
from processes.clock import set_offset
from processes.lifecycle import JobState, TriggerState
from processes.store.instances import Timer
from processes.store.jobs import Job
from processes.worker import Worker
from tests.api.world import CANCELS
from tests.services.whole import FINAL, SECRET, Whole, settings_for, stock

ROUNDS: Final = 300
#: Enough for a child's answer to reach its parents, however deep.
TURNS: Final = 40
HOME: Final = "home-bundle.json"
LINE: Final = "leased-line-shanghai-nanjing.json"


@dataclass
class Time:
    """The product's time: the clock of the host, moved by the offset stored in the database."""

    offset: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


@contextmanager
def product(url: str, folder: Path, at: Time, *, books: str | None = None) -> Iterator[Whole]:
    """The product with the neighbours beside it; ``books``: theirs as :func:`books_of` gave them.

    Waits are as long as in real life, so that a timer that runs is frozen while it runs.
    """
    seed = stock() if books is None else None
    twin = Twin(load_registry(), now=at.now, seed_data=seed, secret=SECRET.encode(), callback_delay_s=0.0)
    twin.postman = replace(twin.postman, wall=time.time)  # signatures go by the real time
    if books is not None:
        kept = json.loads(books)
        twin.database.wipe()
        for book, rows in kept["books"].items():
            twin.database._books[book].update(rows)
        twin.database._counters.update(kept["counters"])
    settings = replace(settings_for(url, folder, demo=True), demo_wait_scale=1.0)
    deps = build_deps(settings, role="test", ports=twin.ports)
    app = build_app(settings, deps)

    def deliver(adapter: str, _url: str, body: bytes, headers: Any) -> bool:
        answer = app.test_client().post(f"/api/v1/callbacks/{adapter}", data=body, headers=dict(headers))
        return answer.status_code < 300

    twin.postman = replace(twin.postman, deliver=deliver)
    try:
        yield Whole(deps, app, twin, Worker(deps.engine, deps.sessions, name="upgrade"))
    finally:
        deps.close()


def books_of(whole: Whole) -> str:
    """Everything the neighbours remember, as text."""
    store = whole.neighbours.database
    return json.dumps({"books": store._books, "counters": store._counters}, sort_keys=True)


def set_time(whole: Whole, at: Time, moment: datetime) -> None:
    """Let the product's clock (and the neighbours') go on from ``moment`` (aware UTC)."""
    at.offset = moment - datetime.now(UTC)
    with whole.deps.sessions.begin() as session:
        set_offset(session, at.offset.total_seconds())


def in_flight(whole: Whole) -> None:
    """Place the orders, each under the name of where it is stopped, and bring it there."""
    orders = {name: whole.place(HOME, externalId=name) for name in ("fresh", "claimed")}
    orders["line"] = whole.place(LINE, externalId="line")
    whole.play(orders["fresh"], leave=0)
    whole.play(orders["claimed"], leave=1)
    first = items_of(whole, orders["claimed"])[0]
    whole.call("POST", f"/api/v1/work-items/{first['id']}/claim", {})
    whole.play(orders["line"], leave=2)
    orders["waiting"] = whole.place(HOME, externalId="waiting")
    whole.play(orders["waiting"], leave=1)
    pause = {"reason": "customer-defer", "evidence": "the customer is away"}
    whole.call("POST", f"/api/v1/orders/{orders['waiting']}/pause", pause)
    done = whole.play(whole.place(HOME, externalId="done"))
    assert done["state"] == "completed", done["state"]
    whole.place("disconnect-home-bundle.json", externalId="leaving")
    settle(whole)
    undoing = whole.place(HOME, externalId="undoing")
    whole.play(undoing, leave=0)
    whole.neighbours.script("refuse", "resource.release_reservation", code="no-such-thing")
    whole.call("POST", CANCELS, {"productOrder": {"id": undoing}, "cancellationReason": "moves away"})
    settle(whole)
    whole.neighbours.clear_scripts()
    whole.neighbours.script("refuse", "resource.assign", code="no-such-thing")
    whole.play(whole.place(HOME, externalId="broken"), leave=0)
    whole.neighbours.clear_scripts()
    report = {"product_id": done["items"][0]["product_id"], "description": "no light", "severity": "normal"}
    whole.call("POST", "/api/v1/tickets", {**report, "ticket_type": "fault"})
    settle(whole)
    # What a neighbour did and could not tell; and what the neighbours are still at.
    whole.neighbours.script("drop_after", "provisioning.push_ont_config")
    whole.place(HOME, externalId="unsure")
    settle(whole)
    whole.neighbours.clear_scripts()
    whole.place(HOME, externalId="answering")
    whole.worker.drain()


def settle(whole: Whole) -> None:
    """Let everything go on that needs nobody."""
    for _turn in range(TURNS):
        if not whole.work():
            return


def items_of(whole: Whole, order_id: str) -> list[Any]:
    """The open work items of an order."""
    number = whole.call("GET", f"/api/v1/orders/{order_id}")["number"]
    rows = whole.call("GET", f"/api/v1/work-items?tab=all&order={number}&limit=100")["items"]
    return [row for row in rows if row["state"] in ("open", "claimed")]


def finish(whole: Whole, at: Time) -> None:
    """Do everything people and neighbours have to do, let time pass where nothing else helps, until all has ended."""
    for _round in range(ROUNDS):
        settle(whole)
        for incident in whole.call("GET", "/api/v1/incidents?limit=100", login="ops")["items"]:
            whole.call("POST", f"/api/v1/incidents/{incident['id']}/retry", {}, login="ops")
        with whole.deps.read_sessions() as session:
            orders = session.execute(select(ProductOrder.id, ProductOrder.state)).all()
            to_do = select(WorkItem.id).where(WorkItem.state.in_(("open", "claimed")), WorkItem.kind == "task")
            items = session.scalars(to_do.order_by(WorkItem.id)).all()
            timer = session.scalar(select(func.min(Timer.due_at)).where(Timer.state == TriggerState.WAITING))
            job = session.scalar(select(func.min(Job.run_at)).where(Job.state == JobState.READY))
        for order_id, state in orders:
            if state == "pending":
                whole.call("POST", f"/api/v1/orders/{order_id}/resume", {})
        for item_id in items:
            whole.do(item_id)
        if not items and (timer or job):
            set_time(whole, at, max(at.now(), min(due for due in (timer, job) if due)))
        elif not items and all(state in FINAL for _, state in orders):
            return
    raise AssertionError(f"not at its end: {orders}")


def is_work(item: WorkItem) -> bool:
    """Whether an item is part of doing the order; newer programs warn by forecast as well, which old ones did not."""
    return (item.context or {}).get("about") != "supervision"


def facts(whole: Whole) -> dict[str, Any]:
    """What every order came to, and how often each operation that changes something took effect at the neighbours."""
    with whole.deps.read_sessions() as session:
        orders = session.scalars(select(ProductOrder).order_by(ProductOrder.number)).all()
        ended = {
            str(order.external_id): {
                "state": order.state,
                "items": [item.state for item in sorted(order.items, key=lambda item: item.item_no)],
                "milestones": sorted(
                    f"{event.detail['item_no'] or '-'} {event.detail['milestone']}"
                    for event in order.events
                    if event.kind == "milestone"
                ),
                "work_items": dict(sorted(Counter(item.state for item in order.work_items if is_work(item)).items())),
            }
            for order in orders
        }
        tickets = sorted(session.scalars(select(TroubleTicket.state)))
    done = Counter[str]()
    for row in whole.neighbours.effects():
        if whole.deps.registry.get(row["operation"]).is_write:
            done[row["operation"]] += row["count"]
    return {"orders": ended, "tickets": tickets, "effects": dict(sorted(done.items()))}
