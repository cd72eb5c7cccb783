"""The states of the team's pages under axe: each tab, open dialogs and menus, refused forms, empty lists.

In the ordinary run narrow in English; ``--full`` looks at all widths in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.site import Site, sign_in
from tests.web.test_accessible import SHORT, WHOLE, violations
from tests.web.visits import PLACES, visit_planned

pytestmark = pytest.mark.slow

PARTS = ("", "?tab=files", "?tab=customer", "?act=hold", "?act=send-back")
MORE = ("?tab=history", "?tab=diagram", "?act=hand-over", "?act=ask", "?act=follow-up")


@pytest.fixture(scope="module")
def task(site: Site) -> str:
    """The page of a visit that the crew's leader has, with a question nobody has answered."""
    path = f"/work/{visit_planned(site, *PLACES[0])[1]}"
    leader = site.visitor("sh.lead")
    leader.post(f"{path}/claim", {"stay": "1"})
    assert leader.post(f"{path}/ask", {"to": "team:data_access.sh", "text": "which port?"}).status_code == 303
    return path


def states(page: Any, address: str, task: str, parts: tuple[str, ...]) -> Iterator[str]:
    """Put the page into one state after the other; each is named."""
    for part in parts:
        page.goto(f"{address}{task}{part}")
        yield f"task {part}"
    page.goto(f"{address}{task}")
    page.locator(".acts2 a").first.click()
    page.locator("dialog[open]").wait_for()
    yield "task, dialog open"
    page.locator("dialog[open] [data-close]").click()
    page.locator("form[data-submit-key] button[value='']").click()
    page.get_by_test_id("error-summary").wait_for()
    yield "task, refused"
    page.goto(f"{address}/work?tab=all&product=home_bundle")
    for n in range(3):
        menu = page.locator(".chips details > summary").nth(n)
        menu.click()
        yield f"list, menu {n}"
        menu.click()
    page.locator("input[data-choose]").first.check()
    yield "list, rows chosen"
    page.goto(f"{address}/work?tab=all&q=nothing-of-that-name")
    yield "list, nothing fits"
    page.goto(f"{address}/work/questions")
    yield "questions"


def test_no_state_of_a_team_page_breaks_a_rule(
    page: Any, address: str, site: Site, task: str, request: pytest.FixtureRequest, page_watch: Any
) -> None:
    page_watch.allow("422")
    full = request.config.getoption("--full")
    broken = []
    for language, width in WHOLE if full else SHORT[1:]:
        # So high that nothing lies half under the status bar, where axe takes it for too small to be hit.
        page.set_viewport_size({"width": width, "height": 4000})
        page.goto("about:blank")  # no open page asks for something without its session
        page.context.clear_cookies()
        sign_in(page, address, "sh.lead", language)
        for state in states(page, address, task, PARTS + (MORE if full else ())):
            found = [line for line in violations(page) if "djs-" not in line]
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            broken += [f"{language} {width} {state}: {line}" for line in found]
            broken += [f"{language} {width} {state}: {wide} px too wide"] * (wide > 0)
    assert not broken, "\n".join(broken)
