"""Work items from hand to hand, questions about them, and what somebody has chosen for the lists."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from app.cli.field_crew import answers
from app.domain.actors import Actor
from app.errors import AppError, Conflict, InvalidInput, NotFound
from app.persistence.desk_choices import choice_of, views_of
from app.persistence.people import actor_for
from app.persistence.studio.forms import form_schema
from app.persistence.teamwork.work_items import WorkItem
from app.persistence.teamwork.work_questions import WorkQuestion, count_waiting_for, questions_about, waiting_for
from app.services import desk_choices
from app.services.teamwork import handing, work_list, work_questions
from app.unit_of_work import read
from tests.api.world import ORDERS, home_bundle
from tests.services.desk import Desk

CUSTOMERS = count(1)


def who(office: Desk, login: str) -> Actor:
    with read(office.whole.deps.read_sessions) as session:
        return actor_for(session, login)


@pytest.fixture
def item(office: Desk) -> str:
    """The appointment of an order of its own: it lies with the service desk, front has claimed it."""
    number = f"C1000{next(CUSTOMERS):02}"
    about = {"relatedParty": [{"id": number, "role": "customer"}]}
    order = office.person("front").post(ORDERS, home_bundle(**about))
    assert order.status_code == 201, order.get_json()
    office.work()
    query = f"/api/v1/work-items?tab=all&order={order.get_json()['orderNumber']}"
    (row,) = office.manager.get(query).get_json()["items"]
    work_list.claim(row["id"], who(office, "front"), office.whole.deps)
    return str(row["id"])


def seen(office: Desk, item_id: str) -> WorkItem:
    with read(office.whole.deps.read_sessions) as session:
        return session.get_one(WorkItem, item_id)


def why_not(act: Callable[[], Any]) -> type[AppError] | None:
    try:
        act()
    except AppError as refusal:
        assert refusal.message_zh and refusal.message_en
        return type(refusal)
    return None


def test_an_item_goes_over_to_a_colleague_with_a_note(office: Desk, item: str) -> None:
    deps, front, desk = office.whole.deps, who(office, "front"), who(office, "sh.desk")
    for login, note in (("sh.desk", " "), ("front", "x"), ("back", "x"), ("nobody", "x")):
        assert why_not(lambda login=login, note=note: handing.hand_over(item, login, note, front, deps)) is InvalidInput
    assert why_not(lambda: handing.hand_over(item, "front", "mine", desk, deps)) is Conflict
    assert seen(office, item).claimed_by == "front"
    handing.hand_over(item, "sh.desk", "called twice, calls back at four", front, deps)
    assert (seen(office, item).state, seen(office, item).claimed_by) == ("claimed", "sh.desk")
    assert why_not(lambda: handing.hand_over(item, "sh.desk", "again", front, deps)) is Conflict
    with read(deps.read_sessions) as session:
        told = [event.why_en for event in session.get_one(WorkItem, item).order.events]  # type: ignore[union-attr]
    assert any("calls back at four" in line for line in told)


def test_what_is_given_back_lies_with_its_desk_says_why_and_comes_again(office: Desk, item: str) -> None:
    deps, front, orders = office.whole.deps, who(office, "front"), who(office, "back2")
    team = seen(office, item).team_code
    assert why_not(lambda: handing.send_back(item, "no-such-reason", "x", front, deps)) is InvalidInput
    assert why_not(lambda: handing.send_back(item, "data-wrong", "", front, deps)) is InvalidInput
    assert why_not(lambda: handing.send_again(item, "not given back", front, deps)) is Conflict
    handing.send_back(item, "data-wrong", "there is no such house", front, deps)
    row = seen(office, item)
    assert (row.state, row.claimed_by, row.team_code) == ("open", None, "order_desk.sh")
    assert row.returned_at is not None
    assert (row.returned["by"], row.returned["team"], row.returned["note"]) == ("front", team, "there is no such house")
    assert why_not(lambda: handing.send_again(item, "x", front, deps)) is Conflict
    work_list.claim(item, orders, deps)
    handing.send_again(item, "number 8, not 80", orders, deps)
    row = seen(office, item)
    assert (row.state, row.team_code, row.returned_at, row.returned) == ("open", team, None, None)
    work_list.claim(item, front, deps)
    with read(deps.read_sessions) as session:
        schema = form_schema(session, str(row.form_key)) or {}
    work_list.complete(item, answers(schema, row.context), front, deps)
    assert seen(office, item).state == "completed"


def test_an_item_is_handed_over_or_completed_but_not_both(office: Desk, item: str) -> None:
    deps, front = office.whole.deps, who(office, "front")
    with read(deps.read_sessions) as session:
        row = session.get_one(WorkItem, item)
        result = answers(form_schema(session, str(row.form_key)) or {}, row.context)
    acts = [
        lambda: handing.hand_over(item, "sh.desk", "yours", front, deps),
        lambda: work_list.complete(item, result, front, deps),
        lambda: handing.send_back(item, "other", "no", front, deps),
        lambda: work_list.release(item, front, deps),
    ]
    with ThreadPoolExecutor(4) as crowd:
        told = list(crowd.map(why_not, acts))
    assert sorted(str(one) for one in told if one is not None) == [str(Conflict)] * 3
    assert told.count(None) == 1


def test_a_question_is_answered_once_and_the_item_stays(office: Desk, item: str) -> None:
    deps, front, back = office.whole.deps, who(office, "front"), who(office, "back")
    stranger = who(office, "bj.data")
    asked = work_questions.ask(item, "which port?", front, deps, team="data_access.sh")
    assert work_questions.ask(item, "which port?", front, deps, team="data_access.sh").id == asked.id
    for to in ({}, {"team": "x"}, {"login": "front"}, {"team": "data_access.bj"}, {"login": "bj.data"}):
        assert why_not(lambda to=to: work_questions.ask(item, "why?", front, deps, **to)) is InvalidInput, to
    assert why_not(lambda: work_questions.ask(item, "  ", front, deps, login="back")) is InvalidInput
    assert why_not(lambda: work_questions.ask(item, "x" * 1001, front, deps, login="back")) is InvalidInput
    assert why_not(lambda: work_questions.ask(item, "x", stranger, deps, login="back")) is NotFound
    with read(deps.read_sessions) as session:
        assert [one.id for one in waiting_for(session, back)] == [asked.id]
        assert count_waiting_for(session, who(office, "sh.lead")) == 0
    assert why_not(lambda: work_questions.answer(asked.id, "me too", stranger, deps)) is NotFound
    assert why_not(lambda: work_questions.answer(asked.id, "", back, deps)) is InvalidInput
    with ThreadPoolExecutor(2) as crowd:
        told = list(
            crowd.map(lambda n: why_not(lambda: work_questions.answer(asked.id, f"port {n}", back, deps)), (1, 2))
        )
    assert sorted(str(one) for one in told) == sorted(["None", str(Conflict)])
    with read(deps.read_sessions) as session:
        (row,) = questions_about(session, item)
        assert row.answer.startswith("port ") and row.answered_by == "back"
        assert count_waiting_for(session, back) == 0
    assert seen(office, item).claimed_by == "front"
    for n in range(work_questions.MOST_OPEN):
        work_questions.ask(item, f"question {n}", front, deps, login="back")
    assert why_not(lambda: work_questions.ask(item, "one more", front, deps, login="back")) is Conflict
    assert isinstance(row, WorkQuestion)


def test_a_follow_up_day_is_noted_and_never_one_that_is_over(office: Desk, item: str) -> None:
    deps, front = office.whole.deps, who(office, "front")
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    due = seen(office, item).due_at
    handing.follow_up(item, day, front, deps)
    assert (seen(office, item).follow_up_on, seen(office, item).due_at) == (day, due)
    assert why_not(lambda: handing.follow_up(item, day - timedelta(days=9), front, deps)) is InvalidInput
    assert why_not(lambda: handing.follow_up(item, day, who(office, "bj.front"), deps)) is NotFound
    handing.follow_up(item, None, front, deps)
    assert seen(office, item).follow_up_on is None


def test_views_and_choices_are_kept_for_their_owner_alone(office: Desk) -> None:
    deps, front, back = office.whole.deps, who(office, "front"), who(office, "back")
    names = [f"view {n}" for n in range(desk_choices.MOST_STARS)]
    kept = [desk_choices.save_view("work", name, {"tab": "late"}, front, deps, starred=True) for name in names]
    full = why_not(lambda: desk_choices.save_view("work", "seventh", {}, front, deps, starred=True))
    assert full is Conflict
    plain = desk_choices.save_view("work", "seventh", {}, front, deps, starred=False)
    assert why_not(lambda: desk_choices.star_view(plain.id, front, deps, starred=True)) is Conflict
    assert why_not(lambda: desk_choices.star_view(kept[0].id, back, deps, starred=False)) is NotFound
    desk_choices.star_view(kept[0].id, front, deps, starred=False)
    desk_choices.save_view("work", names[1], {"tab": "mine", "q": "O-2611"}, front, deps, starred=True)
    desk_choices.forget_view(kept[2].id, back, deps)  # not hers: nothing happens
    desk_choices.forget_view(kept[3].id, front, deps)
    with read(deps.read_sessions) as session:
        rows = views_of(session, "front", "work")
        assert [row.name for row in rows if row.starred] == [names[1], names[2], names[4], names[5]]
        assert next(row for row in rows if row.name == names[1]).arguments == {"tab": "mine", "q": "O-2611"}
        assert views_of(session, "back", "work") == []
    assert why_not(lambda: desk_choices.save_view("work", " ", {}, front, deps, starred=False)) is InvalidInput
    for density in ("compact", "roomy"):
        desk_choices.choose("work", {"density": density}, front, deps)
    with read(deps.read_sessions) as session:
        assert choice_of(session, "front", "work") == {"density": "roomy"}
        assert choice_of(session, "back", "work") == {}
