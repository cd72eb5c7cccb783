"""An order from the counter to its customer's phone, in a browser, in both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.site import Site, sign_in
from tests.web.test_my_order import booked
from tests.web.test_order_acts import placed

pytestmark = pytest.mark.slow
WORDS = {
    "zh": {
        "amend": "改单",
        "look": "预览影响",
        "confirm": "确认变更",
        "move": "改约",
        "share": "告知客户",
        "make": "生成链接",
        "why": "为什么",
        "other": "我想换个时间",
        "cancel": "撤单",
        "do": "撤销订单",
    },
    "en": {
        "amend": "Amend order",
        "look": "See what it means",
        "confirm": "Confirm the change",
        "move": "Move the visit",
        "share": "Tell the customer",
        "make": "Make a link",
        "why": "Why?",
        "other": "Another time suits me better",
        "cancel": "Cancel order",
        "do": "Cancel the order",
    },
}


@pytest.mark.torture
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_order_is_followed_from_the_counter_to_the_customer(
    page: Any, address: str, site: Site, language: str
) -> None:
    say = WORDS[language]
    number = placed(site)
    sign_in(page, address, "front", language)
    page.goto(f"{address}/orders/{number}")
    # Amend: seen first, then confirmed.
    page.get_by_role("link", name=say["amend"]).click()
    page.locator("#offering").select_option("hb-1000")
    page.get_by_role("button", name=say["look"]).click()
    page.locator("#preview").get_by_text("229").wait_for()
    page.get_by_role("button", name=say["confirm"]).click()
    page.get_by_test_id("toast").wait_for()
    site.work()
    booked(site, number)
    page.reload()
    assert "1000M" in page.locator("h1").inner_text()
    # Why it is due then, and back.
    page.get_by_role("link", name=re.compile(re.escape(say["why"]))).click()
    page.get_by_test_id("sla-due").wait_for()
    page.go_back()
    # Move the visit for the customer.
    page.get_by_role("link", name=say["move"], exact=True).click()
    page.locator("input[name=slot]").nth(2).check()
    page.locator("#note").fill("4711")
    page.locator("main").get_by_role("button", name=say["move"], exact=True).click()
    page.get_by_test_id("toast").wait_for()
    # The customer opens the link and moves it once more.
    page.get_by_role("link", name=say["share"]).click()
    page.get_by_role("button", name=say["make"]).click()
    link = page.locator("#link-1").input_value()
    page.goto("about:blank")  # or the counter's page would ask for its bell as nobody
    page.context.clear_cookies()
    page.goto(f"{address}/my/{link.rsplit('/', 1)[-1]}?lang={language}")
    assert page.url == f"{address}/my"
    page.goto(f"{address}/my?lang={language}")
    assert page.get_by_test_id("order-no").inner_text() == number
    page.get_by_text(say["other"]).click()
    page.locator("details[name=day] summary").nth(3).click()
    page.locator("details[name=day][open] .slot").first.click()
    page.locator("form button[type=submit]").first.click()
    page.get_by_test_id("toast").wait_for()
    # The counter sees it and cancels.
    sign_in(page, address, "front", language)
    page.goto(f"{address}/orders/{number}")
    page.get_by_role("link", name=say["cancel"], exact=True).click()
    page.locator("#why").fill("-")
    page.get_by_role("button", name=say["do"]).click()
    page.get_by_test_id("toast").wait_for()
    site.work()
    page.reload()
    assert page.get_by_test_id("order-status").first.inner_text().strip() in ("已撤销", "Cancelled")
