"""htmx as it is built: it swaps, and what it sends carries the token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.island import Island, serve

pytestmark = pytest.mark.slow
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>htmx</title>
<meta name="csrf-token" content="the-token"><script type="module" src="/dist/{script}"></script></head><body>
<form hx-post="/claim" hx-target="#row"><button name="do" value="claim">Claim</button></form>
<div id="row">nobody</div><a hx-get="/fragment" hx-target="#row" href="/whole">Refresh</a></body></html>"""


@pytest.fixture
def island() -> Iterator[Island]:
    with serve() as running:
        running.pages["/work"] = PAGE.format(script=running.entry("page")["file"])
        running.pages["/fragment"] = "<b>refreshed</b>"
        running.answers["/claim"] = (200, {"claimed": True})
        yield running


def test_a_change_carries_the_token_of_the_page(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    page.goto(f"{island.url}work")
    page.get_by_role("button", name="Claim").click()
    page.get_by_text("claimed").wait_for()
    assert island.asked == [("/claim", {"do": "claim"}, "the-token")]


def test_a_fragment_is_swapped_in(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    page.goto(f"{island.url}work")
    page.get_by_role("link", name="Refresh").click()
    page.get_by_text("refreshed").wait_for()
    assert page.url.endswith("/work")
