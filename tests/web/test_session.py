"""A session that nobody uses ends, with a warning; another language keeps the page, its filters and what is typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.persistence.people import User
from processes.clock import set_offset
from tests.browsing import PageWatch
from tests.web.site import Site, Visitor, sign_in
from tests.web.test_accessible import violations

POLL = {"HX_Request": "true", "X_Yizhan_Poll": "1"}
ASK = "htmx.ajax('GET', '/bell', { source: '#bell', target: '#bell', swap: 'outerMorph' })"


def shift(site: Site, minutes: float) -> None:
    """Set the clock of the application ahead."""
    with site.world.deps.sessions.begin() as session:
        set_offset(session, 60 * minutes)


@pytest.fixture(autouse=True)
def _the_clock_goes_back(site: Site) -> Iterator[None]:
    yield
    shift(site, 0)


def left(visitor: Visitor, path: str = "/bell", **headers: str) -> int:
    return int(visitor.get(path, **headers).headers["X-Session-Left"])


def test_a_page_that_asks_by_itself_does_not_keep_the_session_alive(site: Site) -> None:
    front = site.visitor("front")
    assert 1700 < left(front) <= 1800
    shift(site, 25)
    assert left(front, **POLL) <= 300
    assert left(front, **POLL) <= 300
    assert front.post("/session/stay", {}, X_CSRF_Token=front.token()).headers["X-Session-Left"] > "1700"
    shift(site, 50)
    assert left(front, **POLL) <= 360
    assert left(front) > 1700, "a click keeps it alive"
    shift(site, 90)
    gone = front.client.get("/bell", headers={"HX-Request": "true", "X-Yizhan-Poll": "1"})
    assert (gone.status_code, "HX-Redirect" in gone.headers) == (401, False)
    clicked = front.client.get("/bell", headers={"HX-Request": "true"})
    assert clicked.headers["HX-Redirect"].startswith("/login")
    site.forget("front")


def test_a_session_never_lasts_longer_than_it_may(site: Site) -> None:
    back = site.visitor("back")
    for hours in range(1, 25):
        shift(site, 29 * hours)
        seconds = left(back)
    assert seconds < 29 * 60, "twelve hours are nearly over"
    site.forget("back")


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/orders?view=all&q=O-26&mine=1", "/orders?view=all&amp;q=O-26&amp;mine=1&amp;lang=en"),
        ("/work?tab=all", "/work?tab=all&amp;lang=en"),
    ],
)
def test_the_other_language_keeps_the_filters(site: Site, path: str, wanted: str) -> None:
    assert f'href="{wanted}"' in site.visitor("ops").get(path).get_data(as_text=True)


def test_the_answer_to_a_form_leads_back_to_its_page_in_the_other_language(site: Site) -> None:
    front = site.visitor("front")
    refused = front.post(
        "/orders/new?customer=C100003&offering=hb-500",
        {"do": "submit"},
        Referer="http://x/orders/new?customer=C100003&offering=hb-500",
    )
    assert refused.status_code == 422
    assert "/orders/new?customer=C100003&amp;offering=hb-500&amp;lang=en" in refused.get_data(as_text=True)


def test_the_language_is_kept_with_the_person(site: Site) -> None:
    ops2 = site.visitor("ops2")
    ops2.get("/orders?lang=en")
    with site.world.deps.sessions() as session:
        assert session.scalar(select(User.language).where(User.login == "ops2")) == "en"
    ops2.get("/orders?lang=zh")


@pytest.mark.slow
def test_somebody_is_warned_goes_on_and_is_signed_out_without_losing_the_page(
    page: Any, address: str, site: Site, page_watch: PageWatch
) -> None:
    page_watch.allow("401")
    sign_in(page, address, "front", "en")
    page.goto(f"{address}/orders/new?customer=C100003&offering=hb-300")
    page.locator("#description").fill("ring twice")
    shift(site, 28.5)
    page.evaluate(ASK)
    dialog = page.get_by_role("alertdialog", name="You will be signed out soon")
    dialog.wait_for()
    assert page.get_by_role("timer").inner_text().startswith("1:")
    page.locator("[data-draft-state]", has_text="Draft saved").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Stay signed in").click()
    dialog.wait_for(state="hidden")
    assert page.locator("#description").input_value() == "ring twice"
    shift(site, 70)
    page.evaluate(ASK)
    again = page.get_by_role("link", name="Sign in again")
    again.wait_for()
    assert page.locator("#description").input_value() == "ring twice"
    again.click()
    page.fill("#u", "front")
    page.fill("#p", "demo")
    page.locator("form button[type=submit]").last.click()
    page.wait_for_url("**/orders/new?customer=C100003&offering=hb-300")
    assert page.locator("#description").input_value() == "ring twice"


@pytest.mark.slow
def test_what_is_typed_goes_along_into_the_other_language(page: Any, address: str, site: Site) -> None:
    sign_in(page, address, "front", "zh")
    page.goto(f"{address}/products/P10000105/fault")
    page.locator("#description").fill("没有信号 no light")
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="中文").wait_for()
    assert page.locator("#description").input_value() == "没有信号 no light"
    assert page.evaluate("sessionStorage.length") == 0
    assert "信号" not in page.url
