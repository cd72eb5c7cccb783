"""What addresses and names in the settings must look like; each check returns what is wrong, or nothing."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DATABASES: Final = ("sqlite", "postgresql", "postgresql+psycopg")
MOST_DAYS: Final = 36_500
REDIS: Final = ("redis", "rediss", "unix")


def web_problem(value: str) -> str:
    """``http://host:port`` and the like."""
    parts = _parts(value)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return "must look like http://host:port"
    return ""


def database_problem(value: str) -> str:
    """A file of SQLite or a database of PostgreSQL; its driver is ours to choose."""
    parts = _parts(value)
    if parts is None or parts.scheme not in DATABASES:
        return "must be a sqlite:/// or postgresql:// address"
    if parts.scheme == "sqlite" and (parts.netloc or len(parts.path) < 2 or parts.path == "/:memory:"):
        return "must name a file: sqlite:///var/yizhan.sqlite"
    if parts.scheme != "sqlite" and len(parts.path) < 2:
        return "must name a database: postgresql://user@host/database"
    return ""


def redis_problem(value: str) -> str:
    """Nothing, or a Redis; the number of its database, if any, is a number."""
    parts = _parts(value)
    if value and (parts is None or parts.scheme not in REDIS):
        return "must be empty or a redis:// address"
    if parts is not None and parts.scheme != "unix" and parts.path.strip("/") and not parts.path.strip("/").isdigit():
        return "must end in the number of a database: redis://host:6379/0"
    return ""


def time_zone_problem(value: str) -> str:
    """A zone of the time zone database."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"{value!r} is no time zone, such as Asia/Shanghai"
    return ""


def days_by_process(value: str) -> dict[str, int]:
    """``probe=30, home_bundle=400`` as days by key of process. :raises ValueError: it is not of that form."""
    found = {}
    for part in filter(None, (piece.strip() for piece in value.split(","))):
        key, sign, days = (piece.strip() for piece in part.partition("="))
        if not (key and sign and days.isascii() and days.isdigit() and 0 < int(days[:6]) <= MOST_DAYS):
            raise ValueError(part)
        found[key] = int(days)
    return found


def days_problem(value: str) -> str:
    """Days for some processes."""
    try:
        days_by_process(value)
    except ValueError as problem:
        return f"{problem}: must look like probe=30, home_bundle=400 (days, at most {MOST_DAYS})"
    return ""


def _parts(value: str) -> SplitResult | None:
    """The parts of an address; None where it is none at all: brackets left open, a port that is no number."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return None
    return parts
