"""Promises looked at and tried, calendars changed once they were seen, stops and amounts decided by those who may."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.compensations import Compensation
from app.persistence.promises.rule_versions import newest
from app.persistence.promises.sla_breaches import SlaBreach
from app.persistence.promises.sla_clocks import SlaClock, SlaPause
from app.unit_of_work import read, transaction
from processes.ids import uuid7
from tests.web.site import Site, text_of

BOX = "/sla/test?product=home_bundle&type=install&tier=standard&area=SH-SH&class=urban"
NOTICE = {
    "year": "2027",
    "source": "State Council notice 2026-11",
    "off": "2027-01-01..2027-01-03 元旦 / New Year's Day\n\n# spring\n2027-02-05~2027-02-11 春节 / Spring Festival",
    "make_up": "2027-02-13 春节调休上班 / Make-up working day",
}


@pytest.fixture(scope="module")
def order(site: Site) -> dict[str, Any]:
    """An order in work, with a stop that waits, a breach without a cause, and a large amount that is owed."""
    where = "/orders/new?customer=C100003&offering=hb-500"
    form = {"do": "submit", "place-installation": "A0013", "c-with_voice": "true"}
    placed = site.visitor("front").post(where, form)
    number = placed.headers["Location"].split("/")[-1].split("?")[0]
    site.work()
    deps = site.world.deps
    with transaction(deps.sessions) as tx:
        now = deps.clock(tx.session)
        row = tx.session.scalars(select(ProductOrder).where(ProductOrder.number == number)).one()
        clock = tx.session.scalars(
            select(SlaClock).where(SlaClock.order_id == row.id, SlaClock.kind == "promise")
        ).first()
        assert clock is not None
        stop = uuid7()
        tx.session.add(
            SlaPause(
                clock_id=clock.id,
                reason="customer-not-ready",
                evidence="photo of the door",
                from_at=now,
                who="field",
                stop_id=stop,
                state="asked",
                approver_role="team_leader",
            )
        )
        breach = SlaBreach(
            clock_id=clock.id, order_id=row.id, kind="promise", due_at=now, opened_at=now, state="open", area=row.area
        )
        owed = Compensation(
            owner_id=row.id,
            order_id=row.id,
            group_code="home-order",
            rule="late-install-home",
            amount_cny="9000.00",
            basis=[],
            proposed_at=now,
            payout_due_at=now + timedelta(days=30),
            area=row.area,
        )
        tx.session.add_all([breach, owed])
        found = {"number": number, "stop": stop, "breach": breach.id, "owed": owed.id, "clock": clock.id}
    return found


def state_of(site: Site, entity: type[Any], id_: str) -> str:
    with read(site.world.deps.read_sessions) as session:
        return str(session.get_one(entity, id_).state)


def test_policies_are_listed_and_one_says_everything_that_follows_from_it(site: Site) -> None:
    ops2 = site.visitor("ops2")
    listed = text_of(ops2.get("/sla"))
    assert "home-install-urban" in listed and "16 个工作日" in listed
    one = text_of(ops2.get("/sla/policies/home-install-urban"))
    for said in ("宽带", "装移机超时赔付", "每单 ¥20.00", "督办", "90 %"):
        assert said in one, said
    assert ops2.get("/sla/policies/nothing").status_code == 404
    assert site.visitor("designer").get("/sla").status_code == 403


def test_the_test_box_says_when_and_why_day_by_day(site: Site) -> None:
    ops2 = site.visitor("ops2")
    ordinary = text_of(ops2.get(f"{BOX}&at=2026-09-24T17:00"))
    assert "监管时限" in ordinary and "中秋节" in ordinary, "the days off are named"
    assert "国庆节调休上班" in ordinary
    build = text_of(ops2.get(f"{BOX}&at=2026-09-24T17:00&conditions=build_needed"))
    assert "家庭装移机（需工程建设）" in build and "10-15 周四 18:00" in build
    nothing = ops2.get("/sla/test?product=rocket&type=install&area=SH-SH&at=2026-09-24T17:00")
    assert nothing.status_code == 422 and "目录中没有" in text_of(nothing)
    assert ops2.get(f"{BOX}&at=yesterday").status_code == 422
    assert ops2.get(f"{BOX}&at=9999-12-31T23:59").status_code == 422
    assert ops2.get(f"{BOX}&at=2026-09-24T17:00".replace("SH-SH", "XX")).status_code == 422
    assert ops2.get("/sla/test").status_code == 200


def test_holidays_are_seen_before_they_are_loaded_and_count_from_then_on(site: Site) -> None:
    ops2, deps = site.visitor("ops2"), site.world.deps
    with read(deps.read_sessions) as session:
        before = newest(session, "calendars")
    wrong = ops2.post("/sla/calendars/holidays", {**NOTICE, "off": "2027-13-01 x\n2026-01-01 y\n2027-05-01"})
    text = text_of(wrong)
    assert wrong.status_code == 422
    for said in ("第 1 行：没有这个日期", "第 2 行：日期不在 2027 年", "第 3 行：格式应为"):
        assert said in text
    both = ops2.post("/sla/calendars/holidays", {**NOTICE, "make_up": "2027-01-02 x"})
    assert both.status_code == 422 and "同时在放假中" in text_of(both)
    shown = text_of(ops2.post("/sla/calendars/holidays", NOTICE))
    assert "将变更的内容" in shown and "2027-02-13" in shown
    with read(deps.read_sessions) as session:
        assert newest(session, "calendars") == before, "nothing is kept by looking"
    assert ops2.post("/sla/calendars/holidays", {**NOTICE, "do": "keep"}).status_code == 303
    with read(deps.read_sessions) as session:
        assert newest(session, "calendars") == before + 1
    page = ops2.get("/sla/calendars?year=2027").get_data(as_text=True)
    assert "已公布" in page and re.search(r'class="extra"[^>]*>13<sup>班', page)
    assert site.visitor("front").post("/sla/calendars/holidays", NOTICE).status_code == 403
    assert site.visitor("front").get("/sla/calendars").status_code == 200


def test_an_exception_of_an_area_holds_there_and_nowhere_else(site: Site) -> None:
    admin = site.visitor("admin")
    form = {"area": "SC-LS", "date": "2026-12-02", "working": "no", "name_zh": "彝族年", "name_en": "Yi New Year"}
    assert admin.post("/sla/calendars/days", form).status_code == 422, "a reason is wanted"
    assert admin.post("/sla/calendars/days", {**form, "note": "local notice"}).status_code == 303
    there = admin.get("/sla/calendars?area=SC-LS&year=2026").get_data(as_text=True)
    elsewhere = admin.get("/sla/calendars?area=SH&year=2026").get_data(as_text=True)
    assert re.search(r'class="off"[^>]*>2<sup>地', there)
    assert not re.search(r">2<sup>地", elsewhere)
    assert "local notice" in text_of(admin.get("/sla/calendars"))
    assert admin.get("/sla/calendars?calendar=moon").status_code == 404


def test_a_breach_is_closed_by_a_cause_of_the_list(site: Site, order: dict[str, Any]) -> None:
    ops2, close = site.visitor("ops2"), f"/sla/breaches/{order['breach']}/close"
    assert order["number"] in text_of(ops2.get("/sla/breaches?state=open"))
    assert ops2.post(close, {"cause": "weather"}).status_code == 422
    assert site.visitor("sh.lead").post(close, {"cause": "work-late"}).status_code == 403
    assert state_of(site, SlaBreach, order["breach"]) == "open"
    assert ops2.post(close, {"cause": "work-late", "note": "two visits"}).status_code == 303
    assert "施工或处理超时" in text_of(ops2.get("/sla/breaches?state=closed"))
    assert ops2.post(close, {"cause": "work-late"}).status_code == 409


def test_a_stop_is_agreed_to_by_the_one_above_and_not_by_anybody(site: Site, order: dict[str, Any]) -> None:
    stop = f"/sla/stops/{order['stop']}"
    assert "待审批" in text_of(site.visitor("sh.lead").get("/sla/stops"))
    assert site.visitor("front").post(f"{stop}/agree", {}).status_code == 403
    assert site.visitor("sh.lead").post(f"{stop}/refuse", {"note": " "}).status_code == 400
    assert site.visitor("bj.lead").post(f"{stop}/agree", {}).status_code == 404, "of another area"
    assert site.visitor("sh.lead").post(f"{stop}/agree", {"note": "seen"}).status_code == 303
    with read(site.world.deps.read_sessions) as session:
        assert session.scalar(select(SlaPause.state).where(SlaPause.stop_id == order["stop"])) == "in_force"
    assert site.visitor("sh.lead").post(f"{stop}/agree", {}).status_code == 409
    assert site.visitor("ops2").post(f"{stop}/revoke", {"note": "he was at home"}).status_code == 303
    assert "已撤销" in text_of(site.visitor("ops2").get("/sla/stops?state=revoked"))


def test_a_large_amount_wants_two_people(site: Site, order: dict[str, Any]) -> None:
    approver, ops2 = site.visitor("sla.approver"), site.visitor("ops2")
    here = f"/sla/compensation/{order['owed']}"
    assert "¥9,000.00" in text_of(approver.get("/sla/compensation?state=proposed"))
    assert approver.post(f"{here}/refuse", {"note": " "}).status_code == 409
    assert site.visitor("ops").post(f"{here}/approve", {}).status_code == 403
    assert approver.post(f"{here}/approve", {"note": "owed"}).status_code == 303
    assert state_of(site, Compensation, order["owed"]) == "secondWanted"
    assert approver.post(f"{here}/approve", {}).status_code == 403, "the second is not the first"
    assert f"{here}/approve" not in approver.get("/sla/compensation").get_data(as_text=True)
    assert ops2.post(f"{here}/approve", {}).status_code == 303
    assert state_of(site, Compensation, order["owed"]) == "approved"
