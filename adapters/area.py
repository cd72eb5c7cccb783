"""Exchange with another area: sub-orders. The vendor's answer codes and what they mean to us."""

from typing import Final

from adapters.answer_codes import AnswerCodes

ANSWER_CODES: Final = AnswerCodes(
    reject={
        "X001": "request-not-understood",
        "X601": "area-refused",
        "X603": "suborder-failed",
        "X607": "suborder-unknown",
    },
    retry={"X602": "area-unreachable"},
)
