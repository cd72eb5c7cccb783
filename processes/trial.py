"""Try a process without an engine around it: in memory, with a clock that jumps to the next timer.

People hand in what the answers say, or nothing. Far systems answer from their script, or with what ``sample`` makes up,
or with their own inputs. Linked calls run as executions of their own if the called process is among the files. See
:mod:`processes.trial_answers` for what the answers may say. Elements are named by path, ``plan/install/visit``: the
call activities and sub-processes on the way, then the element.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from adapters.operations import OperationRegistry
from processes.findings import Finding, deployable
from processes.spiff.bridge import Wait
from processes.spiff.compile import compile_files
from processes.spiff.decisions import Decision, load_decision
from processes.spiff.definition import CompiledProcess
from processes.trial_answers import Answers, TrialError
from processes.trial_outside import Outside, Sample
from processes.trial_run import Running, TrialRun
from processes.trial_steps import Seen
from processes.trial_undo import try_undos

__all__ = ["START", "Model", "TrialError", "try_files", "try_model"]

MAX_STIMULI: Final = 3000
START: Final = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Model:
    """Files that belong together, compiled once for many trials. ``pinned``: see :class:`TrialRun`."""

    processes: list[CompiledProcess]
    decisions: dict[str, Decision]
    findings: list[Finding]
    pinned: Mapping[tuple[str, int], Decision] | None = None

    @classmethod
    def of(
        cls,
        files: Mapping[str, bytes],
        operations: Container[str] | None = None,
        pinned: Mapping[tuple[str, int], bytes] | None = None,
    ) -> Model:
        """Compile; ``operations``: codes of the operations there are (None: not checked)."""
        compiled, decisions, findings = compile_files(files, operations=operations)
        newest = {item.key: load_decision(item.xml) for item in decisions}
        kept = {place: load_decision(xml, place[0]) for place, xml in pinned.items()} if pinned is not None else None
        return cls(compiled, newest, findings, kept)


def try_files(files: Mapping[str, bytes], *, operations: Container[str] | None = None, **more: Any) -> dict[str, Any]:
    """Compile the files and try a process of them; see :func:`try_model`."""
    return try_model(Model.of(files, operations), **more)


def try_model(
    model: Model,
    *,
    process: str | None = None,
    data: Mapping[str, Any] | None = None,
    answers: Mapping[str, Any] | None = None,
    business_key: str = "trial:1",
    registry: OperationRegistry | None = None,
    sample: Sample | None = None,
    now: datetime = START,
    forms: Mapping[str, Mapping[str, Any]] | None = None,
    most: int = MAX_STIMULI,
) -> dict[str, Any]:
    """Run a process of the model to its end, or as far as it goes.

    The dictionary can be written as JSON. ``state``: ``completed``; ``terminated`` by a terminate end event; ``failed``
    by what is in ``incidents``; ``waiting`` for what is in ``waiting``. ``path``: what happened, in order, rows of
    ``element``, ``name``, ``type``, ``event`` (entered, completed, cancelled, compensated) and ``at``, with ``index``
    and ``detail`` where there is one. ``data``: the data reached. ``findings``: of the check; with
    an error nothing runs. ``steps``, ``effects``, ``points``: see :mod:`processes.trial_steps`; each effect that people
    undo has ``tried``, what became of the process that undoes it. ``now``: the instant reached, ``next``: the next one
    at which anything is due, ``stimuli``: how many things the outside has done, ``more``: whether it could do more.

    :param registry: the operations with their retry policies; without it each is tried three times.
    :param forms: what people fill in by default, by key of the form.
    :param most: stop after so many things the outside has done.
    :raises TrialError: ``process`` is not among the files, or not given and not clear; the answers are not understood.
    """
    outcome = Answers.read(answers or {})
    rows = [vars(finding) for finding in model.findings]
    if not deployable(model.findings):
        refused = [
            {"element": row["element_id"], "name": row["element_name"], "type": "", "code": row["rule"]}
            | {"message": row["message_en"], "at": now.isoformat()}
            for row in rows
            if row["severity"] == "error"
        ]
        return _result("failed", process or "", rows, incidents=refused)
    chosen = choose(model.processes, process)
    seen = Seen(registry)
    processes = {item.key: item for item in model.processes}
    trial = TrialRun(processes, model.decisions, now, seen=seen, pinned=model.pinned)
    outside = Outside(trial, outcome, sample, registry, forms=forms or {})
    first = trial.begin(chosen, data or {}, "", business_key, None, "")
    stimuli, more, most = 0, True, min(most, MAX_STIMULI)
    while not first.ended and stimuli < most and (more := outside.step()):
        stimuli += 1
    if not first.ended and stimuli >= MAX_STIMULI:
        trial.stop_at(first, chosen.key, chosen.key, "too-long", f"it has not ended after {MAX_STIMULI} stimuli")
    waits = [
        _waiting(trial, run, wait)
        for run in trial.running
        for wait in run.open.values()
        if wait.task_id not in run.children and wait.task_id not in trial.incidents
    ]
    next_at = outside.next_instant()
    try_undos(trial, seen.effects, forms or {})
    return _result(
        _state(trial, first),
        chosen.key,
        rows,
        path=trial.path,
        data=first.execution.data,
        waiting=waits,
        incidents=list(trial.incidents.values()),
        **seen.rows(),
        now=trial.now.isoformat(),
        next=next_at.isoformat() if next_at else "",
        stimuli=stimuli,
        more=more and not first.ended,
    )


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


def _waiting(trial: TrialRun, run: Running, wait: Wait) -> dict[str, Any]:
    row = {**trial.facts_of(run, wait.element_id), "kind": wait.kind}
    if wait.due_at is not None:
        row["due"] = wait.due_at.isoformat()
    if wait.message is not None:
        row |= {"message": wait.message, "key": wait.message_key}
    if wait.loop_index is not None:
        row["index"] = wait.loop_index
    return row


def _state(trial: TrialRun, first: Running) -> str:
    if first.ended:
        ends = {"completed": "completed", "terminated": "terminated"}
        return ends.get(str(first.execution.outcome), "failed")
    return "failed" if trial.incidents else "waiting"


def _result(state: str, process: str, findings: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"path": [], "data": {}, "waiting": [], "incidents": []}
    empty |= {"steps": [], "effects": [], "points": [], "now": "", "next": "", "stimuli": 0, "more": False}
    return {"state": state, "process": process} | empty | more | {"findings": findings}
