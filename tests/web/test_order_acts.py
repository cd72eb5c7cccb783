"""Cancelling an order and letting it stand still, on their pages."""

from __future__ import annotations

import re

import pytest

from app.cli.field_crew import answers
from tests.web.site import Site, text_of

INSTALL = "/orders/new?customer=C100003&offering=hb-500"


def placed(site: Site) -> str:
    """The number of a fresh home order that has gone as far as it goes by itself."""
    made = site.visitor("front").post(INSTALL, {"do": "submit", "place-installation": "A0013"})
    assert made.status_code == 303, text_of(made)
    site.work()
    return made.headers["Location"].split("/")[-1].split("?")[0]


def begun(site: Site, number: str) -> None:
    """Somebody is at the customer's."""
    for _ in range(12):
        found = site.visitor("ops").get(f"/orders/{number}?view=table").get_data(as_text=True)
        for task in dict.fromkeys(re.findall(r'href="/work/(W-[0-9-]+)"', found)):
            api = site.world.app.test_client()
            bearer = {"Authorization": "Bearer demo-ops"}
            shown = api.get(f"/api/v1/work-items/{task}", headers=bearer).get_json()
            if shown["state"] not in ("open", "claimed"):
                continue
            item = api.post(f"/api/v1/work-items/{shown['id']}/claim", json={}, headers=bearer).get_json()
            if item["form_key"] == "install_at_customer":
                return
            result = answers(item.get("form") or {}, item.get("context") or {})
            api.post(f"/api/v1/work-items/{shown['id']}/complete", json={"result": result}, headers=bearer)
            site.work()
    raise AssertionError("nobody ever gets there")


def test_a_cancel_is_looked_at_before_it_is_asked_for(site: Site) -> None:
    front = site.visitor("front")
    number = placed(site)
    shown = front.get(f"/orders/{number}/cancel")
    text = text_of(shown)
    assert "免费" in text and "无需" in text and "预约上门" in text
    assert "撤销预占" in text  # what was reserved
    terms = re.search(r'name="terms" value="([^"]+)"', shown.get_data(as_text=True))
    assert terms is not None
    moved_on = front.post(f"/orders/{number}/cancel", {"reason": "不要了", "terms": "acknowledged//0.00"})
    assert moved_on.status_code == 409 and "订单已有进展" in text_of(moved_on)
    assert front.post(f"/orders/{number}/cancel", {"reason": "不要了", "terms": terms[1]}).status_code == 303
    site.work()
    assert "订单已撤销" in text_of(front.get(f"/orders/{number}"))
    assert "没有可撤的内容" in text_of(front.get(f"/orders/{number}/cancel"))


def test_once_somebody_is_there_another_person_agrees(site: Site) -> None:
    front, manager = site.visitor("front"), site.visitor("ops2")
    number = placed(site)
    begun(site, number)
    text = text_of(front.get(f"/orders/{number}/cancel"))
    assert "¥50.00" in text and "运营经理" in text
    assert front.post(f"/orders/{number}/cancel", {"reason": "搬家"}).status_code == 303
    own = front.get(f"/orders/{number}/cancel")
    assert "/decision" not in own.get_data(as_text=True) and "须由运营经理同意" in text_of(own)
    page = manager.get(f"/orders/{number}/cancel").get_data(as_text=True)
    found = re.search(r'action="(/orders/[^"]+/decision)"', page)
    assert found is not None
    assert "撤销预占" in text_of(manager.get(f"/orders/{number}/cancel"))
    assert manager.post(found[1], {"agreed": "no", "reason": ""}).status_code == 422
    assert front.post(found[1], {"agreed": "no", "reason": "x"}).status_code == 403
    assert manager.post(found[1], {"agreed": "no", "reason": "师傅已到"}).status_code == 303
    assert manager.post(found[1], {"agreed": "yes", "reason": "又好了"}).status_code == 409
    assert "师傅已到" in text_of(front.get(f"/orders/{number}/cancel"))
    assert "处理中" in text_of(front.get(f"/orders/{number}"))


def test_nobody_agrees_to_a_cancel_of_their_own(site: Site) -> None:
    manager = site.visitor("ops2")
    number = placed(site)
    begun(site, number)
    assert manager.post(f"/orders/{number}/cancel", {"reason": "搬家"}).status_code == 303
    page = manager.get(f"/orders/{number}/cancel")
    assert "须由另一人同意" in text_of(page) and "/decision" not in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "请从列表里选一个原因"),
        ({"reason": "customer-defer"}, "请填写凭证"),
        ({"reason": "customer-defer", "evidence": "录音 4711", "until": "soon"}, "请填写日期"),
        ({"reason": "customer-defer", "evidence": "录音 4711", "until": "2020-01-01"}, "恢复时间必须晚于现在"),
        ({"reason": "force-majeure", "evidence": "台风公告 12"}, "停表只能由以下角色提出"),
    ],
)
def test_what_is_missing_for_a_pause_is_told_at_its_field(site: Site, form: dict[str, str], told: str) -> None:
    number = placed(site)
    answer = site.visitor("front").post(f"/orders/{number}/pause", form)
    assert answer.status_code in (409, 422) and told in text_of(answer)
    assert "没有暂停过" in text_of(answer)


def test_an_order_stands_still_for_the_customer_and_goes_on(site: Site) -> None:
    front = site.visitor("front")
    number = placed(site)
    form = {"reason": "customer-defer", "evidence": "录音 4711", "until": "2099-01-01"}
    assert front.post(f"/orders/{number}/pause", form).status_code == 303
    text = text_of(front.get(f"/orders/{number}/hold"))
    assert "客户要求缓装" in text and "录音 4711" in text and "自动继续" in text and "仍在暂停" in text
    assert front.post(f"/orders/{number}/resume", {}).status_code == 303
    assert "仍在暂停" not in text_of(front.get(f"/orders/{number}/hold"))
    again = front.post(f"/orders/{number}/resume", {})
    assert again.status_code == 409 and "订单不在暂停或挂起的状态" in text_of(again)


def test_an_order_is_held_for_us(site: Site) -> None:
    ops = site.visitor("ops")
    number = placed(site)
    assert ops.post(f"/orders/{number}/hold", {}).status_code == 422
    assert ops.post(f"/orders/{number}/hold", {"our_reason": "no-capacity", "note": "2 号箱"}).status_code == 303
    text = text_of(ops.get(f"/orders/{number}/hold"))
    assert "端口" in text and "2 号箱" in text and "照常计时" in text
    assert ops.post(f"/orders/{number}/resume", {}).status_code == 303


def test_pages_of_another_area_do_not_exist(site: Site) -> None:
    number = placed(site)
    for page in ("cancel", "hold"):
        assert site.visitor("bj.desk").get(f"/orders/{number}/{page}").status_code == 404
    reader = site.visitor("sh.quality")
    assert "你的角色不能撤单" in text_of(reader.get(f"/orders/{number}/cancel"))
