"""By what people find a name: its letters in one form, and the initials of its characters in Pinyin."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib.metadata import distribution
from itertools import combinations
from pathlib import Path
from typing import Final

#: A name with several characters that are read in two ways has so many spellings, the likeliest first.
MOST_SPELLINGS: Final = 16
MOST_CHARACTERS: Final = 40


def half_width(text: str) -> str:
    """Full-width letters and digits as half-width ones, one space between words."""
    return " ".join(unicodedata.normalize("NFKC", text.replace("\x00", "")).split())


def plain(text: str) -> str:
    """The same with capitals as small letters."""
    return half_width(text).lower()


def initials(name: str) -> tuple[str, ...]:
    """The first letters of a Chinese name's characters in Pinyin (``示例科技`` is ``slkj``), letters and digits as they
    are; every spelling where a character is read in two ways. Empty for a name without Chinese characters."""
    characters = [character for character in plain(name) if character.isalnum()][:MOST_CHARACTERS]
    if all(character.isascii() for character in characters):
        return ()
    ways = [_ways(character) for character in characters]
    usual = [way[0] for way in ways]
    swaps = [(at, way[1]) for at, way in enumerate(ways) if len(way) > 1]
    found: dict[str, None] = {}
    for many in range(len(swaps) + 1):
        for chosen in combinations(swaps, many):
            spelling = usual.copy()
            for at, letter in chosen:
                spelling[at] = letter
            found.setdefault("".join(spelling))
            if len(found) == MOST_SPELLINGS:
                return tuple(found)
    return tuple(found)


def found_by(*names: str) -> str:
    """What a search looks through for these names: every word of it begins after a space."""
    words = dict.fromkeys(word for name in names for word in (plain(name), *initials(name)) if word)
    return "".join(f" {word}" for word in words)


def _ways(character: str) -> str:
    """The letters a character may begin with when spoken, the usual one first; a letter or digit is itself."""
    if character.isascii():
        return character
    return _letters().get(character, character)


@cache
def _letters() -> dict[str, str]:
    # The package would load its phrases too, 50 MB for every process; of its characters the first letters are enough.
    table = Path(str(distribution("pypinyin").locate_file("pypinyin/pinyin_dict.json")))
    readings: dict[str, str] = json.loads(table.read_text(encoding="utf-8"))
    return {chr(int(code)): _two_letters(spoken) for code, spoken in readings.items()}


def _two_letters(readings: str) -> str:
    first = (unicodedata.normalize("NFD", reading)[:1] for reading in readings.split(","))
    return "".join(dict.fromkeys(letter for letter in first if letter.isascii()))[:2]
