"""Dry runs on pages: set up, run, played by hand, kept as a case that keeps a deployment back."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.forms import validate_form
from app.domain.studio.form_filling import filled_in
from app.domain.studio.trial_masking import anonymous, masked
from app.persistence.studio.process_cases import cases_of
from app.services.studio.case_running import run_cases_of
from app.unit_of_work import read
from app.web.pages.studio.trial_values import spoken
from tests.servers import ROOT
from tests.web.site import Site

INSTALL = "/processes/home_install/1/try"
TRIAL = re.compile(r"trial=([0-9a-f-]{36})")


def begin(site: Site, **form: Any) -> tuple[str, str]:
    """Run home_install with its first case; returns the id of the trial and the page."""
    designer = site.visitor("designer")
    sample = re.search(r'<option value="([0-9a-f-]{36})"', designer.get(INSTALL).get_data(as_text=True))
    assert sample
    answer = designer.post(
        INSTALL,
        {"do": "run", "sample": sample[1], "pace": "usual", "calls": "as-said", "begins": "2026-11-23T10:05", **form},
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    href = answer.headers["Location"].split("#")[0]
    found = TRIAL.search(href)
    assert found
    return found[1], designer.get(href).get_data(as_text=True)


def tried_one(site: Site) -> str:
    """A trial with everything a page of one can show: a step that is looked at, with its data and what is undone."""
    return f"{INSTALL}?trial={begin(site, calls='run')[0]}&step=9"


@pytest.fixture(scope="module")
def tried(site: Site) -> tuple[str, str]:
    """One trial for the tests of this file: its id and its page."""
    return begin(site)


def test_a_version_is_tried_with_its_sample_and_says_steps_promise_and_undo(site: Site, tried: tuple[str, str]) -> None:
    trial, page = tried
    assert 'data-testid="dryrun-result"' in page and "走到终点" in page
    assert "对客户承诺" in page
    designer = site.visitor("designer")
    one = designer.get(f"{INSTALL}?trial={trial}&step=3&lang=en").get_data(as_text=True)
    assert "A cancel at this moment" in one and "appointment_from" in one
    assert designer.get(f"/processes/trials/{trial}/drawing").status_code == 200
    assert "154****1003" in one and "15400001003" not in one
    designer.get("/processes?lang=zh")


def test_a_trial_of_somebody_else_is_not_there(site: Site, tried: tuple[str, str]) -> None:
    trial, _ = tried
    assert site.visitor("ops").get(f"/processes/trials/{trial}/drawing").status_code == 404
    assert site.visitor("ops").get(f"{INSTALL}?trial={trial}").status_code == 404
    assert site.visitor("ops").post(INSTALL, {"do": "run"}).status_code == 403


@pytest.mark.torture
def test_a_neighbour_that_gives_no_answer_is_seen_at_its_step(site: Site) -> None:
    path = "/processes/billing_stop/1/try"
    designer = site.visitor("designer")
    shown = designer.get(path).get_data(as_text=True)
    sample = re.search(r'<option value="([0-9a-f-]{36})"', shown)
    assert sample and 'name="what:billing.stop_charging"' in shown
    scenario = {"what:billing.stop_charging": "timeout", "times:billing.stop_charging": "2"}
    answer = designer.post(path, {"do": "run", "sample": sample[1], **scenario})
    page = designer.get(answer.headers["Location"].split("#")[0]).get_data(as_text=True)
    assert "2 次无应答" in page and "走到终点" in page


def test_a_run_is_kept_as_a_case_that_keeps_the_deployment_back(site: Site, tried: tuple[str, str]) -> None:
    trial, page = tried
    path = re.search(r'id="case-path"[^>]*>([^<]*)<', page)
    assert path and "resource_assignment" in path[1]
    designer = site.visitor("designer")
    form = {"do": "case", "trial": trial, "name": "kept from a run"}
    more = re.search(r'id="case-more"[^>]*>([^<]*)<', page)
    assert more
    kept = designer.post(INSTALL, {**form, "path": path[1], "more": html.unescape(more[1])})
    assert kept.status_code == 303 and "/processes/home_install/cases" in kept.headers["Location"]
    assert designer.post(INSTALL, {**form, "more": "{broken"}).status_code == 422
    deps = site.world.deps
    with read(deps.read_sessions) as session:
        row = next(one for one in cases_of(session, "process", "home_install") if one.name == "kept from a run")
    shown = designer.post("/processes/home_install/cases/run", {"case": row.id})
    assert shown.status_code == 303
    listed = designer.get("/processes/home_install/cases").get_data(as_text=True)
    assert "kept from a run" in listed and "1 个通过" in listed
    drawing = designer.get("/processes/home_install/1/source").data
    other = drawing.replace(b'name="charging_from" value="result.charging_from"', b'name="charging_from" value="\'x\'"')
    assert other != drawing
    report = run_cases_of({"home_install.bpmn": other}, deps, only=[row.id])
    assert [one.element_id for one in report.findings] == ["fix_service_date"]
    assert "charging_from" in report.findings[0].message_zh
    assert designer.post(f"/processes/home_install/cases/{row.id}/remove", {}).status_code == 303


def test_what_the_engine_says_is_shown_in_one_language() -> None:
    both = "x：这里没有名为 'x' 的数据 · x: nothing is called 'x' here"
    assert spoken(both, "zh") == "x：这里没有名为 'x' 的数据"
    assert spoken(both, "en") == "x: nothing is called 'x' here"
    assert spoken("no answer", "zh") == "no answer"


def test_forms_that_ship_are_filled_in_as_they_want_it() -> None:
    now = datetime(2026, 11, 23, 2, tzinfo=UTC)
    for file in sorted((ROOT / "bpmn" / "forms").glob("*.json")):
        schema = json.loads(file.read_text(encoding="utf-8"))
        _, problems = validate_form(schema, filled_in(schema, now))
        assert not problems, (file.name, problems)


def test_data_are_masked_for_people_and_emptied_for_samples() -> None:
    data = {"item": {"contact_name": "王小明", "note": "call 13812345678", "customer_no": "C100003", "port": "1/2/3"}}
    assert masked(data)["item"] | {"contact_name": ""} == {
        **data["item"],
        "contact_name": "",
        "note": "call 138****5678",
    }
    assert "小明" not in masked(data)["item"]["contact_name"]
    plain = anonymous(data)["item"]
    assert (plain["contact_name"], plain["note"], plain["customer_no"], plain["port"]) == (
        "",
        "call ",
        "C000000",
        "1/2/3",
    )
