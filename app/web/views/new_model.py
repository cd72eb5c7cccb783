"""The page on which a new process, decision or form is begun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.web.charts.thumbnail import Thumbnail
from app.web.views.parts import Choice


@dataclass(frozen=True, kw_only=True)
class SampleCard:
    """A sample with its picture and a line of what it shows."""

    code: str
    name: str
    shows: str
    folder: str
    picture: Thumbnail
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class NewModelPage:
    """What to begin with, and the form for key and names once that is chosen.

    ``source``: ``sample``, ``blank`` or empty while nothing is chosen. ``wrong``: sentences by field.
    """

    samples: tuple[SampleCard, ...]
    folders: tuple[Choice, ...]
    source: str
    chosen: SampleCard | None
    kind: str
    new_key: str
    name_zh: str
    name_en: str
    folder: str
    wrong: Mapping[str, str]
    message: str
