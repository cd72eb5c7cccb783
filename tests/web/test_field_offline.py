"""The phone of a field crew in a real browser, without a connection: nothing is lost, and everything is sent once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from sqlalchemy import delete, func, select

from app.persistence.people import WebSession
from app.persistence.teamwork.attachments import Attachment
from app.persistence.teamwork.phone_reports import PhoneReport
from app.persistence.teamwork.work_items import WorkItem
from app.unit_of_work import read, transaction
from app.web.assets import HERE
from tests.web.site import Site
from tests.web.visits import PLACES, visit_planned

pytestmark = pytest.mark.slow

#: A picture that a browser can draw.
PICTURE: Final = (HERE / "field-192.png").read_bytes()
#: What Chromium says of a machine that is not there.
AWAY: Final = ("ERR_INTERNET_DISCONNECTED", "ERR_SOCKET_NOT_CONNECTED", "ERR_FAILED", "ERR_CONNECTION")
CAUSED: Final = ("status of 401", "status of 403", "status of 409", "status of 422")
PLACES_LEFT = iter(PLACES)
WORDS: Final = {
    "zh": {
        "take": "领取",
        "here": "我已到场",
        "power": "光功率",
        "name": "客户签名",
        "kept": "已存在手机里",
        "offline": "没有网络",
        "signed_out": "登录已失效",
        "refused": "未被接收",
        "discard": "丢弃",
        "leave": "退出",
        "anyway": "退出并丢弃",
        "stay": "先不退出",
    },
    "en": {
        "take": "Take it",
        "here": "I am here",
        "power": "Optical power",
        "name": "Customer's signature",
        "kept": "On this phone",
        "offline": "No connection",
        "signed_out": "You are signed out",
        "refused": "not accepted",
        "discard": "Throw it away",
        "leave": "Log out",
        "anyway": "Log out and throw it away",
        "stay": "Stay and send it",
    },
}


@pytest.fixture
def planned(site: Site) -> str:
    return visit_planned(site, *next(PLACES_LEFT))[1]


@pytest.fixture
def phone(page: Any, address: str, page_watch: Any) -> Callable[[str], Any]:
    """A phone on which the crew has signed in; what it says without a connection is no fault."""
    for text in (*AWAY, *CAUSED):
        page_watch.allow(text)

    def signed_in(language: str) -> Any:
        page.set_viewport_size({"width": 360, "height": 780})
        sign_in(page, address, language)
        page.locator("html[data-kept]").wait_for(state="attached")
        return page

    return signed_in


def sign_in(page: Any, address: str, language: str) -> None:
    page.goto(f"{address}/login?lang={language}")
    page.fill("#u", "field")
    page.fill("#p", "demo")
    page.locator("form button[type=submit]").last.click()
    page.wait_for_url("**/field*")


def taken(page: Any, address: str, number: str, words: dict[str, str]) -> None:
    """The visit is taken, and kept on the phone."""
    page.goto(f"{address}/field/{number}")
    page.get_by_role("button", name=words["take"], exact=True).click()
    page.locator("a[href^='tel:']").wait_for()
    page.goto(f"{address}/field")
    page.locator("html[data-kept]").wait_for(state="attached")


def filled_in(page: Any, words: dict[str, str]) -> None:
    page.get_by_role("button", name=words["here"]).click()
    page.get_by_label(words["power"]).fill("-18.5")
    page.get_by_label(words["name"]).fill("王示例")


def count_of(site: Site, entity: Any, *conditions: Any) -> int:
    with read(site.world.deps.sessions) as session:
        return session.scalar(select(func.count()).select_from(entity).where(*conditions)) or 0


def item_of(site: Site, number: str) -> WorkItem:
    with read(site.world.deps.sessions) as session:
        return session.scalars(select(WorkItem).where(WorkItem.number == number)).one()


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.torture)])
def test_a_visit_is_done_without_a_connection_and_sent_once(
    phone: Callable[[str], Any], address: str, site: Site, planned: str, language: str
) -> None:
    words = WORDS[language]
    page = phone(language)
    taken(page, address, planned, words)
    page.context.set_offline(True)
    page.reload()
    page.locator("[data-net]", has_text=words["offline"]).wait_for()
    page.locator(f"[data-visit='{planned}'] a").first.click()
    page.wait_for_url(f"**/field/{planned}")
    filled_in(page, words)
    page.locator("input[data-camera]").set_input_files({"name": "box.png", "mimeType": "image/png", "buffer": PICTURE})
    page.locator(".ftiles li[data-state=waiting]").wait_for()
    page.reload()  # the phone was put away in between
    assert page.get_by_label(words["power"]).input_value() == "-18.5"
    page.locator(".ftiles li[data-state=waiting] canvas").wait_for()
    page.locator("[data-go-on]").click()
    page.locator("[data-waiting]", has_text=words["kept"]).wait_for()
    assert page.locator("[data-net]").get_attribute("data-n") == "3"
    page.reload()
    page.locator("[data-waiting]", has_text=words["kept"]).wait_for()
    assert item_of(site, planned).state == "claimed"

    page.context.set_offline(False)
    page.locator("[data-net][data-n='0']").wait_for(state="attached", timeout=20_000)
    page.goto(f"{address}/field")
    item = item_of(site, planned)
    assert (item.state, item.result["photos"]) == ("completed", [f"{planned}-1"])
    assert count_of(site, Attachment, Attachment.work_item_id == item.id) == 1
    reports = (PhoneReport.work_item_id == item.id,)
    assert count_of(site, PhoneReport, *reports) == 2
    assert page.locator(f"[data-visit='{planned}']").count() == 0
    # Nothing of this customer is left on the phone.
    page.locator("html[data-kept]").wait_for(state="attached")
    assert planned not in str(page.evaluate(KEPT))


KEPT: Final = """async () => {
  const addresses = [];
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) addresses.push(request.url);
  }
  const db = await new Promise((done) => {
    const asked = indexedDB.open('yizhan-field');
    asked.onsuccess = () => done(asked.result);
  });
  for (const store of db.objectStoreNames) {
    const rows = await new Promise((done) => {
      const asked = db.transaction(store).objectStore(store).getAll();
      asked.onsuccess = () => done(asked.result);
    });
    addresses.push(...rows.map((row) => row.number));
  }
  db.close();
  return addresses;
}"""


def test_a_wrong_answer_is_put_right_and_what_was_done_while_the_session_ended_is_sent_after_signing_in_again(
    phone: Callable[[str], Any], address: str, site: Site, planned: str
) -> None:
    words = WORDS["zh"]
    page = phone("zh")
    taken(page, address, planned, words)
    page.goto(f"{address}/field/{planned}")
    page.get_by_role("button", name=words["here"]).click()
    page.locator("form[data-arrive]").wait_for(state="detached")
    page.get_by_label(words["power"]).fill("7")
    page.get_by_label(words["name"]).fill("王示例")
    page.locator("[data-go-on]").click()
    page.locator("[data-go-on]").click()
    page.get_by_test_id("error-summary").get_by_role("link", name=words["power"]).click()
    page.context.set_offline(True)
    page.get_by_label(words["power"]).fill("-18.5")
    page.locator("[data-go-on]").click()
    page.locator("[data-waiting]", has_text=words["kept"]).wait_for()
    with transaction(site.world.deps.sessions) as tx:
        tx.session.execute(delete(WebSession).where(WebSession.login == "field"))
    page.context.set_offline(False)
    page.locator("[data-net]", has_text=words["signed_out"]).wait_for(timeout=20_000)
    assert item_of(site, planned).state == "claimed"
    sign_in(page, address, "zh")
    page.locator("[data-net][data-n='0']").wait_for(state="attached", timeout=20_000)
    assert item_of(site, planned).state == "completed"


@pytest.mark.torture
def test_a_visit_that_was_given_away_meanwhile_is_told_and_can_be_thrown_away(
    phone: Callable[[str], Any], address: str, site: Site, planned: str
) -> None:
    words = WORDS["en"]
    page = phone("en")
    taken(page, address, planned, words)
    page.goto(f"{address}/field/{planned}")
    page.context.set_offline(True)
    filled_in(page, words)
    page.locator("[data-go-on]").click()
    page.locator("[data-go-on]").click()
    page.locator("[data-waiting]", has_text=words["kept"]).wait_for()
    wanted = {"act": "assign", "number": planned, "to": "team:home_field.sh-sh.west", "reason": "ill"}
    assert site.visitor("sh.lead").post("/work/bulk", wanted).status_code == 200
    page.context.set_offline(False)
    page.locator("[data-refusals]", has_text=words["refused"]).first.wait_for(timeout=20_000)
    assert item_of(site, planned).claimed_by is None
    page.goto(f"{address}/field")
    page.locator("[data-refusals]").get_by_role("button", name=words["discard"]).click()
    page.locator("[data-refusals]:empty").wait_for(state="attached")
    assert planned not in str(page.evaluate(KEPT))


def test_whoever_signs_out_is_asked_about_what_is_not_sent_and_leaves_nothing(
    phone: Callable[[str], Any], address: str, site: Site, planned: str
) -> None:
    words = WORDS["zh"]
    page = phone("zh")
    taken(page, address, planned, words)
    page.goto(f"{address}/field/{planned}")
    page.locator("html[data-kept]").wait_for(state="attached")
    page.context.set_offline(True)
    page.get_by_role("button", name=words["here"]).click()
    page.locator("[data-net][data-n='1']").wait_for()
    page.locator(".fmenu summary").click()
    page.get_by_role("button", name=words["leave"], exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=words["stay"]).click()
    assert page.locator("[data-net]").get_attribute("data-n") == "1"
    page.get_by_role("button", name=words["leave"], exact=True).click()
    page.context.set_offline(False)
    dialog.get_by_role("button", name=words["anyway"]).click()
    page.wait_for_url("**/login*")
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("async () => (await indexedDB.databases()).map((db) => db.name)") == []
    assert page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0
