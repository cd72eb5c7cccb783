"""Smart dispatch on real rows: which team, which person, why; and offers that nobody takes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.domain.promises.calendar import ZONE
from app.domain.teamwork.dispatch import said
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.persistence.audit import OrderEvent
from app.persistence.counter.customers import Address, Customer
from app.persistence.ordering.orders import ProductOrder
from app.persistence.people import Team, TeamMember, User
from app.persistence.teamwork.absences import Absence
from app.persistence.teamwork.next_work_item import first_free
from app.persistence.teamwork.team_search import hands_of, loads_of
from app.persistence.teamwork.work_item_search import list_items
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.dispatch_cases import again, of_order, to_somebody
from app.services.teamwork.offers import take_back
from processes.definitions import deploy
from processes.ids import uuid7
from processes.store.definitions import DecisionDefinition
from processes.store.sessions import Sessions
from tests.persistence.orders import actor, make_item, make_order
from tests.servers import ROOT

EAST, WEST = "home_field.sh-sh.east", "home_field.sh-sh.west"
LINE = {"product": "leased_line_local", "offering": "ll-local-100m", "characteristics": {"service_grade": "AA"}}


@pytest.fixture(autouse=True)
def _queues_are_empty(session: Session) -> None:
    session.execute(update(WorkItem).values(state="cancelled", offered_to=None))


def sent(session: Session, now: datetime, order: ProductOrder, role: str, **more: Any) -> WorkItem:
    """A new to-do for a role, sent where the rules say."""
    item = make_item(session, now, order, team_role=role, team_code=None, area=more.pop("area", order.area), **more)
    cause = of_order(session, order.id, "1")
    to_somebody(session, item, cause, "visit_customer", now)
    session.flush()
    return item


def at_side(session: Session, now: datetime, side: str, **more: Any) -> ProductOrder:
    session.execute(update(Address).where(Address.code == "A0013").values(side=side, area_class="urban"))
    return make_order(session, now, **more)


@pytest.mark.parametrize(("side", "team", "login"), [("east", EAST, "field"), ("west", WEST, "sh.field2")])
def test_a_home_visit_goes_to_the_side_of_town_and_is_offered_to_who_has_the_skill(
    session: Session, now: datetime, side: str, team: str, login: str
) -> None:
    item = sent(session, now, at_side(session, now, side), "home_field", skill="ftth")
    assert (item.team_code, item.offered_to, item.offered_until) == (team, login, now + timedelta(minutes=30))
    assert item.dispatch["rule"] == "home_by_district"
    words = said(item.dispatch)
    assert "按片区派单" in words.zh
    assert '"same hand" did not do: nobody has been there before' in words.en


def test_where_nothing_says_which_team_the_one_with_the_least_to_do_per_person_gets_it(
    session: Session, now: datetime
) -> None:
    order = at_side(session, now, "")
    first = [sent(session, now, order, "home_field", skill="ftth").team_code for _ in range(4)]
    # Two people work in the east and two in the west, so they take turns.
    assert first == [EAST, WEST, EAST, WEST]
    session.execute(update(User).where(User.login == "sh.field2").values(active=False))
    fifth = sent(session, now, order, "home_field", skill="ftth")
    assert fifth.team_code == EAST  # two each in the west, one each in the east
    assert fifth.dispatch["people"] == 2


def test_the_load_is_counted_per_person_from_the_queue_itself(session: Session, now: datetime) -> None:
    for _ in range(3):
        make_item(session, now, team_code=EAST)
    make_item(session, now, team_code=EAST, state="completed")
    loads = loads_of(session, [EAST, WEST], now.date())
    assert (loads[EAST].open_items, loads[WEST].open_items) == (3, 0)
    assert loads[EAST].each == 3 / loads[EAST].people


def test_who_is_absent_is_offered_nothing_and_does_not_count_as_one_of_the_team(
    session: Session, now: datetime
) -> None:
    today = now.astimezone(ZONE).date()
    order = make_order(session, now, items=[LINE])
    session.execute(update(Customer).where(Customer.customer_no == order.customer_no).values(tier="gold"))
    away = Absence(
        login="sh.ent", from_day=today, until_day=today, kind="leave", made_by="admin", made_at=now, area="SH"
    )
    session.add(away)
    there = sent(session, now, order, "ent_field", skill="leased_line")
    assert there.offered_to != "sh.ent"
    assert "sh.ent" not in {hand.login for hand in hands_of(session, ["ent_field.sh-sh.gold"], today)}
    before = loads_of(session, [WEST], today)[WEST].people
    session.add(
        Absence(
            login="sh.field2", from_day=today, until_day=today, kind="sick", made_by="admin", made_at=now, area="SH"
        )
    )
    assert loads_of(session, [WEST], today)[WEST].people == before - 1
    tomorrow = today + timedelta(days=1)
    assert loads_of(session, [WEST], tomorrow)[WEST].people == before
    session.delete(away)
    assert sent(session, now, order, "ent_field", skill="leased_line").offered_to == "sh.ent"


def test_a_gold_customer_gets_the_gold_team_and_a_plain_one_does_not(session: Session, now: datetime) -> None:
    order = make_order(session, now, items=[LINE])
    session.execute(update(Customer).where(Customer.customer_no == order.customer_no).values(tier="gold"))
    item = sent(session, now, order, "ent_field", skill="leased_line")
    assert (item.team_code, item.offered_to) == ("ent_field.sh-sh.gold", "sh.ent")
    assert item.dispatch["rule"] == "gold_engineer"
    session.execute(update(Customer).where(Customer.customer_no == order.customer_no).values(tier="standard"))
    plain = sent(session, now, order, "ent_field", skill="leased_line")
    assert (plain.team_code, plain.offered_to) == ("ent_field.sh-sh", None)
    assert plain.dispatch["rule"] == "everything_else"


def test_a_second_visit_goes_to_the_same_person_unless_that_person_has_enough(session: Session, now: datetime) -> None:
    order = at_side(session, now, "west")
    done = {"state": "completed", "completed_by": "field", "completed_at": now - timedelta(days=2)}
    make_item(session, now, order, team_code=EAST, **done)
    # The west is where it is, but the one of the east was there before; only a team of the side is looked at.
    session.execute(update(Address).where(Address.code == "A0013").values(side="east"))
    item = sent(session, now, order, "home_field", skill="ftth")
    assert (item.dispatch["rule"], item.offered_to) == ("same_hand", "field")
    session.execute(update(User).where(User.login == "field").values(max_open_items=1))
    other = sent(session, now, order, "home_field", skill="ftth")
    assert other.offered_to != "field"
    assert other.dispatch["passed"][0]["why"] == "not-there"


def test_a_visit_longer_ago_is_no_reason(session: Session, now: datetime) -> None:
    order = at_side(session, now, "east")
    make_item(session, now, order, state="completed", completed_by="field", completed_at=now - timedelta(days=8))
    assert sent(session, now, order, "home_field", skill="ftth").dispatch["rule"] == "home_by_district"


def test_all_visits_of_a_bundle_go_to_somebody_who_can_do_all_of_it(session: Session, now: datetime) -> None:
    order = at_side(session, now, "east", items=[{"product": "home_bundle", "offering": "hb-300"}])
    item = sent(session, now, order, "home_field", skill="ftth")
    assert (item.dispatch["rule"], item.offered_to) == ("one_pair_of_hands", "field")
    session.execute(update(User).where(User.login == "field").values(skills=["ftth"]))
    item.offered_to = None
    other = sent(session, now, order, "home_field", skill="ftth")
    assert other.dispatch["rule"] == "home_by_district"
    assert other.dispatch["passed"][-1]["rule"] == "one_pair_of_hands"


def test_in_the_country_it_is_for_everybody_of_the_team(session: Session, now: datetime) -> None:
    session.execute(update(Address).where(Address.code == "A0013").values(area_class="rural"))
    item = sent(session, now, make_order(session, now), "home_field", skill="ftth")
    assert (item.dispatch["rule"], item.offered_to) == ("rural", None)


@pytest.mark.parametrize(
    ("areas", "role", "team"),
    [
        (["SH-SH", "SH-SH"], "tx_dispatch", "tx_dispatch.sh"),
        (["JS-NJ", "JS-SZ"], "prov_dispatch", "prov_dispatch.js"),
        (["SH-SH", "SC-CD"], "hq_dispatch", "hq_dispatch.cn"),
    ],
)
def test_a_design_across_areas_is_made_where_somebody_sees_both(
    session: Session, now: datetime, areas: list[str], role: str, team: str
) -> None:
    places = [{"role": end, "address_code": "A0013", "area": area} for end, area in zip("az", areas, strict=True)]
    order = make_order(session, now, area=areas[0], items=[{**LINE, "places": places, "area": areas[0]}])
    item = make_item(session, now, order, team_role="tx_dispatch", team_code=None, skill="otn_design", area=areas[0])
    cause = of_order(session, order.id, "1")
    to_somebody(session, item, cause, "design_circuit", now)
    assert (item.team_role, item.team_code) == (role, team)


def test_the_account_manager_of_the_customer_is_asked_first(session: Session, now: datetime) -> None:
    order = make_order(session, now, items=[LINE])
    session.execute(update(Customer).where(Customer.customer_no == order.customer_no).values(account_manager="sh.am"))
    item = sent(session, now, order, "account_manager")
    assert (item.team_code, item.offered_to, item.dispatch["rule"]) == (
        "account_manager.sh",
        "sh.am",
        "account_manager",
    )
    session.execute(update(Customer).where(Customer.customer_no == order.customer_no).values(account_manager=None))
    other = sent(session, now, order, "account_manager")
    assert (other.team_code, other.offered_to) == ("account_manager.sh", None)
    assert other.dispatch["passed"][-1]["why"] == "no-manager"


def test_a_skill_that_no_team_of_the_place_has_leaves_it_with_the_nearest_and_says_so(
    session: Session, now: datetime
) -> None:
    item = sent(session, now, make_order(session, now), "counter", skill="diving")
    assert (item.team_code, item.dispatch["lacks"]) == ("counter.sh-sh", ["diving"])
    assert "no team has the skill diving" in said(item.dispatch).en


def test_without_a_table_it_goes_to_the_nearest_team_of_the_role(session: Session, now: datetime) -> None:
    session.execute(delete(DecisionDefinition).where(DecisionDefinition.key == "dispatch"))
    item = sent(session, now, at_side(session, now, "west"), "home_field", skill="ftth")
    assert (item.team_code, item.offered_to, item.dispatch["rule"]) == (WEST, None, "")


def test_a_leader_who_does_not_answer_is_followed_by_the_next_and_then_by_province_dispatch(
    session: Session, now: datetime
) -> None:
    order = make_order(session, now, items=[{**LINE, "characteristics": {"service_grade": "AAA"}}])
    team = "exchange_room.sh-sh"
    session.add(User(login="sh.lead2", name_zh="二", name_en="Two", role="team_leader", area="SH-SH", skills=[]))
    session.flush()
    session.add(TeamMember(team_code=team, login="sh.lead2"))
    item = sent(session, now, order, "exchange_room", skill="fibre_patch")
    assert (item.dispatch["rule"], item.team_code, item.offered_to) == ("aaa_grade", team, "sh.lead")
    assert take_back(session, now + timedelta(minutes=14)) == 0
    assert take_back(session, now + timedelta(minutes=15)) == 1
    assert (item.team_code, item.offered_to) == (team, "sh.lead2")
    assert take_back(session, now + timedelta(minutes=30)) == 1
    assert (item.team_role, item.team_code, item.offered_to) == ("prov_dispatch", "prov_dispatch.sh", None)
    assert item.dispatch["declined"] == ["sh.lead", "sh.lead2"]
    session.flush()
    lines = session.scalars(select(OrderEvent).where(OrderEvent.order_id == order.id, OrderEvent.kind == "dispatch"))
    assert [line.detail["login"] for line in lines] == ["sh.lead2", None]


def test_an_offer_that_ran_out_is_for_everybody_of_the_team(session: Session, now: datetime) -> None:
    item = sent(session, now, at_side(session, now, "east"), "home_field", skill="ftth")
    assert take_back(session, now + timedelta(minutes=30)) == 1
    assert (item.team_code, item.offered_to, item.offered_until) == (EAST, None, None)
    assert "field did not take it" in said(item.dispatch).en


def test_others_are_not_given_what_is_offered_and_who_is_asked_sees_it(session: Session, now: datetime) -> None:
    item = sent(session, now, at_side(session, now, "east"), "home_field", skill="ftth")
    asked = actor("SH-SH", "field", login="field", teams=frozenset({EAST}))
    mate = actor("SH-SH", "field", login="mate", teams=frozenset({EAST}))
    assert first_free(session, mate) is None
    found = first_free(session, asked)
    assert found is not None
    assert found.id == item.id
    assert [row.id for row in list_items(session, asked, "mine")[0]] == [item.id]
    assert list_items(session, mate, "mine")[0] == []
    assert [row.id for row in list_items(session, mate, "team")[0]] == [item.id]  # it may be taken by name
    item.move_to(WorkItemState.CLAIMED, "took it by name", "mate", now)
    assert (item.offered_to, item.offered_until) == (None, None)


def test_asking_again_goes_by_what_is_true_now(session: Session, now: datetime) -> None:
    order = make_order(session, now, items=[LINE])
    item = make_item(session, now, order, team_role="ent_field", team_code=None, skill="leased_line")
    item.item_id = order.items[0].id
    session.execute(update(Customer).where(Customer.customer_no == order.customer_no).values(tier="standard"))
    cause = of_order(session, order.id, "1")
    to_somebody(session, item, cause, "install_end", now)
    assert item.team_code == "ent_field.sh-sh"
    session.execute(update(Customer).where(Customer.customer_no == order.customer_no).values(tier="platinum"))
    again(session, item, now)
    assert item.team_code == "ent_field.sh-sh.gold"


def test_a_team_is_never_of_another_province(session: Session, now: datetime) -> None:
    session.execute(update(Team).where(Team.code == "home_field.sc-my").values(area="SC-CD"))
    item = sent(
        session, now, make_order(session, now, area="SC-MY", items=[{"area": "SC-MY"}]), "home_field", skill="ftth"
    )
    assert (item.team_code, item.offered_to) == (None, None)


def test_a_rule_may_hold_from_a_day_on(session: Session, now: datetime) -> None:
    table = (ROOT / "bpmn" / "dispatch.dmn").read_bytes().decode()
    cell = '<inputEntry id="rural_on">\n          <text>-</text>'
    assert cell in table
    dated = table.replace(cell, cell.replace("<text>-<", '<text>>= @"2026-12-01"<').replace(">>=", ">&gt;="))
    deploy(session, {"dispatch.dmn": dated.encode()}, operations=(), ids=uuid7, actor="tests", note="", now=now)
    session.execute(update(Address).where(Address.code == "A0013").values(area_class="rural", side="east"))
    order = make_order(session, now)
    assert sent(session, now, order, "home_field", skill="ftth").dispatch["rule"] == "home_by_district"
    assert sent(session, now + timedelta(days=8), order, "home_field", skill="ftth").dispatch["rule"] == "rural"


def test_an_offer_that_is_just_being_taken_is_left_alone(sessions: Sessions, now: datetime) -> None:
    with sessions.begin() as session:
        if session.get_bind().dialect.name != "postgresql":
            pytest.skip("SQLite has one writer")
        item = make_item(session, now, offered_to="field", offered_until=now - timedelta(days=400), priority=1)
        item_id = item.id
    with sessions.begin() as taking:
        held = taking.get_one(WorkItem, item_id, with_for_update=True)
        with sessions.begin() as chores:
            assert take_back(chores, now - timedelta(days=399)) == 0
        held.move_to(WorkItemState.CLAIMED, "took it", "field", now)
    with sessions.begin() as session:
        assert take_back(session, now - timedelta(days=399)) == 0
        found = session.get_one(WorkItem, item_id)
        assert (found.claimed_by, found.offered_to) == ("field", None)


@pytest.mark.parametrize(
    ("priority", "tier", "grade", "points"),
    [
        (None, "standard", "normal", 0),
        ("0", "standard", "normal", 50),
        ("4", "gold", "AA", 40),
        ("1", "platinum", "AAA", 100),
    ],
)
def test_a_to_do_is_as_urgent_as_order_customer_and_grade_say(
    session: Session, now: datetime, priority: str | None, tier: str, grade: str, points: int
) -> None:
    order = make_order(session, now, priority=priority, items=[{**LINE, "characteristics": {"service_grade": grade}}])
    session.execute(update(Customer).where(Customer.customer_no == order.customer_no).values(tier=tier))
    assert sent(session, now, order, "counter").priority == points


def test_what_is_resumed_after_payment_comes_first(session: Session, now: datetime) -> None:
    item = {"order_type": "resume", "characteristics": {"asked_by": "billing"}}
    assert sent(session, now, make_order(session, now, items=[item]), "counter").priority == 40
    session.execute(delete(DecisionDefinition).where(DecisionDefinition.key == "work_priority"))
    assert sent(session, now, make_order(session, now, priority="1", items=[item]), "counter").priority == 3
