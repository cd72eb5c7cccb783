"""The first day of a team, in a browser and in both languages: taking work, doing it, and what comes in between.

In the ordinary run it is walked in Chinese; ``--full`` walks it in English too, and with the keyboard alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli.field_crew import answers
from app.web.texts import Texts
from tests.files import jpeg
from tests.web.crew import call
from tests.web.site import Site, sign_in
from tests.web.visits import PLACES, visit_planned

pytestmark = pytest.mark.slow

WALKER, COLLEAGUE = "sh.lead", "field"
SHOWN = {"zh": {"field": "郑*", "sh.lead": "郎*"}, "en": {"field": "Demo field", "sh.lead": "Demo sh.lead"}}


@dataclass
class Day:
    """Somebody of a team in front of a browser, and the visits that wait."""

    site: Site
    page: Any
    address: str
    language: str
    items: list[str]

    def __post_init__(self) -> None:
        self.t = Texts(self.language)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def row(self, number: str) -> Any:
        return self.page.locator(f"#work-item-{number}")

    def button(self, text: str, *, within: Any = None) -> Any:
        return (within or self.page).get_by_role("button", name=text, exact=False).first

    def item(self, number: str) -> dict[str, Any]:
        """The item as the interface shows it to somebody who sees all."""
        found: dict[str, Any] = call(self.site, "GET", f"/api/v1/work-items/{number}", "ops2")
        return found

    def colleague(self, act: str, number: str) -> None:
        """A colleague claims or gives back, elsewhere."""
        call(self.site, "POST", f"/api/v1/work-items/{self.item(number)['id']}/{act}", COLLEAGUE, {})

    def dialog(self, opener: str) -> Any:
        """Open a dialog of the page by its button."""
        self.page.locator(".acts2").get_by_role("link", name=opener).click()
        shown = self.page.locator("dialog[open]")
        shown.wait_for()
        return shown

    def fill_in(self, number: str, **wrong: str) -> None:
        """Everything the form asks for, as a person would; ``wrong`` answers instead of right ones."""
        held = self.item(number)
        for key, value in {**answers(held["form"], held["context"]), **wrong}.items():
            field = self.page.locator(f"#f-{key}")
            if key == "photos" or not field.count() or not field.is_visible() or not field.is_editable():
                continue
            if field.get_attribute("type") == "checkbox":
                field.set_checked(bool(value))
            elif field.evaluate("(one) => one.tagName") == "FIELDSET":
                field.locator(f"input[value='{value}']").check()
            else:
                field.fill(str(value))


@pytest.fixture(params=["zh", pytest.param("en", marks=pytest.mark.torture)])
def day(request: pytest.FixtureRequest, site: Site, page: Any, address: str) -> Day:
    """Three visits that nobody has taken, and the leader of the crew at the desk."""
    first = 0 if request.param == "zh" else 3
    items = [visit_planned(site, *place)[1] for place in PLACES[first : first + 3]]
    sign_in(page, address, WALKER, request.param)
    return Day(site, page, address, request.param, items)


def test_the_first_day_of_a_team(day: Day, tmp_path: Path, page_watch: Any) -> None:
    for status in ("409", "422"):
        page_watch.allow(status)
    t, page = day.t, day.page
    one, two, three = day.items

    # Somebody was faster: the row says who, kindly, and nothing else moves.
    day.open("/work")
    day.row(one).wait_for()
    day.colleague("claim", one)
    day.row(one).locator("[data-key=c]").click()
    told = t("{who} was faster and has this item now.", who=SHOWN[day.language][COLLEAGUE])
    day.row(one).get_by_role("alert").filter(has_text=told).wait_for()
    day.colleague("release", one)

    # The next one is ours. A wrong value is named where it is, and nothing is lost.
    day.row(two).locator("[data-key=c]").click()
    day.row(two).get_by_text(t("Me"), exact=True).wait_for()
    day.open(f"/work/{two}")
    day.fill_in(two, optical_power_dbm="99", remark="two sockets")
    page.keyboard.press("Control+Enter")
    page.get_by_test_id("error-summary").wait_for()
    assert page.get_by_test_id("error-summary").evaluate("(one) => one === document.activeElement")
    page.get_by_test_id("error-summary").get_by_role("link").first.click()
    power = page.locator("#f-optical_power_dbm")
    assert power.get_attribute("aria-invalid") == "true" and power.input_value() == "99"
    assert page.locator("#f-remark").input_value() == "two sockets"

    # What is typed is kept: the page is left and opened again.
    with page.expect_response(lambda answer: "/drafts/task/" in answer.url and answer.ok):
        page.locator("#f-remark").fill("three sockets")
    day.open("/work")
    day.open(f"/work/{two}")
    page.get_by_role("button", name=t("Throw the draft away")).wait_for()
    assert page.locator("#f-remark").input_value() == "three sockets"

    # A photo goes up at once, is shown, and comes back when the page does.
    (tmp_path / "door.jpg").write_bytes(jpeg())
    page.locator("input[type=file][data-field=photos]").set_input_files(tmp_path / "door.jpg")
    page.locator("#files-photos li").filter(has_text="door.jpg").wait_for()

    # A question is put; the answer of the data team stands with the item, which stays ours.
    shown = day.dialog(t("Ask …"))
    shown.locator("#ask-to").select_option("team:data_access.sh")
    shown.locator("#ask-text").fill("which port?")
    day.button(t("Ask"), within=shown.locator("footer")).click()
    page.get_by_text("which port?").first.wait_for()
    data = day.site.visitor("back")
    listed = data.get("/work/questions").get_data(as_text=True)
    answer_at = listed.split('<form class="answer" method="post" action="', 1)[1].split('"', 1)[0]
    assert data.post(answer_at, {"text": "port 7"}).status_code == 303
    page.reload()
    page.get_by_text("port 7").first.wait_for()

    # The device is missing: the order stands still for us, nobody can complete, and it goes on again.
    shown = day.dialog(t("Hold …"))
    shown.locator("#hold-reason").select_option("ours:device-shortage")
    shown.locator("#hold-note").fill("no terminal in stock")
    day.button(t("Let it stand still"), within=shown.locator("footer")).click()
    day.button(t("Let it go on")).wait_for()
    assert day.item(two)["state"] == "paused"
    assert not page.get_by_role("button", name=t("Complete and next")).count()
    day.button(t("Let it go on")).click()
    page.get_by_role("button", name=t("Complete and next")).wait_for()
    assert page.locator("#files-photos li").count() == 1

    # A shift ends: a colleague has it from now on, with a note.
    shown = day.dialog(t("Hand over …"))
    shown.locator("#hand-over-to").select_option(COLLEAGUE)
    shown.locator("#hand-over-note").fill("key at the gate")
    day.button(t("Hand over"), within=shown.locator("footer")).click()
    page.get_by_test_id("toast").filter(has_text=t("Your colleague has it now.")).wait_for()
    assert day.item(two)["claimed_by"] == COLLEAGUE

    # Both others go to the colleague at once; what became of each is said.
    day.open("/work?tab=free")
    for number in (one, three):
        day.row(number).locator("[data-choose]").check()
    page.keyboard.press("a")
    page.locator("#bulk-to").select_option(f"person:{COLLEAGUE}")
    page.locator("#bulk-why").fill("same street")
    page.locator(".bulk button[value=assign]").click()
    page.get_by_test_id("bulk-result").wait_for()
    assert {day.item(number)["claimed_by"] for number in (one, three)} == {COLLEAGUE}
    for number in day.items:
        day.colleague("release", number)


@pytest.mark.torture
@pytest.mark.parametrize("day", ["zh"], indirect=True)
def test_with_the_keyboard_alone_work_is_claimed_done_and_the_next_one_opens(day: Day) -> None:
    page = day.page
    for number in day.items:  # what was offered to somebody else first is for the whole team now
        day.colleague("claim", number)
        day.colleague("release", number)
    day.open("/work?tab=free")
    page.get_by_test_id("task-row").first.wait_for()
    page.keyboard.press("j")
    number = page.locator("tr.cur").get_attribute("id").removeprefix("work-item-")
    page.keyboard.press("c")
    day.row(number).get_by_text(day.t("Me"), exact=True).wait_for()
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/work")
    while page.locator(f"#work-item-{number}.cur").count() == 0:
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/work/{number}")
    # From the heading on, Tab reaches every field of the form, and none of them is a trap.
    held = day.item(number)
    wanted = {f"f-{key}": value for key, value in answers(held["form"], held["context"]).items() if key != "photos"}
    page.locator("#main").focus()
    for _ in range(120):
        page.keyboard.press("Tab")
        here = page.evaluate("document.activeElement.id")
        kind = page.evaluate("document.activeElement.type")
        value = wanted.get(here)
        if value is None or not page.locator(f"#{here}").is_editable():
            continue
        if kind == "checkbox":
            if bool(value) != page.locator(f"#{here}").is_checked():
                page.keyboard.press("Space")
        else:
            page.keyboard.press("Control+a")
            page.keyboard.type(str(value))
        if here == "f-remark":
            break
    page.keyboard.press("Control+Enter")
    page.get_by_test_id("toast").wait_for()
    assert day.item(number)["state"] == "completed", page.locator("main").inner_text()
    assert "completed-next" in page.url
    following = page.url.split("/work/")[1].split("?")[0]
    assert day.item(following)["claimed_by"] == WALKER
    page.keyboard.press("u")
    page.wait_for_url("**/work?item=*&done=released")
    assert day.item(following)["state"] == "open"
    # That was too quick: it is taken back from the notice.
    page.get_by_test_id("toast").get_by_role("button", name=day.t("Undo")).press("Enter")
    page.wait_for_url(f"**/work/{following}?done=claimed")
    assert day.item(following)["claimed_by"] == WALKER
    page.keyboard.press("u")
