"""What is done with an order on pages of its own: cancelled, made to stand still, amended; and why it is due then."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.cli.field_crew import answers
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.sla_clocks import SlaClock
from tests.web.site import Site, Visitor, text_of

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


@pytest.fixture(scope="module")
def fresh(site: Site) -> str:
    """An order that no test changes."""
    return placed(site)


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
def test_what_is_missing_for_a_pause_is_told_at_its_field(
    site: Site, fresh: str, form: dict[str, str], told: str
) -> None:
    answer = site.visitor("front").post(f"/orders/{fresh}/pause", form)
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


def test_pages_of_another_area_do_not_exist(site: Site, fresh: str) -> None:
    number = fresh
    for page in ("cancel", "hold", "amend", "promise", "visit", "share"):
        assert site.visitor("bj.desk").get(f"/orders/{number}/{page}").status_code == 404
    reader = site.visitor("sh.quality")
    assert "你的角色不能撤单" in text_of(reader.get(f"/orders/{number}/cancel"))


def digest_of(shown: Any) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]+)"', shown.get_data(as_text=True))
    assert found is not None, text_of(shown)
    return found[1]


def preview(visitor: Visitor, number: str, form: dict[str, str], status: int = 200) -> Any:
    answer = visitor.post(f"/orders/{number}/amend?item=1", {"do": "preview", **form})
    assert answer.status_code == status, text_of(answer)
    return answer


def test_what_it_means_is_seen_and_only_that_is_confirmed(site: Site) -> None:
    front = site.visitor("front")
    number = placed(site)
    page = text_of(front.get(f"/orders/{number}/amend"))
    assert "全家享 500M" in page and "全家享 1000M" in page
    wish = {"offering": "hb-1000", "reason": "客户要更快"}
    shown = preview(front, number, wish)
    text = text_of(shown)
    assert "¥149.00" in text and "1000 Mbit/s" in text and "直接修改" in text and "免费" in text
    other = {**wish, "do": "confirm", "digest": digest_of(shown), "c-with_iptv": "true"}
    moved_on = front.post(f"/orders/{number}/amend?item=1", other)
    assert moved_on.status_code == 409 and "订单已有进展" in text_of(moved_on)
    done = front.post(f"/orders/{number}/amend?item=1", {**wish, "do": "confirm", "digest": digest_of(shown)})
    assert done.status_code == 303, text_of(done)
    site.work()
    assert "全家享 1000M" in text_of(front.get(f"/orders/{number}"))
    after = text_of(front.get(f"/orders/{number}/amend"))
    assert "已执行" in after and "客户要更快" in after
    same = preview(front, number, {"offering": "hb-1000"}, 422)
    assert "没有任何变化" in text_of(same)


def test_another_address_is_found_and_what_is_wrong_is_told_at_its_field(site: Site) -> None:
    front = site.visitor("front")
    number = placed(site)
    found = front.post(f"/orders/{number}/amend?item=1", {"do": "find-0", "find-0": "A0014", "offering": "hb-500"})
    assert found.status_code == 200 and 'name="place-0" value="A0014"' in found.get_data(as_text=True)
    full = preview(front, number, {"offering": "hb-500", "place-0": "A0012"}, 422).get_data(as_text=True)
    assert 'href="#find-0"' in full and "新地址没有资源" in full
    moved = text_of(preview(front, number, {"offering": "hb-500", "place-0": "A0014"}))
    assert "回退重做" in moved and "直接修改" in moved
    unknown = preview(front, number, {"offering": "none-such", "place-0": "A0014"})
    assert "none-such" not in text_of(unknown)
    assert front.get(f"/orders/{number}/amend?item=9").status_code == 404


def test_past_the_soft_point_a_second_person_decides(site: Site) -> None:
    front, manager = site.visitor("front"), site.visitor("ops2")
    number = placed(site)
    begun(site, number)
    refused = preview(front, number, {"offering": "hb-500", "place-0": "A0014"})
    assert "现场施工已开始" in text_of(refused) and "digest" not in refused.get_data(as_text=True)
    wish = {"offering": "hb-500", "c-with_iptv": "true"}
    shown = preview(front, number, wish)
    assert "¥50.00" in text_of(shown) and "运营经理" in text_of(shown)
    asked = front.post(f"/orders/{number}/amend?item=1", {**wish, "do": "confirm", "digest": digest_of(shown)})
    assert asked.status_code == 303, text_of(asked)
    page = manager.get(f"/orders/{number}/amend").get_data(as_text=True)
    path = re.search(r'action="(/orders/[^"]+/decision)"', page)
    assert path is not None and "含电视" in page
    assert "/decision" not in front.get(f"/orders/{number}/amend").get_data(as_text=True)
    assert manager.post(path[1], {"agreed": "no", "reason": ""}).status_code == 422
    assert manager.post(path[1], {"agreed": "yes", "reason": "客户愿付"}).status_code == 303
    assert manager.post(path[1], {"agreed": "no", "reason": "不行"}).status_code == 409


def test_a_promise_is_explained_with_its_stops_and_days(site: Site) -> None:
    front = site.visitor("front")
    number = placed(site)
    front.post(f"/orders/{number}/pause", {"reason": "customer-information-missing", "evidence": "清单 8"})
    text = text_of(front.get(f"/orders/{number}/promise"))
    assert "对客户承诺" in text and "监管时限" in text and text.index("对客户承诺") < text.index("监管时限")
    assert "停表中" in text and "资料待补" in text and "清单 8" in text and "计入" in text
    assert "逐日明细" in text and "开始计时" in text and "因此到期" in text
    assert f"/orders/{number}/promise" in front.get(f"/orders/{number}").get_data(as_text=True)
    with site.world.deps.sessions.begin() as session:
        order = session.scalars(select(ProductOrder).where(ProductOrder.number == number)).one()
        clock = session.scalars(select(SlaClock).where(SlaClock.order_id == order.id, SlaClock.kind == "promise")).one()
        session.execute(update(SlaClock).where(SlaClock.id == clock.id).values(due_at=clock.due_at + timedelta(days=9)))
    # What was written by hand is not what the rules of its day say, and the page says so.
    assert "按当时的规则重算应为" in text_of(front.get(f"/orders/{number}/promise"))
