"""The pages in a real browser: they refresh themselves, fit a phone, and nothing is blocked or missing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.web.site import Site

pytestmark = pytest.mark.slow


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """The application served on a free port."""
    server = make_server("127.0.0.1", 0, site.world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=5)


def sign_in(page: Any, address: str, login: str) -> None:
    page.goto(f"{address}/login")
    page.get_by_role("button", name=login, exact=False).first.click()
    page.get_by_role("button", name="登录", exact=True).click()


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
