"""A disk of a few megabytes that can be filled to the last byte and emptied again."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

PIECE = b"\0" * 65_536


@dataclass(frozen=True)
class SmallDisk:
    """A file system of its own."""

    place: Path

    @property
    def _ballast(self) -> Path:
        return self.place / "ballast"

    def fill(self) -> None:
        """Leave no room at all, also not what others have given back meanwhile."""
        with suppress(OSError), self._ballast.open("ab", buffering=0) as file:
            while True:
                file.write(PIECE)
        with suppress(OSError), self._ballast.open("ab", buffering=0) as file:
            while True:
                file.write(b"\0" * 512)

    def keep_full(self, seconds: float) -> None:
        """Fill it again and again for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.fill()
            time.sleep(0.05)

    def empty(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """How much room there is."""
        found = os.statvfs(self.place)
        return found.f_bavail * found.f_frsize


@contextmanager
def small_disk(place: Path, megabytes: int = 64) -> Iterator[SmallDisk]:
    """Mount one; skips the test where we may not."""
    place.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield SmallDisk(place)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
