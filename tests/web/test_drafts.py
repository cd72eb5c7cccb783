"""Drafts in the catalogue: kept by a button of the upload, listed with what is wrong, fetched and thrown away."""

from __future__ import annotations

import io
import re
from typing import Any

from sqlalchemy import select

from app.persistence.studio.drafts import ProcessDraft
from app.unit_of_work import transaction
from tests.processes.drawing import bpmn, flows, start, user
from tests.web.site import Site, Visitor

HALF = bpmn(start(), user("a"), flows("s>a a>gone"), key="half_done")


def test_a_file_that_cannot_run_is_kept_listed_fetched_and_thrown_away(site: Site) -> None:
    designer = site.visitor("designer")
    kept = designer.post("/processes/upload", {"do": "draft", "files": (io.BytesIO(HALF), "half <b>.bpmn")})
    assert kept.status_code == 303
    page = designer.get("/processes").get_data(as_text=True)
    assert 'data-testid="draft-row"' in page and "half &lt;b&gt;.bpmn" in page and "half <b>" not in page
    source = re.search(r'href="([^"]*/processes/drafts/[^"]+/source)"', page)
    remove = re.search(r'action="([^"]*/processes/drafts/[^"]+/remove)"', page)
    assert source and remove
    assert designer.get(source[1]).data == HALF
    assert "half_done" not in re.findall(r'data-href="[^"]*/processes/([^"/]+)', page)
    assert designer.post(remove[1], {}).status_code == 303
    assert 'data-testid="draft-row"' not in designer.get("/processes").get_data(as_text=True)
    assert designer.get(source[1]).status_code == 404


def send(who: Visitor, path: str, body: dict[str, Any], token: str) -> Any:
    headers = {"X-CSRF-Token": token, "Accept": "application/json"}
    return who.client.post(path, json=body, headers=headers)


def made(who: Visitor, **form: str) -> str:
    answer = who.post("/processes/drafts", form)
    assert answer.status_code == 303, answer.get_data(as_text=True)[:2000]
    return str(answer.headers["Location"])


def begun(site: Site) -> tuple[str, str]:
    """Where a draft with an earlier text is, and the report of an import from another tool."""
    designer = site.visitor("designer")
    draft = made(designer, **{"from": "version", "key": "line_test"})
    xml = designer.get(f"{draft}/source").get_data(as_text=True)
    assert (
        send(designer, f"{draft}/save", {"text": f"{xml}<!-- 1 -->", "revision": 1}, designer.token()).status_code
        == 200
    )
    sent = designer.post("/processes/import", {"files": (io.BytesIO(FOREIGN.encode()), "foreign.bpmn")})
    return draft, sent.headers["Location"]


def test_a_draft_begun_with_a_sample_saves_itself_and_has_one_writer(site: Site) -> None:
    designer, other = site.visitor("designer"), site.visitor("front")
    begun = designer.get("/processes/new?lang=en").get_data(as_text=True)
    assert begun.count('class="sample') >= 6 and begun.count("<svg viewBox") >= 6
    wrong = designer.post("/processes/drafts", {"from": "sample", "code": "line_test", "new_key": "line_test"})
    assert wrong.status_code == 422 and 'href="#f-name_zh"' in wrong.get_data(as_text=True)
    names = {"name_zh": "测速", "name_en": "Speed test", "folder": "shared"}
    where = made(designer, **{"from": "sample", "code": "line_test", "new_key": "speed_test", **names})
    token = designer.token()
    board = designer.get(where).get_data(as_text=True)
    assert "Speed test" in board
    xml = designer.get(f"{where}/source").get_data(as_text=True)
    assert 'id="speed_test"' in xml
    saved = send(designer, f"{where}/save", {"text": xml + "<!-- 1 -->", "revision": 1}, token)
    assert saved.status_code == 200 and saved.json["revision"] == 2 and saved.json["errors"] == 0
    assert re.fullmatch(r"\d\d:\d\d", saved.json["saved"])
    again = send(designer, f"{where}/save", {"text": xml + "<!-- 1 -->", "revision": 1}, token)
    assert again.json["revision"] == 2
    mine = send(designer, f"{where}/lock", {"do": "keep"}, token).json
    assert mine["mine"] is True and mine["holder"] == ""
    with transaction(site.world.deps.sessions) as tx:
        row = tx.session.scalars(select(ProcessDraft).where(ProcessDraft.key == "speed_test")).one()
        row.locked_by = "admin"
    late = send(designer, f"{where}/save", {"text": xml + "<!-- late -->", "revision": 2}, token)
    assert late.status_code == 409 and late.json["code"] == "draft-locked" and late.json["holder"]
    assert late.json["holder"] in late.json["message"]
    assert "<!-- late -->" in designer.get(f"{late.json['draft_href']}/source").get_data(as_text=True)
    assert send(designer, f"{where}/lock", {"do": "keep"}, token).status_code == 409
    assert send(designer, f"{where}/lock", {"do": "take"}, token).json["mine"] is True
    assert send(designer, f"{where}/save", {"text": xml, "revision": 2}, token).json["revision"] == 3
    texts = designer.get(f"{where}/history").get_data(as_text=True)
    assert texts.count("/back") >= 1
    assert designer.post(f"{where}/back", {"revision": "2"}).status_code == 303
    assert "<!-- 1 -->" in designer.get(f"{where}/source").get_data(as_text=True)
    assert send(designer, f"{where}/lock", {"do": "release"}, token).json["mine"] is False
    assert other.get(where).status_code == 403
    for path in ("/processes/drafts/nothing", "/processes/drafts/nothing/history", "/processes/drafts/nothing/state"):
        assert designer.get(path).status_code == 404


def test_a_file_of_another_tool_is_imported_as_it_is_and_its_parts_are_listed(site: Site) -> None:
    designer = site.visitor("designer")
    foreign = FOREIGN.encode()
    sent = designer.post("/processes/import", {"files": (io.BytesIO(foreign), "foreign.bpmn")})
    assert sent.status_code == 303
    page = designer.get(f"{sent.headers['Location']}&lang=en").get_data(as_text=True)
    assert "Camunda Modeler 5.1" in page and "Imported" in page
    for part in (
        "camunda:delegateExpression",
        "&lt;camunda:properties&gt;",
        "acme:colour",
        "urn:acme",
        "Check &lt;b&gt;",
    ):
        assert part in page, part
    where = re.search(r'href="([^"]*/processes/drafts/[^"/]+)"', page)
    assert where and designer.get(f"{where[1]}/source").data == foreign
    again = designer.get(f"{sent.headers['Location']}&lang=zh").get_data(as_text=True)
    assert "其他工具的内容" in again


FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn2:definitions xmlns:bpmn2="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:acme="urn:acme" targetNamespace="x"
  exporter="Camunda Modeler" exporterVersion="5.1">
  <bpmn2:process id="foreign_one" isExecutable="true" name="Foreign">
    <bpmn2:startEvent id="s"/>
    <bpmn2:serviceTask id="a" name="Check &lt;b&gt;" camunda:delegateExpression="${resource.check}" acme:colour="red">
      <bpmn2:extensionElements>
        <camunda:properties><camunda:property name="x" value="1"/></camunda:properties>
      </bpmn2:extensionElements>
    </bpmn2:serviceTask>
    <bpmn2:sequenceFlow id="f" sourceRef="s" targetRef="a"/>
  </bpmn2:process>
</bpmn2:definitions>
"""
