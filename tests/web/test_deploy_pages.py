"""Check and deploy a draft: the report, notes for warnings, a second person, an hour, and exactly once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.domain.actors import Actor
from app.running.chores import Chores
from app.services.administration import parameter_desk
from app.services.studio import process_deployments, process_drafts
from processes.store.definitions import ProcessDefinition
from tests.processes.drawing import bpmn, call, flows, io, service, start, user
from tests.processes.test_decisions import table as dmn_table
from tests.web.site import Site, Visitor, ordered, text_of

DESIGNER = "designer"
ACTOR = Actor(login=DESIGNER, role="designer", area="CN", area_path="CN")


NAMED = 'isExecutable="true" yizhan:nameEn="Visits"'


def drawing(key: str, *, team: str = "home_field", name: str = "上门", warned: bool = False, after: str = "") -> bytes:
    """A process of one visit. ``warned``: without a target time, which has to be explained; ``after``: the step of the
    id ``told`` that follows it."""
    more = {} if warned else {"yz_duration": "PT4H"}
    visit = user("visit", name=name, yz_nameEn="Visit", yz_team=team, yz_form="survey_site", **more)
    drawn = flows("s>visit visit>told" if after else "s>visit")
    return bpmn(start(name="始", yz_nameEn="Begin"), visit, after, drawn, key=key, process_attributes=NAMED)


def drafted(site: Site, key: str, content: bytes) -> str:
    """A draft of these bytes; returns its id."""
    return draft_of(site, f"{key}.bpmn", content)


def draft_of(site: Site, name: str, content: bytes) -> str:
    """A draft of a file of this name; returns its id."""
    return process_drafts.keep(name, content, ACTOR, site.world.deps)[0].id


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form that deploys."""
    return {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("token", "seen")}  # type: ignore[index]


def notes_of(page: str) -> list[str]:
    return re.findall(r'name="(note-[0-9a-f]+)"', page)


@contextmanager
def second_person(site: Site) -> Iterator[None]:
    """Somebody else has to agree, while this lasts."""
    deps, admin = site.world.deps, Actor(login="admin", role="admin", area="CN", area_path="CN")

    def look() -> None:
        with deps.database.connect() as connection:
            deps.live.look(connection)

    parameter_desk.change_parameter("second_person_deploys", "yes", "a test", admin, deps)
    look()
    try:
        yield
    finally:
        parameter_desk.reset_parameter("second_person_deploys", "over", admin, deps)
        look()


def deployed_and_drafted(site: Site) -> tuple[str, str]:
    """Where a deployment is that has been made, and the report of a draft with a warning."""
    visitor = site.visitor(DESIGNER)
    report = f"/processes/drafts/{drafted(site, 'seen_by_all', drawing('seen_by_all'))}/deploy"
    visitor.post(report, fields_of(visitor.get(report).get_data(as_text=True)) | {"release_note": "1"})
    listed = visitor.get("/processes/deployments").get_data(as_text=True)
    return (
        "/processes/deployments/" + listed.split('href="/processes/deployments/', 1)[1].split('"', 1)[0],
        f"/processes/drafts/{drafted(site, 'seen_by_all', drawing('seen_by_all', warned=True))}/deploy",
    )


@pytest.fixture
def designer(site: Site) -> Visitor:
    return site.visitor(DESIGNER)


def versions(site: Site, key: str) -> list[int]:
    with site.world.deps.read_sessions() as session:
        rows = select(ProcessDefinition.version).where(ProcessDefinition.key == key)
        return sorted(session.scalars(rows))


def test_a_draft_without_faults_is_deployed_once_however_often_it_is_sent(site: Site, designer: Visitor) -> None:
    draft = drafted(site, "clean_one", drawing("clean_one"))
    page = designer.get(f"/processes/drafts/{draft}/deploy").get_data(as_text=True)
    assert 'data-testid="deploy-result"' in page and versions(site, "clean_one") == []
    form = fields_of(page) | {"when": "now", "release_note": "first of all"}
    for _ in range(2):
        answer = designer.post(f"/processes/drafts/{draft}/deploy", form)
        assert answer.status_code == 303 and "/processes/clean_one/1" in answer.headers["Location"]
    assert versions(site, "clean_one") == [1]
    assert "first of all" in text_of(designer.get("/processes/deployments"))


def test_an_error_stands_against_it_and_leads_to_the_element(site: Site, designer: Visitor) -> None:
    bad = drawing("bad_one", team="nobody_at_all")
    draft = drafted(site, "bad_one", bad)
    page = designer.get(f"/processes/drafts/{draft}/deploy?lang=en").get_data(as_text=True)
    assert f"/processes/drafts/{draft}?element=visit" in page and "disabled" in page
    answer = designer.post(f"/processes/drafts/{draft}/deploy", fields_of(page) | {"when": "now"})
    assert answer.status_code == 422 and versions(site, "bad_one") == []


