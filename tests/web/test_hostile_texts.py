"""Fifty hostile texts in every text field of every page: nothing runs, nothing breaks, nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.persistence.counter.customers import InstalledProduct
from app.persistence.teamwork.tickets import TroubleTicket
from tests.browsing import PageWatch
from tests.web.hostile import PAYLOADS, is_ours, looked_at, packed, pages_of
from tests.web.site import Site, sign_in
from tests.web.test_accessible import places as all_places

pytestmark = pytest.mark.slow
places = all_places
#: Opened in a browser in every run; the others only in ``--full``.
FEW = ("web.orders", "web.order", "web.customer", "web.ticket", "web.audit")


def test_there_are_fifty_of_them() -> None:
    assert len(set(PAYLOADS)) == 50
    assert " ".join(packed(300)).count("ran=1") > 40
    assert looked_at(f"<p>{PAYLOADS[0]}</p>").found == ["<script>"]
    unescaped = (f"<p title={quote}{one}{quote}>{one}</p>" for one in PAYLOADS for quote in "'\"")
    assert sum(bool(looked_at(html).found) for html in unescaped) > 75, "a page that forgot to escape is noticed"


@pytest.fixture(scope="module")
def stormed(site: Site, places: dict[str, tuple[str, str]], request: pytest.FixtureRequest) -> dict[str, int]:
    """Every form of every page, sent with hostile texts in all its text fields; how many were taken, by status."""
    whole = request.config.getoption("--full")
    seen: set[tuple[str, ...]] = set()
    statuses: dict[str, int] = {}
    turn = 0
    for login, name, path in pages_of(places):
        visitor = site.visitor(login)
        page = looked_at(visitor.client.get(path, follow_redirects=True).get_data(as_text=True))
        for form in page.forms:
            key = (form.action.split("?")[0], *sorted(form.texts))
            if not form.texts or not is_ours(form.action or path) or key in seen:
                continue
            seen.add(key)
            texts = packed(min(form.texts.values()))
            if not texts:
                continue  # a field too short for any of them
            for text in texts if whole else texts[turn % len(texts) :][:1]:
                turn += 1
                given = {**form.values, **{field: text[:most] for field, most in form.texts.items()}}
                send = visitor.client.post if form.method == "post" else visitor.client.get
                kwargs = {"data": given} if form.method == "post" else {"query_string": given}
                answer = send(form.action or path, **kwargs)
                assert answer.status_code < 500, (name, form.action, answer.status_code, text)
                wrong = looked_at(answer.get_data(as_text=True)).found if "html" in answer.content_type else []
                assert wrong == [], (name, form.action, text, wrong)
                statuses[str(answer.status_code)] = statuses.get(str(answer.status_code), 0) + 1
    return statuses


def test_every_form_answers_and_every_page_is_still_clean(
    site: Site, places: dict[str, tuple[str, str]], stormed: dict[str, int]
) -> None:
    assert stormed.get("303", 0) >= 5, f"too few were stored to prove anything: {stormed}"
    for login, name, path in pages_of(places):
        shown = site.visitor(login).client.get(path, follow_redirects=True)
        assert shown.status_code < 500, path
        assert looked_at(shown.get_data(as_text=True)).found == [], name


@pytest.fixture(scope="module")
def kept(site: Site) -> dict[str, str]:
    """Pages that show all payloads as texts: an order's note and number, a fault, a reason that is audited."""
    front = site.visitor("front")
    found = {}
    for number, text in enumerate(packed(480)):
        form = {
            "do": "submit",
            "place-installation": "A0013",
            "c-with_voice": "true",
            "description": text,
            "external_id": f"<b>{number}</b>",
        }
        placed = front.post("/orders/new?customer=C100004&offering=hb-500", form)
        assert placed.status_code == 303, placed.get_data(as_text=True)[:300]
        found[placed.headers["Location"].split("?")[0]] = text
    with site.world.deps.sessions() as session:
        busy = select(TroubleTicket.product_id).where(TroubleTicket.product_id.is_not(None))
        active = InstalledProduct.status == "active", InstalledProduct.area == "SH-SH"
        free = session.scalars(
            select(InstalledProduct.product_id)
            .where(*active, InstalledProduct.product == "ftth_broadband", InstalledProduct.product_id.not_in(busy))
            .order_by(InstalledProduct.product_id)
        ).all()
    for product, text in zip(free, packed(900), strict=False):
        reported = front.post(f"/products/{product}/fault", {"description": text, "severity": "normal"})
        assert reported.status_code == 303, product
        found[reported.headers["Location"].split("?")[0]] = text
    return found


def test_nothing_of_a_hostile_text_is_lost(site: Site, kept: dict[str, str]) -> None:
    shown: set[str] = set()
    for path, text in kept.items():
        page = looked_at(site.visitor("front").get(path).get_data(as_text=True))
        assert page.found == []
        said = " ".join(" ".join(page.said).split())
        for payload in PAYLOADS:
            if payload in text:
                assert " ".join(payload.split()) in said, (path, payload)
                shown.add(payload)
    assert shown == set(PAYLOADS)


def test_no_script_runs_on_any_page(
    page: Any,
    page_watch: PageWatch,
    address: str,
    site: Site,
    places: dict[str, tuple[str, str]],
    stormed: dict[str, int],
    kept: dict[str, str],
    request: pytest.FixtureRequest,
) -> None:
    # The storm has sent the team's form with one member at most, so that its board is no longer the leader's.
    page_watch.allow("/board/home_field.sh-sh.east")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    wanted = [one for one in pages_of(places) if request.config.getoption("--full") or one[1] in FEW]
    wanted += [("front", "kept", path) for path in list(kept)[: None if request.config.getoption("--full") else 3]]
    who = ""
    for login, name, path in sorted(wanted):
        if login != who:
            page.context.clear_cookies()
            sign_in(page, address, login)
            who = login
        page.goto(f"{address}{path}")
        assert page.evaluate("window.ran") is None, name
    assert dialogs == []
