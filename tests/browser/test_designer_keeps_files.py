"""Every diagram of the product goes through the designer and comes out meaning the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.browser.island import Island, serve
from tests.servers import ROOT

pytestmark = pytest.mark.slow
DIAGRAMS = sorted((ROOT / "bpmn").rglob("*.bpmn"))
DRAWING = ("{http://www.omg.org/spec/BPMN/20100524/DI}", "{http://www.omg.org/spec/DD/")
# What means the same when it is left out.
DEFAULTS = {
    ("isSequential", "false"),
    ("cancelActivity", "true"),
    ("isInterrupting", "true"),
    ("triggeredByEvent", "false"),
}


def meaning(xml: str) -> Counter[str]:
    """All elements with their attributes, text and parent; without the drawing and what only formats."""
    found: Counter[str] = Counter()

    def walk(element: ElementTree.Element, parent: str) -> None:
        if not element.tag.startswith(DRAWING):
            attributes = sorted(set(element.attrib.items()) - DEFAULTS)
            found[f"{parent} > {element.tag} {attributes} {(element.text or '').strip()}"] += 1
            for child in element:
                walk(child, element.get("id") or element.tag)

    walk(ElementTree.fromstring(xml), "")
    return found


def test_no_diagram_is_harmed(page, request: pytest.FixtureRequest) -> None:  # type: ignore[no-untyped-def]
    """Every fourth in the ordinary run."""
    diagrams = DIAGRAMS if request.config.getoption("--full") else DIAGRAMS[::4]
    page.set_default_timeout(30_000)
    harmed: dict[str, list[str]] = {}
    with serve() as island:
        island.source = DIAGRAMS[0].read_text("utf-8")
        island.answers["/check"] = (200, {"findings": [], "ok": True})
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(island.url)
        page.locator("#designer[data-ready]").wait_for()
        for file in diagrams:
            if lost := _difference(page, island, file):
                harmed[file.name] = lost
    assert harmed == {}


def _difference(page, island: Island, file: Path) -> list[str]:  # type: ignore[no-untyped-def]
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_text(f"已打开 {file.name}").wait_for()
    with page.expect_response("**/check"):
        page.get_by_role("button", name="检查", exact=True).click()
    before, after = meaning(file.read_text("utf-8")), meaning(island.asked[-1][1]["files"]["demo.bpmn"])
    return [f"- {line}" for line in (before - after)] + [f"+ {line}" for line in (after - before)]
