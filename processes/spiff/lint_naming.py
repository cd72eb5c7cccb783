"""Rules for names: people of both languages read a drawing, and an end says what came out."""

from __future__ import annotations

import re
from typing import Final

from processes.spiff.fixes import set_attribute
from processes.spiff.lint_operations import Known
from processes.spiff.model import ACTIVITIES, Node, ProcessModel, Scope
from processes.spiff.report import Report

CHINESE: Final = re.compile(r"[\u3400-\u9fff]")


def lint_naming(model: ProcessModel, known: Known, report: Report) -> None:
    """Check the names of the process and of what people see of it."""
    _lint_words(model.key, model.name, model.name_en, "", "", report)
    for scope, node in model.root.walk():
        if node.type == "endEvent" and not node.name:
            if len([one for one in scope.nodes.values() if one.type == "endEvent"]) > 1:
                report.add("nameless-end", node.id, node.name, place="name")
        elif node.type in ACTIVITIES or _decides(scope, node) or node.name or node.name_en:
            operation = known(node.attributes.get("operation", ""))
            zh, en = (operation.name_zh, operation.name_en) if operation is not None else ("", "")
            _lint_words(node.id, node.name, node.name_en, zh, en, report)


def _lint_words(element: str, name: str, name_en: str, zh: str, en: str, report: Report) -> None:
    if not name and not name_en:
        report.add("no-name", element, name, place="name", fixes=_named(element, zh, en))
        return
    if not name_en:
        fixes = [set_attribute(element, "yizhan:nameEn", en)] if en else []
        report.add("no-english-name", element, name, place="yizhan:nameEn", fixes=fixes)
    if not CHINESE.search(name) and not name.isdecimal():
        fixes = [set_attribute(element, "name", zh)] if zh else []
        report.add("no-chinese-name", element, name, place="name", fixes=fixes)


def _named(element: str, zh: str, en: str) -> list[dict[str, object]]:
    if not zh:
        return []
    both = set_attribute(element, "name", zh)
    both["steps"].append({"do": "set", "element": element, "name": "yizhan:nameEn", "value": en})
    return [both]


def _decides(scope: Scope, node: Node) -> bool:
    return node.type == "exclusiveGateway" and len(scope.leaving(node.id)) > 1
