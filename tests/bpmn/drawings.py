"""The delivered processes, decisions and forms, read once per test run."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from lxml import etree

from adapters.operations import OperationRegistry
from adapters.operations_file import load_registry
from app.domain.ordering.own_operations import OWN_OPERATIONS
from processes.spiff.compile import compile_files
from processes.spiff.decisions import CompiledDecision
from processes.spiff.definition import CompiledProcess
from scripts.draw.names import q

ROOT: Final = Path(__file__).resolve().parents[2]
BPMN: Final = ROOT / "bpmn"
PROCESS_FILES: Final = sorted(BPMN.glob("*.bpmn"))
FORM_FILES: Final = sorted((BPMN / "forms").glob("*.json"))


@cache
def registry() -> OperationRegistry:
    return load_registry()


@cache
def source(key: str) -> etree._Element:
    return etree.fromstring((BPMN / f"{key}.bpmn").read_bytes())


@cache
def compiled() -> tuple[dict[str, CompiledProcess], dict[str, CompiledDecision], list[Any]]:
    files = {path.name: path.read_bytes() for path in [*PROCESS_FILES, *sorted(BPMN.glob("*.dmn"))]}
    operations = set(OWN_OPERATIONS) | set(registry().codes())
    processes, decisions, findings = compile_files(files, operations=operations)
    return {one.key: one for one in processes}, {one.key: one for one in decisions}, findings


@cache
def form(key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((BPMN / "forms" / f"{key}.json").read_text(encoding="utf-8"))
    return found


def start_data(key: str) -> set[str]:
    """Names that a start must bring: the properties that no loop collects."""
    process = source(key).find(q("bpmn:process"))
    assert process is not None
    names = {one.get("name", "") for one in process.findall(q("bpmn:property"))}
    return names - {ref.text or "" for ref in process.iter(q("bpmn:loopDataOutputRef"))}