def test_a_warning_needs_a_note_and_the_note_is_kept(site: Site, designer: Visitor) -> None:
    draft = drafted(site, "warned_one", drawing("warned_one", warned=True))
    page = designer.get(f"/processes/drafts/{draft}/deploy?lang=en").get_data(as_text=True)
    wanted = notes_of(page)
    assert wanted
    bare = designer.post(f"/processes/drafts/{draft}/deploy", fields_of(page) | {"when": "now"})
    assert bare.status_code == 422 and f'id="{wanted[0]}-e"' in bare.get_data(as_text=True)
    assert versions(site, "warned_one") == []
    notes = dict.fromkeys(wanted, "a pilot of two teams")
    answer = designer.post(f"/processes/drafts/{draft}/deploy", fields_of(page) | notes | {"when": "now"})
    assert answer.status_code == 303 and versions(site, "warned_one") == [1]


def test_a_second_person_agrees_to_exactly_what_was_looked_at(site: Site, designer: Visitor) -> None:
    manager = site.visitor("ops2")
    with second_person(site):
        draft = drafted(site, "two_people", drawing("two_people"))
        page = designer.get(f"/processes/drafts/{draft}/deploy").get_data(as_text=True)
        sent = designer.post(f"/processes/drafts/{draft}/deploy", fields_of(page) | {"when": "now"})
        asked = sent.headers["Location"].split("?")[0]
        assert "/processes/deployments/" in asked and versions(site, "two_people") == []
        own = designer.post(f"{asked}/decision", {"agreed": "yes"})
        assert own.status_code == 403 and versions(site, "two_people") == []
        assert site.visitor("back").post(f"{asked}/decision", {"agreed": "yes"}).status_code == 403
        assert "等第二人同意的发布" in text_of(manager.get("/bell?lang=zh"))
        agreed = manager.post(f"{asked}/decision", {"agreed": "yes", "note": "seen"})
        assert agreed.status_code == 303 and versions(site, "two_people") == [1]
        assert manager.post(f"{asked}/decision", {"agreed": "yes"}).status_code == 409
        assert "What became of my deployments" in text_of(designer.get("/bell?lang=en"))
        assert "等第二人同意的发布" not in text_of(manager.get("/bell?lang=zh"))


def test_a_draft_that_was_changed_meanwhile_is_asked_for_again(site: Site, designer: Visitor) -> None:
    with second_person(site):
        told = service(
            "told", io({"order_id": "'o'", "event": "'visited'"}), "order.notify", name="通知", yz_nameEn="Tell"
        )
        draft = drafted(site, "moved_on", drawing("moved_on", after=told))
        page = designer.get(f"/processes/drafts/{draft}/deploy").get_data(as_text=True)
        sent = designer.post(f"/processes/drafts/{draft}/deploy", fields_of(page) | {"when": "now"})
        asked = sent.headers["Location"].split("?")[0]
        looked = text_of(site.visitor("ops2").get(f"{asked}?lang=en"))
        assert "Nothing has changed." in looked and "read, compiled and stored on trial" in looked
        assert "What it names" in looked and "Tell the customer" in looked
        process_drafts.change(draft, drawing("moved_on", name="再上门"), ACTOR, site.world.deps, revision=1)
        seen = text_of(site.visitor("ops2").get(f"{asked}?lang=en"))
        assert "the draft moved_on.bpmn was changed since (revision 1 → 2)" in seen
        refused = site.visitor("ops2").post(f"{asked}/decision", {"agreed": "yes"})
        assert refused.status_code == 409 and versions(site, "moved_on") == []
        assert "再" not in text_of(designer.get(asked)) and "out of date" in text_of(designer.get(f"{asked}?lang=en"))


def test_an_hour_is_kept_once_and_can_be_taken_back(site: Site, designer: Visitor) -> None:
    deps = site.world.deps
    asked = {}
    for key in ("at_night", "never_mind"):
        draft = drafted(site, key, drawing(key))
        page = designer.get(f"/processes/drafts/{draft}/deploy").get_data(as_text=True)
        form = fields_of(page) | {"when": "at", "at": "2020-01-01T02:00"}
        late = designer.post(f"/processes/drafts/{draft}/deploy", form)
        assert late.status_code == 422 and 'id="at-e"' in late.get_data(as_text=True)
        with deps.read_sessions() as session:
            hour = deps.clock(session).astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)
        form |= {"at": hour.strftime("%Y-%m-%dT%H:%M")}
        answer = designer.post(f"/processes/drafts/{draft}/deploy", form)
        assert answer.status_code == 303, text_of(answer)
        asked[key] = answer.headers["Location"].split("?")[0]
    assert designer.post(f"{asked['never_mind']}/withdraw", {}).status_code == 303
    assert Chores(deps).deploy() is False and versions(site, "at_night") == []
    tomorrow = replace(deps, clock=lambda session: deps.clock(session) + timedelta(days=2))
    assert [Chores(tomorrow).deploy() for _ in range(2)] == [True, False]
    assert versions(site, "at_night") == [1] and versions(site, "never_mind") == []
    assert designer.post(f"{asked['at_night']}/withdraw", {}).status_code == 409


