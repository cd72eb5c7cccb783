"""The first day of somebody at the counter, in both languages: whatever customers may come with, from page to page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from app.domain.ordering.order_lifecycle import NAMES, OrderState
from app.web.texts import Texts
from tests.browsing import PageWatch
from tests.domain.sheet_files import csv_bytes
from tests.web.site import Site, sign_in
from tests.web.test_sheets import HEAD, carried_out

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Visit:
    """Who comes: a new line, and somebody who moves with what they have."""

    customer: str
    address: str
    mover: str
    moving: str
    new_address: str
    phone: str
    day: str


VISITS = {
    "zh": Visit("C100003", "A0013", "C100002", "P10000201", "A0014", "15400001003", "2027-06-01"),
    "en": Visit("C100004", "A0014", "C100006", "P10000601", "A0013", "15400001004", "2027-06-02"),
}


class Counter:
    """Somebody at the counter in front of a browser, who knows only what the pages say."""

    def __init__(self, page: Any, address: str, language: str) -> None:
        self.page, self.address, self.t = page, address, Texts(language)

    def button(self, name: str, **values: object) -> Any:
        return self.page.get_by_role("button", name=re.compile(f"^{re.escape(self.t(name, **values))}"))

    def link(self, name: str) -> Any:
        return self.page.get_by_role("link", name=self.t(name), exact=True)

    def order_number(self) -> str:
        return str(self.page.get_by_test_id("order-no").inner_text())

    def find(self, text: str) -> None:
        """From anywhere to a customer, by what the customer says."""
        self.link("Customers").first.click()
        self.page.locator("#cq").fill(text)
        self.page.locator("main form button[type=submit]").first.click()

    def choose_address(self, code: str) -> None:
        self.page.locator("#find-installation").fill(code)
        self.page.locator("button[value=find-installation]").click()
        self.page.locator(f"input[name=place-installation][value={code}]").check()


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """The ordinary run walks in Chinese; ``--full`` in both."""
    chosen = str(request.param)
    if chosen == "en" and not request.config.getoption("--full"):
        pytest.skip("--full walks in English too")
    return chosen


def test_the_first_day_at_the_counter(
    page: Any, address: str, site: Site, page_watch: PageWatch, language: str
) -> None:
    page_watch.allow("409")  # a refused order is answered so, and browsers say it in their console
    visit = VISITS[language]
    sign_in(page, address, "front", language)
    counter = Counter(page, address, language)
    t = counter.t

    # Somebody is found by the whole phone number, and gets a line.
    counter.find(visit.phone)
    page.get_by_role("link", name=visit.customer).click()
    page.locator("main .acts a.primary").click()
    page.get_by_test_id("offering-fb-300").click()
    counter.choose_address(visit.address)
    page.locator("#checks", has_text=t("a port is free")).wait_for()
    counter.button("Place the order").click()
    installing = counter.order_number()

    # Somebody else moves; the second move is refused with the way to the first one.
    counter.find(visit.moving)
    page.get_by_role("link", name=visit.mover).click()
    row = page.locator(f"#p{visit.moving}")
    move = row.locator("a[data-key=m]")
    again = str(move.get_attribute("href"))
    move.click()
    counter.choose_address(visit.new_address)
    counter.button("Place the order").click()
    moving = counter.order_number()
    page.goto(f"{address}/customers/{visit.mover}")
    expect(row).to_contain_text(moving)
    assert row.locator("a[data-key=m]").count() == 0
    page.goto(f"{address}{again}")
    counter.choose_address(visit.new_address)
    counter.button("Place the order").click()
    page.get_by_role("alert").filter(has_text=moving).wait_for()
    counter.link("Open the order").click()
    assert counter.order_number() == moving

    # A company's sheet has a mistake: it is mended where it stands, and all of it is ordered.
    row_of = [visit.customer, "新装", "fb-300", "A0013", "", visit.day]
    content = csv_bytes([HEAD, row_of, [*row_of[:3], "A9999", "", visit.day]])
    counter.link("Order sheets").click()
    page.locator("#sheet-file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": content})
    counter.button("Check the sheet").click()
    page.locator("#cell-D3").fill("A0014")
    counter.button("Take over and check again").click()
    counter.button("Submit {n} lines", n=2).click()
    page.get_by_test_id("bulk-result").wait_for()
    carried_out(site)
    page.get_by_role("heading", name=t("{n} of {total} lines done", n=2, total=2)).wait_for(timeout=12_000)

    # The first one wants another terminal: what it means is seen before it is confirmed.
    page.goto(f"{address}/orders/{installing}")
    counter.link("Amend order").click()
    page.locator("input[name=c-ont_model][value=ont_ge]").check()
    counter.button("See what it means").click()
    page.locator("#preview").wait_for()
    counter.button("Confirm the change").click()
    page.get_by_test_id("order-no").wait_for()

    # And then wants nothing at all.
    page.goto(f"{address}/orders/{installing}")
    counter.link("Cancel order").click()
    page.locator("#why").fill("changed their mind")
    counter.button("Cancel the order").click()
    page.get_by_test_id("order-no").wait_for()
    site.work()
    page.goto(f"{address}/orders/{installing}")
    assert page.get_by_test_id("order-status").inner_text() == NAMES[OrderState.CANCELLED].in_language(language)

    # They are called back: the phone is shown for a reason, and written down.
    page.goto(f"{address}/customers/{visit.customer}")
    assert visit.phone not in page.content()
    reveal = page.locator("details.reveal").first
    reveal.locator("summary").click()
    reveal.locator("input[name=reason]").fill("calls back")
    reveal.get_by_role("button").click()
    page.get_by_text(visit.phone).wait_for()
