"""Try a process without an engine around it: in memory, with a clock that jumps to the next timer.

User tasks are completed with the answers given, or empty. Jobs are answered with the answers given, else with what
``sample`` makes up, else with their own inputs. Linked calls run as executions of their own if the called process is
among the files. Answers are found by path, ``plan/install/visit``: the call activities and sub-processes on the way,
then the element; the bare element id also does. A list answers a repeated element, one item for each time.

An answer is the result itself, or one of ``{"$error": code, "$message": text}`` (fails with a BPMN error) and
``{"$never": true}`` (never answers, so that a timer can fire). A message is delivered only if it has an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from processes.errors import ProcessError
from processes.findings import deployable
from processes.spiff.compile import compile_files
from processes.spiff.decisions import CompiledDecision, Decision, load_decision
from processes.spiff.definition import CompiledProcess
from processes.trial_run import Running, Sample, TrialRun

MAX_STIMULI: Final = 3000
START: Final = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


class TrialError(ProcessError):
    """The trial cannot begin: it is not clear which process to try."""

    code = "trial-error"


def try_files(
    files: Mapping[str, bytes],
    *,
    process: str | None = None,
    data: Mapping[str, Any] | None = None,
    answers: Mapping[str, Any] | None = None,
    business_key: str = "trial:1",
    operations: Any = None,
    sample: Sample | None = None,
    now: datetime = START,
) -> dict[str, Any]:
    """Run a process of the files to its end, or as far as it goes.

    The dictionary can be written as JSON: ``state`` (completed, error, waiting, failed, stopped, refused), ``data``,
    ``trace`` (one row per event), ``waits`` (what is still open), ``failures``, ``findings``.

    :raises TrialError: ``process`` is not among the files, or not given and not clear.
    """
    compiled, decisions, findings = compile_files(files, operations=operations)
    rows = [vars(finding) for finding in findings]
    if not deployable(findings):
        return {"state": "refused", "data": {}, "trace": [], "waits": [], "failures": [], "findings": rows}
    chosen = choose(compiled, process)
    trial = TrialRun({item.key: item for item in compiled}, _load(decisions), answers or {}, sample, now)
    first = trial.begin(chosen, data or {}, "", business_key, None, "")
    while not first.ended and trial.stimuli < MAX_STIMULI and trial.step():
        trial.stimuli += 1
    waits = [
        {"path": trial.path_of(run, wait.element_id), "kind": wait.kind, "index": wait.loop_index}
        | {"due_at": wait.due_at.isoformat() if wait.due_at else None, "message": wait.message}
        for run in trial.running
        for wait in run.open.values()
        if wait.task_id not in run.children
    ]
    return {
        "state": _state(trial, first),
        "data": first.execution.data,
        "trace": trial.trace,
        "waits": waits,
        "failures": trial.failures,
        "findings": rows,
    }


def choose(compiled: list[CompiledProcess], key: str | None) -> CompiledProcess:
    """The process to try: the one named, or the only one that no other calls."""
    if key is not None:
        found = [item for item in compiled if item.key == key]
    else:
        called = {name for item in compiled for name in item.called_keys}
        found = compiled if len(compiled) == 1 else [item for item in compiled if item.key not in called]
    if len(found) != 1:
        keys = ", ".join(sorted(item.key for item in compiled))
        raise TrialError(f"name the process to try; the files have: {keys or 'none'}")
    return found[0]


def _load(decisions: list[CompiledDecision]) -> dict[str, Decision]:
    return {item.key: load_decision(item.xml) for item in decisions}


def _state(trial: TrialRun, first: Running) -> str:
    if first.ended:
        return str(first.execution.outcome)
    if trial.failures:
        return "failed"
    return "stopped" if trial.stimuli >= MAX_STIMULI else "waiting"
