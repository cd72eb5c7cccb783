"""The first day of operations: a fault mended for all it hit, and every other repair on one order each."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.persistence.ordering.orders import ProductOrder
from app.web.texts import Texts
from tests.web.site import Site, ordered, sign_in
from tests.web.stuck import hurry

pytestmark = pytest.mark.slow
PLACES = (("C100001", "A0001"), ("C100002", "A0002"), ("C100003", "A0013"))


class Day:
    """One browser of operations, one of the manager, and the sentences of their language."""

    def __init__(self, page: Any, address: str, site: Site, language: str) -> None:
        self.page, self.address, self.site, self.t = page, address, site, Texts(language)
        sign_in(page, address, "ops", language)
        self.other = page.context.browser.new_context(viewport={"width": 1440, "height": 900})
        self.other.set_default_timeout(10_000)
        self.manager = self.other.new_page()
        sign_in(self.manager, address, "sh.manager", language)

    def repair(self, number: str) -> None:
        """Open an order for repair; what is stuck is chosen."""
        self.page.goto(f"{self.address}/orders/{number}/repair")
        self.page.locator("[data-diagram][data-ready]").wait_for()

    def plan_of(self, number: str, step: str) -> None:
        """Open a step of the plan of the order's item."""
        self.repair(number)
        plan = self.page.locator(".dgm-runs .lv1 a")
        if plan.count():
            plan.first.click()
        self.page.locator(f".dgm-steps a[href*='step={step}']").first.click()
        self.page.locator("[data-diagram][data-ready]").wait_for()

    def way(self, name: str) -> None:
        """Choose a way to mend the step."""
        self.page.locator(".tabs").get_by_role("link", name=self.t.about("repair", "What can be done")).click()
        self.page.locator(".acts3").get_by_role("link", name=name).first.click()
        self.page.get_by_test_id("will-happen").wait_for()

    def send(self, button: str, reason: str) -> None:
        """Give the reason and press the button."""
        self.page.get_by_label(self.t("Reason")).last.fill(reason)
        self.page.locator("form[data-submit-key]").get_by_role("button", name=button, exact=True).click()
        self.page.get_by_test_id("toast").wait_for()

    def agreed(self, number: str) -> None:
        """The manager finds the request among the exceptions, and agrees on the page of the order."""
        page = self.manager
        page.goto(f"{self.address}/exceptions")
        page.get_by_test_id("repair-request").filter(has_text=number).get_by_role("link", name=number).click()
        page.get_by_test_id("order-no").wait_for()
        asked = page.get_by_test_id("repair-request")
        asked.get_by_label(self.t("Why do you agree or refuse?")).fill("looked at it")
        asked.get_by_role("button", name=self.t("Agree"), exact=True).click()
        page.get_by_test_id("toast").wait_for()


def settled(site: Site) -> None:
    """Let everything be done, and what came of it be noted."""
    for _ in range(8):
        hurry(site)


def key_of(site: Site, number: str) -> str:
    """What neighbours know the order's only line by."""
    with site.world.deps.sessions() as session:
        order_id = session.scalar(select(ProductOrder.id).where(ProductOrder.number == number))
    return f"order:{order_id}/item:1"


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.torture)])
def test_the_first_day(page: Any, address: str, site: Site, language: str) -> None:
    twin, t = site.world.twin, Texts(language)
    refused = {"times": -1, "code": "element-rejected", "message": "E4102"}
    twin.script("refuse", "resource.assign", times=-1, code="resource-data-wrong", message="E77")
    for customer, place in PLACES:
        ordered(site, customer, place)
    day = Day(page, address, site, language)

    # Three orders, one cause: tried again together while it is still there.
    page.goto(f"{address}/exceptions")
    page.get_by_role("link", name=t("Show the orders")).click()
    first, second, third = sorted(page.locator("a.ono").all_inner_texts())
    first, second, third = (text.split(" ")[0] for text in (first, second, third))
    page.locator("details.reveal > summary").click()
    page.locator("details.reveal[open] input[name=reason]").fill("is it back?")
    page.locator("details.reveal[open] button[type=submit]").click()
    page.get_by_test_id("bulk-result").wait_for()
    settled(site)
    again = page.get_by_role("button", name=t("Run the {n} that failed again", n=3))
    again.wait_for(timeout=15_000)

    # The neighbour is healed, and has something against two of them alone.
    twin.clear_scripts()
    olt = {"business_key": key_of(site, first), "profile": "ftth-500m"}
    twin.script("refuse", "provisioning.configure_olt_port", match=olt, **refused)
    twin.script("refuse", "provisioning.push_ont_config", match={"business_key": key_of(site, second)}, **refused)
    page.get_by_label(t("Reason")).fill("it is back")
    again.click()
    settled(site)
    page.get_by_test_id("bulk-result").locator("b.ok", has_text="3").wait_for(timeout=15_000)

    # With other data: before and after are shown, and only then it goes out.
    day.repair(first)
    day.way(t("Try again with other data"))
    page.locator("input[name=v-profile]").fill("ftth-300m")
    page.get_by_role("button", name=t("Show what will happen")).click()
    page.locator(".diff3 ins", has_text="ftth-300m").wait_for()
    day.send(t("Try again with other data"), "500M is not known there yet")
    settled(site)
    day.repair(first)
    assert page.locator("h1 .tag.bad").count() == 0, "it goes on"

    # Skipped, when the manager agrees.
    day.repair(second)
    assert page.locator("h1 .tag.bad").count() > 0
    day.way(t("Skip"))
    day.send(t("Ask a second person"), "done by hand at the ITMS")
    day.agreed(second)
    settled(site)
    day.repair(second)
    assert page.locator("h1 .tag.bad").count() == 0

    # Back over what has effects: they are undone first, and the step is done again.
    day.plan_of(third, "book_appointment")
    day.way(t("Go to another step"))
    page.locator("select#to").select_option("resource_assignment")
    page.get_by_role("button", name=t("Show what will happen")).click()
    page.get_by_test_id("will-happen").get_by_role("listitem").nth(2).wait_for()
    day.send(t("Ask a second person"), "wrong splitter")
    day.agreed(third)
    settled(site)
    day.plan_of(third, "resource_assignment")
    page.locator(".dgm-steps li", has_text=t("done {n} times", n=2)).first.wait_for()

    # Cancelled with everything undone; and the page says why the promise is what it is.
    page.locator("#sla-h").wait_for()
    assert t("Rule") in page.locator("section[aria-labelledby=sla-h]").inner_text()
    day.way(t("Undo and cancel the order"))
    day.send(t("Ask a second person"), "the customer moves away")
    day.agreed(third)
    settled(site)
    day.repair(third)
    assert page.locator("tr", has_text=t.about("effect", "in force")).count() == 0
    assert page.locator(".dgm-runs", has_text=t.about("run", "cancelled")).count() == 1
    day.other.close()