def test_several_drafts_that_need_each_other_go_together(site: Site, designer: Visitor) -> None:
    inside = call("c", "inner_part", name="里", yz_nameEn="Inside")
    outer = bpmn(start(), inside, flows("s>c"), key="outer_part", process_attributes=NAMED)
    one, two = drafted(site, "outer_part", outer), drafted(site, "inner_part", drawing("inner_part"))
    alone = text_of(designer.get(f"/processes/drafts/{one}/deploy?lang=en"))
    assert "there is no process inner_part to call" in alone
    page = designer.get(f"/processes/drafts/{one}/deploy?with={two}").get_data(as_text=True)
    answer = designer.post(f"/processes/drafts/{one}/deploy", fields_of(page) | {"when": "now", "with": two})
    assert answer.status_code == 303, text_of(answer)
    assert versions(site, "outer_part") == versions(site, "inner_part") == [1]


def test_the_teams_it_concerns_read_the_release_note(site: Site, designer: Visitor) -> None:
    draft = drafted(site, "told_of", drawing("told_of", team="data_access"))
    where = f"/processes/drafts/{draft}/deploy"
    note = {"release_note": "OLT 开通先试一次", "when": "now"}
    designer.post(where, fields_of(designer.get(where).get_data(as_text=True)) | note)
    assert "OLT 开通先试一次" in text_of(site.visitor("back").get("/bell"))
    assert "OLT 开通先试一次" not in text_of(site.visitor("front").get("/bell"))


def test_what_it_means_for_what_runs_is_said(site: Site, designer: Visitor) -> None:
    ordered(site, "C100003", "A0013")
    xml = designer.get("/processes/order_to_activate/1/source").get_data()
    draft = drafted(site, "order_to_activate", xml.replace("订单开通".encode(), "订单全程开通".encode()))
    page = text_of(designer.get(f"/processes/drafts/{draft}/deploy?lang=en"))
    assert "replaces v1" in page and re.search(r"\d+ instances run on Order to activate v1", page)
    assert re.search(r"can be moved \d+ need a counterpart 0 cannot be moved \d+", page), page


def test_forms_and_tables_are_deployed_from_the_same_report(site: Site, designer: Visitor) -> None:
    question = {"type": "textfield", "key": "note", "label": "备注", "labelEn": "Note"}
    form = {"id": "asked_of_all", "name": "问", "nameEn": "Ask", "components": [question]}
    table = dmn_table(["n"], ["r"], [(["-"], ['"one"'])], key="told_to_all")
    where, other = (
        draft_of(site, name, content)
        for name, content in (("asked_of_all.form", json.dumps(form).encode()), ("told_to_all.dmn", table))
    )
    page = designer.get(f"/processes/drafts/{where}/deploy?with={other}&lang=en").get_data(as_text=True)
    said = text_of(designer.get(f"/processes/drafts/{where}/deploy?with={other}&lang=en"))
    assert "form Ask v1" in said and "decision table" in said
    notes = dict.fromkeys(notes_of(page), "as it was agreed")
    answer = designer.post(f"/processes/drafts/{where}/deploy", fields_of(page) | notes | {"with": other})
    assert answer.status_code == 303 and "/processes/deployments/" in answer.headers["Location"], text_of(answer)
    broken = draft_of(site, "broken.form", json.dumps(form | {"components": [{"type": "html", "key": "x"}]}).encode())
    page = designer.get(f"/processes/drafts/{broken}/deploy?lang=en").get_data(as_text=True)
    assert "disabled" in page and f"/processes/drafts/{broken}?element=" in page


def test_a_case_that_fails_keeps_a_draft_from_being_deployed(site: Site, designer: Visitor) -> None:
    good = drawing("watched")
    case = {"process": "watched", "tests": [{"name": "somebody visits", "expect": {"path": ["visit"]}}]}
    files = {"watched.bpmn": good, "watched.test.json": json.dumps(case).encode()}
    process_deployments.deploy(files, ACTOR, site.world.deps)
    draft = drafted(site, "watched", good.replace(b'"visit"', b'"call"').replace(b">visit", b">call"))
    page = designer.get(f"/processes/drafts/{draft}/deploy?lang=en").get_data(as_text=True)
    assert "1 of 1 fail" in page and "somebody visits" in page and "disabled" in page
    refused = designer.post(f"/processes/drafts/{draft}/deploy", fields_of(page) | {"when": "now"})
    assert refused.status_code == 422 and versions(site, "watched") == [1]


def test_an_earlier_version_is_put_in_force_again(site: Site, designer: Visitor) -> None:
    first, second = drawing("back_again"), drawing("back_again", name="再上门")
    for content in (first, second):
        process_deployments.deploy({"b.bpmn": content}, ACTOR, site.world.deps)
    draft = drafted(site, "back_again", first)
    page = designer.get(f"/processes/drafts/{draft}/deploy?lang=en").get_data(as_text=True)
    assert "an earlier version is in force again, after v2" in page
    answer = designer.post(f"/processes/drafts/{draft}/deploy", fields_of(page) | {"when": "now"})
    assert answer.status_code == 303 and "/processes/back_again/1" in answer.headers["Location"]
    same = designer.get(f"/processes/drafts/{draft}/deploy?lang=en").get_data(as_text=True)
    assert "Nothing differs from what is in force." in same
