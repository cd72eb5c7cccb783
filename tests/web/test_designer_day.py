"""From a sample to the second version of a process that carries orders, with every kind of refusal on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.domain.actors import Actor
from app.services.studio import process_deployments
from app.web.texts import Texts
from processes.store.definitions import ProcessDefinition
from processes.store.instances import ProcessInstance
from tests.web.moving import moved
from tests.web.site import Site, ordered, sign_in

pytestmark = pytest.mark.slow
MODELS = Path(__file__).parents[2] / "bpmn"
DESIGNER = Actor(login="designer", role="designer", area="CN", area_path="CN")


class Day:
    """One browser of a designer, and the sentences of their language."""

    def __init__(self, page: Any, address: str, site: Site, language: str) -> None:
        self.page, self.address, self.site, self.t = page, address, site, Texts(language)
        self.key = f"home_plus_{language}"
        page.set_viewport_size({"width": 1440, "height": 900})
        sign_in(page, address, "designer", language)

    def board(self) -> None:
        """Wait for the drawing board."""
        self.page.locator("#designer[data-ready]").wait_for()

    def from_sample(self) -> None:
        """Begin with the sample of an installation."""
        page, t = self.page, self.t
        page.goto(f"{self.address}/processes/new")
        page.locator(".sample a[href*='code=home_install']").click()
        page.get_by_label(t("Chinese name")).fill("家庭新装加强")
        page.get_by_label(t("English name")).fill("Home plus")
        page.get_by_label(t("Key"), exact=True).fill(self.key)
        page.get_by_role("button", name=t("Make the draft")).click()
        self.board()

    def edit(self) -> None:
        """A draft of the version that is shown."""
        self.page.get_by_role("button", name=self.t("Edit"), exact=True).first.click()
        self.board()

    def choose(self, element: str) -> None:
        """Choose an element in the outline."""
        self.page.locator("[role=tab]").nth(1).click()
        self.page.locator(f"[role=treeitem][data-element={element}]").press("Enter")

    def put(self, field: str, text: str) -> None:
        """Fill a field of the panel and leave it."""
        box = self.page.locator(f"#bio-properties-panel-yizhan-{field}")
        box.fill(text)
        with self.page.expect_response("**/processes/check"):
            box.press("Tab")

    def undo(self) -> None:
        """Take the last change of the drawing back."""
        with self.page.expect_response("**/processes/check"):
            self.page.locator(".dsg-bar button").first.click()

    def wrong_at(self, element: str) -> None:
        """The check has found an error, and its line leads to the element, which is marked."""
        self.page.locator("[role=tab]").first.click()
        self.page.locator(".dsg-findings li.dsg-error").get_by_role("button").first.click()
        self.page.locator(f"[data-container-id={element}] .dsg-mark.dsg-error").wait_for()
        self.page.locator(f"[data-element-id={element}].selected").wait_for()

    def sound(self) -> None:
        """The check has found no error any more."""
        self.page.locator(".dsg-mark.dsg-error").first.wait_for(state="detached")
        self.page.locator(".dsg-saved").wait_for()

    def report(self) -> Any:
        """From the board to the report; returns the part that says what has to be done."""
        self.page.get_by_role("link", name=self.t("Check and deploy")).click()
        self.page.wait_for_url("**/deploy*")
        return self.page.locator("main")

    def back(self, element: str) -> None:
        """From the report to the board, at the element that has to be mended."""
        self.page.locator(f"a[href*='element={element}']").first.click()
        self.board()

    def deploy(self, note: str) -> None:
        """Explain what has to be explained, and deploy."""
        for field in self.page.locator("[name^=note-]").all():
            field.fill(note)
        self.page.get_by_label(self.t("Release note")).fill(note)
        self.page.locator("form button.primary[type=submit]").last.click()
        self.page.get_by_test_id("toast").wait_for()

    def kept_case(self, name: str) -> None:
        """Try the draft with its first sample, and keep the run as a case."""
        page, t = self.page, self.t
        page.locator(".dsg-bar a[href*='/try']").click()
        page.locator("#calls").select_option("as-said")
        page.get_by_role("button", name=t("Run to the end")).click()
        page.get_by_test_id("dryrun-result").wait_for()
        page.locator("#case-name").fill(name)
        page.get_by_role("button", name=t("Save as a case")).click()
        page.get_by_role("link", name=name).wait_for()


def taken_by_orders(site: Site, key: str) -> None:
    """From now on orders for bundles take the process: the decision, with its cases, says so."""
    files = {name: (MODELS / name).read_bytes() for name in ("work_plan.dmn", "work_plan.test.json")}
    other = {name: body.replace(b'"home_install"', f'"{key}"'.encode()) for name, body in files.items()}
    process_deployments.deploy(other, DESIGNER, site.world.deps)


def running(site: Site, key: str) -> dict[int, int]:
    """How many orders run on which version."""
    rows = (
        select(ProcessDefinition.version, func.count())
        .join(ProcessInstance, ProcessInstance.definition_id == ProcessDefinition.id)
        .where(ProcessDefinition.key == key, ProcessInstance.ended_at.is_(None))
        .group_by(ProcessDefinition.version)
    )
    with site.world.deps.read_sessions() as session:
        return {row[0]: row[1] for row in session.execute(rows)}


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.torture)])
def test_from_a_sample_to_orders_on_the_second_version(
    page: Any, address: str, site: Site, language: str, request: pytest.FixtureRequest
) -> None:
    orders = 30 if request.config.getoption("--full") else 6
    pilot = orders // 6
    day = Day(page, address, site, language)
    key, t = day.key, day.t
    day.from_sample()
    day.report()
    day.deploy("as in the sample")
    assert f"/processes/{key}/1" in page.url
    taken_by_orders(site, key)
    for number in range(orders):
        ordered(site, f"C{100001 + number % 6}", f"A{1 + number % 6:04}")
    assert running(site, key) == {1: orders}

    # A wrong expression and a missing operation are said at the element, while one draws.
    day.edit()
    draft = page.url.partition("?")[0]
    day.choose("complete_item")
    day.put("input-mode", "'install' + wrongly")
    day.wrong_at("complete_item")
    page.locator(".bio-properties-panel-error", has_text="wrongly").wait_for()
    day.put("input-mode", "'install'")
    day.sound()
    day.choose("complete_item")
    page.locator("[data-entry-id=yizhan-operation] .dsg-clear").click()
    day.wrong_at("complete_item")
    day.undo()
    day.sound()

    # What the engine refuses, the report says at the element, too.
    day.choose("line_test")
    day.put("calledElement", key)
    day.wrong_at("line_test")
    report = day.report()
    report.get_by_text(f"{key} > {key}").first.wait_for()
    assert page.get_by_role("button", name=t("Deploy"), exact=True).is_disabled()
    day.back("line_test")
    day.choose("line_test")
    day.put("calledElement", "line_test")
    day.sound()

    # A case that was kept from a dry run stands against a drawing that has lost a step.
    day.kept_case("nothing is forgotten")
    page.goto(draft)
    day.board()
    day.choose("reconcile_item")
    page.keyboard.press("Delete")
    page.locator("[data-element-id=reconcile_item]").first.wait_for(state="detached")
    report = day.report()
    report.get_by_text("reconcile_item").first.wait_for()
    assert page.locator("form button.primary[type=submit]").last.is_disabled()
    page.goto(draft)
    day.board()
    day.undo()
    page.locator("[data-element-id=reconcile_item]").first.wait_for()
    day.choose("book_appointment")
    day.put("duration", "PT4H")
    day.sound()
    day.report()
    day.deploy("four hours to call the customer")
    assert f"/processes/{key}/2" in page.url

    # New orders take the new version, those that run finish on theirs.
    ordered(site, "C100007", "A0007")
    assert running(site, key) == {1: orders, 2: 1}

    # The manager of operations brings them over, a few first.
    page.context.clear_cookies()
    sign_in(page, address, "ops2", language)
    page.goto(f"{address}/processes/{key}/migrate")
    page.get_by_label(t("Reason")).fill("four hours for all")
    page.get_by_role("button", name=t("Try it on everything that runs")).click()
    page.get_by_role("spinbutton").fill(str(pilot))
    page.get_by_role("button", name=t("Move the pilot")).click()
    moved(site)
    page.reload()
    assert running(site, key) == {1: orders - pilot, 2: 1 + pilot}
    page.get_by_role("button", name=t("Move the other {n}", n=orders - pilot)).click()
    moved(site)
    page.reload()
    page.get_by_test_id("bulk-result").get_by_text(f"{orders}").first.wait_for()
    assert running(site, key) == {2: 1 + orders}
