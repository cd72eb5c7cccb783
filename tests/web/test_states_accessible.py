"""What pages look like at other times, under axe: nothing there yet, a form refused, a dialog open, not allowed.

All of it with ``--full`` only; the ordinary run looks at the loaded pages and at the states of the busiest ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.web.site import Site, ordered, sign_in
from tests.web.test_accessible import WHOLE, violations

pytestmark = [pytest.mark.slow, pytest.mark.torture]

#: Pages of an installation in which nothing has happened.
EMPTY: Final = {
    "front": (
        "/desk",
        "/orders",
        "/orders?view=late",
        "/customers?q=nobody-is-called-this",
        "/sheets",
        "/quotes",
        "/tickets",
        "/work",
        "/bell",
        "/search",
    ),
    "field": ("/field", "/field/offline"),
    "sh.lead": ("/board/home_field.sh-sh.east", "/board/home_field.sh-sh.east/balance", "/work/questions"),
    "ops": ("/control", "/exceptions", "/bulk", "/operations", "/heat/home_install", "/dispatch"),
    "ops2": ("/audit", "/audit?book=repairs", "/sla/stops", "/sla/breaches", "/sla/compensation"),
    "admin": ("/admin/users?q=nobody", "/admin/teams?q=nothing", "/admin/tokens"),
    "designer": ("/processes?q=nothing-is-called-this", "/catalogue"),
}
#: Forms that are sent as they are, though they want more. ``{order}`` is one that is under way.
REFUSED: Final = {
    "front": (
        "/orders/new?customer=C100003&offering=hb-500",
        "/customers/new",
        "/products/P10000105/fault",
        "/orders/{order}/hold",
        "/orders/{order}/cancel",
        "/sheets",
        "/account",
    ),
    "admin": ("/admin/users/new", "/admin/teams/new"),
    "designer": ("/bring-in/goods",),
}
FORBIDDEN: Final = {"front": ("/control", "/admin/users", "/orders/O-2611-999999", "/nothing-here")}
DIALOGS: Final = {"front": ("/desk", "/orders", "/customers/C100001"), "ops": ("/control", "/work", "/exceptions")}
SEND: Final = (
    """form => { form.noValidate = true; form.requestSubmit(form.querySelector('button.primary, button.danger')); }"""
)


@pytest.fixture(scope="module")
def order(site: Site) -> str:
    """The number of an order under way; asked for last, so that the others find nothing."""
    ordered(site, "C100003", "A0013")
    listed = site.visitor("front").get("/orders?view=all").get_data(as_text=True)
    return listed.split('href="/orders/O-', 1)[1].split('"', 1)[0]


def everyone(page: Any, address: str, paths: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Whoever looks, in every language and width: a name for it, and the address."""
    for language, width in WHOLE:
        # So high that nothing lies half under the status bar, where axe takes it for too small to be hit.
        page.set_viewport_size({"width": width, "height": 4000})
        for login, theirs in paths.items():
            page.goto("about:blank")  # no open page asks for something without its session
            page.context.clear_cookies()
            sign_in(page, address, login, language)
            for path in theirs:
                yield f"{path} {language} {width}", f"{address}{path}"


def found(page: Any, name: str) -> list[str]:
    """What axe finds, each line with the name of the page, and whether it is too wide."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{name}: {line}" for line in violations(page) if "djs-" not in line] + [f"{name}: {wide} px too wide"] * (
        wide > 0
    )


def test_nothing_is_there_yet(page: Any, address: str, site: Site) -> None:
    broken: list[str] = []
    for name, path in everyone(page, address, EMPTY):
        assert page.goto(path).status == 200, path
        broken += found(page, name)
    assert not broken, "\n".join(broken)


def test_what_is_not_there_or_not_allowed(page: Any, address: str, site: Site, page_watch: Any) -> None:
    page_watch.allow("404")
    page_watch.allow("403")
    broken: list[str] = []
    for name, path in everyone(page, address, FORBIDDEN):
        assert page.goto(path).status in {403, 404}, path
        broken += found(page, name)
    assert not broken, "\n".join(broken)


def test_a_dialog_is_open(page: Any, address: str, site: Site) -> None:
    broken: list[str] = []
    for name, path in everyone(page, address, DIALOGS):
        page.goto(path)
        page.locator("[data-dialog=keys]").first.click()
        page.locator("dialog[open]").wait_for()
        broken += found(page, f"{name}, keys")
        page.keyboard.press("Escape")
        page.keyboard.press("Control+k")
        page.get_by_role("combobox").last.wait_for()
        broken += found(page, f"{name}, palette")
    assert not broken, "\n".join(broken)


def test_a_form_is_refused(page: Any, address: str, site: Site, order: str, page_watch: Any) -> None:
    for status in ("400", "409", "422"):
        page_watch.allow(status)
    broken: list[str] = []
    paths = {login: tuple(path.format(order=f"O-{order}") for path in theirs) for login, theirs in REFUSED.items()}
    for name, path in everyone(page, address, paths):
        page.goto(path)
        with page.expect_navigation():
            page.locator("main form[method=post]").first.evaluate(SEND)
        page.locator("main [role=alert]").first.wait_for()
        broken += found(page, f"{name}, refused")
    assert not broken, "\n".join(broken)
