"""Decisions of DMN 1.3 as the engine knows them: read from a file when it is deployed, loaded when they are taken.

Single-hit policies give an object of outputs or None, multi-hit policies a list of them; COLLECT with an aggregator
gives an object with the aggregated value. Every error names the decision, the rule and the cell, in two languages.
"""

from __future__ import annotations

import hashlib
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from lxml import etree

from processes.dmn.graph import Decision
from processes.dmn.problems import DecisionError, Problems
from processes.dmn.reading import Model
from processes.dmn.xml import children
from processes.spiff.functions import FUNCTIONS
from processes.spiff.report import Report
from processes.spiff.xmlsource import YIZHAN, SourceRefused, local_name, read

__all__ = ["CompiledDecision", "Decision", "DecisionError", "compile_decisions", "load_decision"]

MAX_DECISIONS: Final = 100


@dataclass(frozen=True)
class CompiledDecision:
    """One decision of a DMN file; ``xml`` holds this decision first, and of the others only those it needs."""

    key: str
    name: str
    name_en: str
    content_hash: str
    xml: bytes


def compile_decisions(root: etree._Element, data: bytes, report: Report) -> list[CompiledDecision]:
    """Read the decisions of a DMN file; what is wrong with them is noted."""
    found = []
    elements = children(root, "decision")
    if not elements:
        report.add("decision-invalid", detail="no decision in the file", detail_zh="文件中没有决策")
    if len(elements) > MAX_DECISIONS:
        report.add(
            "decision-invalid",
            detail=f"more than {MAX_DECISIONS} decisions in one file",
            detail_zh=f"一个文件中超过 {MAX_DECISIONS} 个决策",
        )
        return []
    model = Model(root, FUNCTIONS)
    for element in elements:
        key, name = element.get("id", ""), element.get("name", "")
        if not key:
            report.add("missing-id", "", name)
            continue
        problems = Problems()
        model.decision(key, problems)
        for problem in problems.found:
            rule = "decision-invalid" if problem.serious else "decision-doubtful"
            report.add(rule, key, name, problem.en, detail_zh=problem.zh)
        xml = data if len(elements) == 1 else _only(root, key, {item.id for item in model.needed(key, Problems())})
        digest = hashlib.sha256(xml).hexdigest()
        found.append(CompiledDecision(key, name, element.get(f"{{{YIZHAN}}}nameEn", ""), digest, xml))
    return found


def load_decision(xml: bytes, key: str | None = None) -> Decision:
    """Read one decision (the first one without ``key``); :raises DecisionError: it cannot be read."""
    try:
        root = read(xml)
    except SourceRefused as problem:
        words = f"{problem.rule} {problem.detail}"
        raise DecisionError(key or "", f"not a DMN file: {words}", f"不是 DMN 文件：{words}") from None
    if key is None:
        key = next((item.get("id", "") for item in children(root, "decision")), "")
    if not any(item.get("id") == key for item in children(root, "decision")):
        raise DecisionError(key, f"there is no decision {key} in the file", f"文件中没有决策 {key}")
    problems = Problems()
    decision = Model(root, FUNCTIONS).decision(key, problems)
    if problems.serious:
        raise DecisionError(key, problems.serious[0].en, problems.serious[0].zh)
    return decision


def _only(root: etree._Element, key: str, needed: set[str]) -> bytes:
    """The file with this decision first, and without the decisions it does not need."""
    copy = deepcopy(root)
    decisions = children(copy, "decision")
    for element in decisions:
        if element.get("id") not in needed:
            copy.remove(element)
    wanted = next(element for element in decisions if element.get("id") == key)
    others = [element for element in copy if local_name(element) == "decision"]
    if others[0] is not wanted:
        place = list(copy).index(others[0])
        copy.remove(wanted)
        copy.insert(place, wanted)
    return etree.tostring(copy, encoding="UTF-8", xml_declaration=True)
