"""A report kept beside what was asked for: written as plain data, and read back as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from app.domain.words import Words
from app.services.studio.case_runs import LeftOut
from app.services.studio.deploy_cases import CaseLine
from app.services.studio.deploy_parts import Part, Reference, UndoLine
from app.services.studio.deploy_reports import Forecast, Report
from processes.findings import Finding


def record_of(report: Report) -> dict[str, Any]:
    """The report without its files, as JSON takes it."""
    record = {
        "findings": [{**vars(one), "fixes": []} for one in report.findings],
        "parts": [asdict(one) for one in report.parts],
        "references": [asdict(one) for one in report.references],
        "undo": [asdict(one) for one in report.undo],
        "forecasts": [asdict(one) for one in report.forecasts],
        "cases": [_case(one) for one in report.cases],
        "left_out": [asdict(one) for one in report.left_out],
    }
    plain: dict[str, Any] = json.loads(json.dumps(record, ensure_ascii=False, default=str))
    return plain


def report_of(record: Mapping[str, Any], files: Mapping[str, bytes], digest: str) -> Report:
    """The report as it was kept; its files are those that were asked for."""
    return Report(
        files=files,
        digest=digest,
        stored=True,
        findings=[Finding(**{**row, "fixes": ()}) for row in record["findings"]],
        parts=[_part(row) for row in record["parts"]],
        references=[Reference(**{**row, "name": Words(*row["name"])}) for row in record["references"]],
        undo=[
            UndoLine(**{**row, "name": Words(*row["name"]), "by_name": Words(*row["by_name"])})
            for row in record["undo"]
        ],
        forecasts=[Forecast(**row) for row in record["forecasts"]],
        cases=[_case_line(row) for row in record["cases"]],
        left_out=[LeftOut(**{**row, "name": Words(*row["name"])}) for row in record["left_out"]],
    )


def _part(row: Mapping[str, Any]) -> Part:
    running = {int(version): number for version, number in row["running"].items()}
    return Part(**{**row, "name": Words(*row["name"]), "running": running})


def _case(case: CaseLine) -> dict[str, Any]:
    kept = ("process", "id", "missing", "tried")
    undo = [{name: row[name] for name in kept if name in row} for row in case.undo]
    return {**vars(case), "problems": list(case.problems), "took": case.took.total_seconds(), "undo": undo}


def _case_line(row: Mapping[str, Any]) -> CaseLine:
    user = Words(*row["user"]) if row["user"] else None
    problems = [Words(*one) for one in row["problems"]]
    return CaseLine(**{**row, "problems": problems, "took": timedelta(seconds=row["took"]), "user": user})
