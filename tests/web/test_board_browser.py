"""The board in a real browser: by keyboard alone, and with a mouse."""

from __future__ import annotations

from typing import Any, Final

import pytest
from sqlalchemy import select, update

from app.persistence.teamwork.work_items import WorkItem
from app.unit_of_work import read, transaction
from tests.web.site import Site, sign_in
from tests.web.visits import PLACES, visit_planned

pytestmark = pytest.mark.slow

EAST: Final = "/board/home_field.sh-sh.east"
MOVED: Final = {"zh": "已移动", "en": "Moved."}


@pytest.mark.parametrize(("language", "place"), [("zh", 0), pytest.param("en", 1, marks=pytest.mark.torture)])
def test_a_card_moves_by_keyboard_and_by_mouse(
    page: Any, address: str, site: Site, page_watch: Any, language: str, place: int
) -> None:
    page_watch.allow("ERR_SOCKET_NOT_CONNECTED")
    number = visit_planned(site, *PLACES[place])[1]
    with transaction(site.world.deps.sessions) as tx:
        none = {"offered_to": None, "offered_until": None}
        tx.session.execute(update(WorkItem).where(WorkItem.number == number).values(none))
    sign_in(page, address, "sh.lead", language)
    page.goto(f"{address}{EAST}")

    page.locator(f"[data-move='{number}']").focus()
    page.keyboard.press("Enter")
    assert page.locator("#b-to").evaluate("(select) => select === document.activeElement")
    page.locator("#b-to").press("ArrowDown")
    page.locator("#b-to").select_option("person:field")  # what typing the name does in a native list
    page.locator("#b-to").press("Tab")
    page.keyboard.press("Enter")
    page.get_by_test_id("toast").get_by_text(MOVED[language]).wait_for()
    assert holder(site, number) == "field"

    page.goto(f"{address}{EAST}")
    card, pool = page.locator(f"[data-card='{number}']"), page.locator("[data-drop='pool:']")
    assert page.locator(f"[data-drop='person:field'] [data-card='{number}']").count() == 1
    card.drag_to(pool)
    page.get_by_test_id("toast").get_by_text(MOVED[language]).wait_for()
    assert holder(site, number) is None
    assert page.locator(f"[data-drop='pool:'] [data-card='{number}']").count() == 1


def holder(site: Site, number: str) -> str | None:
    with read(site.world.deps.sessions) as session:
        return session.scalars(select(WorkItem.offered_to).where(WorkItem.number == number)).one()
