"""Every page in both languages and three widths under axe-core, and what axe does not look at.

In the ordinary run a quarter of the pages is looked at wide in Chinese, one narrow in English; ``--full`` takes all.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.web.moving import KEY, moving
from tests.web.site import Site, sign_in
from tests.web.stuck import stuck_orders
from tests.web.test_deploy_pages import deployed_and_drafted
from tests.web.test_drafts import begun
from tests.web.test_form_desk import drawn
from tests.web.test_papers import quoted
from tests.web.test_process_trials import tried_one
from tests.web.test_sheets import brought
from tests.web.visits import visit_planned

pytestmark = pytest.mark.slow

AXE: Final = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SHORT: Final = (("zh", 1440), ("en", 360))
#: One page in so many is looked at in each of these.
OTHERS: Final = 4
WHOLE: Final = tuple((language, width) for language in ("zh", "en") for width in (1440, 768, 360))
# Not pages: files, redirects, and what scripts fetch.
NO_PAGES: Final = {
    "web.home",
    "web.login_page",
    "web.process_source",
    "web.draft_source",
    "web.draft_state",
    "web.draft_comments",
    "web.sample_source",
    "web.trial_drawing",
    "web.case_file",
    "web.form_source",
    "web.decision_source",
    "web.deployment_file",
    "web.drawing",
    "web.heat_maps",
    "web.vocabulary",
    "web.taken_by_process",
    "web.help_image",
    "web.masked_value",
    "web.my_link",
    "web.sheet_errors",
    "web.sheet_template",
    "web.file",
    "web.board",
    "web.field_state",
    "web.field_worker",
    "web.field_manifest",
}


@pytest.fixture(scope="module")
def places(site: Site) -> dict[str, tuple[str, str]]:
    """Endpoint -> who looks at it, and where; every page that can be opened."""
    front, back, ops, ops2 = (site.visitor(login) for login in ("front", "back", "ops", "ops2"))
    placed = front.post(
        "/orders/new?customer=C100003&offering=hb-500",
        {"do": "submit", "place-installation": "A0013", "c-with_voice": "true"},
    )
    order = placed.headers["Location"].split("/")[-1].split("?")[0]
    site.work()
    front.post(f"/orders/{order}/share", {})
    link = "/my/" + front.get(f"/orders/{order}/share").get_data(as_text=True).split("/my/", 1)[1].split('"', 1)[0]
    reported = front.post(
        "/products/P10000102/fault", {"description": "no light", "severity": "normal", "contact": "15400001001"}
    )
    ticket = reported.headers["Location"].split("/")[-1].split("?")[0]
    site.work()
    listed = ops.get("/work?tab=all").get_data(as_text=True)
    task = "W-" + listed.split('href="/work/W-', 1)[1].split('"', 1)[0]
    assert back.get("/work").status_code == 200
    visit = visit_planned(site, "C100001", "A0001")[1]
    with stuck_orders(site) as stuck:
        tried = ops.post(f"/exceptions/{stuck.cause}/retry", {"reason": "is it back?"})
    run = tried.headers["Location"].split("?")[0]
    quote = quoted(site)
    moving(site, at_survey=1, at_visit=1, at_test=1)
    plan = {"from": "1", "to": "2", "reason": "looked at from afar now"}
    migration = ops2.post(f"/processes/{KEY}/migrate", plan).headers["Location"].split("?")[0]
    sheet = brought(site, [["C100004", "新装", "fb-300", "A9999", "", "soon"]])
    deployed = deployed_and_drafted(site)
    draft, imported = begun(site)
    form_draft, table_draft = (drawn(site, kind) for kind in ("form", "dmn"))
    return {
        "web.search": ("front", "/search"),
        "web.bell": ("ops", "/bell"),
        "web.desk": ("front", "/desk"),
        "web.orders": ("front", "/orders?view=all"),
        "web.order": ("front", f"/orders/{order}"),
        "web.promise_look": ("front", f"/orders/{order}/promise"),
        "web.visit_look": ("front", f"/orders/{order}/visit"),
        "web.share_look": ("front", f"/orders/{order}/share"),
        "web.my_order_page": ("front", link),
        "web.amend_look": ("front", f"/orders/{order}/amend"),
        "web.cancel_look": ("front", f"/orders/{order}/cancel"),
        "web.hold_look": ("front", f"/orders/{order}/hold"),
        "web.order_diagram": ("front", f"/orders/{order}/diagram"),
        "web.new_order": ("front", "/orders/new?customer=C100003&offering=hb-500"),
        "web.sheets": ("front", "/sheets"),
        "web.sheet": ("front", sheet),
        "web.quotes": ("front", "/quotes"),
        "web.quote": ("front", quote),
        "web.confirmation": ("front", f"/orders/{order}/confirmation"),
        "web.customers": ("front", "/customers?q=C10000"),
        "web.new_customer": ("front", "/customers/new"),
        "web.edit_customer": ("front", "/customers/C100001/edit"),
        "web.choose_twin": ("sh.am", "/customers/C100001/merge"),
        "web.batch": ("front", "/customers/C100005/batch?type=move&product=P10000501"),
        "web.customer": ("front", "/customers/C100001"),
        "web.report_fault": ("front", "/products/P10000105/fault"),
        "web.tickets": ("front", "/tickets?view=all"),
        "web.ticket": ("front", f"/tickets/{ticket}"),
        "web.work_list": ("ops", "/work?tab=all"),
        "web.task": ("ops", f"/work/{task}"),
        "web.questions": ("ops", "/work/questions"),
        "web.team_board": ("sh.lead", "/board/home_field.sh-sh.east"),
        "web.balance": ("sh.lead", "/board/home_field.sh-sh.east/balance"),
        "web.field": ("field", "/field"),
        "web.visit": ("field", f"/field/{visit}"),
        "web.field_offline": ("field", "/field/offline"),
        "web.operations": ("ops", "/operations"),
        "web.control_room": ("ops", "/control"),
        "web.exceptions": ("ops", f"/exceptions?cause={stuck.cause}"),
        "web.heat_map": ("ops", "/heat/order_to_activate?mode=now&step=check_credit&from=check_credit&to=decompose"),
        "web.repair": ("ops", f"/orders/{order}/repair?tab=act&act=move"),
        "web.bulk_runs": ("ops", "/bulk"),
        "web.bulk_run": ("ops", run),
        "web.audit": ("ops2", "/audit"),
        "web.account": ("front", "/account"),
        "web.admin_users": ("admin", "/admin/users"),
        "web.admin_user": ("admin", "/admin/users/back"),
        "web.admin_neighbours": ("admin", "/admin/neighbours"),
        "web.admin_neighbour": ("admin", "/admin/neighbours/billing"),
        "web.admin_dispatch": (
            "admin",
            "/dispatch?role=home_field&area=SH-SH&side=east&skill=ftth&product=home_bundle",
        ),
        "web.catalogue": ("designer", "/catalogue"),
        "web.catalogue_product": ("designer", "/catalogue/products/ftth_broadband"),
        "web.bring_in": ("designer", "/bring-in/goods"),
        "web.sla_policies": ("ops2", "/sla"),
        "web.sla_policy": ("ops2", "/sla/policies/home-install-urban"),
        "web.sla_test": (
            "ops2",
            "/sla/test?product=home_bundle&type=install&area=SH-SH&class=urban&at=2026-09-24T17:00",
        ),
        "web.sla_calendars": ("ops2", "/sla/calendars"),
        "web.sla_stops_list": ("ops2", "/sla/stops"),
        "web.sla_breaches": ("ops2", "/sla/breaches"),
        "web.sla_compensation": ("ops2", "/sla/compensation"),
        "web.admin_parameters": ("admin", "/admin/parameters"),
        "web.admin_rights": ("admin", "/admin/rights"),
        "web.admin_tokens": ("admin", "/admin/tokens"),
        "web.admin_teams": ("admin", "/admin/teams"),
        "web.admin_team": ("admin", "/admin/teams/home_field.sh-sh.east"),
        "web.admin_new_team": ("admin", "/admin/teams/new"),
        "web.admin_areas": ("admin", "/admin/areas"),
        "web.admin_new_user": ("admin", "/admin/users/new"),
        "web.help_page": ("ops", "/help/operations"),
        "web.gallery": ("ops", "/design"),
        "web.processes": ("designer", "/processes"),
        "web.deployments": ("designer", "/processes/deployments"),
        "web.deployment": ("ops2", deployed[0]),
        "web.deploy_report": ("designer", deployed[1]),
        "web.compare_versions": ("designer", "/processes/seen_by_all/compare"),
        "web.compare_draft": ("designer", deployed[1].replace("/deploy", "/compare")),
        "web.try_draft": ("designer", deployed[1].replace("/deploy", "/try")),
        "web.try_version": ("designer", tried_one(site)),
        "web.process_cases": ("designer", "/processes/home_install/cases"),
        "web.form_catalogue": ("designer", "/processes/forms"),
        "web.form_shown": ("designer", "/processes/forms/install_at_customer"),
        "web.form_version": ("designer", "/processes/forms/review_documents/1"),
        "web.form_board": ("designer", form_draft),
        "web.decision_catalogue": ("designer", "/processes/decisions"),
        "web.decision_shown": ("designer", "/processes/decisions/suspension_fee?in-product=iptv"),
        "web.decision_version": ("designer", "/processes/decisions/sla_policy/1"),
        "web.decision_board": ("designer", table_draft),
        "web.process": ("designer", "/processes/home_install"),
        "web.process_version": ("designer", "/processes/home_install/1"),
        "web.operation_catalogue": ("designer", "/processes/operations"),
        "web.operation": ("designer", "/processes/operations/resource.assign"),
        "web.migrations": ("ops2", "/processes/migrations"),
        "web.plan_migration": ("ops2", f"/processes/{KEY}/migrate"),
        "web.migration": ("ops2", migration),
        "web.new_process": ("designer", "/processes/new?from=sample&code=line_test"),
        "web.draft": ("designer", draft),
        "web.draft_texts": ("designer", f"{draft}/history"),
        "web.imported": ("designer", imported),
        "web.running_instances": ("designer", f"/processes/{KEY}/running"),
        "web.process_folders_page": ("designer", "/processes/folders"),
    }


#: Pages on which something is drawn take long to open; tests of their own look at them, too.
BOARDS: Final = frozenset(
    f"web.{name}" for name in ("form_board", "decision_board", "draft", "process", "compare_draft", "try_draft")
)


@pytest.fixture
def looks(request: pytest.FixtureRequest) -> tuple[tuple[str, int], ...]:
    return WHOLE if request.config.getoption("--full") else SHORT


def opened(page: Any, address: str, places: dict[str, tuple[str, str]], looks: Any) -> Iterator[tuple[str, Any]]:
    """Every page in every wanted language and width, with its name."""
    for at, (language, width) in enumerate(looks):
        # So high that nothing lies half under the status bar, where axe takes it for too small to be hit.
        page.set_viewport_size({"width": width, "height": 4000})
        who = ""
        whole = len(looks) > len(SHORT)
        every = sorted(place for name, place in places.items() if whole or name not in BOARDS)
        for login, path in every if whole else every[at::OTHERS]:
            if login != who:
                page.context.clear_cookies()
                sign_in(page, address, login, language)
                who = login
            answer = page.goto(f"{address}{path}")
            assert answer.status == 200, f"{path}: {answer.status}"
            yield f"{path} {language} {width}", page


def violations(page: Any, within: str = "document") -> list[str]:
    """What axe finds, one line each."""
    page.evaluate(AXE)
    found = page.evaluate(
        f"""async () => (await axe.run({within}, {{runOnly: {TAGS!r}}})).violations.flatMap(
            (rule) => rule.nodes.map((node) => rule.id + ': ' + node.html.slice(0, 160)))"""
    )
    return [str(line) for line in found]


def test_every_page_is_looked_at(site: Site, places: dict[str, tuple[str, str]]) -> None:
    rules = site.world.app.url_map.iter_rules()
    pages = {rule.endpoint for rule in rules if rule.endpoint.startswith("web.") and "GET" in (rule.methods or ())}
    assert pages - NO_PAGES == set(places)


def test_no_page_breaks_a_rule(
    page: Any, address: str, places: dict[str, tuple[str, str]], looks: tuple[tuple[str, int], ...]
) -> None:
    broken = []
    for name, shown in opened(page, address, places, looks):
        # The drawing board is a library's; it has a page with the same steps as text.
        broken += [f"{name}: {line}" for line in violations(shown) if "djs-" not in line and "bio-" not in line]
        headings = shown.locator("h1").count()
        broken += [f"{name}: {headings} h1"] * (headings != 1)
        if "edit" not in name and "/processes/drafts/" not in name:
            wide = shown.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            broken += [f"{name}: {wide} px too wide"] * (wide > 0)
    assert not broken, "\n".join(broken)


def test_dialogs_keep_the_rules_and_give_the_focus_back(page: Any, address: str, site: Site) -> None:
    sign_in(page, address, "ops", "en")
    page.goto(f"{address}/work")
    opener = page.get_by_role("button", name="Keys")
    opener.click()
    page.get_by_role("dialog", name="Keys").wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert opener.evaluate("(button) => button === document.activeElement")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Where to?").fill("ordrs")
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders")


def test_single_keys_act_only_where_nobody_types_and_can_be_switched_off(page: Any, address: str, site: Site) -> None:
    sign_in(page, address, "ops", "en")
    page.goto(f"{address}/orders")
    page.get_by_role("searchbox", name="Search", exact=True).fill("?")
    assert not page.get_by_role("dialog", name="Keys").is_visible()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/work")
    page.keyboard.press("?")
    page.get_by_role("checkbox", name="Single letters act as keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.reload()
    page.keyboard.press("g")
    page.keyboard.press("o")
    assert page.url.endswith("/work")
