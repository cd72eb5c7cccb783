"""What undoes people's work, tried in memory: the process named by ``yizhan:undoneBy`` runs with what it would get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from processes.trial_answers import Answers
from processes.trial_outside import Outside
from processes.trial_run import TrialRun
from processes.trial_steps import PEOPLE, Seen

MOST_STIMULI: Final = 300


def try_undos(
    trial: TrialRun, effects: Sequence[dict[str, Any]], forms: Mapping[str, Mapping[str, Any]], *, most: int = 50
) -> None:
    """Write down, for what people have done, whether it can be undone.

    ``tried``: ``state`` (``completed``, ``missing``: no such process, else how far it got), ``steps`` (what it had
    people and far systems do) and ``message``. The same process with the same inputs is tried once.
    """
    known: dict[str, dict[str, Any]] = {}
    for row in [one for one in effects if one["by"] == PEOPLE and one["undo"]][-most:]:
        asked = repr((row["undo"], sorted(row["inputs"].items())))
        if asked not in known:
            known[asked] = _tried(trial, row["undo"], row["inputs"], forms)
        row["tried"] = known[asked]


def _tried(
    trial: TrialRun, key: str, inputs: Mapping[str, Any], forms: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    process = trial.processes.get(key)
    if process is None:
        return {"state": "missing", "steps": [], "message": f"there is no process {key!r}"}
    inner = TrialRun(trial.processes, trial.decisions, trial.now, seen=Seen(trial.seen.registry), pinned=trial.pinned)
    outside = Outside(inner, Answers(), None, trial.seen.registry, forms=forms)
    first, stimuli = inner.begin(process, inputs, "", "undo", None, ""), 0
    while not first.ended and stimuli < MOST_STIMULI and outside.step():
        stimuli += 1
    stopped = next(iter(inner.incidents.values()), None)
    message = f"{stopped['element']}: {stopped['message']}" if stopped else ""
    steps = [{name: row[name] for name in ("element", "name", "name_en", "kind")} for row in inner.seen.steps]
    ended = first.execution.outcome in ("completed", "terminated")
    return {"state": "completed" if ended else "failed" if stopped else "waiting", "steps": steps, "message": message}
