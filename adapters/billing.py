"""Billing: accounts, subscriptions, charges. The vendor's answer codes and what they mean to us."""

from typing import Final

from adapters.answer_codes import AnswerCodes

ANSWER_CODES: Final = AnswerCodes(
    reject={
        "B001": "request-not-understood",
        "B301": "arrears-open",
        "B302": "credit-exceeded",
        "B303": "blacklisted",
        "B304": "tariff-unknown",
        "B305": "account-closed",
        "B307": "charging-date-closed",
        "B308": "shares-do-not-sum",
        "B309": "subscription-unknown",
        "B310": "entry-unknown",
        "B311": "account-unknown",
    },
    retry={"B306": "billing-system-down"},
)
