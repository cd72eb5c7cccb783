"""What a designer's file says of itself: whether it is a process, a decision or a form, its key and its names."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from lxml import etree

from processes.spiff.xmlsource import YIZHAN, SourceRefused, bpmn, local_name
from processes.spiff.xmlsource import read as read_xml

KEY_CHARS: Final = 120
NAME_CHARS: Final = 200
KINDS: Final = ("bpmn", "dmn", "form")


@dataclass(frozen=True)
class ModelFile:
    """``kind``: one of :data:`KINDS`. Key and names are empty where the file says none, or cannot be read at all."""

    kind: str
    key: str = ""
    name: str = ""
    name_en: str = ""


def look_into(file_name: str, content: bytes) -> ModelFile:
    """Read what can be read; a broken file has the kind its name says."""
    ending = file_name.rpartition(".")[2].lower()
    if ending in {"form", "json"}:
        return _form(content)
    try:
        root = read_xml(content)
    except SourceRefused:
        return ModelFile("dmn" if ending == "dmn" else "bpmn")
    if ending == "dmn" or "/DMN/" in str(root.tag):
        return _told("dmn", [element for element in root if local_name(element) == "decision"])
    drawn = list(root.iter(bpmn("process")))
    return _told("bpmn", sorted(drawn, key=lambda element: element.get("isExecutable") == "false"))


def _form(content: bytes) -> ModelFile:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return ModelFile("form")
    if not isinstance(body, dict):
        return ModelFile("form")
    key, name, name_en = (str(body.get(field) or "") for field in ("id", "name", "nameEn"))
    return ModelFile("form", key[:KEY_CHARS], name[:NAME_CHARS], name_en[:NAME_CHARS])


def _told(kind: str, elements: list[etree._Element]) -> ModelFile:
    if not elements:
        return ModelFile(kind)
    first = elements[0]
    names = (first.get("name", ""), first.get(f"{{{YIZHAN}}}nameEn", ""))
    return ModelFile(kind, first.get("id", "")[:KEY_CHARS], names[0][:NAME_CHARS], names[1][:NAME_CHARS])
