"""The program in which trials that a web server is asked for run: a process of its own, with little of everything.

It reads one JSON object from its input and writes one to its output. ``{"files": {name: text}, "registry": {...},
"operations": [...], "pinned": [[key, version, text], ...], "limits": {"cpu_s", "memory_bytes", "answer_bytes"}}`` with
``"trial": {...}`` (see :func:`processes.trial.try_model`) or ``"cases": [[file name, text], ...]``. The answer is
``{"trial": result}``, ``{"cases": [...]}`` or ``{"error": code, "message": text}``.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.operations import OperationRegistry
from processes.errors import ProcessError
from processes.trial import START, Model, try_model
from processes.trial_cases import CaseResult, run_cases
from processes.trial_made_up import MadeUp
from processes.trial_steps import undo_plan


def bounded(limits: Mapping[str, Any]) -> None:
    """Give up what a trial does not need: beyond this the system ends the process."""
    cpu, memory = int(limits["cpu_s"]), int(limits["memory_bytes"])
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """Do what is asked."""
    registry = OperationRegistry.from_data(request["registry"])
    operations, pinned = request.get("operations"), request.get("pinned")
    model = Model.of(
        {name: text.encode() for name, text in request["files"].items()},
        None if operations is None else frozenset(operations),
        None if pinned is None else {(key, version): text.encode() for key, version, text in pinned},
    )
    if "cases" in request:
        return {"cases": [row for name, text in request["cases"] for row in _cases(name, text, model, registry)]}
    asked = dict(request["trial"])
    now = datetime.fromisoformat(asked.pop("now")) if asked.get("now") else START
    made_up = MadeUp(registry, now, asked.pop("known", {}))
    return {"trial": try_model(model, registry=registry, sample=made_up, now=now, **asked)}


def _cases(name: str, text: str, model: Model, registry: OperationRegistry) -> list[dict[str, Any]]:
    try:
        return [{"file": name, **_row(one)} for one in run_cases(name, text, model, registry=registry)]
    except ProcessError as problem:
        said = {"element": "", "en": str(problem), "zh": f"用例无法运行：{problem}"}
        return [{"file": name, "name": "", "differences": [said], "path": [], "undo": {}, "span_s": 0}]


def _row(case: CaseResult) -> dict[str, Any]:
    result = case.result
    path = result.get("path", [])
    span = datetime.fromisoformat(path[-1]["at"]) - datetime.fromisoformat(path[0]["at"]) if path else None
    return {
        "name": case.name,
        "differences": [vars(one) for one in case.differences],
        "path": [row["element"] for row in result.get("steps", [])],
        "undo": undo_plan(result) if result else {},
        "span_s": span.total_seconds() if span else 0,
    }


def main() -> int:
    """Read, run, write."""
    request = json.loads(sys.stdin.buffer.read())
    bounded(request["limits"])
    try:
        said = answer(request)
    except ProcessError as problem:
        said = {"error": problem.code, "message": str(problem)}
    except (MemoryError, RecursionError) as problem:
        said = {"error": "too-much", "message": type(problem).__name__}
    text = json.dumps(said, ensure_ascii=False, default=str).encode()
    if len(text) > int(request["limits"]["answer_bytes"]):
        text = json.dumps({"error": "too-much", "message": f"{len(text)} bytes"}).encode()
    sys.stdout.buffer.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
