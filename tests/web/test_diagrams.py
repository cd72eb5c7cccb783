"""The drawing of an order's plan: what stands where, for whom, and that the viewer shows what the list says."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from tests.web.site import Site, ordered, sign_in, text_of
from tests.web.stuck import cause_after_all_tries, stuck_orders


def marks_of(page: str) -> dict[str, Any]:
    found = re.search(r'data-marks="([^"]*)"', page)
    assert found is not None, page
    marks: dict[str, Any] = json.loads(html.unescape(found[1]))
    return marks


def numbers(site: Site) -> list[str]:
    listed = site.visitor("ops").get("/orders?view=all").get_data(as_text=True)
    return sorted(set(re.findall(r'href="/orders/(O-[0-9-]+)"', listed)))


def test_an_order_under_way_shows_its_plan_and_everybody_may_look(site: Site) -> None:
    ordered(site, "C100003", "A0013")
    number = numbers(site)[-1]
    answer = site.visitor("front").get(f"/orders/{number}/diagram")
    page = answer.get_data(as_text=True)
    marks = marks_of(page)
    assert any(mark["state"] == "here" and mark.get("badge") == "1" for mark in marks.values())
    assert any(mark["state"] == "done" for mark in marks.values())
    assert "装机" in text_of(answer)
    others = re.findall(r'href="(/orders/[^"]+/diagram\?at=[^"]+)"', page)
    above = site.visitor("front").get(html.unescape(others[0])).get_data(as_text=True)
    assert "order_received" in marks_of(above)
    assert site.visitor("bj.front").get(f"/orders/{number}/diagram").status_code == 404
    assert site.visitor("designer").get(f"/orders/{number}/diagram").status_code == 403
    source = re.search(r'data-source="([^"]+)"', page)
    assert source is not None
    assert site.visitor("front").get(source[1]).content_type.startswith("text/xml")
    assert site.visitor("front").get("/drawings/home_install/999").status_code == 404
    assert site.stranger().get(source[1]).status_code in (302, 303, 401)


def test_where_it_is_stuck_is_what_is_shown_first(site: Site) -> None:
    with stuck_orders(site):
        assert cause_after_all_tries(site)
        number = numbers(site)[-1]
        page = site.visitor("ops").get(f"/orders/{number}/diagram").get_data(as_text=True)
        assert marks_of(page)["check_credit"]["state"] == "failed"
        assert "卡在" in html.unescape(page)


@pytest.mark.slow
def test_the_viewer_shows_what_the_list_says(page: Any, address: str, site: Site) -> None:
    ordered(site, "C100004", "A0014")
    number = numbers(site)[-1]
    sign_in(page, address, "front", "en")
    page.goto(f"{address}/orders/{number}/diagram")
    page.locator("[data-diagram][data-ready]").wait_for()
    assert page.get_by_test_id("token-badge").count() == page.locator(".dgm-steps .tag.run").count() > 0
    assert page.locator(".dgm text", has_text="资").count() == 0, "an English reader sees English names"
    page.get_by_role("button", name="Zoom in").click()
    # The part fetches itself again; what was drawn stays.
    with page.expect_response("**/diagram"):
        page.evaluate("document.getElementById('diagram-live').dispatchEvent(new Event('show-rows'))")
        page.evaluate("htmx.ajax('GET', location.pathname, {target: '#diagram-live', swap: 'outerMorph'})")
    page.locator("[data-diagram][data-ready] .djs-container").wait_for()
