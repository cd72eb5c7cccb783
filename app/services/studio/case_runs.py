"""How cases went: what differs, whose case it is, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.domain.words import Words
from processes.findings import Finding


@dataclass(frozen=True)
class CaseProblem:
    """What went otherwise than expected; ``element`` is its path in the process, empty where none is meant."""

    element: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class CaseRun:
    """One case as it went. ``case_id`` none: it comes from a file. ``steps``: paths of the steps in their order;
    ``undo``: the undo plan at the end, see :func:`processes.trial_steps.undo_plan`; ``took``: simulated time.
    ``user``: what the process is called, where it is not among the files and uses them."""

    kind: str
    key: str
    name: str
    case_id: str | None = None
    problems: tuple[CaseProblem, ...] = ()
    steps: tuple[str, ...] = ()
    undo: Mapping[str, Any] = field(default_factory=dict)
    took: timedelta = timedelta()
    chinese: str = ""
    user: Words | None = None

    @property
    def name_zh(self) -> str:
        """What it is called in Chinese."""
        return self.chinese or self.name

    @property
    def name_en(self) -> str:
        """What it is called in English."""
        return self.name

    @property
    def ok(self) -> bool:
        """Whether it went as expected."""
        return not self.problems


@dataclass(frozen=True)
class LeftOut:
    """Cases of one model that were not run: so many, because there are too ``many`` or no ``time`` was left."""

    key: str
    name: Words
    count: int
    why: str


@dataclass(frozen=True)
class CaseReport:
    """All cases of some files, and of those who use what is in them."""

    runs: tuple[CaseRun, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()

    @property
    def failed(self) -> int:
        """How many did not go as expected."""
        return sum(not run.ok for run in self.runs)

    @property
    def ok(self) -> bool:
        """Whether all went as expected."""
        return not self.failed

    @property
    def findings(self) -> list[Finding]:
        """A finding of severity error for each case that failed, at the element where it first went otherwise."""
        return [_finding(run, self.files.get(run.key, "")) for run in self.runs if not run.ok]


def _finding(run: CaseRun, file: str) -> Finding:
    first = run.problems[0]
    return Finding(
        rule="case-failed",
        severity="error",
        file=file,
        element_id=first.element.partition("/")[0],
        element_name="",
        message_zh=f"用例“{run.name_zh}”未通过：{first.zh}",
        message_en=f"the case '{run.name}' fails: {first.en}",
        fix_zh="改正流程，或在用例不再适用时修改用例",
        fix_en="mend the process, or change the case where it no longer applies",
        path=first.element,
    )
