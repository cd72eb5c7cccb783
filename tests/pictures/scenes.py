"""What is photographed: who looks, at which page, and what it was made to show first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tests.pictures.town import Town

Told = Callable[[Town], str]


@dataclass(frozen=True)
class Scene:
    """One picture, in both languages; ``address`` may depend on what happened in the town."""

    name: str
    login: str
    address: Told
    width: int = 1280
    height: int = 800
    before: Callable[[Any], None] = lambda page: None


def at(path: str) -> Told:
    return lambda town: path


def first_in(listing: str, login: str, marked: str) -> Told:
    """The first address on another page that begins like ``marked``."""
    return lambda town: town.linked(login, listing, marked)


def digits_typed(page: Any) -> None:
    """Something is searched for."""
    page.locator("#sq").fill("0000")
    page.locator("#g-customers").wait_for()


def drawn(page: Any) -> None:
    """Wait until the drawing of a process is there."""
    page.locator("[data-diagram][data-ready]").wait_for()


def checked(page: Any) -> None:
    """Wait until the drawing board has its drawing, and the check its findings."""
    page.locator("#designer[data-ready]").wait_for()
    page.locator(".dsg-mark.dsg-error").first.wait_for()


def stuck(town: Town) -> str:
    """The repair of the first order of the first cause."""
    cause = town.linked("ops", "/exceptions", r"/exceptions\?cause=")
    return f"{town.linked('ops', cause, '/orders/')}/repair?act=data"


SCENES: Final = (
    Scene("desk", "front", at("/desk")),
    Scene("customer", "front", at("/customers/C100001")),
    Scene("company", "sh.am", at("/customers/C300001")),
    Scene("sheet", "front", first_in("/sheets", "front", "/sheets/B")),
    Scene("quote", "front", first_in("/quotes?show=all", "front", "/quotes/Q")),
    Scene("new-order", "front", at("/orders/new?customer=C100005&offering=hb-500"), height=1100),
    Scene("order", "front", lambda town: f"/orders/{town.told['line']}", height=1100),
    Scene("order-amend", "front", lambda town: f"/orders/{town.told['line']}/amend", height=900),
    Scene("order-cancel", "front", lambda town: f"/orders/{town.told['line']}/cancel"),
    Scene("order-promise", "front", lambda town: f"/orders/{town.told['line']}/promise", height=900),
    Scene("order-link", "front", lambda town: town.link(), height=760),
    Scene("queue", "back", at("/work?tab=all")),
    Scene("task", "back", first_in("/work?tab=all", "back", "/work/W-"), height=900),
    Scene("board", "sh.lead", at("/board/home_field.sh-sh.east")),
    Scene("phone", "field", at("/field"), width=390, height=760),
    Scene("control-room", "ops", at("/control"), height=1000),
    Scene("users", "admin", at("/admin/users")),
    Scene("user", "admin", at("/admin/users/back"), height=900),
    Scene("team", "admin", at("/admin/teams/home_field.sh-sh.east"), height=900),
    Scene("rights", "admin", at("/admin/rights"), height=900),
    Scene("parameters", "admin", at("/admin/parameters")),
    Scene("neighbours", "ops", at("/admin/neighbours")),
    Scene(
        "dispatch", "ops", at("/dispatch?role=ent_field&area=SH-SH&tier=gold&product=leased_line_local"), height=1000
    ),
    Scene("catalogue", "designer", at("/catalogue")),
    Scene("policies", "ops2", at("/sla")),
    Scene(
        "promise-test",
        "ops2",
        at("/sla/test?product=home_bundle&type=install&area=SH-SH&class=urban&at=2026-09-24T17:00"),
        height=1100,
    ),
    Scene("calendar", "ops2", at("/sla/calendars"), height=900),
    Scene("exceptions", "ops", at("/exceptions")),
    Scene("repair", "ops", stuck, width=1440, height=1000, before=drawn),
    Scene("heat", "ops", at("/heat/home_install?period=30&version=1"), width=1440, height=1000, before=drawn),
    Scene("bulk-run", "ops", first_in("/bulk", "ops", "/bulk/")),
    Scene("audit", "ops2", at("/audit?book=repairs")),
    Scene("processes", "designer", at("/processes")),
    Scene("new-process", "designer", at("/processes/new"), height=900),
    Scene(
        "designer",
        "designer",
        lambda town: f"{town.studio.wrong_draft()}?element=complete_item",
        width=1440,
        height=900,
        before=checked,
    ),
    Scene("dry-run", "designer", lambda town: town.studio.dry_run(), width=1440, height=1100, before=drawn),
    Scene("deploy-report", "designer", lambda town: f"{town.studio.wrong_draft()}/deploy", height=900),
    Scene("compare", "designer", at("/processes/home_install/compare?old=1&new=2"), width=1440, before=drawn),
    Scene("migration", "ops2", lambda town: town.studio.migration(), width=1440, height=1000, before=drawn),
    Scene("form-builder", "designer", lambda town: town.studio.draft("form", "install_at_customer"), width=1440),
    Scene("decision-table", "designer", lambda town: town.studio.draft("dmn", "work_priority"), width=1440),
    Scene("operation", "designer", at("/processes/operations/billing.create_subscription"), height=900),
    Scene("search", "front", at("/search"), before=digits_typed),
    Scene("news", "sh.desk", at("/bell"), height=600),
)
