"""Why an order is due when it is, and what lies around it: other orders, files, the customer's visit and words."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

from sqlalchemy import select, update

from app.persistence.order_waits import OrderWait
from app.persistence.orders import ProductOrder
from app.persistence.sla_clocks import SlaClock
from tests.files import png
from tests.web.site import Site, text_of
from tests.web.test_my_order import booked, customer, linked
from tests.web.test_order_acts import placed


def test_a_promise_is_explained_with_its_stops_and_days(site: Site) -> None:
    front = site.visitor("front")
    number = placed(site)
    front.post(f"/orders/{number}/pause", {"reason": "customer-information-missing", "evidence": "清单 8"})
    text = text_of(front.get(f"/orders/{number}/promise"))
    assert "对客户承诺" in text and "监管时限" in text and text.index("对客户承诺") < text.index("监管时限")
    assert "停表中" in text and "资料待补" in text and "清单 8" in text and "计入" in text
    assert "逐日明细" in text and "开始计时" in text and "因此到期" in text
    assert f"/orders/{number}/promise" in front.get(f"/orders/{number}").get_data(as_text=True)
    assert site.visitor("bj.desk").get(f"/orders/{number}/promise").status_code == 404
    with site.world.deps.sessions.begin() as session:
        order = session.scalars(select(ProductOrder).where(ProductOrder.number == number)).one()
        clock = session.scalars(select(SlaClock).where(SlaClock.order_id == order.id, SlaClock.kind == "promise")).one()
        session.execute(update(SlaClock).where(SlaClock.id == clock.id).values(due_at=clock.due_at + timedelta(days=9)))
    # What was written by hand is not what the rules of its day say, and the page says so.
    assert "按当时的规则重算应为" in text_of(front.get(f"/orders/{number}/promise"))


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
