"""Evaluate FEEL in tests: from text and JSON to JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from processes.feel.cells import parse_tests
from processes.feel.compiling import make, make_tests
from processes.feel.parsing import parse
from processes.feel.scope import Data, Run
from processes.feel.values import from_json, to_json

NOW = datetime.fromisoformat("2026-11-22T07:30:00+08:00")


def feel(text: str, names: Mapping[str, Any] | None = None, *, known: frozenset[str] = frozenset()) -> Any:
    return to_json(make(parse(text, known))(Data(names or {}, Run(lambda: NOW))))


def fits(cell: str, value: Any, names: Mapping[str, Any] | None = None) -> bool:
    return make_tests(parse_tests(cell))(from_json(value), Data(names or {}, Run(lambda: NOW)))
