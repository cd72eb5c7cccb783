"""The rules of how we want to work, run where people draw: over a drawing that can run already, or nearly so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapters.operations import Operation
from processes.spiff.lint_branches import lint_branches
from processes.spiff.lint_naming import lint_naming
from processes.spiff.lint_operations import lint_operations
from processes.spiff.lint_reach import lint_reach
from processes.spiff.lint_returns import lint_returns
from processes.spiff.lint_waits import lint_waits
from processes.spiff.model import ProcessModel
from processes.spiff.reach import Reach
from processes.spiff.report import Report


@dataclass(frozen=True)
class Advice:
    """What the rules have to know: ``operation`` gives the registered operation of a code, None where there is none."""

    operation: Callable[[str], Operation | None]


def lint_business(model: ProcessModel, advice: Advice, report: Report) -> None:
    """Check one process; every finding leaves it deployable."""
    if not model.root.nodes or model.foreign:
        return
    reach = Reach(model)
    lint_operations(model, advice.operation, reach, report)
    lint_returns(model, advice.operation, reach, report)
    lint_waits(model, report)
    lint_naming(model, advice.operation, report)
    lint_branches(model, reach, report)
    lint_reach(model, reach, report)
