"""The pages in a real browser: they refresh themselves, fit a phone, and nothing is blocked or missing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.site import Site, ordered, sign_in

pytestmark = pytest.mark.slow


def test_an_order_from_the_counter_to_its_own_page(page: Any, address: str, site: Site) -> None:
    sign_in(page, address, "front")
    page.goto(f"{address}/orders/new?customer=C100003&offering=hb-500")
    page.get_by_label("查找地址：装机地址").fill("A0013")
    page.get_by_role("button", name="查找", exact=True).click()
    page.locator("input[name=place-installation]").first.check()
    page.get_by_role("button", name="提交订单").click()
    page.get_by_test_id("order-no").wait_for()
    assert page.get_by_test_id("order-status").inner_text() == "已受理"
    site.work()
    # Nobody touches the page: it fetches itself again and shows the plan.
    page.locator("svg.gantt text", has_text="资源配置").wait_for(timeout=12_000)
    assert page.get_by_test_id("order-status").inner_text() == "处理中"


def test_every_page_fits_a_phone(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    sign_in(page, address, "ops")
    for path in ("/orders?view=all", "/work?tab=all", "/operations", "/customers/C100001"):
        page.goto(f"{address}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_a_list_does_not_jump_and_shows_what_is_new_when_asked(page: Any, address: str, site: Site) -> None:
    ordered(site, "C100001", "A0001")
    sign_in(page, address, "ops")
    page.goto(f"{address}/work?tab=all")
    before = page.get_by_test_id("task-row").count()
    assert before
    ordered(site, "C100002", "A0002")
    fetch = "document.getElementById('work-rows').dispatchEvent(new Event('show-rows'))"
    with page.expect_response("**/work?tab=all"):
        page.evaluate(fetch)
    page.locator("[data-show-rows]:visible").wait_for()
    assert page.get_by_test_id("task-row").count() == before
    page.locator("[data-show-rows]").click()
    page.get_by_test_id("task-row").nth(before).wait_for()
    assert not page.locator("[data-show-rows]:visible").count()


def test_a_part_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    ops = site.visitor("ops")
    first = ops.get("/work?tab=all", HX_Request="true")
    again = ops.get("/work?tab=all", HX_Request="true", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["X-Data-As-Of"]
    assert ops.get("/work?tab=mine", HX_Request="true", If_None_Match=first.headers["ETag"]).status_code == 200


def test_a_form_saves_itself_while_it_is_filled_in(page: Any, address: str, site: Site) -> None:
    sign_in(page, address, "front")
    page.goto(f"{address}/orders/new?customer=C100003&offering=hb-300")
    page.get_by_label("备注").fill("ring twice")
    page.locator("[data-draft-state]", has_text="草稿已存").wait_for()
    page.goto(f"{address}/orders")
    page.goto(f"{address}/orders/new?customer=C100003&offering=hb-300")
    assert page.get_by_label("备注").input_value() == "ring twice"
    page.get_by_role("button", name="放弃草稿").click()
    page.wait_for_url("**offering=hb-300")
    assert page.get_by_label("备注").input_value() == ""


def test_what_has_the_focus_keeps_it_when_a_part_fetches_itself(page: Any, address: str, site: Site) -> None:
    ordered(site, "C100004", "A0001")
    sign_in(page, address, "ops")
    page.goto(f"{address}/work?tab=all")
    link = page.get_by_test_id("task-row").first.get_by_role("link").first
    link.focus()
    wanted = link.get_attribute("href")
    ordered(site, "C100005", "A0002")
    with page.expect_response("**/work?tab=all"):
        page.evaluate("document.getElementById('work-rows').dispatchEvent(new Event('show-rows'))")
    page.locator("[data-show-rows]:visible").wait_for()
    assert page.evaluate("document.activeElement.getAttribute('href')") == wanted
