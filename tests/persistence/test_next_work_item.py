"""The next item of somebody's teams: the most urgent one that is open, seen, and not just being taken by another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import OrderState
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.persistence.areas import Area
from app.persistence.ordering.order_search import list_orders
from app.persistence.scope import scoped, select, within
from app.persistence.teamwork.next_work_item import BEGINNING, FreeItem, first_free
from app.persistence.teamwork.work_item_search import TEAMS_APART, list_items
from app.persistence.teamwork.work_items import WorkItem
from processes.store.sessions import Sessions
from tests.persistence.orders import actor, make_item, make_order

EAST, ROOM = "home_field.sh-sh.east", "exchange_room.sh-sh"
CREW = actor("SH-SH", "field", login="field", teams=frozenset({EAST, ROOM}))


@pytest.fixture
def kept(sessions: Sessions) -> Iterator[Sessions]:
    """Sessions for a test that commits its items; they are gone afterwards."""
    yield sessions
    with sessions.begin() as session:
        session.execute(delete(WorkItem))


def test_the_most_urgent_of_all_teams_comes_first(session: Session, now: datetime) -> None:
    soon, later = now + timedelta(hours=1), now + timedelta(hours=9)
    undated = make_item(session, now)
    last = make_item(session, now, due_at=later)
    second = make_item(session, now, due_at=soon, team_code=ROOM)
    first = make_item(session, now, due_at=later, priority=5)
    make_item(session, now, due_at=now, team_code="outside_plant.sh-sh", priority=9)
    make_item(session, now, due_at=now, area="SC-CD", priority=9)
    found = []
    while free := first_free(session, CREW):
        found.append(free.id)
        session.get_one(WorkItem, free.id).state = WorkItemState.CLAIMED
        session.flush()
    assert found == [item.id for item in (first, second, last, undated)]


def test_what_is_beyond_the_beginning_of_the_queue_is_found(session: Session, now: datetime) -> None:
    for _ in range(BEGINNING + 2):
        make_item(session, now, area="SC-CD", due_at=now)
    mine = make_item(session, now, due_at=now + timedelta(hours=1), user_task_id="01999999-0000-7000-8000-000000000001")
    free = first_free(session, CREW)
    assert isinstance(free, FreeItem)
    assert (free.id, free.user_task_id) == (mine.id, mine.user_task_id)


def test_nobody_gets_what_somebody_is_just_taking(kept: Sessions, now: datetime) -> None:
    with kept.begin() as session:
        if session.get_bind().dialect.name != "postgresql":
            pytest.skip("SQLite has one writer")
        for number in range(3):
            make_item(session, now, due_at=now + timedelta(hours=number))
    many = actor("SH-SH", "field", teams=frozenset({EAST, *(f"team-{number}" for number in range(TEAMS_APART))}))
    with kept() as one, kept() as two, kept() as three, kept() as four:
        found = [first_free(one, CREW), first_free(two, many), first_free(three, CREW), first_free(four, many)]
        assert [free is not None for free in found] == [True, True, True, False]
        assert len({free.id for free in found if free is not None}) == 3
        two.rollback()
        again = first_free(four, CREW)
        assert again is not None
        assert found[1] is not None
        assert again.id == found[1].id


def test_who_has_no_team_or_no_area_gets_nothing(session: Session, now: datetime) -> None:
    make_item(session, now)
    assert first_free(session, actor("SH-SH", "field")) is None
    nowhere = actor("SH-SH", "field", teams=frozenset({EAST}))
    nowhere = type(nowhere)(login="x", role="field", area="", area_path="", teams=nowhere.teams)
    assert first_free(session, nowhere) is None


def test_areas_themselves_are_limited_as_well(session: Session) -> None:
    codes = session.scalars(select(Area.code).where(within(Area.code, actor("SH"))).order_by(Area.code)).all()
    assert codes == ["SH", "SH-SH"]
    both = scoped(select(WorkItem.id, Area.code).join(Area, Area.code == WorkItem.area), WorkItem, actor("SH"))
    assert session.execute(both).all() == []


def test_counting_stops_where_it_is_told_to(session: Session, now: datetime) -> None:
    for _ in range(5):
        make_item(session, now)
    assert list_items(session, CREW, limit=2)[1] == 5
    assert list_items(session, CREW, limit=2, count_at_most=3)[1] == 3
    assert list_items(session, CREW, limit=0, count_at_most=4)[1] == 4


@pytest.mark.parametrize("state", [OrderState.REJECTED, OrderState.CANCELLED, OrderState.COMPLETED, OrderState.FAILED])
def test_an_order_in_a_final_state_is_not_open(session: Session, now: datetime, state: OrderState) -> None:
    order, front = make_order(session, now), actor("SH-SH")
    ways = {
        OrderState.REJECTED: [state],
        OrderState.CANCELLED: [OrderState.ASSESSING_CANCELLATION, OrderState.PENDING_CANCELLATION, state],
    }
    for step in ways.get(state, [OrderState.IN_PROGRESS, state]):
        assert list_orders(session, front, {"open": True})[1] == 1
        order.move_to(step, "why", "somebody", now)
        session.flush()
    assert list_orders(session, front, {"open": True})[1] == 0
    assert list_orders(session, front, {"open": False})[1] == 1
    assert list_orders(session, front, {"late_at": now + timedelta(days=99)})[1] == 0
