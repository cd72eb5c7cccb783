"""What a customer sees and does with a link: one order and nothing else, a visit, an answer; and what is refused."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from app.cli.field_crew import answers
from app.persistence.counter.order_links import OrderLink, OrderSurvey
from app.persistence.ordering.order_waits import OrderWait
from app.persistence.ordering.orders import ProductOrder
from app.persistence.people import LoginAttempt
from app.persistence.teamwork.appointments import MovedVisit
from app.persistence.teamwork.work_items import WorkItem
from tests.files import png
from tests.web.site import TOKEN, Site, text_of
from tests.web.test_order_acts import placed

LINK = re.compile(r"(/my/[A-Za-z0-9_-]{40,60})[\"&<]")


def linked(site: Site, number: str) -> str:
    """The path of a fresh link to an order."""
    front = site.visitor("front")
    assert front.post(f"/orders/{number}/share", {}).status_code == 303
    found = LINK.search(front.get(f"/orders/{number}/share").get_data(as_text=True))
    assert found is not None
    return found[1]


def customer(site: Site, path: str) -> FlaskClient:
    """Somebody who has opened a link."""
    client = site.stranger()
    opened = client.get(path)
    assert (opened.status_code, opened.headers["Location"]) == (303, "/my")
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    return client


def send(client: FlaskClient, path: str, form: dict[str, str]) -> Any:
    """A form of the page, as the page has it."""
    page = client.get("/my").get_data(as_text=True)
    if "csrf_token" not in page:  # nothing can be sent from it; somebody may try
        page += client.get("/login").get_data(as_text=True)
    token, link = TOKEN.search(page), re.search(r'name="link" value="([^"]+)"', page)
    hidden = {"csrf_token": token[1] if token else "", "link": link[1] if link else ""}
    return client.post(path, data={**hidden, **form})


def booked(site: Site, number: str, *, until: str = "install_at_customer") -> None:
    """The visit is booked and the to-do of the crew is there; with another ``until`` as far as that."""
    api = site.world.app.test_client()
    bearer = {"Authorization": "Bearer demo-ops"}
    for _ in range(12):
        rows = api.get(f"/api/v1/work-items?tab=all&order={number}&limit=50", headers=bearer).get_json()["items"]
        for row in [one for one in rows if one["state"] in ("open", "claimed")]:
            item = api.get(f"/api/v1/work-items/{row['id']}", headers=bearer).get_json()
            if item["form_key"] == until:
                return
            api.post(f"/api/v1/work-items/{row['id']}/claim", json={}, headers=bearer)
            result = answers(item.get("form") or {}, item.get("context") or {})
            api.post(f"/api/v1/work-items/{row['id']}/complete", json={"result": result}, headers=bearer)
            site.work()
    assert until == "end"


@pytest.fixture(scope="module")
def number(site: Site) -> str:
    return placed(site)


@pytest.fixture(autouse=True)
def _no_guesses_of_others(site: Site) -> Iterator[None]:
    yield
    with site.world.deps.sessions.begin() as session:
        session.execute(delete(LoginAttempt).where(LoginAttempt.login == "order-link"))


def test_a_customer_sees_the_order_masked_and_nothing_of_ours(site: Site, number: str) -> None:
    client = customer(site, linked(site, number))
    page = client.get("/my")
    text, raw = text_of(page), page.get_data(as_text=True)
    assert number in text and "全家享 500M 新装" in text and "我们会打电话与您约定时间" in text
    assert "***" in text and "模型巷1" not in text  # the road, and no number of a house
    for ours in ("C100003", "李", "吕", "ops", "W-26", "资源系统", "客户服务台", "<script"):
        assert ours not in raw, ours
    assert page.headers["Cache-Control"] == "no-store" and "noindex" in page.headers["X-Robots-Tag"]
    english = client.get("/my?lang=en")
    assert "Your order" in text_of(english) and not re.search(
        r"[\u4e00-\u9fff]", text_of(english).replace("一站", "").replace("中文", "")
    )


def test_what_is_waited_for_is_said_in_plain_words(site: Site, number: str) -> None:
    front, client = site.visitor("front"), customer(site, linked(site, number))
    for reason, said in (("customer-defer", "已按您的要求暂缓"), ("customer-information-missing", "等待您的答复")):
        front.post(f"/orders/{number}/pause", {"reason": reason, "evidence": "录音 4711"})
        assert said in text_of(client.get("/my"))
        front.post(f"/orders/{number}/resume", {})
    assert "正在为您准备网络资源" in text_of(client.get("/my"))


def test_a_link_opens_no_other_page_and_no_other_order(site: Site, number: str) -> None:
    client = customer(site, linked(site, number))
    assert client.get(f"/orders/{number}").status_code in (302, 303, 401)
    assert client.get(f"/api/v1/orders/{number}").status_code == 401
    other = customer(site, linked(site, placed(site)))
    mine = re.search(r'name="link" value="([^"]+)"', other.get("/my").get_data(as_text=True))
    assert mine is None or mine[1] not in client.get("/my").get_data(as_text=True)
    # A form of one order sent with the cookie of another changes neither.
    answer = send(client, "/my/survey", {"link": "someone-elses", "score": "5"})
    assert answer.status_code == 410


@pytest.mark.parametrize("spoil", ["signature", "id", "short", "empty", "unicode"])
def test_a_link_that_is_not_ours_leads_nowhere_and_tells_nothing(site: Site, number: str, spoil: str) -> None:
    token = linked(site, number).removeprefix("/my/")
    wrong = {
        "signature": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "id": ("A" if token[0] != "A" else "B") + token[1:],
        "short": token[:30],
        "empty": "x",
        "unicode": "订单" + token,
    }[spoil]
    answer = site.stranger().get(f"/my/{wrong}")
    assert answer.status_code == 410 and number not in text_of(answer) and "链接已失效" in text_of(answer)
    assert "Set-Cookie" not in answer.headers or "yizhan_my_order" not in answer.headers["Set-Cookie"]


def test_a_link_runs_out_and_is_taken_back_at_once(site: Site, number: str) -> None:
    front = site.visitor("front")
    path = linked(site, number)
    client = customer(site, path)
    page = front.get(f"/orders/{number}/share").get_data(as_text=True)
    assert path in page
    revoke = re.search(r'action="(/orders/[^"]+/revoke)"', page)
    assert revoke is not None
    assert site.visitor("back").post(revoke[1], {}).status_code == 403
    assert site.visitor("bj.desk").post(revoke[1], {}).status_code == 404
    assert front.post(revoke[1], {}).status_code == 303
    assert client.get("/my").status_code == 410 and site.stranger().get(path).status_code == 410
    assert path not in front.get(f"/orders/{number}/share").get_data(as_text=True)
    later = linked(site, number)
    late = customer(site, later)
    with site.world.deps.sessions.begin() as session:
        now = site.world.deps.clock(session)
        session.execute(
            update(OrderLink).where(OrderLink.revoked_at.is_(None)).values(expires_at=now - timedelta(days=1))
        )
    assert late.get("/my").status_code == 410  # and a later day of ending cannot be written into the link either


def test_guessing_and_hammering_are_slowed_down(site: Site, number: str) -> None:
    path = linked(site, number)
    client = customer(site, path)
    with site.world.deps.sessions.begin() as session:
        session.execute(update(OrderLink).where(OrderLink.revoked_at.is_(None)).values(window_seen=120))
    assert client.get("/my").status_code == 429
    with site.world.deps.sessions.begin() as session:
        past = site.world.deps.clock(session) - timedelta(minutes=11)
        session.execute(update(OrderLink).where(OrderLink.revoked_at.is_(None)).values(window_at=past))
    assert client.get("/my").status_code == 200
    stranger = site.stranger()
    codes = [stranger.get(f"/my/guess{n}").status_code for n in range(12)]
    assert codes[0] == 410 and codes[-1] == 429


def test_the_text_of_a_link_is_in_no_log_and_no_table(
    site: Site, number: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = linked(site, number)
    with caplog.at_level(logging.DEBUG):
        client = customer(site, path)
        client.get("/my")
        site.visitor("front").client.get(path + "x")  # somebody of the staff with a broken link: refusals are written
    token = path.removeprefix("/my/")
    mine = [record for record in caplog.records if record.name != "werkzeug"]  # the server of these tests only
    assert not [record for record in mine if token[22:] in record.getMessage()]
    with site.world.deps.sessions() as session:
        tables = OrderLink.metadata.sorted_tables
        for table in tables:
            for row in session.execute(select(table)):
                assert token[22:] not in str(row), table.name


def test_a_customer_moves_the_visit_and_the_crew_sees_it(site: Site) -> None:
    number = placed(site)
    early = customer(site, linked(site, number))
    assert "我想换个时间" not in text_of(early.get("/my"))  # nothing is agreed on yet
    booked(site, number)
    client = customer(site, linked(site, number))
    page = client.get("/my").get_data(as_text=True)
    slots = re.findall(r'name="slot" value="([^"]+)"', page)
    assert slots and "我想换个时间" in page
    assert send(client, "/my/visit", {"item": "1", "slot": ""}).status_code == 422
    assert send(client, "/my/visit", {"item": "1", "slot": "2020-01-01T08:00"}).status_code == 422
    assert send(client, "/my/visit", {"item": "9", "slot": slots[-1]}).status_code == 422
    moved = send(client, "/my/visit", {"item": "1", "slot": slots[-1]})
    assert moved.status_code == 303, text_of(moved)
    assert send(client, "/my/visit", {"item": "1", "slot": slots[-1]}).status_code == 303  # twice is once
    with site.world.deps.sessions() as session:
        (row,) = session.scalars(select(MovedVisit).where(MovedVisit.asked_by == "customer"))
        task = session.scalars(
            select(WorkItem).where(WorkItem.order_id == row.order_id, WorkItem.state == "open")
        ).one()
        assert task.context["appointment_from"] == row.texts[0]
    assert "上门时间改为" in text_of(site.visitor("front").get(f"/orders/{number}"))


def test_a_customer_says_how_it_was_once(site: Site) -> None:
    number = placed(site)
    client = customer(site, linked(site, number))
    assert send(client, "/my/survey", {"score": "5"}).status_code in (410, 422)  # it is not over
    booked(site, number, until="end")
    assert "服务评价" in text_of(client.get("/my"))
    assert send(client, "/my/survey", {"score": "9"}).status_code == 422
    hostile = "<script>alert(1)</script> 很好"
    assert send(client, "/my/survey", {"score": "4", "comment": hostile}).status_code == 303
    assert "感谢评价" in text_of(client.get("/my"))
    page = client.get("/my").get_data(as_text=True)
    token = TOKEN.search(page)
    again = client.post("/my/survey", data={"csrf_token": token[1] if token else "", "score": "1"})
    assert again.status_code in (403, 410)
    with site.world.deps.sessions() as session:
        assert session.scalar(select(func.count()).select_from(OrderSurvey)) == 1
    shown = site.visitor("front").get(f"/orders/{number}/share").get_data(as_text=True)
    assert "4 分" in shown and "<script>alert" not in shown and "很好" in shown


def test_whoever_may_not_share_makes_no_link(site: Site, number: str) -> None:
    assert site.visitor("back").post(f"/orders/{number}/share", {}).status_code == 403
    assert site.visitor("bj.desk").post(f"/orders/{number}/share", {}).status_code == 404
    for _ in range(12):
        answer = site.visitor("front").post(f"/orders/{number}/share", {})
    assert answer.status_code == 409 and "请先作废一个" in text_of(answer)
    csrf = customer(site, LINK.search(site.visitor("front").get(f"/orders/{number}/share").get_data(as_text=True))[1])  # type: ignore[index]
    assert csrf.post("/my/survey", data={"score": "5"}).status_code == 403


def test_what_lies_around_an_order_is_shown_with_it(site: Site) -> None:
    front = site.visitor("front")
    number, later = placed(site), placed(site)
    booked(site, number)
    customer(site, linked(site, number)).get("/my")
    with site.world.deps.sessions.begin() as session:
        ids = {row.number: row.id for row in session.execute(select(ProductOrder.number, ProductOrder.id))}
        session.add(OrderWait(order_id=ids[later], waits_for=ids[number], kind="prerequisite"))
    api, bearer = site.world.app.test_client(), {"Authorization": "Bearer demo-ops"}
    rows = api.get(f"/api/v1/work-items?tab=all&order={number}&limit=50", headers=bearer).get_json()["items"]
    item = next(row for row in rows if row["state"] == "open")
    api.post(f"/api/v1/work-items/{item['id']}/claim", json={}, headers=bearer)
    sent = api.post(
        f"/api/v1/work-items/{item['id']}/attachments",
        data={"file": (BytesIO(png()), "门口.png")},
        headers=bearer,
        content_type="multipart/form-data",
    )
    assert sent.status_code == 201, sent.get_data(as_text=True)
    text = text_of(front.get(f"/orders/{number}"))
    assert "在等本单" in text and later in text and "门口.png" in text
    assert "与客户沟通" in text and "1 个链接" in text and "周" in text
    assert "须先完成" in text_of(front.get(f"/orders/{later}"))
    part = front.get(f"/orders/{number}", HX_Request="true")
    assert "相关订单" not in text_of(part)  # what refreshes itself reads only what changes by itself
