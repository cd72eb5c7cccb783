"""The cases that have to come out as before, run on files that are to be deployed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.words import Words
from app.persistence.studio import process_cases as stored
from app.services.studio.case_files import take_in_files
from app.services.studio.case_running import run_cases_of
from app.services.studio.case_runs import CaseRun, LeftOut
from app.services.studio.process_cases import note_runs


@dataclass(frozen=True)
class UndoTried:
    """How often the undo of a step was planned in cases, and what it lacked the first time it lacked something."""

    times: int = 0
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """One case: of which process or decision, what differs, at which element first, how long it took in the story it
    tells, and the effects that a cancel at its end would undo. ``user``: what the process is called, where it is not
    among the files but uses them."""

    kind: str
    key: str
    name: str
    problems: Sequence[Words] = ()
    element_id: str = ""
    steps: int = 0
    took: timedelta = timedelta()
    undo: Sequence[Mapping[str, Any]] = ()
    name_zh: str = ""
    user: Words | None = None

    @property
    def passed(self) -> bool:
        return not self.problems


def cases_of(
    files: Mapping[str, bytes], deps: Deps, drafts: Collection[str] = ()
) -> tuple[Sequence[CaseLine], Sequence[LeftOut]]:
    """Run every case of the models in these files and of who uses them; and what was left out. No transaction may be
    open."""
    report = run_cases_of(files, deps, draft_ids=drafts, users=True)
    own = [run for run in report.runs if run.user is None]  # of the others nothing has changed yet
    if own:
        note_runs(own, deps)
    return [_line(run) for run in report.runs], report.left_out


def undo_tried(lines: Sequence[CaseLine]) -> dict[tuple[str, str], UndoTried]:
    """What the cases say of undoing each step that changed something, by process and element."""
    found: dict[tuple[str, str], UndoTried] = {}
    for case in lines:
        for row in case.undo:
            place = (str(row["process"]), str(row["id"]))
            known = found.get(place, UndoTried())
            tried = row.get("tried") or {}
            failed = tried.get("message", "") if tried.get("state") == "missing" or tried.get("message") else ""
            found[place] = UndoTried(known.times + 1, known.problem or str(row.get("missing") or failed))
    return found


def adopt_cases(
    session: Session, files: Mapping[str, bytes], drafts: Collection[str], *, now: datetime, who: str
) -> None:
    """The cases of these drafts and files become the ones in force; in the transaction that deploys them."""
    stored.adopt(session, drafts, now=now)
    take_in_files(session, files, now=now, who=who)


def _line(run: CaseRun) -> CaseLine:
    first = run.problems[0].element if run.problems else ""
    return CaseLine(
        kind=run.kind,
        key=run.key,
        name=run.name,
        name_zh=run.name_zh,
        problems=[Words(one.zh, one.en) for one in run.problems],
        element_id=first.partition("/")[0],
        steps=len(run.steps),
        took=run.took,
        undo=run.undo.get("undo", ()),
        user=run.user,
    )
