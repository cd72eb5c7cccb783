"""Small libraries that stand between a program and the C library, built when a test needs them."""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def build(name: str, folder: Path) -> Path:
    """Compile one of them into ``folder``; skips the test where there is no C compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler on this machine (apt-get install gcc)")
    library = folder / f"{name}.so"
    source = HERE / f"{name}.c"
    command = [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", str(library), str(source), "-ldl", "-lm"]
    subprocess.run(command, check=True)
    library.chmod(0o755)
    return library


class ShiftedClock:
    """The wall clock of whatever is started with :attr:`env`: so many seconds ahead, changed at any moment."""

    def __init__(self, library: Path, file: Path, ahead_s: float = 0.0) -> None:
        file.write_bytes(struct.pack("d", ahead_s))
        file.chmod(0o644)
        self._file = file
        self.env = {"LD_PRELOAD": str(library), "YIZHAN_TEST_CLOCK_FILE": str(file)}

    def step_to(self, ahead_s: float) -> None:
        """Put it there, with a single write that every process sees at once."""
        with self._file.open("r+b") as file, mmap.mmap(file.fileno(), 8) as shared:
            shared[:8] = struct.pack("d", ahead_s)


class BrokenDisk:
    """A disk that fails to keep what it is given while it is broken; for whatever is started with :attr:`env`."""

    def __init__(self, library: Path, flag: Path) -> None:
        self._flag = flag
        self.env = {"LD_PRELOAD": str(library), "YIZHAN_TEST_DISK_FLAG": str(flag)}

    def break_it(self) -> None:
        """From now on nothing is kept for certain."""
        self._flag.touch()
        self._flag.chmod(0o644)

    def mend(self) -> None:
        """All is well again."""
        self._flag.unlink(missing_ok=True)
