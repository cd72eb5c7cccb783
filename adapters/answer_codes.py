"""What a far code means to us: one table per vendor, of this shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

UNKNOWN_ANSWER: Final = "unknown-answer"


@dataclass(frozen=True, kw_only=True)
class AnswerCodes:
    """The vendor's codes and our failure codes.

    ``reject``: far code -> our failure code; nothing happened there and a repeat as it stands is in vain.
    ``retry``: far code -> our failure code; nothing happened there, but a later repeat may go through.
    A far side may also use our own codes; a code in neither table becomes ``unknown-answer``.
    """

    reject: Mapping[str, str] = field(default_factory=dict)
    retry: Mapping[str, str] = field(default_factory=dict)

    def meaning(self, far_code: str) -> tuple[str, bool]:
        """Return our failure code, and whether a repeat may help."""
        if far_code in self.retry or far_code in self.retry.values():
            return self.retry.get(far_code, far_code), True
        if far_code in self.reject or far_code in self.reject.values():
            return self.reject.get(far_code, far_code), False
        return UNKNOWN_ANSWER, False
