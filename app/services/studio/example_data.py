"""What the data of processes looks like, learnt from the examples that the shipped models are tried with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from app.services.studio.process_catalog import BUNDLED

MOST_DEEP: Final = 6


@dataclass(frozen=True)
class Examples:
    """``data``: by name, what processes are started with; ``by_process``: the same of one process; ``answers``: by
    process, what it gives back to who calls it."""

    data: Mapping[str, Any] = field(default_factory=dict)
    by_process: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, name: str, process: str = "") -> Any:
        """An example of that name, best of this process; None if there is none."""
        own = self.by_process.get(process, {})
        return own[name] if name in own else self.data.get(name)


@lru_cache(maxsize=4)
def shipped_examples(folder: Path = BUNDLED) -> Examples:
    """The examples beside the shipped models, each name with every field that any example has."""
    data: dict[str, Any] = {}
    by_process: dict[str, dict[str, Any]] = {}
    answers: dict[str, dict[str, Any]] = {}
    for file in sorted(folder.glob("*.test.json")):
        book = json.loads(file.read_text(encoding="utf-8"))
        own = by_process.setdefault(str(book.get("process", "")), {})
        for test in book.get("tests", ()):
            for name, value in test.get("data", {}).items():
                own[name] = _joined(own.get(name), value)
                data[name] = _joined(data.get(name), value)
            for key, reply in test.get("answers", {}).get("calls", {}).items():
                for one in reply if isinstance(reply, list) else [reply]:
                    given = one.get("return") if isinstance(one, Mapping) else None
                    if isinstance(given, Mapping):
                        answers[key] = _joined(answers.get(key), dict(given))
    return Examples(data, by_process, answers)


def _joined(known: Any, value: Any, level: int = 0) -> Any:
    """Both in one: objects field by field, lists by their first items; else what is there first and not empty."""
    if isinstance(known, dict) and isinstance(value, dict) and level < MOST_DEEP:
        names = {**known, **value}
        return {name: _joined(known.get(name), value.get(name), level + 1) for name in names}
    if isinstance(known, list) and isinstance(value, list):
        return [_joined(known[0], value[0], level + 1)] if known and value else known or value
    return value if known in (None, "", {}, []) else known
