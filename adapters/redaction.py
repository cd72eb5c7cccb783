"""What may be written to a log about a call: no personal numbers, no secrets."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_SECRET_NAMES: Final = re.compile(r"(password|passwd|secret|token|authori[sz]ation|api_?key|cookie)", re.IGNORECASE)
_PERSONAL_NAMES: Final = re.compile(
    r"(phone|mobile|msisdn|imsi|iccid|id_number|email|contact|customer_name|birth)", re.IGNORECASE
)
# Runs of 10 and more digits (ID cards, mobile numbers, cards), and fixed numbers with an area code.
_NUMBERS: Final = re.compile(r"(?<![0-9A-Za-z-])(\d{10,}[Xx]?|0\d{2,3}-\d{7,8})(?![0-9A-Za-z-])")
_EMAIL: Final = re.compile(r"[^\s@\"']+@[^\s@\"']+\.[^\s@\"']+")
_LONGEST: Final = 500
_DEEPEST: Final = 12


@dataclass(frozen=True, kw_only=True)
class CallRecord:
    """One attempt at one call, fit for a log: inputs are redacted.

    ``outcome``: ``done``, ``pending``, ``rejected``, ``unreachable``, ``breaker-open`` or ``not-sent``.
    ``duration_s``: wall seconds. ``http_status`` is ``None`` when no answer came.
    """

    adapter: str
    operation: str
    operation_id: str
    business_key: str
    attempt: int
    outcome: str
    http_status: int | None
    code: str
    duration_s: float
    inputs: Any


CallLog = Callable[[CallRecord], None]


def no_log(_: CallRecord) -> None:
    """Keep nothing."""


def mask(text: str) -> str:
    """Keep enough of a number to tell two apart, not enough to call it: ``154****1001``."""
    return text[:3] + "****" + text[-4:] if len(text) > 8 else "****"


def redacted(value: Any, *, name: str = "", depth: int = 0) -> Any:
    """Return a copy in which secrets are gone and personal numbers are masked."""
    if _SECRET_NAMES.search(name):
        return "[secret]"
    if depth > _DEEPEST:
        return "[deep]"
    if isinstance(value, Mapping):
        return {str(key): redacted(item, name=str(key), depth=depth + 1) for key, item in value.items()}
    if isinstance(value, str):
        return _redacted_text(value, is_personal=bool(_PERSONAL_NAMES.search(name)))
    if isinstance(value, Sequence):
        return [redacted(item, name=name, depth=depth + 1) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**9:
        return mask(str(value))
    return value


def _redacted_text(text: str, *, is_personal: bool) -> str:
    if is_personal:
        return mask(text)
    short = text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
    return _NUMBERS.sub(lambda hit: mask(hit.group()), _EMAIL.sub("[email]", short))
