"""Drawings in the style of Camunda 7, Camunda 8, Flowable and Signavio, with and without a picture, on the board.

They become drafts as they are, the report says what they bring along, the board opens them, what it does not know stays
in the file when it is saved, and the check takes each part over or explains it.
"""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.web.site import Site, sign_in, text_of
from tests.web.test_designer_hostile import as_json

FOREIGN = Path(__file__).parents[1] / "processes" / "foreign"
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
OURS = (BPMN, DI, DC, DD, XSI, "urn:yizhan:bpmn:1", "http://www.w3.org/XML/1998/namespace")
NODES = ("Task", "task", "Event", "Gateway", "callActivity", "subProcess")
FILES = tuple(
    (name, pictured)
    for name in ("camunda7.bpmn", "camunda8.bpmn", "flowable.bpmn", "signavio.bpmn")
    for pictured in (True, False)
)


def local(element: Any) -> str:
    return str(etree.QName(element).localname)


def flow_nodes(root: Any) -> list[Any]:
    """Everything that is drawn as a box, a circle or a diamond."""
    return [
        one
        for one in root.iter(f"{{{BPMN}}}*")
        if one.get("id") and local(one).endswith(NODES) and one.getparent() is not None
    ]


def without_picture(xml: bytes) -> bytes:
    root = etree.fromstring(xml)
    for picture in root.findall(f"{{{DI}}}BPMNDiagram"):
        root.remove(picture)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def with_picture(xml: bytes) -> bytes:
    """The file as its tool would draw it: the one it has, or else boxes beside each other, lines between them."""
    root = etree.fromstring(xml)
    if root.find(f"{{{DI}}}BPMNDiagram") is not None:
        return xml
    whole = root.find(f"{{{BPMN}}}collaboration")
    processes = root.findall(f"{{{BPMN}}}process")
    diagram = etree.SubElement(root, f"{{{DI}}}BPMNDiagram", id="picture", nsmap={"bpmndi": DI, "dc": DC, "ddi": DD})
    plane_of = (processes[0] if whole is None else whole).get("id")
    plane = etree.SubElement(diagram, f"{{{DI}}}BPMNPlane", id="picture_plane", bpmnElement=plane_of)
    pools = {} if whole is None else {one.get("processRef"): one.get("id") for one in whole}
    places: dict[str, tuple[int, int]] = {}
    for row, process in enumerate(processes):
        if (pool := pools.get(process.get("id"))) is not None:
            shape(plane, pool, 0, row * 400, 3000, 350)
        for column, one in enumerate(flow_nodes(process)):
            places[one.get("id")] = (column * 150 + 60, row * 400 + 100)
            box = (36, 36) if "Event" in local(one) else (50, 50) if "Gateway" in local(one) else (100, 80)
            shape(plane, one.get("id"), *places[one.get("id")], *box)
    for flow in root.iter(f"{{{BPMN}}}sequenceFlow"):
        if flow.get("id") is None:
            continue  # nothing can point at it
        edge = etree.SubElement(plane, f"{{{DI}}}BPMNEdge", id=f"{flow.get('id')}_edge", bpmnElement=flow.get("id"))
        for end in ("sourceRef", "targetRef"):
            x, y = places[flow.get(end)]
            etree.SubElement(edge, f"{{{DD}}}waypoint", x=str(x + 18), y=str(y + 18))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def shape(plane: Any, of: str, x: int, y: int, width: int, height: int) -> None:
    drawn = etree.SubElement(plane, f"{{{DI}}}BPMNShape", id=f"{of}_shape", bpmnElement=of)
    etree.SubElement(drawn, f"{{{DC}}}Bounds", x=str(x), y=str(y), width=str(width), height=str(height))


def strange(xml: bytes) -> Counter[str]:
    """Every element, attribute and text that is not of BPMN or ours, with the element it stands at."""
    found: Counter[str] = Counter()
    for one in etree.fromstring(xml).iter(etree.Element):
        owner = next((up.get("id") for up in (one, *one.iterancestors()) if up.get("id")), "")
        if etree.QName(one).namespace not in OURS:
            found[f"{owner} <{one.tag}> {(one.text or '').strip()} {sorted(one.attrib.items())}"] += 1
            continue
        for name, value in one.attrib.items():
            namespace = etree.QName(name).namespace
            if namespace is not None and namespace not in OURS:
                found[f"{owner} {name}={value}"] += 1
    return found


def content_of(name: str, *, pictured: bool) -> bytes:
    xml = (FOREIGN / name).read_bytes()
    return with_picture(xml) if pictured else without_picture(xml)


def brought(site: Site, name: str, content: bytes) -> tuple[str, str]:
    """A draft made from a file: where its board is, and the report."""
    designer = site.visitor("designer")
    made = designer.post("/processes/import", {"files": (io.BytesIO(content), name)})
    assert made.status_code == 303
    report = made.headers["Location"]
    return "/processes/drafts/" + report.rsplit("drafts=", 1)[1].split("&")[0], report


@pytest.mark.parametrize("name", ["camunda7.bpmn", "camunda8.bpmn", "flowable.bpmn", "signavio.bpmn"])
def test_a_foreign_file_is_kept_as_it_is_and_every_part_accepted_or_explained(site: Site, name: str) -> None:
    content = content_of(name, pictured=False)
    path, report = brought(site, name, content)
    kept = site.visitor("designer").client.get(f"{path}/source").get_data()
    assert strange(kept) == strange(content) and strange(content)
    assert name in text_of(site.visitor("designer").get(report))
    checked = as_json(site.visitor("designer"), "/processes/check", {"files": {name: content.decode()}}).get_json()
    findings = checked["findings"]
    assert findings, "a foreign file is never taken over in silence"
    for row in findings:
        assert row["message_zh"] and row["message_en"], row
        assert row["severity"] != "error" or row["fix_zh"] or row["element_id"], row


@pytest.mark.torture
@pytest.mark.parametrize(("name", "pictured"), FILES)
def test_the_board_opens_it_whole_and_keeps_what_it_does_not_know(
    page: Any, address: str, site: Site, name: str, pictured: bool
) -> None:
    content = content_of(name, pictured=pictured)
    path, _ = brought(site, f"{'drawn' if pictured else 'bare'}-{name}", content)
    sign_in(page, address, "designer")
    page.goto(f"{address}{path}")
    page.locator("#designer[data-ready]").wait_for(timeout=60_000)
    drawn = set(page.eval_on_selector_all(".djs-element", "(all) => all.map((one) => one.dataset.elementId)"))
    wanted = {one.get("id") for one in flow_nodes(etree.fromstring(content))}
    assert wanted and wanted <= drawn, wanted - drawn
    page.get_by_role("button", name="文件").click()
    page.get_by_role("button", name="其他工具的内容").click()
    listed = page.get_by_role("dialog").inner_text()
    prefixes = {"camunda7.bpmn": "camunda:", "camunda8.bpmn": "zeebe:", "flowable.bpmn": "flowable:"}
    assert prefixes.get(name, "signavio:") in listed
    page.keyboard.press("Escape")
    page.get_by_label("查找元素或操作").fill("人工任务")
    page.get_by_role("button", name="人工任务").first.press("Enter")
    page.locator(".dsg-saved", has_text="已存").wait_for()
    after = site.visitor("designer").client.get(f"{path}/source").get_data()
    lost = strange(content) - strange(after)
    assert not lost, list(lost)[:10]
    assert {one.get("id") for one in flow_nodes(etree.fromstring(after))} > wanted
