"""What a team has on its board, read on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.persistence.teamwork.absences import Absence
from app.persistence.teamwork.board import cards_of, finished_since, led_by, members_on, team_led_by
from tests.persistence.orders import actor, make_item

EAST = "home_field.sh-sh.east"
LEAD = actor("SH-SH", "team_leader", login="sh.lead", teams=frozenset({EAST, "ent_field.sh-sh"}))


def test_people_are_counted_with_all_they_have_and_who_is_away_is_named(session: Session, now: datetime) -> None:
    make_item(session, now, state="claimed", claimed_by="field")
    make_item(session, now, offered_to="field", team_code="outside_plant.sh-sh")
    make_item(session, now, state="completed", completed_by="field", claimed_by="field", completed_at=now)
    day = date(2026, 11, 23)
    away = Absence(
        **{"login": "field", "from_day": day, "until_day": day, "kind": "leave", "area": "SH-SH"},
        made_by="sh.lead",
        made_at=now,
    )
    session.add(away)
    session.flush()
    found = {one.login: one for one in members_on(session, EAST, day)}
    assert (found["field"].open_items, found["field"].absence) == (2, away)
    assert (found["sh.lead"].leads, found["sh.lead"].open_items) == (True, 0)
    assert all(one.absence is None for one in members_on(session, EAST, day + timedelta(days=1)))


def test_cards_are_the_open_ones_the_most_urgent_first(session: Session, now: datetime) -> None:
    last = make_item(session, now)
    soon = make_item(session, now, due_at=now)
    first = make_item(session, now, priority=3, state="claimed", claimed_by="field")
    make_item(session, now, team_code="home_field.sh-sh.west")
    make_item(session, now, state="completed", completed_at=now)
    assert [item.id for item in cards_of(session, EAST)] == [first.id, soon.id, last.id]
    assert finished_since(session, EAST, now) == 1
    assert finished_since(session, EAST, now + timedelta(seconds=1)) == 0


def test_leaders_see_their_teams_and_operations_those_of_the_area(session: Session) -> None:
    assert {team.code for team in led_by(session, LEAD)} == LEAD.teams
    ops = actor("SH", "operations", login="ops", teams=frozenset({"fallout_desk.sh"}))
    seen = [team.code for team in led_by(session, ops)]
    assert seen[0] == "fallout_desk.sh" and EAST in seen
    assert not [code for code in seen if ".bj" in code]
    for who, code in ((LEAD, "home_field.sh-sh.west"), (LEAD, "nobody"), (ops, "home_field.bj-bj.east")):
        with pytest.raises(NotFound):
            team_led_by(session, who, code)
