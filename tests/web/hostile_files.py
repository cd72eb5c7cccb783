"""Files that somebody made to harm whoever opens them; each is refused or explained, and does nothing."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from scripts.draw.__main__ import laid_out
from tests.processes.drawing import bpmn, end, flows, start, user
from tests.web.hostile import PAYLOADS

PLAIN: Final = bpmn(start(), user("a", name="步骤", yz_nameEn="Step"), end(), flows("s>a a>e"), key="harmless")
DMN: Final = "https://www.omg.org/spec/DMN/20191111/MODEL/"
INCLUDES: Final = "http://www.w3.org/2001/XInclude"
BODY: Final = PLAIN.decode().split("?>", 1)[1]


def with_doctype(inside: str, use: str = "") -> bytes:
    """A drawing that declares something before it begins."""
    body = BODY.replace('name="步骤"', f'name="{use}"') if use else BODY
    return f'<?xml version="1.0"?><!DOCTYPE x [{inside}]>{body}'.encode()


def attacks(secret: str, listener: str) -> dict[str, bytes]:
    """By name; ``secret`` is the path of a file nobody may read, ``listener`` an address nobody may call."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return {
        "a file of the server": with_doctype(f'<!ENTITY x SYSTEM "file://{secret}">', "&x;"),
        "a page of somebody": with_doctype(f'<!ENTITY x SYSTEM "{listener}/entity">', "&x;"),
        "a document type from outside": f'<?xml version="1.0"?><!DOCTYPE x SYSTEM "{listener}/dtd">{BODY}'.encode(),
        "a parameter entity": with_doctype(f'<!ENTITY % p SYSTEM "{listener}/p">%p;'),
        "a billion laughs": with_doctype(f'<!ENTITY l0 "ha">{laughs}', "&l9;"),
        "one long entity": with_doctype(f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 200),
        "an inclusion": BODY.replace(
            "<bpmn:startEvent",
            f'<xi:include xmlns:xi="{INCLUDES}" href="file://{secret}" parse="text"/><bpmn:startEvent',
            1,
        ).encode(),
        "a style sheet": f'<?xml version="1.0"?><?xml-stylesheet href="{listener}/xsl"?>{BODY}'.encode(),
        "a schema from outside": BODY.replace(
            "<bpmn:definitions", f'<bpmn:definitions xsi:schemaLocation="urn:x {listener}/xsd"', 1
        ).encode(),
        "very deep": b"<a>" * 100_000,
        "another encoding": PLAIN.decode().replace("UTF-8", "UTF-7").encode("utf-7"),
        "a zero inside": PLAIN.replace(b"startEvent", b"start\x00Event"),
        "a packed file": packed(),
        "a packed bomb": gzip.compress(b"\0" * 5_000_000),
        "no file at all": b"",
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
        "a page": b"<!doctype html><script>window.ran=1</script>",
        "only text": "你好".encode("utf-16"),
    }


#: Those that a reader of XML may take for a drawing with something strange in it, which is then told.
MAY_BE_DRAWN: Final = frozenset({"an inclusion", "a style sheet", "a schema from outside", "another encoding"})


