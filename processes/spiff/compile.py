"""Files in, processes and decisions out, with all that is wrong with them. Never raises on bad input."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from processes.findings import Finding
from processes.spiff.build import build
from processes.spiff.decisions import CompiledDecision, compile_decisions, load_decision
from processes.spiff.definition import CompiledProcess, StartEvent
from processes.spiff.dialects import DecisionFacts, take_over
from processes.spiff.lint import Surroundings, lint
from processes.spiff.lint_business import Advice, lint_business
from processes.spiff.lint_calls import Contracts, lint_calls
from processes.spiff.model import ProcessModel, info_of, paths_of
from processes.spiff.parsing import parse_file
from processes.spiff.pins import Kept, takeable
from processes.spiff.report import Report
from processes.spiff.rewrite import rewrite
from processes.spiff.snapshot import ENGINE
from processes.spiff.xmlsource import SourceRefused, bpmn, local_name, read

MAX_FILES = 500
SINGLE_HIT = ("UNIQUE", "FIRST", "PRIORITY", "ANY")


@dataclass
class _File:
    name: str
    data: bytes
    report: Report
    root: etree._Element | None = None
    models: list[ProcessModel] = field(default_factory=list)
    decisions: list[CompiledDecision] = field(default_factory=list)


class Anything:
    """Contains whatever is asked for: as ``known_*`` of :func:`compile_files`, where others judge what is there."""

    def __contains__(self, item: object) -> bool:
        return True


def compile_files(
    files: Mapping[str, bytes],
    *,
    operations: Container[str] | None = None,
    known_processes: Container[str] = (),
    known_decisions: Container[str] = (),
    decision_versions: Kept | None = None,
    values: Mapping[str, Container[str]] | None = None,
    advice: Advice | None = None,
    contracts: Contracts | None = None,
) -> tuple[list[CompiledProcess], list[CompiledDecision], list[Finding]]:
    """Compile BPMN and DMN files that belong together.

    ``operations``: codes of the registered operations (None: not checked); ``known_*``: what is deployed already;
    ``decision_versions``: the versions of decisions there are (None: nobody counts them, pins are not checked);
    ``values``: what a ``yizhan:`` attribute may say (teams, forms, retry policies), for those that are checked;
    ``advice``: what the rules of how we want to work have to know (None: they are not asked);
    ``contracts``: what deployed processes take that are called (None: not checked).
    A file with a finding of severity ``error`` yields nothing.
    """
    rows = [_read(name, data) for name, data in sorted(files.items())]
    given = _decision_facts(rows)
    for row in rows:
        _read_processes(row, given)
    processes = {model.key for row in rows for model in row.models}
    brought = [decision for row in rows for decision in row.decisions]
    decisions = {decision.key for decision in brought}
    _note_twins(rows)
    around = Surroundings(
        operations=operations,
        values=values or {},
        is_process=lambda key: key in processes or key in known_processes,
        is_decision=lambda key: key in decisions or key in known_decisions,
        decision_inputs={key: facts.inputs for key, facts in given.items()},
        decision_versions=None if decision_versions is None else takeable(decision_versions, brought),
    )
    for row in rows:
        for model in row.models:
            lint(model, around, row.report)
            if advice is not None:
                lint_business(model, advice, row.report)
    lint_calls([(model, row.report) for row in rows for model in row.models], contracts)
    compiled = [_compile(model, row.data) for row in rows if row.report.ok for model in row.models]
    found = [finding for row in rows for finding in _located(row)]
    return compiled, [decision for row in rows if row.report.ok for decision in row.decisions], found


def read_models(files: Mapping[str, bytes]) -> list[ProcessModel]:
    """The processes of files that may be unfinished; what cannot be read is left out."""
    rows = [_read(name, data) for name, data in sorted(files.items())]
    for row in rows:
        _read_processes(row, {})
    return [model for row in rows for model in row.models]


def converted(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files in our own words, by name; one that cannot be read, or is ours already, as it is."""
    rows = [_read(name, data) for name, data in sorted(files.items())]
    given = _decision_facts(rows)
    for row in rows:
        _read_processes(row, given)
    return {row.name: row.data for row in rows}


