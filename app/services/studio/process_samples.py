"""Samples: processes that come with the product, to begin a new one with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from app.seed.files import read
from app.services.studio.model_files import look_into
from app.services.studio.process_catalog import BUNDLED


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One sample: what it is called, what it shows, the file with its tests, and the folder a copy is put into."""

    code: str
    name: str
    name_en: str
    shows: str
    shows_en: str
    folder: str
    content: bytes
    tests: bytes


@cache
def samples() -> Sequence[Sample]:
    """Every sample, in the order in which they are offered."""
    return tuple(_sample(**row) for row in read("process_samples")["samples"])


def sample(code: str) -> Sample | None:
    """The sample of that code, None if there is none."""
    return next((each for each in samples() if each.code == code), None)


def _sample(code: str, folder: str, shows_zh: str, shows_en: str) -> Sample:
    content = (BUNDLED / f"{code}.bpmn").read_bytes()
    told = look_into(f"{code}.bpmn", content)
    return Sample(
        code=code,
        name=told.name,
        name_en=told.name_en or told.name,
        shows=shows_zh,
        shows_en=shows_en,
        folder=folder,
        content=content,
        tests=(BUNDLED / f"{code}.test.json").read_bytes(),
    )
