"""The pages of the studio under axe in their other states, and a day of a designer without a mouse.

Loaded pages are looked at in test_accessible; here it is what opens, what is empty, and what was refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from tests.web.moving import KEY, moving
from tests.web.site import Site, sign_in
from tests.web.test_accessible import WHOLE, violations

pytestmark = [pytest.mark.slow, pytest.mark.torture]

#: Nothing is there, or nothing fits.
EMPTY: Final = {
    "designer": (
        "/processes?q=nothing-is-called-this",
        "/processes/operations?q=nothing-is-called-this",
        "/processes/deployments",
        "/processes/folders",
        "/processes/home_install/cases",
        "/processes/home_install/1/try",
    ),
    "ops2": ("/processes/migrations", "/processes/line_test/migrate", "/processes/home_install/running"),
}
BOARDS: Final = "#designer[data-ready], #form-builder[data-ready], #decision-editor[data-ready]"
#: What can be opened on the board: a button of the toolbar by its place, so that both languages have it.
MENUS: Final = (".dsg-menu > button, .dsg-bar [aria-haspopup]",)


@pytest.fixture(scope="module")
def draft(site: Site) -> str:
    """A draft made from a sample."""
    return made(site, "axe_sample")


def made(site: Site, key: str) -> str:
    given = {"from": "sample", "code": "line_test", "new_key": key, "name_zh": "看一看", "name_en": "Looked at"}
    answer = site.visitor("designer").post("/processes/drafts", given)
    assert answer.status_code == 303, answer.get_data(as_text=True)[:500]
    return str(answer.headers["Location"].split("?")[0])


def looks(page: Any, address: str, login: str) -> Iterator[tuple[str, int]]:
    """Every language and width, signed in."""
    for language, width in WHOLE:
        page.set_viewport_size({"width": width, "height": 2000})
        page.context.clear_cookies()
        sign_in(page, address, login, language)
        yield language, width


def found(page: Any, where: str) -> list[str]:
    """What axe says, without what is the library's alone."""
    rows = [line for line in violations(page) if "djs-" not in line and "bio-" not in line and "bjs-" not in line]
    return [f"{where}: {line}" for line in rows]


def test_pages_with_nothing_on_them_keep_the_rules(page: Any, address: str, site: Site) -> None:
    broken: list[str] = []
    for login, paths in EMPTY.items():
        for language, width in looks(page, address, login):
            for path in paths:
                assert page.goto(f"{address}{path}").status == 200, path
                broken += found(page, f"{path} {language} {width}")
    assert not broken, "\n".join(broken)


def test_what_opens_on_the_board_keeps_the_rules(page: Any, address: str, site: Site, draft: str) -> None:
    broken: list[str] = []
    for language, width in looks(page, address, "designer"):
        page.goto(f"{address}{draft}")
        page.locator(BOARDS).wait_for()
        where = f"board {language} {width}"
        broken += found(page, where)
        tabs = page.get_by_role("tab")
        for at in range(tabs.count()):
            tabs.nth(at).click()
            broken += found(page, f"{where} tab {at}")
        menus = page.locator("#designer [aria-expanded]:visible")
        for at in range(min(menus.count(), 6)):
            menus.nth(at).click()
            broken += found(page, f"{where} menu {at}")
            page.keyboard.press("Escape")
        if width < 1440:
            continue
        step = page.locator("[role=treeitem]").nth(1)
        step.press("Enter")
        broken += found(page, f"{where} element chosen")
        for key in ("n", "a", "Shift+?"):
            page.keyboard.press(key)
            page.wait_for_timeout(300)
            broken += found(page, f"{where} key {key}")
            page.keyboard.press("Escape")
    assert not broken, "\n".join(sorted(set(broken)))


def test_refused_forms_of_the_studio_keep_the_rules(page: Any, address: str, site: Site, page_watch: Any) -> None:
    page_watch.allow("422")
    moving(site, at_survey=1, at_visit=1, at_test=1)
    acts: dict[str, tuple[str, Callable[[Any], None]]] = {
        f"/processes/{KEY}/migrate": ("ops2", lambda form: form.locator("#reason").evaluate(UNCHECKED)),
        "/processes/operations/resource.reserve": (
            "designer",
            lambda form: form.locator("[name=i-resource_kinds]").fill("[1,"),
        ),
    }
    broken: list[str] = []
    for path, (login, spoil) in acts.items():
        for language, width in looks(page, address, login):
            page.goto(f"{address}{path}")
            form = page.locator("main form[data-submit-key]").first
            spoil(form)
            form.evaluate(SEND)
            page.locator("[data-testid=error-summary]").wait_for()
            broken += found(page, f"{path} {language} {width}")
    assert not broken, "\n".join(broken)


UNCHECKED: Final = "(field) => { field.required = false; field.value = ' '; }"
SEND: Final = "(form) => { form.noValidate = true; form.requestSubmit(form.querySelector('button.primary')); }"
