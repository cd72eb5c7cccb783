"""Check 24: many finished orders are searched by index, and a month of them goes while everybody works on.

The figures at a million orders are those of ``python -m tests.bench volume``; here, whatever the number, the database
answers from indexes and nobody waits for the cleaning.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.dialects import postgresql

from app.persistence import all_rows
from app.persistence.ordering.orders import ProductOrder
from app.persistence.repairs.incident_search import incidents_that
from app.persistence.teamwork.work_item_search import _parts, _visible
from processes.retention import Policy, announce, remove_batch
from processes.store.instances import ProcessInstance
from processes.store.opening import create_database_engine
from processes.tallies import sum_up
from tests.engine.diagrams import end, process, service, start, user
from tests.engine.rig import Rig
from tests.persistence.orders import actor

assert all_rows.MODULES
PLAN = process(
    "plan",
    start(),
    service("reserve", "net.reserve", {"what": "port"}),
    user("install"),
    end(),
    flows="begin > reserve > install > done",
    data=["port"],
)
MONTH = Policy(days=30)


def test_a_month_goes_while_orders_are_placed_and_worked_on(rig: Rig) -> None:
    """Between any two batches, and beside one that is not committed yet, instances start and end."""
    rig.clock.at = datetime.now(UTC) + timedelta(hours=1)
    rig.deploy(PLAN)
    old = [rig.start("plan", port=f"P{number}") for number in range(6)]
    for root in old:
        rig.complete(root)
    rig.clock.move(timedelta(days=31))
    with rig.work() as session:
        while sum_up(session, now=rig.clock.at):
            pass
    removed = 0
    for number in range(6):
        with rig.work() as session:
            removed += remove_batch(session, MONTH, now=rig.clock.at, limit=1).trees
        rig.complete(rig.start("plan", port=f"N{number}"))
    assert removed == 6
    with rig.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ProcessInstance)) == 6
    rig.check()


@pytest.mark.slow
def test_a_batch_that_is_under_way_holds_up_neither_work_nor_another_batch(
    make_database: Callable[..., str], tmp_path: Path
) -> None:
    """PostgreSQL: while a batch is open, an order goes from start to end, and a second batch takes other trees."""
    rig = Rig(make_database("postgresql", migrated=True), tmp_path)
    try:
        rig.deploy(PLAN)
        for number in range(4):
            rig.complete(rig.start("plan", port=f"P{number}"))
        rig.clock.move(timedelta(days=31))
        with rig.work() as session:
            while sum_up(session, now=rig.clock.at):
                pass
        with rig.work() as session:
            announce(session, MONTH, now=rig.clock.at)
        with rig.work() as held:
            assert remove_batch(held, MONTH, now=rig.clock.at, limit=2).trees == 2
            done: list[str] = []
            worker = threading.Thread(target=lambda: done.append(_one_order(rig)))
            worker.start()
            worker.join(timeout=60)
            assert done, "an order had to wait for the batch"
            with rig.work() as other:
                assert remove_batch(other, MONTH, now=rig.clock.at, limit=4).trees == 2
        with rig.sessions() as session:
            assert session.scalars(select(ProcessInstance.id)).all() == done
    finally:
        rig.close()


def _one_order(rig: Rig) -> str:
    root = rig.start("plan", port="new")
    rig.complete(root)
    return root


@pytest.fixture
def postgres(make_database: Callable[..., str]) -> Iterator[Engine]:
    opened = create_database_engine(make_database("postgresql", migrated=True), application_name="plans")
    yield opened
    opened.dispose()


@pytest.mark.slow
def test_queues_and_searches_are_answered_by_indexes(postgres: Engine) -> None:
    """With reading whole tables made dear, the plans must name the indexes made for them."""
    person = actor("SH-SH", "field", login="field", teams=frozenset({"home_field.sh-sh.east"}))
    (queue,), _ = _parts(_visible(person), "team", person)
    by_me, of_team, *_ = _parts(_visible(person), "done", person)[0]
    newest = select(ProductOrder.id).order_by(ProductOrder.ordered_at.desc(), ProductOrder.id.desc())
    by_phone = text("SELECT customer_no FROM customer WHERE phone = '13900000001'")
    by_name = text("SELECT customer_no FROM customer WHERE name ILIKE '%王小明%'")
    wanted = {
        "ix_work_item_team_queue": queue.limit(30),
        "ix_work_item_completed_by": by_me.limit(30),
        "ix_work_item_team_done": of_team.limit(30),
        "ix_product_order_ordered_at": newest.limit(30),
        "ix_incident_text": incidents_that(person, {"q": "no free port"}),
        "ix_customer_phone": by_phone,
        "ix_customer_text": by_name,
        "ix_activity_log_at": text("SELECT instance_id FROM activity_log WHERE at > now()"),
        "ix_process_instance_ended_at": text(
            "SELECT id FROM process_instance WHERE parent_id IS NULL AND ended_at IS NOT NULL AND ended_at < now()"
            " ORDER BY ended_at LIMIT 20"
        ),
    }
    with postgres.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        for index, statement in wanted.items():
            named = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
            compiled = statement.compile(dialect=named, compile_kwargs={"literal_binds": True})
            plan = "\n".join(connection.execute(text(f"EXPLAIN {compiled}")).scalars())
            assert index in plan, (index, plan)
