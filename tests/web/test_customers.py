"""Customers on the pages: what they have, drawn and in words, several products in one order, and every tab."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.site import Site, sign_in, text_of


def test_products_stand_in_groups_with_one_of_them_drawn(site: Site) -> None:
    page = site.visitor("sh.am").get("/customers/C300001")
    told = text_of(page)
    assert "专线（本地） 1" in told and "TXP-SH-01-1" in told and "1 段中继" in told
    assert "A 端 · 演示街***" in told, "the drawing has its twin in words"
    home = site.visitor("front").get("/customers/C100001?by=address&product=P10000105")
    assert "无装机地址 1" in text_of(home) and 'aria-current="true">P10000105' in home.text
    network = text_of(site.visitor("sh.am").get("/customers/C400001"))
    assert "星型" in network and "PE-CD-01-1" in network and "hub_spoke" not in network


@pytest.mark.parametrize("tab", ["orders", "tickets", "accounts", "quotes", "history"])
def test_every_tab_is_there_and_masked(site: Site, tab: str) -> None:
    page = site.visitor("sh.am").get(f"/customers/C300001?tab={tab}")
    assert page.status_code == 200
    assert not re.search(r"\b1[3-9]\d{9}\b", text_of(page)), "no whole phone"


def test_a_customer_of_another_area_does_not_exist(site: Site) -> None:
    stranger = site.visitor("bj.front")
    for path in ("", "?tab=history", "/batch?type=suspend&product=P10000105"):
        assert stranger.get(f"/customers/C100001{path}").status_code == 404


def test_several_products_go_into_one_order_and_the_others_say_why_not(site: Site) -> None:
    front = site.visitor("front")
    where = "/customers/C100009/batch?type=suspend&product=P10000901&product=P10000905&product=P10000902"
    page = front.get(where)
    told = text_of(page)
    assert "2 个产品" in told and "随套餐 P10000901 一起变更" in told
    placed = front.post(where, {"do": "submit", "c-mode": "two_way"})
    assert placed.status_code == 303, text_of(placed)
    order = front.get(placed.headers["Location"])
    assert "停机" in text_of(order)
    again = front.post(where, {"do": "submit", "c-mode": "two_way"})
    assert again.status_code == 422 and "正在处理产品 P10000901" in text_of(again), "sent twice, ordered once"


def test_a_batch_of_nothing_and_of_unknown_things_orders_nothing(site: Site) -> None:
    front = site.visitor("front")
    assert front.get("/customers/C100001/batch?type=suspend").headers["Location"].endswith("done=nothing-chosen")
    assert front.get("/customers/C100001/batch?type=install&product=P10000105").status_code == 404
    # Somebody else's product is not there.
    other = front.post("/customers/C100001/batch?type=suspend&product=P10000201", {"do": "submit"})
    assert other.status_code == 422
    assert site.visitor("back").get("/customers/C100001/batch?type=suspend&product=P10000105").status_code == 403


def test_all_that_moves_moves_to_one_address(site: Site) -> None:
    front = site.visitor("front")
    where = "/customers/C100006/batch?type=move&product=P10000601&product=P10000602"
    missing = front.post(where, {"do": "submit"})
    assert missing.status_code == 422 and 'href="#place-installation"' in missing.text
    assert "该产品不能办理这项业务" in text_of(missing)
    placed = front.post(where, {"do": "submit", "place-installation": "A0013"})
    assert placed.status_code == 303, text_of(placed)


def test_what_is_left_empty_in_a_change_of_several_stays_as_it_is(site: Site) -> None:
    front = site.visitor("front")
    where = "/customers/C100010/batch?type=change&product=P10001002"
    nothing = front.post(where, {"do": "submit"})
    assert nothing.status_code == 422 and "没有任何改动" in text_of(nothing)
    placed = front.post(where, {"do": "submit", "c-plan": "m99"})
    assert placed.status_code == 303, text_of(placed)


@pytest.mark.slow
def test_products_are_chosen_with_the_keyboard(page: Any, address: str, site: Site) -> None:
    sign_in(page, address, "front", "en")
    page.goto(f"{address}/customers/C100001")
    bar = page.get_by_role("form", name="With the chosen products")
    assert not bar.is_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    bar.get_by_role("button", name="Suspend").click()
    page.get_by_role("heading", name="One order for these products").wait_for()


# ---- taken in, corrected, made one

MADE = {
    "kind": "individual",
    "segment": "public",
    "name": "测样例",
    "id_type": "passport",
    "id_number": "E20261122",
    "phone": "15400009901",
    "tier": "standard",
    "area": "SH-SH",
    "language": "zh",
    "contact_name": "测家人",
    "contact_role": "other",
    "contact_phone": "15400009902",
    "birth_date": "1990-01-01",
}


def made(site: Site, **more: str) -> str:
    answer = site.visitor("front").post("/customers/new", {**MADE, **more})
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["Location"]).split("?")[0]


def test_a_customer_is_taken_in_once_with_every_wrong_field_named_before(site: Site) -> None:
    front = site.visitor("front")
    wrong = front.post("/customers/new", {**MADE, "phone": "123", "segment": "group", "name": ""})
    assert wrong.status_code == 422
    for field in ("phone", "segment", "name"):
        assert f'href="#cf-{field}"' in wrong.text
    assert 'value="E20261122"' in wrong.text, "what was typed is still there"
    where = made(site)
    assert made(site) == where, "sent twice, taken in once"
    assert "测*" in text_of(front.get(where)) and "15400009901" not in front.get(where).text
    known = site.visitor("sh.am").post("/customers/new", {**MADE})
    assert known.status_code == 409 and where.split("/")[-1] in text_of(known)


def test_one_who_looks_like_a_customer_we_have_is_asked_about(site: Site) -> None:
    first = made(site, id_number="E20261201", phone="15400009911", name="测相似")
    like = {**MADE, "id_number": "E20261202", "phone": "15400009911", "name": "测相似"}
    asked = site.visitor("front").post("/customers/new", like)
    assert asked.status_code == 409 and f'href="{first}"' in asked.text and "电话相同" in text_of(asked)
    assert made(site, **{**like, "confirmed": "1"}) != first


def test_data_is_corrected_with_a_reason_and_what_is_masked_stays(site: Site) -> None:
    where = made(site, id_number="E20261301", phone="15400009921", name="测修改")
    front = site.visitor("front")
    form = front.get(f"{where}/edit")
    assert "15400009921" not in form.text and "测修改" not in form.text and "154****9921" in form.text
    seen = re.search(r'name="seen" value="(\d+)"', form.text)
    assert seen is not None
    changed = {"email": "new@example.com", "tier": "gold", "seen": seen[1], "off": "0"}
    assert front.post(f"{where}/edit", changed).status_code == 422, "no reason"
    assert front.post(f"{where}/edit", {**changed, "why": "客户来电"}).status_code == 303
    page = text_of(front.get(where))
    assert "n***@example.com" in page and "154****9921" in page
    late = front.post(f"{where}/edit", {**changed, "tier": "silver", "why": "late"})
    assert late.status_code == 409 and "刚被他人修改" in text_of(late)
    history = text_of(front.get(f"{where}?tab=history"))
    assert "客户来电" in history and "级别" in history and "new@example.com" not in history


def test_two_customers_become_one_only_when_that_is_seen_and_confirmed(site: Site) -> None:
    keep = made(site, id_number="E20261401", phone="15400009931", name="测合并")
    other = {"id_type": "residence_permit", "id_number": "ABC199001011234", "confirmed": "1"}
    gone = made(site, phone="15400009931", name="测合并", **other)
    manager = site.visitor("sh.am")
    number = gone.split("/")[-1]
    assert number in manager.get(f"{keep}/merge").text, "who looks like the same customer is offered"
    seen = manager.post(f"{keep}/merge", {"gone": number, "do": "preview"})
    assert seen.status_code == 200 and "将转过来的内容" in text_of(seen)
    assert manager.post(f"{keep}/merge", {"gone": number, "do": "merge", "reason": "same"}).status_code == 422
    done = manager.post(f"{keep}/merge", {"gone": number, "do": "merge", "reason": "same", "confirmed": "1"})
    assert done.status_code == 303
    assert keep in manager.get(gone).text and "新建订单</a>" not in manager.get(gone).text
    assert site.visitor("front").get(f"{keep}/merge").status_code == 403
    assert site.visitor("bj.am").post(f"{keep}/merge", {"gone": number}).status_code == 404
