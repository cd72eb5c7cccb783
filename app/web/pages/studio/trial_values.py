"""Data of a dry run as people read it: short in tables, whole where one step is looked at, always masked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from app.domain.studio.trial_masking import masked
from app.web.pages.operation_values import known_label
from app.web.reader import Reader
from app.web.views.trial import Value

SHORT: Final = 26
SHOWN: Final = 2
FOLDED: Final = 90


def plain(value: Any) -> str:
    """One value in a line; texts without quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def short(values: Mapping[str, Any], reader: Reader) -> str:
    """The first few names with their values, and how many more there are."""
    shown = []
    for name, value in list(values.items())[:SHOWN]:
        text = plain(masked(value, name)) if not isinstance(value, dict | list) else "…"
        shown.append(f"{known_label(name, reader) or name} = {text if len(text) <= SHORT else text[: SHORT - 1] + '…'}")
    rest = len(values) - SHOWN
    return ", ".join(shown) + (f" +{rest}" if rest > 0 else "")


def whole(values: Mapping[str, Any], reader: Reader) -> tuple[Value, ...]:
    """Every name with its whole value."""
    found = []
    for name, value in values.items():
        safe = masked(value, name)
        text = plain(safe)
        if isinstance(safe, dict | list) and len(text) > FOLDED:
            text = json.dumps(safe, ensure_ascii=False, indent=2, default=str)
        found.append(Value(name, text, long=len(text) > FOLDED, label=known_label(name, reader)))
    return tuple(found)


def spoken(text: str, language: str) -> str:
    """What the engine says, in one language; it says both, Chinese first."""
    zh, between, en = text.partition(" · ")
    return (en if language == "en" else zh) if between else text
