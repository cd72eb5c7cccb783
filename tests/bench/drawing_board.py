"""The drawing board with 300 steps in a real browser: how long it takes to open, and to answer one act."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.bench.figures import line, note, percentile
from tests.browser.every_kind import many_steps
from tests.browser.island import serve

STEPS: Final = 300
#: What a designer may wait for, in ms; the bench prints it beside what it measured.
LIMITS: Final = {"opened_ms": 3000, "act_ms": 100}
#: The longest time the browser's thread was taken since the last look.
WATCH: Final = """() => { window.taken = []; window.frames_taken = [];
  const watch = (kind, into) => new PerformanceObserver((list) => {
    for (const one of list.getEntries()) into.push(one.duration);
  }).observe({ type: kind, durationThreshold: 16, buffered: false });
  watch('event', window.taken);
  watch('long-animation-frame', window.frames_taken); }"""
#: The longest wait for an answer, and the longest picture of all that followed: what is put off is work, too.
TAKEN: Final = "() => [Math.max(16, ...window.taken.splice(0)), Math.max(0, ...window.frames_taken.splice(0))]"
SETTLED_MS: Final = 400


def drawing_board(*, times: int) -> Iterator[dict[str, Any]]:
    """A line for opening and one for each act, from the key to the next picture (to the nearest 8 ms).

    ``later_ms`` is the longest of all pictures until everything rests, 0 where none took 50 ms.
    """
    from playwright.sync_api import sync_playwright

    # Chromium alone: what draws elsewhere draws faster or slower, but nobody opens the board without a browser.
    chromium = shutil.which("chromium")
    if chromium is None:
        note("drawing-board: there is no chromium here")
        return
    with serve() as island, sync_playwright() as playwright:
        island.source, island.language = many_steps(STEPS), "en"
        island.vocabulary = {"operations": [{"code": "resource.reserve", "name_zh": "占", "name_en": "Reserve"}]}
        island.answers["/check"] = (200, {"findings": [], "ok": True})
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        yield _line("open", [_opened(page, island.url) for _ in range(times)], LIMITS["opened_ms"])
        page.get_by_role("tab", name="Elements").click()
        page.evaluate(WATCH)
        for name, act in _acts(page).items():
            taken = [_taken(page, act) for _ in range(times)]
            answers, pictures = [first for first, _ in taken], [later for _, later in taken]
            yield _line(name, answers, LIMITS["act_ms"], later_ms=round(max(pictures)))
        browser.close()


def _acts(page: Any) -> dict[str, Callable[[], None]]:
    # Every time another step, mostly out of sight: a step that is selected already would be no work at all.
    others = itertools.cycle(f"n{at}" for at in (290, 15, 140, 29, 150))
    return {
        "select": lambda: page.locator(f"[role=treeitem][data-element={next(others)}]").press("Enter"),
        "move": lambda: page.keyboard.press("ArrowDown"),
        "add": lambda: page.get_by_role("button", name="Reserve").press("Enter"),
        "type": lambda: page.get_by_label("English name").press("x"),
    }


def _opened(page: Any, url: str) -> float:
    page.goto(url)
    page.locator("#designer[data-ready]").wait_for()
    return float(page.evaluate("() => performance.now()"))


def _taken(page: Any, act: Callable[[], None]) -> tuple[float, float]:
    act()
    page.wait_for_timeout(SETTLED_MS)
    answer, later = page.evaluate(TAKEN)
    return float(answer), float(later)


def _line(act: str, times: list[float], limit: int, **more: int) -> dict[str, Any]:
    p50, worst = percentile(times, 50), max(times)
    figures = {"act": act, "steps": STEPS, "p50_ms": round(p50 or 0), "max_ms": round(worst), "limit_ms": limit, **more}
    return line("drawing-board", "yizhan", "none", 0, **figures)
