"""A pause that lasted longer than its reason allows is handed to the order desk, once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.ports import OperationCall
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.teamwork.work_items import WorkItem
from app.services.order_steps import closing
from app.services.promises import sla_start, sla_sweep, sla_watch
from app.services.promises.pause_overrun import ABOUT, raise_overruns
from tests.persistence.orders import make_order


def test_the_order_desk_gets_one_work_item_until_the_order_ends(session: Session, now: datetime) -> None:
    order = make_order(session, now, items=[{}, {}])
    sla_start.start_clock(session, order, now)
    sla_watch.pause(session, order, "customer-absent", "photo, two calls", "field", now)
    ends = session.scalars(select(SlaClock.next_check_at).where(SlaClock.order_id == order.id)).all()
    later = max(end for end in ends if end is not None) + timedelta(hours=2)
    ended = sla_sweep.sweep(session, later).pauses_ended
    assert len(ended) == 2

    (item,) = raise_overruns(session, ended, later)
    assert raise_overruns(session, ended, later) == []
    assert (item.order_id, item.team_role, item.team_code, item.state) == (
        order.id,
        "order_desk",
        "order_desk.sh",
        "open",
    )
    assert item.context["reason"] == "customer-absent"
    assert "The pause lasted too long" in item.title_en and item.title_zh
    rows = session.scalars(select(WorkItem).where(WorkItem.order_id == order.id)).all()
    assert [row for row in rows if row.context["about"] == ABOUT] == [item]

    call = OperationCall(name="order.close", operation_id="1", inputs={}, business_key=order.business_key, area="SH-SH")
    closing.close_order(session, call, later)
    assert item.state == "cancelled"  # nobody is to ask the customer of an order that has ended


def test_a_sweep_that_ends_no_pause_raises_nothing(session: Session, now: datetime) -> None:
    assert raise_overruns(session, (), now) == []
