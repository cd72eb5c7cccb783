"""To-dos go from hand to hand on the board: once, and to one. On SQLite, and in full runs on PostgreSQL too."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, select

from app.domain.actors import Actor
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.persistence.people import actor_for
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.team_board import Wish, move, move_each, plan_for
from app.unit_of_work import read, transaction
from tests.persistence.orders import make_item
from tests.services.desk import Desk

EAST, ROOM = "home_field.sh-sh.east", "exchange_room.sh-sh"


@pytest.fixture
def number(office: Desk) -> Iterator[str]:
    deps = office.whole.deps
    with transaction(deps.sessions) as tx:
        found = make_item(tx.session, deps.clock(tx.session), team_code=EAST, form_key=None, skill="ftth").number
    yield found
    with transaction(deps.sessions) as tx:
        tx.session.execute(delete(WorkItem).where(WorkItem.number == found))


def who(office: Desk, login: str) -> Actor:
    with read(office.whole.deps.sessions) as session:
        return actor_for(session, login)


def item_of(office: Desk, number: str) -> WorkItem:
    with read(office.whole.deps.sessions) as session:
        return session.scalars(select(WorkItem).where(WorkItem.number == number)).one()


def test_of_two_leaders_at_the_same_moment_one_moves_it(office: Desk, number: str) -> None:
    deps, lead, told = office.whole.deps, who(office, "sh.lead"), []
    seen = item_of(office, number).version
    wishes = [Wish(number=number, to="field", version=seen), Wish(number=number, team=ROOM, version=seen)]

    def send(wish: Wish) -> None:
        try:
            move(wish, "planned", lead, deps)
            told.append("moved")
        except (Conflict, NotFound):
            told.append("refused")

    threads = [threading.Thread(target=send, args=(wish,)) for wish in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["moved", "refused"]
    item = item_of(office, number)
    assert (item.offered_to, item.team_code) in {("field", EAST), (None, ROOM)}


def test_the_plan_is_made_of_what_is_there_and_moves_nothing(office: Desk, number: str) -> None:
    deps, lead = office.whole.deps, who(office, "sh.lead")
    with read(deps.sessions) as session:
        now = deps.clock(session)
    plan, items, members = plan_for(EAST, lead, deps, now)
    mine = [one for one in plan.moves if one.card.number == number]
    assert [(one.source, one.to) for one in mine] == [(None, "field")]
    assert number in {item.number for item in items} and "field" in {member.login for member in members}
    assert item_of(office, number).offered_to is None


def test_what_stands_still_and_what_is_over_does_not_move(office: Desk, number: str) -> None:
    deps, lead = office.whole.deps, who(office, "sh.lead")
    for state, text in ((WorkItemState.PAUSED, "stands still"), (WorkItemState.CANCELLED, "closed")):
        with transaction(deps.sessions) as tx:
            row = tx.session.scalars(select(WorkItem).where(WorkItem.number == number)).one()
            row.state = state
        with pytest.raises(Conflict, match=text):
            move(Wish(number=number, to="field"), "planned", lead, deps)


def test_who_may_not_assign_moves_nothing_and_a_wish_needs_a_reason(office: Desk, number: str) -> None:
    deps = office.whole.deps
    wish = [Wish(number=number, to="field")]
    with pytest.raises(Forbidden):
        move_each(wish, "planned", who(office, "field"), deps)
    for wishes, reason in ((wish, " "), ([], "planned"), (wish * 201, "planned")):
        with pytest.raises(InvalidInput):
            move_each(wishes, reason, who(office, "sh.lead"), deps)
    assert move_each(wish, "planned", who(office, "bj.lead"), deps)[0].why_not is not None
    assert item_of(office, number).offered_to is None
