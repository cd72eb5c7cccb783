"""The cases of a process over HTTP: list, run, add, remove; with ``draft`` as that draft has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.schemas.process_cases import (
    CaseList,
    CaseOut,
    CaseQuery,
    CaseRuns,
    CasesIn,
    CasesTaken,
    CasesToRun,
)
from app.services.studio import case_desk

door: Final = Door("process_cases", "/api/v1/process-definitions", "processes")


@door.route(
    "GET",
    "/<key>/cases",
    right="process.view",
    summary="The cases and samples of a process; ?draft= as that draft has them",
    query=CaseQuery,
    answers={200: CaseList},
    errors=(404,),
)
def list_cases(key: str, query: Mapping[str, Any]) -> Reply:
    rows = case_desk.listed(key, query["draft"], current_actor(), current_deps())
    return {"cases": CaseOut(many=True).dump(rows)}


@door.route(
    "POST",
    "/<key>/cases",
    right="process.edit",
    summary="Add cases and samples as they are written in KEY.test.json; one of a known name is replaced",
    query=CaseQuery,
    body=CasesIn,
    answers={201: CasesTaken},
    errors=(404, 413, 422),
    large=True,
)
def add_cases(key: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Reply:
    content = json.dumps({"process": key, **body}, ensure_ascii=False).encode()
    kept = case_desk.bring(key, query["draft"], f"{key}.test.json", content, current_actor(), current_deps())
    return {"kept": kept}, 201


@door.route(
    "POST",
    "/<key>/cases/run",
    right="process.edit",
    summary="Run the cases, in a bounded process of its own; how they went is noted beside them",
    query=CaseQuery,
    body=CasesToRun,
    answers={200: CaseRuns},
    errors=(404, 422),
)
def run_cases(key: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Reply:
    report = case_desk.run(key, query["draft"], frozenset(body["cases"]), current_actor(), current_deps())
    shown: dict[str, Any] = CaseRuns().dump(report)
    return shown


@door.route(
    "POST",
    "/<key>/cases/<case_id>/remove",
    right="process.edit",
    summary="Take a case out; with ?draft= only there, until it is deployed",
    query=CaseQuery,
    answers={200: CaseOut},
    errors=(404,),
)
def remove_case(key: str, case_id: str, query: Mapping[str, Any]) -> Reply:
    row = case_desk.take_out(key, query["draft"], case_id, current_actor(), current_deps())
    shown: dict[str, Any] = CaseOut().dump(row)
    return shown
