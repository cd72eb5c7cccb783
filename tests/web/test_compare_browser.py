"""Two drawings beside one another in a browser: they move together, marks say what differs, and a click leads to it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.site import Site, sign_in
from tests.web.test_compare import put

pytestmark = pytest.mark.slow


def test_two_drawings_move_together_and_lead_to_what_differs(page: Any, address: str, site: Site) -> None:
    xml = site.visitor("designer").get("/processes/line_test/1/source").get_data()
    put(site, "line_test.bpmn", xml.replace(b'yizhan:nameEn="', b'yizhan:nameEn="New '))
    sign_in(page, address, "designer", "en")
    page.goto(f"{address}/processes/line_test/compare?old=1&new=2")
    drawings = page.locator("[data-diagram][data-ready]")
    drawings.nth(1).wait_for()
    assert page.locator(".dgm-diff.changed").count() >= 2

    def views() -> list[list[float]]:
        """Scale and place of each drawing, to a tenth."""
        shown = [drawings.nth(at).locator("svg .viewport").get_attribute("transform") or "" for at in (0, 1)]
        return [[round(float(number), 1) for number in re.findall(r"-?[\d.]+", view)] for view in shown]

    drawings.nth(0).get_by_role("button", name="Zoom in").click()
    near = views()
    assert near[0] == near[1]
    drawings.nth(1).get_by_role("button", name="Zoom out").click()
    far = views()
    assert far[0] == far[1] != near[0]
    assert page.locator(".bjs-powered-by").count() == 2
    page.get_by_role("region", name="What differs").get_by_role("link").first.click()
    page.locator("tr.cur").first.wait_for()