def packed() -> bytes:
    """A packed folder whose one file wants to lie elsewhere."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr("../../../../tmp/escaped.bpmn", PLAIN)
        folder.writestr("zeros.bpmn", b"\0" * 2_000_000)
    return out.getvalue()


def storm(*, key: str = "storm", strange: bool = False) -> bytes:
    """A drawing with every hostile text in every place where a drawing has text.

    ``strange``: also in parts of another tool, which do not keep it from being opened, but from being deployed.
    """
    steps = "".join(step(number, text, strange=strange) for number, text in enumerate(PAYLOADS))
    notes = "".join(
        f'<bpmn:textAnnotation id="note{number}"><bpmn:text>{escape(text)}</bpmn:text></bpmn:textAnnotation>'
        f'<bpmn:association id="as{number}" sourceRef="a{number}" targetRef="note{number}"/>'
        for number, text in enumerate(PAYLOADS)
    )
    way = " ".join(["s>a0", *(f"a{number}>a{number + 1}" for number in range(len(PAYLOADS) - 1)), "a49>e"])
    text = bpmn(start(name=PAYLOADS[0]), steps, end(), flows(way), notes, key=key).decode()
    names = iter(PAYLOADS)
    for number in range(len(PAYLOADS) - 1):
        flow = f'id="a{number}_a{number + 1}"'
        assert flow in text
        text = text.replace(flow, f"{flow} name={quoteattr(next(names))}")
    text = text.replace('name="流程"', f"name={quoteattr(PAYLOADS[0])} yizhan:nameEn={quoteattr(PAYLOADS[1])}")
    lines = etree.fromstring(text.encode())
    return laid_out(lines)


def form_storm() -> bytes:
    """A form that says every hostile text as the label of a field, in its description and as a choice."""
    fields = [
        {
            "type": "textfield",
            "key": f"f{number}",
            "label": text,
            "labelEn": text,
            "description": text,
            "descriptionEn": text,
        }
        for number, text in enumerate(PAYLOADS)
    ]
    choices = [{"value": f"v{number}", "label": text, "labelEn": text} for number, text in enumerate(PAYLOADS)]
    fields.append({"type": "select", "key": "choice", "label": "x", "labelEn": "x", "values": choices})
    head = {"schemaVersion": 18, "type": "default", "id": "form_storm", "name": PAYLOADS[0], "nameEn": PAYLOADS[1]}
    return json.dumps({**head, "components": fields}).encode()


def feel_text(text: str) -> str:
    """A text as a cell of a decision table says it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def table_storm() -> bytes:
    """A decision table that says every hostile text in its cells, another beside each rule, and another about it."""
    others = [*PAYLOADS[1:], PAYLOADS[0]]
    rules = "".join(
        f'<rule id="r{number}"><description>{escape(text)}</description>'
        f'<inputEntry id="i{number}"><text>{escape(feel_text(text))}</text></inputEntry>'
        f'<outputEntry id="o{number}"><text>{escape(feel_text(text))}</text></outputEntry>'
        f"<annotationEntry><text>{escape(other)}</text></annotationEntry></rule>"
        for number, (text, other) in enumerate(zip(PAYLOADS, others, strict=True))
    )
    name = quoteattr(PAYLOADS[0])
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{DMN}" id="d" name={name} namespace="urn:x">'
        f'<decision id="table_storm" name={name}><decisionTable id="t" hitPolicy="FIRST">'
        f'<input id="in" label={name}><inputExpression id="ie"><text>n</text></inputExpression></input>'
        f'<output id="out" name="w" label={name} typeRef="string"/><annotation name="x"/>{rules}'
        "</decisionTable></decision></definitions>"
    ).encode()


def told(table: bytes) -> dict[str, str]:
    """What a decision table says, by rule: its cells by their ids, what is noted beside it and said about it."""
    found: dict[str, str] = {}
    for rule in etree.fromstring(table).iter(f"{{{DMN}}}rule"):
        for part in rule:
            name = str(part.get("id") or f"{rule.get('id')} {etree.QName(part).localname}")
            found[name] = str(
                part.text if etree.QName(part).localname == "description" else part.findtext(f"{{{DMN}}}text")
            )
    return found


def step(number: int, text: str, *, strange: bool) -> str:
    """A step of a person whose names, description and strange parts all say the same."""
    inner = f"<bpmn:documentation>{escape(text)}</bpmn:documentation>"
    more = {}
    if strange:
        part = f"<camunda:property name={quoteattr(text)} value={quoteattr(text)}/>"
        inner += f"<bpmn:extensionElements>{part}</bpmn:extensionElements>"
        more = {"camunda:asyncBefore": text}
    return user(f"a{number}", inner, name=text, yz_nameEn=text, yz_team="home_field", **more)
