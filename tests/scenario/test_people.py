"""A broadband order as people live it: the counter, the crew on the phone, operations, and a change of mind."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.scenario.pages import sign_in
from tests.scenario.rig import Rig

pytestmark = pytest.mark.slow
CUSTOMER = "C100011"
ADDRESS = "A0013"
PHONE = {"width": 360, "height": 780}
#: The page fetches itself again every four seconds.
MOVES_MS = 15_000


def place_at_the_counter(page: Any, rig: Rig) -> str:
    """A fibre order through the pages, from the customer to the submitted order; returns its number."""
    page.goto(f"{rig.urls[0]}/orders")
    page.get_by_role("link", name="新建订单").first.click()
    page.get_by_label("客户号、姓名、电话或产品号").fill(CUSTOMER)
    page.get_by_role("button", name="搜索", exact=True).click()
    page.get_by_role("link", name=f"选择 {CUSTOMER}").click()
    page.get_by_role("link", name="光纤宽带 300M").click()
    page.get_by_role("button", name="提交订单").click()
    page.get_by_test_id("error-summary").get_by_text("请选择地址。").wait_for()
    page.get_by_label("查找地址：装机地址").fill(ADDRESS)
    page.get_by_role("button", name="查找", exact=True).click()
    page.locator("input[name=place-installation]").first.check()
    page.get_by_role("button", name="检查", exact=True).click()
    page.get_by_role("row", name=re.compile("信用")).wait_for()
    page.get_by_role("button", name="提交订单").click()
    return str(page.get_by_test_id("order-no").inner_text())


def on_a_phone(browser: Any, page_watch: Any) -> Any:
    context = browser.new_context(viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai", has_touch=True)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page_watch.watch(page)
    return page


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"])


def do_visit(page: Any, rig: Rig, number: str) -> None:
    """Find the visit in the team's list, take it, fill in what is missing, and complete it."""
    page.goto(f"{rig.urls[0]}/work")
    assert fits(page)
    row = page.get_by_test_id("task-row").filter(has_text=number)
    assert row.get_by_test_id("task-owner").inner_text() == "未领"
    row.get_by_role("button", name="领取").click()
    row = page.get_by_test_id("task-row").filter(has_text=number)
    row.get_by_role("link", name="办理").click()
    assert fits(page)
    assert "***" not in page.get_by_role("region", name="地址与联系人").inner_text(), (
        "whose visit it is sees the address"
    )
    page.get_by_role("button", name="完成", exact=True).click()
    page.get_by_test_id("error-summary").get_by_role("link").first.wait_for()
    page.get_by_label("光功率").fill("-18.5")
    page.get_by_label("客户签名").fill("客户本人")
    page.get_by_role("button", name="完成", exact=True).click()
    page.get_by_test_id("toast").get_by_text("已完成").wait_for()


def test_a_broadband_order_through_the_pages(page: Any, browser: Any, page_watch: Any, running: Rig) -> None:
    page_watch.allow("422")
    sign_in(page, running, "front")
    number = place_at_the_counter(page, running)
    page.locator("svg.gantt text", has_text="资源配置").wait_for(timeout=MOVES_MS)
    page.get_by_text("等 上海客户服务台").first.wait_for(timeout=MOVES_MS)
    running.crew().work(running.order(number))  # the service desk books the visit
    # Nobody touches the counter's page while the crew works.
    page.get_by_text("等 上海东区装维班").first.wait_for(timeout=MOVES_MS)

    phone = on_a_phone(browser, page_watch)
    sign_in(phone, running, "field")
    do_visit(phone, running, number)
    phone.get_by_role("link", name="English").click()
    phone.goto(f"{running.urls[0]}/work?tab=done")
    phone.get_by_test_id("task-row").filter(has_text=number).get_by_text("Install at the customer").first.wait_for()
    assert phone.locator("html").get_attribute("lang") == "en"
    assert fits(phone)
    phone.context.close()

    page.get_by_test_id("order-status").get_by_text("已完成").wait_for(timeout=2 * MOVES_MS)
    sign_in(page, running, "ops")
    page.goto(f"{running.urls[0]}/operations")
    assert number not in page.locator("main").inner_text()
    page.get_by_text("没有卡住的步骤。").wait_for()


def ask_to_cancel(page: Any, rig: Rig, number: str, reason: str) -> None:
    page.goto(f"{rig.urls[0]}/orders/{number}")
    page.get_by_role("link", name="撤单").click()
    page.get_by_label("原因", exact=True).fill(reason)
    page.get_by_role("button", name="撤销订单").click()


def test_a_cancel_is_accepted_and_undone_before_the_eyes_of_who_asked(page: Any, running: Rig) -> None:
    number = running.order(running.place("home-bundle.json"))["number"]
    running.follow(number, play=False, until=waits_for_somebody)
    sign_in(page, running, "front")

    ask_to_cancel(page, running, number, "客户改变主意")

    page.get_by_test_id("toast").get_by_text("撤单已受理").wait_for()
    page.get_by_test_id("order-status").get_by_text("已撤销").wait_for(timeout=MOVES_MS)
    assert "客户改变主意" in page.locator("main").inner_text()


def test_a_cancel_too_late_is_not_offered_and_says_why(page: Any, running: Rig) -> None:
    number = charged_but_not_closed(running)
    sign_in(page, running, "front")

    page.goto(f"{running.urls[0]}/orders/{number}")
    page.get_by_role("link", name="撤单").click()

    page.get_by_text("现在撤单已经太晚。").wait_for()
    assert not page.get_by_role("button", name="撤销订单").count()
    assert running.follow(number)["state"] == "completed"


def waits_for_somebody(view: Any) -> bool:
    return any(wait["kind"] == "person" for wait in view["waits_for"])


def charged_but_not_closed(rig: Rig) -> str:
    """An order whose charging has started while the network's book has lost its port: it cannot close, nor go back."""
    order_id = rig.place("home-bundle.json")
    rig.follow(order_id, play=False, until=lambda view: view["items"] and view["items"][0]["product_id"])
    view = rig.order(order_id)
    lost = {
        "adapter": "resource",
        "operation": "resource.query",
        "match": {"product_id": view["items"][0]["product_id"]},
        "outputs": {"resources": {"splitter_port": None}},
        "times": 2,
    }
    rig.far("POST", "/control/scripts", lost)
    crew = rig.crew()

    def is_held(view: Any) -> bool:
        if any(item["form_key"] == "resolve_difference" for item in rig.items_of(order_id)):
            return True
        crew.work(view, leave={"resolve_difference"})
        return False

    return str(rig.follow(order_id, play=False, until=is_held)["number"])