def _read(name: str, data: bytes) -> _File:
    row = _File(name, data, Report(name))
    try:
        row.root = read(data)
    except SourceRefused as problem:
        row.report.add(problem.rule, detail=problem.detail)
        return row
    if row.root.tag == bpmn("definitions"):
        return row
    if local_name(row.root) == "definitions" and "DMN" in str(etree.QName(row.root).namespace or ""):
        row.decisions = compile_decisions(row.root, data, row.report)
    else:
        row.report.add("not-bpmn", detail=local_name(row.root)[:80])
    return row


def _read_processes(row: _File, decisions: Mapping[str, DecisionFacts]) -> None:
    """What another engine's drawing says in its own words is put into ours first, and kept like that."""
    if row.root is None or row.root.tag != bpmn("definitions"):
        return
    taken = take_over(row.root, row.report, decisions)
    row.root = taken.root
    if taken.changed:
        row.data = etree.tostring(taken.root, xml_declaration=True, encoding="UTF-8")
    row.models = parse_file(taken.root, row.report)
    for model in row.models:
        model.foreign = taken.foreign


def _located(row: _File) -> list[Finding]:
    """The findings with the way to their element."""
    ways = {element_id: way for model in row.models for element_id, way in paths_of(model).items()}
    return [replace(found, path=ways.get(found.element_id, found.element_id)) for found in row.report.findings]


def _decision_facts(rows: list[_File]) -> dict[str, DecisionFacts]:
    found = {}
    for row in rows:
        for decision in row.decisions if row.report.ok else ():
            outputs = _outputs(row.root, decision.key)
            facts = DecisionFacts(load_decision(decision.xml).input_names, outputs[0] if len(outputs) == 1 else "")
            found[decision.key] = facts
    return found


def _outputs(root: etree._Element | None, key: str) -> list[str]:
    """The names of the outputs of a decision table that answers with one hit; otherwise nothing."""
    for element in root if root is not None else ():
        if local_name(element) == "decision" and element.get("id") == key:
            for table in element:
                if local_name(table) == "decisionTable" and table.get("hitPolicy", "UNIQUE") in SINGLE_HIT:
                    return [str(item.get("name", "")) for item in table if local_name(item) == "output"]
    return []


def _note_twins(rows: list[_File]) -> None:
    seen: set[tuple[str, str]] = set()
    for row in rows:
        for key in {model.key for model in row.models}:
            if ("process", key) in seen:
                row.report.add("duplicate-process", key, detail=key)
            seen.add(("process", key))
        for decision in row.decisions:
            if ("decision", decision.key) in seen:
                row.report.add("duplicate-decision", decision.key, detail=decision.key)
            seen.add(("decision", decision.key))


def _compile(model: ProcessModel, data: bytes) -> CompiledProcess:
    elements = {node.id: info_of(scope, node) for scope, node in model.root.walk()}
    nodes = [node for _, node in model.root.walk()]
    starts = [
        StartEvent(node.id, event.kind, event.name, event.timer, event.value)
        for node in model.root.starting()
        for event in node.events
    ]
    rewrite(model)
    spec_json = build(model)
    digest = hashlib.sha256(b"\n".join((ENGINE.encode(), model.key.encode(), hashlib.sha256(data).digest(), spec_json)))
    return CompiledProcess(
        key=model.key,
        name=model.name,
        name_en=model.name_en,
        content_hash=digest.hexdigest(),
        xml=data,
        spec_json=spec_json,
        elements=elements,
        called_keys=tuple(sorted({n.called for n in nodes if n.type == "callActivity" and n.called})),
        decision_keys=tuple(sorted({n.attributes["decision"] for n in nodes if "decision" in n.attributes})),
        attributes=model.attributes,
        start_messages=tuple(start.name for start in starts if start.kind == "message"),
        starts=tuple(starts),
    )
