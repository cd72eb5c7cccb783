"""Fault management: monitors, tickets, diagnosis. The vendor's answer codes and what they mean to us."""

from typing import Final

from adapters.answer_codes import AnswerCodes

ANSWER_CODES: Final = AnswerCodes(
    reject={
        "F001": "request-not-understood",
        "F701": "product-unknown",
        "F702": "ticket-unknown",
        "F703": "monitor-unknown",
    },
)
