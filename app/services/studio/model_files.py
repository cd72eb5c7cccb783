"""What a designer's file says of itself: whether it is a process, a decision or a form, its key and its names."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from app.errors import InvalidInput
from processes.canonical import canonical
from processes.spiff.xmlsource import YIZHAN, SourceRefused, bpmn, local_name
from processes.spiff.xmlsource import read as read_xml

KEY_CHARS: Final = 120
NAME_CHARS: Final = 200
KINDS: Final = ("bpmn", "dmn", "form")
#: Attributes that name a process or decision within its own file; one that calls itself goes on calling itself.
KEY_ATTRIBUTES: Final = frozenset({"id", "bpmnElement", "processRef", "calledElement", "dmnElementRef"})
#: How the fields of a form are written; those not named here follow by name.
FORM_ORDER: Final = (
    *("schemaVersion", "type", "id", "key", "name", "nameEn", "label", "labelEn", "description", "descriptionEn"),
    *("value", "min", "max", "components"),
)


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


def renamed(kind: str, content: bytes, *, key: str, name: str, name_en: str) -> bytes:
    """The same model under another key and other names, where those are given; written in the one way.

    :raises InvalidInput: the file cannot be read.
    """
    if kind == "form":
        body = json.loads(content)
        body |= {"id": key, "name": name or body.get("name", ""), "nameEn": name_en or body.get("nameEn", "")}
        return canonical_form(json.dumps(body).encode())
    try:
        root = read_xml(content)
    except SourceRefused as problem:
        raise InvalidInput(f"the file cannot be read: {problem.rule}", f"文件无法读取：{problem.rule}") from problem
    models = [element for element in root.iter() if local_name(element) in {"process", "decision"}]
    models.sort(key=lambda element: element.get("isExecutable") == "false")
    if models:
        old = models[0].get("id", "")
        for field, given in (("name", name), (f"{{{YIZHAN}}}nameEn", name_en)):
            if given:
                models[0].set(field, given)
        for element in root.iter():
            for attribute in KEY_ATTRIBUTES & set(map(str, element.attrib)):
                if element.get(attribute) == old and (attribute != "id" or element is models[0]):
                    element.set(attribute, key)
    root.set("id", f"{key}_file")
    return canonical(etree.tostring(root, encoding="utf-8"))


def canonical_form(content: bytes) -> bytes:
    """A form written in the one way: what it is called first, then everything else by name, lists as they are.

    :raises ValueError: it is not JSON.
    """
    return json.dumps(_ordered(json.loads(content)), ensure_ascii=False, indent=2).encode() + b"\n"


def written(kind: str, content: bytes) -> bytes:
    """A file of a kind in the one way; what cannot be read stays as it is."""
    try:
        return canonical_form(content) if kind == "form" else canonical(content)
    except (ValueError, SourceRefused):
        return content


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        first = [name for name in FORM_ORDER if name in value]
        return {name: _ordered(value[name]) for name in [*first, *sorted(value.keys() - set(first))]}
    return [_ordered(each) for each in value] if isinstance(value, list) else value


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
