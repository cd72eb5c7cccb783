"""The sentences of the pages in two languages.

The English sentence in templates and modules is the key, the gettext catalogue ``zh.po`` beside this file holds the
Chinese. ``python -m scripts.texts`` writes new sentences into it; a test fails while one of them has no Chinese.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

CATALOGUE: Final = Path(__file__).parent / "zh.po"


@dataclass(frozen=True)
class Sentence:
    """A sentence kept in a table, to be said later. ``about`` tells two sentences of the same English words apart."""

    text: str
    about: str = ""


@cache
def chinese() -> Mapping[Sentence, str]:
    """What ``zh.po`` says, read once in the life of a process."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh", abort_invalid=True)
    return {
        Sentence(message.id, message.context or ""): str(message.string)
        for message in catalogue
        if isinstance(message.id, str) and message.id and message.string and not message.fuzzy
    }


class Texts:
    """Says a sentence in one language; called in templates as ``t("Sign in")``."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, sentence: str | Sentence, **values: object) -> str:
        """``{name}`` in the sentence is replaced by the value of that name.

        An unknown sentence is shown in English rather than refused: a missing translation must not break a page.
        """
        asked = sentence if isinstance(sentence, Sentence) else Sentence(sentence)
        words = asked.text if self.language == "en" else chinese().get(asked, asked.text)
        return words.format(**values) if values else words

    def about(self, what: str, sentence: str, **values: object) -> str:
        """The same for English words that mean two things: ``t.about("ticket", "Open")``, in templates ``t_about``."""
        return self(Sentence(sentence, what), **values)
