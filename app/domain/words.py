"""A short text in the two languages of the product."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """The same sentence in Chinese and in English."""

    zh: str
    en: str

    @classmethod
    def of(cls, text: Words | str) -> Words:
        """Take a sentence as it is; a plain string is used for both languages."""
        return text if isinstance(text, Words) else cls(text, text)

    def in_language(self, language: str) -> str:
        return self.en if language == "en" else self.zh
