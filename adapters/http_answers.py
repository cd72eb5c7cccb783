"""Reading a far answer safely: bounded size, bounded depth, the shape we agreed on."""

import json
import math
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn

import httpx

MAX_ANSWER_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 40
LONGEST_RETRY_AFTER_S: Final = 3600.0


class AnswerRefused(Exception):
    """What came back is no answer we can use: too big, too deep, no JSON, wrong shape."""


def read_body(response: httpx.Response) -> bytes:
    """Return the body of a streamed response. :raises AnswerRefused: more than 1 MB, or compressed."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise AnswerRefused("compressed answer, which was not asked for")
    if response.headers.get("content-length", "").isdigit():
        _check_size(int(response.headers["content-length"]))
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        _check_size(size)
        parts.append(part)
    return b"".join(parts)


def parse_json(body: bytes) -> Any:
    """Return the JSON value. :raises AnswerRefused: not JSON, NaN, or nested too deep."""
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as exc:
        raise AnswerRefused(f"not usable JSON: {type(exc).__name__}") from exc
    if _is_too_deep(value):
        raise AnswerRefused(f"JSON nested deeper than {MAX_DEPTH}")
    return value


def parse_object(body: bytes) -> Mapping[str, Any]:
    """As :func:`parse_json`, and it must be an object."""
    value = parse_json(body)
    if not isinstance(value, dict):
        raise AnswerRefused("a JSON object was expected")
    return value


def retry_after_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Return the seconds of a ``Retry-After`` header (number or date), at most an hour.

    :param now_s: seconds since 1970 UTC, for the date form.
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        wait_s = float(text) if text.replace(".", "", 1).isdigit() else parsedate_to_datetime(text).timestamp() - now_s
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait_s, 0.0), LONGEST_RETRY_AFTER_S) if math.isfinite(wait_s) else None


def _check_size(size: int) -> None:
    if size > MAX_ANSWER_BYTES:
        raise AnswerRefused(f"answer bigger than {MAX_ANSWER_BYTES} bytes")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
        if not level:
            return False
    return True


def _children(item: Any) -> Iterator[Any]:
    if isinstance(item, dict):
        yield from item.values()
    elif isinstance(item, list):
        yield from item
