"""What the places of an item are called, and addresses to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.web.reader import Reader
from app.web.texts import Sentence

PLACES: Final[Mapping[str, Sentence]] = {
    "installation": Sentence("Installation address"),
    "a_end": Sentence("A end"),
    "z_end": Sentence("Z end"),
    "site": Sentence("Site"),
}


def place_label(role: str, reader: Reader, number: int = 0) -> str:
    """What a place is called; sites are counted where ``number`` is given."""
    label = reader.t(PLACES.get(role, Sentence("Address")))
    return f"{label} {number}" if number else label
