"""Dry runs played by a person: forms, messages, steps and the clock; and samples from real orders."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.domain.actors import Actor
from app.persistence.studio.process_cases import cases_of
from app.services.studio import process_drafts
from app.unit_of_work import read
from tests.processes.drawing import boundary, bpmn, catch, end, event, flows, io, start, timer, user
from tests.web.site import Site

PLAYED = bpmn(
    start(),
    user("book", io(outputs={"slot": "result.appointment_from"}), yz_form="book_appointment"),
    boundary("late", "book", timer("P3D"), interrupting=False),
    user("remind"),
    catch("paid", event("message", "paid")),
    end(),
    flows("s>book book>paid paid>e late>remind remind>e"),
    key="played",
)
WHO = Actor(login="designer", role="designer", area="SH", area_path="SH")
FORM = {
    "appointment_from": "2026-11-25T09:00",
    "appointment_to": "2026-11-25T11:00",
    "contact_name": "王先生",
    "contact_phone": "15400001003",
}


class Player:
    """One designer with one dry run."""

    def __init__(self, site: Site, path: str) -> None:
        self.site, self.path, self.trial = site, path, ""

    def does(self, what: str, status: int = 303, **form: Any) -> str:
        """Press a button; returns the page."""
        designer = self.site.visitor("designer")
        answer = designer.post(self.path, {"do": what, "trial": self.trial, **form})
        assert answer.status_code == status, answer.get_data(as_text=True)[-2500:]
        if status != 303:
            return answer.get_data(as_text=True)
        href = answer.headers["Location"].split("#")[0]
        self.trial = href.partition("trial=")[2]
        return designer.get(f"{href}&lang=en").get_data(as_text=True)


def steps(page: str) -> list[str]:
    return re.findall(r'#moment"[^>]*>([^<]+)</a>', page)


def test_people_are_played_with_the_form_and_the_clock_goes_on_by_button(site: Site) -> None:
    draft, _ = process_drafts.keep("played.bpmn", PLAYED, WHO, site.world.deps)
    player = Player(site, f"/processes/drafts/{draft.id}/try")
    page = player.does("run", people="hand", begins="2026-11-17T09:00")
    assert "You play: book" in page and "17 Nov 2026, 09:00" in page
    page = player.does("day")
    assert "Reached</dt><dd>18 Nov 2026, 09:00" in page and "You play: remind" not in page
    page = player.does("next")
    assert "You play: remind" in page and "Reached</dt><dd>20 Nov 2026, 09:00" in page
    refused = player.does("hand", 422, element="book", appointment_from="")
    assert 'data-testid="error-summary"' in refused
    page = player.does("hand", element="book", **FORM)
    assert "The message paid comes now" in page and "王先生" not in page
    page = player.does("message", message="paid")
    page = player.does("hand", element="remind")
    assert "Came to its end" in page
    kept = site.visitor("designer").post(
        player.path, {"do": "case", "trial": player.trial, "name": "played", "path": "book\nremind", "more": "{}"}
    )
    assert kept.status_code == 303
    ran = site.visitor("designer").post(f"/processes/played/cases/run?draft={draft.id}", {})
    assert ran.status_code == 303
    with read(site.world.deps.read_sessions) as session:
        (row,) = cases_of(session, "process", "played", draft.id)
        assert (row.last["ok"], cases_of(session, "process", "played")) == (True, []), row.last


@pytest.mark.torture
def test_a_trial_goes_one_step_at_a_time(site: Site) -> None:
    draft, _ = process_drafts.keep("stepped.bpmn", PLAYED, WHO, site.world.deps)
    player = Player(site, f"/processes/drafts/{draft.id}/try")
    assert steps(player.does("step-through", begins="2026-11-20T09:00")) == ["book", "late"]
    assert "Next step" in player.does("one")
    page = player.does("end")
    assert "Next step" not in page and "The message paid comes now" in page


def test_a_draft_that_cannot_run_says_why_at_its_element(site: Site) -> None:
    broken = PLAYED.replace(b"result.appointment_from", b"result.").replace(
        b'<bpmn:userTask id="remind"></bpmn:userTask>',
        b'<bpmn:callActivity id="remind" calledElement="billing_stop"></bpmn:callActivity>',
    )
    assert b"billing_stop" in broken
    draft, _ = process_drafts.keep("broken.bpmn", broken, WHO, site.world.deps)
    page = site.visitor("designer").get(f"/processes/drafts/{draft.id}/try?lang=en").get_data(as_text=True)
    assert "It cannot run yet" in page and f"/processes/drafts/{draft.id}?element=book" in page
    assert "billing_stop" not in page.partition("It cannot run yet")[2].partition("</section>")[0]
    answer = site.visitor("designer").post(f"/processes/drafts/{draft.id}/try", {"do": "run"})
    assert answer.status_code == 422
    site.visitor("designer").get("/processes?lang=zh")


@pytest.mark.torture
def test_an_order_becomes_a_sample_without_whom_it_was_for(site: Site) -> None:
    front, designer = site.visitor("front"), site.visitor("designer")
    placed = front.post(
        "/orders/new?customer=C100003&offering=hb-500",
        {"do": "submit", "place-installation": "A0013", "c-with_voice": "true"},
    )
    number = placed.headers["Location"].split("/")[-1].split("?")[0]
    site.work()
    unknown = designer.post("/processes/home_install/cases/order", {"order": "O-2611-999999"})
    assert unknown.status_code == 404
    taken = designer.post("/processes/home_install/cases/order", {"order": number})
    assert taken.status_code == 303, taken.get_data(as_text=True)[-2000:]
    with read(site.world.deps.read_sessions) as session:
        row = next(one for one in cases_of(session, "process", "home_install") if one.source == number)
    assert row.is_sample and row.product == "home_bundle"
    assert "C100003" not in str(row.body) and row.body["answers"]["operations"]
    player = Player(site, "/processes/home_install/1/try")
    assert "Came to its end" in player.does("run", sample=row.id, calls="run", pace="usual", begins="2026-11-23T10:00")
