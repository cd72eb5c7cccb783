"""Ids: UUIDv7, so that keys sort by the time they were made; and the source of chance."""

from __future__ import annotations

import random
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Ids = Callable[[], str]
Rng = random.Random


def uuid7() -> str:
    """Return a new UUIDv7 (RFC 9562) as 36 characters: 48 bits of milliseconds, then chance."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & ((1 << 48) - 1)) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76  # version
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def made_at(uuid7_text: str) -> datetime:
    """When a UUIDv7 was made, aware UTC, by the clock of the machine that made it."""
    return EPOCH + timedelta(milliseconds=uuid.UUID(uuid7_text).int >> 80)


def first_made_at(at: datetime) -> str:
    """The smallest UUIDv7 of an instant (aware): every one made then or later is above it."""
    return str(uuid.UUID(int=max(0, int((at - EPOCH) / timedelta(milliseconds=1))) << 80))


@dataclass
class CountingIds:
    """Ids for tests: the same in every run, in order, and still UUIDs by their form."""

    last: int = 0

    def __call__(self) -> str:
        self.last += 1
        return str(uuid.UUID(int=0x7 << 76 | 0x2 << 62 | self.last))
