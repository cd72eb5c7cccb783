"""stub"""
from __future__ import annotations
from collections.abc import Callable, Container
from dataclasses import dataclass
from processes.spiff.messages import Report
from processes.spiff.model import ProcessModel

@dataclass(frozen=True)
class Surroundings:
    operations: Container[str] | None
    is_process: Callable[[str], bool]
    is_decision: Callable[[str], bool]

def lint(model: ProcessModel, around: Surroundings, report: Report) -> None:
    return None
