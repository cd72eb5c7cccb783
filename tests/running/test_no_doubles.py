"""What runs in every worker beside the jobs happens once: alarms, and pauses that ran out."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.config import Settings
from app.deps import Deps
from app.factory import build_deps
from app.persistence.audit import OrderEvent
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.sla_clocks import JeopardyAlert, SlaClock
from app.persistence.teamwork.work_items import WorkItem
from app.running.chores import Chores
from app.seed.demo import load_demo
from app.seed.reference import load_reference
from app.services.promises import sla_start, sla_watch
from app.services.promises.pause_overrun import ABOUT
from app.services.studio.process_catalog import install_bundled
from app.unit_of_work import read, transaction
from processes.clock import set_offset
from tests.persistence.orders import make_order

pytestmark = pytest.mark.slow
WORKERS = 3
#: With the full count there are more clocks than one round takes; several belong to each order.
ORDERS = (pytest.param(8, id="few"), pytest.param(35, marks=pytest.mark.torture, id="more than a round"))
ITEMS = 4
LATER = timedelta(days=400)
PATIENCE_S = 240.0


@pytest.fixture
def several(make_database: Callable[..., str]) -> Iterator[list[Deps]]:
    """The parts of several workers, each with its own connections."""
    settings = replace(Settings(), database_url=make_database("postgresql"), adapter_url="http://127.0.0.1:1")
    with ExitStack() as stack:
        parts = [stack.enter_context(closing(build_deps(settings, role="worker"))) for _ in range(WORKERS)]
        with transaction(parts[0].sessions) as tx:
            load_reference(tx.session)
            load_demo(tx.session, lambda password: f"hash of {password}")
        install_bundled(parts[0])
        yield parts


def stopped_orders(deps: Deps, count: int) -> None:
    """Orders whose promises stand still, each item for itself, while the regulator's clocks run."""
    for _ in range(count):
        with transaction(deps.sessions) as tx:
            now = deps.clock(tx.session)
            order = make_order(tx.session, now, items=[{}] * ITEMS)
            tx.session.flush()
            sla_start.start_clock(tx.session, order, now)
            sla_watch.pause(tx.session, order, "customer-absent", "photo, two calls", "field", now)


def due(deps: Deps) -> int:
    with read(deps.read_sessions) as session:
        now = deps.clock(session)
        waiting = select(func.count()).select_from(SlaClock).where(SlaClock.next_check_at <= now)
        return session.scalar(waiting) or 0


@pytest.mark.parametrize("count", ORDERS)
def test_three_workers_raise_each_alarm_and_each_overrun_once(several: list[Deps], count: int) -> None:
    first = several[0]
    stopped_orders(first, count)
    with transaction(first.sessions) as tx:
        set_offset(tx.session, LATER.total_seconds())
    together = threading.Barrier(WORKERS)
    failures: list[threading.ExceptHookArgs] = []

    def work(deps: Deps) -> None:
        chores = Chores(deps)
        together.wait()
        until = time.monotonic() + PATIENCE_S
        while due(deps) and time.monotonic() < until:
            chores.round()
            time.sleep(0.01)

    threads = [threading.Thread(target=work, args=(deps,)) for deps in several]
    hook, threading.excepthook = threading.excepthook, failures.append
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        threading.excepthook = hook
    assert failures == []
    assert due(first) == 0
    with read(first.read_sessions) as session:
        clocks = session.scalars(select(SlaClock)).all()
        alerts = Counter((row.clock_id, row.level) for row in session.scalars(select(JeopardyAlert)))
        items = session.scalars(select(WorkItem)).all()
        overruns = Counter(item.order_id for item in items if (item.context or {}).get("about") == ABOUT)
        events = session.scalars(select(OrderEvent).where(OrderEvent.why_en.startswith("The stop has lasted"))).all()
        orders = session.scalars(select(ProductOrder.id)).all()
    assert len(clocks) == 2 * count * ITEMS
    assert {clock.id for clock in clocks} == {clock_id for clock_id, _level in alerts}
    assert set(alerts.values()) == {1}
    assert overruns == dict.fromkeys(orders, 1)
    runs_again = Counter(event.detail["clock_id"] for event in events)
    assert (len(runs_again), set(runs_again.values())) == (count * ITEMS, {1})
