"""The sentences of the pages in two languages.

The English sentence in the templates is the key, the tables in this folder hold the Chinese. A test walks
templates and views and fails when a sentence has no Chinese, so nothing half-translated is ever released.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.web.texts import desk, frame, orders, processes, work

CHINESE: Final[Mapping[str, str]] = MappingProxyType({**frame.ZH, **orders.ZH, **desk.ZH, **work.ZH, **processes.ZH})


class Texts:
    """Says a sentence in one language; called in templates as ``t("Sign in")``."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, sentence: str, **values: object) -> str:
        """``{name}`` in the sentence is replaced by the value of that name.

        An unknown sentence is shown in English rather than refused: a missing translation must not break a page.
        """
        words = sentence if self.language == "en" else CHINESE.get(sentence, sentence)
        # "Open|ticket" and "Open|state" are two sentences: what follows the bar only tells them apart.
        if self.language == "en":
            words = words.split("|", 1)[0]
        return words.format(**values) if values else words
