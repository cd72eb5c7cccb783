"""Two versions side by side: what was added, removed, changed, also what no picture shows; moves when asked for."""

from __future__ import annotations

import json

import pytest

from app.services.studio import process_catalog
from app.unit_of_work import transaction
from tests.processes.drawing import bpmn, end, flows, io, start, user
from tests.web.site import Site, Visitor, text_of
from tests.web.test_deploy_pages import NAMED, drafted

FILES = {
    "m.dmn": """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:x">
<decision id="speed_class" name="速率档"><decisionTable id="t" hitPolicy="FIRST"><input id="i" label="速率">
<inputExpression id="ie" typeRef="number"><text>mbps</text></inputExpression></input><output id="o" name="class"/>
<rule id="r1"><inputEntry id="e1"><text>&gt; 500</text></inputEntry>
<outputEntry id="u1"><text>"fast"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="e2"><text>-</text></inputEntry>
<outputEntry id="u2"><text>"plain"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""
}


def one(key: str, **visit: str) -> bytes:
    """A process of a visit and an end."""
    given = {"name": "上门", "yz_nameEn": "Visit", "yz_team": "home_field", "yz_form": "survey_site", **visit}
    return bpmn(
        start(), user("visit", **given), end("over"), flows("s>visit visit>over"), key=key, process_attributes=NAMED
    )


def two(key: str) -> bytes:
    """The same with another target time and one more input; the end is gone and a call comes before."""
    visit = user("visit", io({"order_number": "order.number"}), name="上门", yz_nameEn="Visit", yz_team="home_field",
                 yz_form="survey_site", yz_duration="PT4H")  # fmt: skip
    call = user("ring", name="先打电话", yz_nameEn="Ring first", yz_team="noc", yz_form="survey_site")
    return bpmn(start(), call, visit, flows("s>ring ring>visit"), key=key, process_attributes=NAMED)


def put(site: Site, name: str, content: bytes) -> None:
    deps = site.world.deps
    with transaction(deps.sessions) as tx:
        process_catalog.put_in_force(tx.session, {name: content}, deps, who="designer", now=deps.clock(tx.session))


@pytest.fixture
def designer(site: Site) -> Visitor:
    return site.visitor("designer")


def test_what_no_picture_shows_is_said_in_both_languages(site: Site, designer: Visitor) -> None:
    put(site, "a.bpmn", one("compared"))
    put(site, "a.bpmn", two("compared"))
    english = text_of(designer.get("/processes/compared/compare?old=1&new=2&lang=en"))
    for said in ("added 3", "removed 3", "changed 1", "SLA – 4 working hours", "Input order_number – order.number"):
        assert said in english, said
    assert "Ring first" in english and "yizhan:" not in english
    chinese = text_of(designer.get("/processes/compared/compare?old=1&new=2&lang=zh"))
    assert "时限（SLA） – 4 个工作小时" in chinese and "先打电话" in chinese and "NOC" not in chinese.replace("noc", "")


def test_turned_round_what_was_added_is_removed(site: Site, designer: Visitor) -> None:
    put(site, "b.bpmn", one("turned"))
    put(site, "b.bpmn", two("turned"))
    page = text_of(designer.get("/processes/turned/compare?old=2&new=1&lang=en"))
    assert "added 3" in page and "removed 3" in page and "4 working hours –" in page


def test_what_only_moved_is_shown_when_asked_for(site: Site, designer: Visitor) -> None:
    xml = designer.get("/processes/home_install/1/source").get_data()
    draft = drafted(site, "home_install", xml.replace(b'x="160"', b'x="170"', 1))
    page = text_of(designer.get(f"/processes/drafts/{draft}/compare?lang=en"))
    assert "Show 1 only moved" in page and "Nothing differs but where things lie" in page
    assert "Hide 1 only moved" in text_of(designer.get(f"/processes/drafts/{draft}/compare?moves=1"))


def test_a_draft_that_cannot_run_is_compared_as_well(site: Site, designer: Visitor) -> None:
    put(site, "c.bpmn", one("halfway"))
    draft = drafted(site, "halfway", one("halfway", yz_team="nobody_at_all", yz_skill="otdr"))
    page = text_of(designer.get(f"/processes/drafts/{draft}/compare?lang=en"))
    assert "Team Home field crew nobody_at_all" in page and "Skill – otdr" in page
    assert designer.get(f"/processes/drafts/{drafted(site, 'newer', one('never_deployed'))}/compare").status_code == 404


def test_rows_of_a_table_and_questions_of_a_form_are_compared(site: Site, designer: Visitor) -> None:
    put(site, "m.dmn", FILES["m.dmn"].encode())
    put(site, "m.dmn", FILES["m.dmn"].replace("500", "1000").encode())
    page = text_of(designer.get("/processes/speed_class/compare?kind=decision&lang=en"))
    assert "Condition 1 &gt; 500 &gt; 1000" in page
    question = {"type": "textfield", "key": "note", "label": "备注"}
    for label in ("Note", "Remark"):
        form = {"id": "asked", "name": "问", "nameEn": "Ask", "components": [question | {"labelEn": label}]}
        put(site, "x.form", json.dumps(form).encode())
    assert "English label Note Remark" in text_of(designer.get("/processes/asked/compare?kind=form&lang=en"))


def test_the_note_can_be_taken_away_and_does_nothing_where_it_is_opened(site: Site, designer: Visitor) -> None:
    put(site, "d.bpmn", one("taken_away"))
    put(site, "d.bpmn", one("taken_away", name="=1+1|<b>", yz_nameEn="=1+1|<b>"))
    where = "/processes/taken_away/compare?old=1&new=2&lang=en&form="
    note = designer.get(f"{where}md").get_data(as_text=True)
    assert "**changed**" in note and "\\|" in note and "<b>" not in note.replace("\\<b\\>", "")
    table = designer.get(f"{where}csv").get_data(as_text=True)
    assert ",=1+1" not in table and "1+1" in table
    assert designer.get(f"{where}exe").status_code == 400


def test_who_may_not_see_processes_compares_none(site: Site) -> None:
    assert site.visitor("front").get("/processes/home_install/compare").status_code == 403
    assert site.visitor("designer").get("/processes/home_install/compare?old=1&new=99").status_code == 404
