"""The phone of a field crew, request by request: what it shows to whom, and that what it sends counts once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from app.persistence.audit import OrderEvent
from app.persistence.teamwork.phone_reports import PhoneReport
from app.persistence.teamwork.work_items import WorkItem
from app.unit_of_work import read
from tests.files import jpeg
from tests.web.site import Site, Visitor, text_of
from tests.web.visits import PLACES, visit_planned

JSON = "application/json"
DONE = {"ont_serial": "YZDMA0000041", "with_ont": "true", "optical_power_dbm": "-18.5", "signature": "王示例"}
PLACES_LEFT = iter(PLACES)


@pytest.fixture
def planned(site: Site) -> tuple[str, str]:
    return visit_planned(site, *next(PLACES_LEFT))


@pytest.fixture
def crew(site: Site) -> Visitor:
    return site.visitor("field")


def jpeg_file() -> BytesIO:
    return BytesIO(jpeg())


def item_of(site: Site, number: str) -> WorkItem:
    with read(site.world.deps.sessions) as session:
        return session.scalars(select(WorkItem).where(WorkItem.number == number)).one()


def events_of(site: Site, item: WorkItem, kind: str) -> int:
    with read(site.world.deps.sessions) as session:
        rows = session.scalars(select(OrderEvent).where(OrderEvent.order_id == item.order_id, OrderEvent.kind == kind))
        return len([row for row in rows if row.detail.get("work_item_id") == item.id])


def test_address_and_phone_are_whole_only_for_who_has_taken_the_visit(crew: Visitor, planned: tuple[str, str]) -> None:
    before = crew.get(f"/field/{planned[1]}").get_data(as_text=True)
    assert "154****1003" in before and "15400001003" not in before and "geo:" not in before
    assert crew.post(f"/field/{planned[1]}/take", {}).status_code == 303
    after = crew.get(f"/field/{planned[1]}").get_data(as_text=True)
    assert 'href="tel:15400001003"' in after and 'href="geo:0,0?q=' in after
    assert "15400001003" in crew.get("/field").get_data(as_text=True)
    assert f'href="/orders/{planned[0]}/visit"' in after
    assert crew.get(f"/orders/{planned[0]}/visit").status_code == 200


def test_a_visit_is_done_without_any_script(crew: Visitor, site: Site, planned: tuple[str, str]) -> None:
    _, number = planned
    assert crew.post(f"/field/{number}/arrive", {"key": "arrived-plainly"}).status_code == 303
    page = crew.get(f"/field/{number}").get_data(as_text=True)
    wrong = crew.post(f"/field/{number}/complete", {**DONE, "key": "result-wrong", "optical_power_dbm": "7"})
    assert wrong.status_code == 422
    assert "光功率" in text_of(wrong) and 'aria-invalid="true"' in wrong.get_data(as_text=True)
    assert 'name="file-photos"' in page
    form = {**DONE, "key": "result-right", "file-photos": (jpeg_file(), "box.jpg")}
    done = crew.post(f"/field/{number}/complete", form)
    assert (done.status_code, done.headers["Location"]) == (303, "/field?done=completed")
    item = item_of(site, number)
    assert (item.state, item.result["photos"]) == ("completed", [f"{number}-1"])
    assert events_of(site, item, "visit") == 1


def test_what_is_sent_twice_counts_once(crew: Visitor, site: Site, planned: tuple[str, str]) -> None:
    _, number = planned
    for again in (False, True):
        answer = crew.post(f"/field/{number}/arrive", {"key": "arrive-0001"}, Accept=JSON)
        assert (answer.status_code, answer.json["again"]) == (200, again)
    for _ in range(2):
        photo = {"key": "photo-0001", "field": "photos", "photo": (jpeg_file(), "x.jpg")}
        sent = crew.post(f"/field/{number}/photos", photo, Accept=JSON)
        assert (sent.status_code, sent.json["name"]) == (200, f"{number}-1")
    for again in (False, True):
        answer = crew.post(f"/field/{number}/complete", {**DONE, "key": "result-0001"}, Accept=JSON)
        assert (answer.status_code, answer.json["again"]) == (200, again)
    item = item_of(site, number)
    assert item.result["photos"] == [f"{number}-1"]
    assert (item.state, events_of(site, item, "visit")) == ("completed", 1)
    other = crew.post(f"/field/{number}/complete", {**DONE, "key": "result-0001", "signature": "李"}, Accept=JSON)
    assert (other.status_code, other.json["code"]) == (422, "key-reused")


def test_two_sendings_at_the_same_moment_complete_once(site: Site, planned: tuple[str, str]) -> None:
    _, number = planned
    crew = site.visitor("field")
    crew.post(f"/field/{number}/arrive", {"key": "arrive-race"}, Accept=JSON)
    token, answers = crew.token(), []

    def send() -> None:
        client = site.world.app.test_client()
        client.set_cookie("yizhan_session", crew.client.get_cookie("yizhan_session").value)  # type: ignore[union-attr]
        form = {**DONE, "key": "result-race", "csrf_token": token}
        answers.append(client.post(f"/field/{number}/complete", data=form, headers={"Accept": JSON}))

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 3
    assert sorted(answer.json["again"] for answer in answers) == [False, True, True]


def test_when_it_happened_is_what_the_phone_says_unless_its_clock_is_wrong(
    crew: Visitor, site: Site, planned: tuple[str, str]
) -> None:
    _, number = planned
    now = datetime.now(UTC)
    told = {"early": now - timedelta(hours=3), "wrong": now + timedelta(days=400)}
    for name, at in told.items():
        crew.post(f"/field/{number}/arrive", {"key": f"arrive-{name}", "at": at.isoformat()}, Accept=JSON)
    with read(site.world.deps.sessions) as session:
        rows = {name: session.get_one(PhoneReport, {"login": "field", "key": f"arrive-{name}"}) for name in told}
    assert rows["early"].happened_at == told["early"]
    assert rows["wrong"].happened_at == rows["wrong"].received_at


def test_a_visit_that_was_given_to_somebody_else_is_told_and_nothing_is_kept_of_it(
    crew: Visitor, site: Site, planned: tuple[str, str]
) -> None:
    _, number = planned
    crew.post(f"/field/{number}/arrive", {"key": "arrive-taken"}, Accept=JSON)
    lead = site.visitor("sh.lead")
    wanted = {"act": "assign", "number": number, "to": "team:home_field.sh-sh.west", "reason": "he is ill"}
    assert lead.post("/work/bulk", wanted).status_code == 200
    refused = crew.post(f"/field/{number}/complete", {**DONE, "key": "result-late"}, Accept=JSON)
    assert (refused.status_code, refused.json["state"]) == (409, "refused")
    assert refused.json["message"]
    with read(site.world.deps.sessions) as session:
        assert session.get(PhoneReport, {"login": "field", "key": "result-late"}) is None
    assert item_of(site, number).state == "open"


def test_who_is_signed_in_and_what_may_be_kept_is_told_to_scripts(
    crew: Visitor, site: Site, planned: tuple[str, str]
) -> None:
    told = crew.get("/field/state", Accept=JSON).json
    assert told["login"] == "field" and told["csrf"] == crew.token()
    assert told["pages"][0] == "/field" and f"/field/{planned[1]}" in told["pages"]
    assert site.stranger().get("/field/state", headers={"Accept": JSON}).status_code == 401
    for login in ("front", "back", "designer"):
        assert site.visitor(login).get("/field").status_code == 403


def test_a_stranger_gets_the_worker_the_manifest_and_an_empty_page_and_nothing_else(site: Site) -> None:
    stranger = site.stranger()
    with stranger.get("/field/sw.js") as worker:
        assert b"import" not in worker.data.split(b"\n")[0]
    assert worker.headers["Service-Worker-Allowed"] == "/field"
    assert worker.content_type.startswith("text/javascript")
    manifest = stranger.get("/field/manifest.webmanifest?lang=en").json
    assert (manifest["scope"], manifest["short_name"]) == ("/field", "Visits")
    for icon in manifest["icons"]:
        with stranger.get(icon["src"]) as picture:
            assert picture.content_type == "image/png"
    assert stranger.get("/field/offline").status_code == 200
    assert stranger.get("/field").headers["Location"].startswith("/login")


def test_signing_out_clears_the_phone(site: Site) -> None:
    client = site.stranger()
    login = client.get("/login").get_data(as_text=True).split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    client.post("/login", data={"csrf_token": login, "login": "sh.field2", "password": "demo"})
    page = client.get("/field").get_data(as_text=True)
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    answer = client.post("/logout", data={"csrf_token": token})
    assert answer.headers["Clear-Site-Data"] == '"storage"'
