"""The board of a team: what it shows, what moves where, what is refused, and the plan that balances."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.domain.promises.calendar import ZONE
from app.persistence.people import User
from app.persistence.teamwork.absences import Absence
from app.persistence.teamwork.work_items import WorkItem
from app.unit_of_work import read, transaction
from processes.store.bulk import Repair
from tests.web.site import Site, Visitor, text_of
from tests.web.visits import PLACES, visit_planned

EAST = "home_field.sh-sh.east"
BOARD = f"/board/{EAST}"
PLACES_LEFT = iter(PLACES)


@pytest.fixture
def lead(site: Site) -> Visitor:
    return site.visitor("sh.lead")


@pytest.fixture
def card(site: Site) -> str:
    """A visit that nobody has."""
    number = visit_planned(site, *next(PLACES_LEFT))[1]
    with transaction(site.world.deps.sessions) as tx:
        none = {"offered_to": None, "offered_until": None}
        tx.session.execute(update(WorkItem).where(WorkItem.number == number).values(none))
    return number


def item_of(site: Site, number: str) -> WorkItem:
    with read(site.world.deps.sessions) as session:
        return session.scalars(select(WorkItem).where(WorkItem.number == number)).one()


def move(lead: Visitor, number: str, to: str, **more: Any) -> Any:
    return lead.post(f"{BOARD}/move", {"number": number, "to": to, "reason": "nearest", **more})


def test_a_leader_sees_the_own_teams_and_everybody_in_them(lead: Visitor, site: Site, card: str) -> None:
    first = lead.get("/board")
    assert first.headers["Location"].startswith("/board/")
    page = lead.get(BOARD)
    assert card in page.get_data(as_text=True) and "郑*" in text_of(page)
    assert lead.get("/board/home_field.bj-bj.east").status_code == 404
    for login in ("field", "front", "designer"):
        assert site.visitor(login).get(BOARD).status_code == 403
    assert site.visitor("ops").get(BOARD).status_code == 200
    by_state = lead.get(f"{BOARD}?view=state")
    assert card in by_state.get_data(as_text=True)


def test_the_numbers_are_those_of_the_cards(lead: Visitor, site: Site, card: str) -> None:
    page = lead.get(BOARD).get_data(as_text=True)
    for name in ("late", "soon", "today", "tomorrow", "later", "none"):
        found = re.search(rf'due={name}"[^>]*><span>[^<]*</span><svg.*?</svg><b>(\d+)</b>', page, re.S)
        assert found is not None
        shown = lead.get(f"{BOARD}?due={name}").get_data(as_text=True)
        assert shown.count('data-testid="task-row"') == int(found[1]), name


def test_what_is_not_begun_is_offered_and_what_is_in_work_goes_from_hand_to_hand(
    lead: Visitor, site: Site, card: str
) -> None:
    assert move(lead, card, "person:field").status_code == 303
    item = item_of(site, card)
    assert (item.state, item.offered_to, item.claimed_by) == ("open", "field", None)
    assert item.offered_until is not None and item.dispatch["by"] == "sh.lead"
    assert move(lead, card, "person:field").status_code == 303  # pressed twice: nothing more happens
    assert item_of(site, card).version == item.version
    site.visitor("field").post(f"/field/{card}/take", {})
    with transaction(site.world.deps.sessions) as tx:
        skills = ["ftth", "voice"]
        tx.session.execute(update(User).where(User.login == "sh.lead").values(skills=skills))
    assert move(lead, card, "person:sh.lead").status_code == 303
    item = item_of(site, card)
    assert (item.state, item.claimed_by) == ("claimed", "sh.lead")
    assert move(lead, card, "pool:").status_code == 303
    item = item_of(site, card)
    assert (item.state, item.claimed_by, item.offered_to) == ("open", None, None)
    with read(site.world.deps.sessions) as session:
        repairs = session.scalars(select(Repair).where(Repair.subject == item.id).order_by(Repair.id)).all()
    assert [row.after["login"] for row in repairs] == ["field", "sh.lead", None]
    assert move(lead, card, "team:home_field.sh-sh.west").status_code == 303
    assert item_of(site, card).team_code == "home_field.sh-sh.west"


def test_what_must_not_be_is_refused_with_the_reason_and_moves_nothing(lead: Visitor, site: Site, card: str) -> None:
    with transaction(site.world.deps.sessions) as tx:
        tx.session.execute(update(User).where(User.login == "sh.lead").values(skills=[]))
    unskilled = move(lead, card, "person:sh.lead")
    assert (unskilled.status_code, "不具备所需技能" in text_of(unskilled)) == (409, True)
    stranger = move(lead, card, "person:sh.field2")
    assert (stranger.status_code, "不属于班组" in text_of(stranger)) == (409, True)
    old = move(lead, card, "person:field", **{f"version-{card}": str(item_of(site, card).version - 1)})
    assert (old.status_code, "已有变化" in text_of(old)) == (409, True)
    for form in ({"to": ""}, {"to": "person:"}, {"reason": " "}, {"number": ""}):
        wrong = lead.post(f"{BOARD}/move", {"number": card, "to": "person:field", "reason": "x", **form})
        assert wrong.status_code in (409, 422), form
    assert lead.post(f"{BOARD}/move", {"to": "person:field", "reason": "x"}).status_code == 422
    bj = site.visitor("bj.lead").post(
        "/board/home_field.bj-bj.east/move", {"number": card, "to": "pool:", "reason": "x"}
    )
    assert bj.status_code == 409
    item = item_of(site, card)
    assert (item.offered_to, item.claimed_by, item.team_code) == (None, None, EAST)


def test_balancing_is_seen_first_and_moves_only_what_is_still_as_it_was_seen(
    lead: Visitor, site: Site, card: str
) -> None:
    before = item_of(site, card).version
    preview = lead.get(f"{BOARD}/balance").get_data(as_text=True)
    chosen = re.findall(r'name="move" value="([^"]+)"', preview)
    assert f"{card}|{before}|field" in chosen
    assert item_of(site, card).version == before
    stale = lead.post(f"{BOARD}/balance", {"move": f"{card}|{before - 1}|field"})
    assert stale.status_code == 409 and item_of(site, card).offered_to is None
    assert lead.post(f"{BOARD}/balance", {"move": f"{card}|{before}|field"}).status_code == 303
    assert item_of(site, card).offered_to == "field"


def test_who_is_away_gets_nothing_and_gives_away_what_he_has(lead: Visitor, site: Site, card: str) -> None:
    with read(site.world.deps.sessions) as session:
        today = site.world.deps.clock(session).astimezone(ZONE).date()
    form = {
        "login": "field",
        "kind": "leave",
        "from": today.isoformat(),
        "until": (today + timedelta(days=1)).isoformat(),
    }
    assert lead.post(f"{BOARD}/absences", form).status_code == 303
    assert lead.post(f"{BOARD}/absences", form).status_code == 409
    assert lead.post(f"{BOARD}/absences", {**form, "until": "soon"}).status_code == 422
    page = lead.get(BOARD)
    assert "休假" in text_of(page)
    refused = move(lead, card, "person:field")
    assert (refused.status_code, "今天不在岗" in text_of(refused)) == (409, True)
    assert "field" not in re.findall(
        r'value="[^|"]+\|\d+\|([^"]+)"', lead.get(f"{BOARD}/balance").get_data(as_text=True)
    )
    with read(site.world.deps.sessions) as session:
        absence = session.scalars(select(Absence.id).where(Absence.login == "field")).one()
    assert lead.post(f"{BOARD}/absences/{absence}/end", {}).status_code == 303
    assert move(lead, card, "person:field").status_code == 303
