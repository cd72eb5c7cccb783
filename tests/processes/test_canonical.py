"""The one way of writing a drawing: the same content is the same text, one word is one line, and nothing is lost."""

from __future__ import annotations

import difflib
import random
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from app.services.studio.model_files import canonical_form
from processes.canonical import canonical
from processes.spiff.xmlsource import SourceRefused

BPMN = sorted((Path(__file__).parents[2] / "bpmn").glob("*.bpmn"))
SOME = BPMN[:: max(1, len(BPMN) // 12)]
SPACE = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
FOREIGN = """<?xml version='1.0'?>
<!-- made by hand -->
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:x="urn:acme" xmlns:xsd="http://www.w3.org/xsd"
  xmlns:unused="urn:unused" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" exporter="Tool" exporterVersion="9"
  xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" id="d">
  <itemDefinition structureRef="xsd:string" id="i"/>
  <process name="P" x:colour="red" id="p" isExecutable="true"><documentation>  two
  lines </documentation><extensionElements><x:part a="1"><x:inner/>text<x:more/> tail</x:part></extensionElements>
    <!-- stays -->
    <startEvent id="s"/><sequenceFlow targetRef="a" sourceRef="s" id="f"><conditionExpression
      xsi:type="b:tFormalExpression">a &lt; 1 and "b" != 'c'</conditionExpression></sequenceFlow><task id="a" name=""/>
  </process>
</definitions>
"""


def lines(content: bytes) -> list[str]:
    return content.decode().splitlines()


def content_of(xml: bytes) -> list[object]:
    """Every element with its attributes and text, whatever the prefixes, the order of attributes and the blanks."""
    root = etree.fromstring(xml, etree.XMLParser(remove_comments=True))
    known = {"exporter", "exporterVersion"}
    found = []
    for element in root.iter():
        if etree.QName(element).localname == "BPMNLabel" and not len(element):
            continue
        given = {name: value for name, value in element.attrib.items() if name not in known}
        given = {name: value.rpartition(":")[2] if name.endswith("}type") else value for name, value in given.items()}
        found.append((element.tag, tuple(sorted(given.items())), (element.text or "").strip()))
    return found


@pytest.mark.parametrize("file", SOME, ids=lambda file: file.stem)
def test_writing_twice_changes_nothing_and_writing_once_loses_nothing(file: Path) -> None:
    once = canonical(file.read_bytes())
    assert canonical(once) == once
    assert Counter(map(str, content_of(once))) == Counter(map(str, content_of(file.read_bytes())))
    flow = [one for one in content_of(once) if str(one[0]).startswith(SPACE)]  # type: ignore[index]
    before = [one for one in content_of(file.read_bytes()) if str(one[0]).startswith(SPACE)]  # type: ignore[index]
    assert flow == before, "elements stay in their order"


@pytest.mark.parametrize("file", SOME[:4], ids=lambda file: file.stem)
def test_how_a_tool_writes_it_makes_no_difference(file: Path) -> None:
    wanted, chance = canonical(file.read_bytes()), random.Random(7)
    root = etree.fromstring(file.read_bytes(), etree.XMLParser(remove_blank_text=True))
    for element in root.iter():
        pairs = list(element.attrib.items())
        chance.shuffle(pairs)
        element.attrib.clear()
        for name, value in pairs:
            element.set(name, f"{value}.0" if name in {"x", "y"} else value)
        if etree.QName(element).localname == "BPMNPlane":
            rows = list(element)
            chance.shuffle(rows)
            element[:] = rows
    root.set("exporter", "bpmn-js")
    assert canonical(etree.tostring(root, pretty_print=True)) == wanted


def test_a_changed_word_is_one_changed_line() -> None:
    for file in SOME:
        before = canonical(file.read_bytes())
        root = etree.fromstring(file.read_bytes())
        named = [element for element in root.iter(f"{SPACE}startEvent", f"{SPACE}serviceTask") if element.get("name")]
        named[0].set("name", "改了一个词")
        changed = difflib.unified_diff(lines(before), lines(canonical(etree.tostring(root))), n=0, lineterm="")
        touched = [line for line in changed if line[:1] in "+-" and not line.startswith(("+++", "---"))]
        assert [line[0] for line in touched] == ["-", "+"], file.name


def test_what_is_unknown_stays() -> None:
    once = canonical(FOREIGN.encode())
    assert canonical(once) == once
    text = once.decode()
    assert 'x:colour="red"' in text and "<!-- stays -->" in text and 'xmlns:x="urn:acme"' in text
    assert '<x:part a="1"><x:inner/>text<x:more/> tail</x:part>' in text, "what has text of its own stays as it is"
    assert "  two\n  lines " in text and "a &lt; 1 and \"b\" != 'c'" in text
    assert 'xsi:type="bpmn:tFormalExpression"' in text and 'structureRef="xsd:string"' in text
    assert 'xmlns:xsd="http://www.w3.org/xsd"' in text
    assert "unused" not in text and "exporter" not in text
    assert '<bpmn:process id="p" name="P" isExecutable="true" x:colour="red">' in text


@pytest.mark.parametrize("bad", [b"", b"<a", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<a>" * 500 + b"</a>" * 500])
def test_what_is_not_read_is_not_written(bad: bytes) -> None:
    with pytest.raises(SourceRefused):
        canonical(bad)


def test_forms_have_one_way_too() -> None:
    once = canonical_form(b'{"components": [{"labelEn": "B", "key": "b", "label": "a", "zeta": 1}], "id": "f"}')
    assert canonical_form(once) == once
    written = lines(once)
    assert written[1] == '  "id": "f",' and [line.strip()[:6] for line in written[4:8]] == [
        '"key":',
        '"label',
        '"label',
        '"zeta"',
    ]
