"""This machine's own clock, for what no transaction and no database is part of."""

from __future__ import annotations

from datetime import UTC, datetime


def wall_now() -> datetime:
    """Return host time, aware UTC, without the stored offset: for checking what other machines have signed."""
    return datetime.now(UTC)
