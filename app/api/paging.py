"""Pages of a list: offset, limit, and the two count headers of TM Forum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.api.door import Reply
from app.api.schemas.fields import In, WholeText

DEFAULT_LIMIT: Final = 20
MAX_LIMIT: Final = 100
MAX_OFFSET: Final = 1_000_000


class PageQuery(In):
    """Which part of a list."""

    offset = WholeText(0, MAX_OFFSET, load_default=0)
    limit = WholeText(0, MAX_LIMIT, load_default=DEFAULT_LIMIT)


def count_headers(shown: int, total: int) -> dict[str, str]:
    """``X-Result-Count`` is what the body holds, ``X-Total-Count`` what matches."""
    return {"X-Result-Count": str(shown), "X-Total-Count": str(total)}


def page(shown: list[Any], total: int, query: Mapping[str, Any]) -> Reply:
    """The answer to a list of ours: what a :class:`PageQuery` asked for, and how much there is."""
    body = {"items": shown, "total": total, "offset": query["offset"], "limit": query["limit"]}
    return body, 200, count_headers(len(shown), total)
