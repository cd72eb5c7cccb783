"""Run the suite as three pytest processes side by side: most tests that start whole systems wait most of the time.

``run_tests.py [pytest arguments]``: with arguments, one process with exactly these.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

#: Each row is a process of its own beside that of all others, and they take about as long as each other. Most of these
#: folders start whole systems.
BESIDE = (
    ("tests/running", "tests/scenario", "tests/bench", "tests/browser", "tests/upgrade"),
    ("tests/engine", "tests/torture", "tests/veteran"),
)
PYTEST = (sys.executable, "-m", "pytest")
#: Said at the end of each process: where the time went.
SLOWEST = "--durations=20"


def main(arguments: list[str]) -> int:
    """Return 0 when everything passed; what the others said follows the output of the first process."""
    if arguments:
        return subprocess.run([*PYTEST, *arguments], check=False).returncode
    others = [word for folders in BESIDE for folder in folders for word in ("--ignore", folder)]
    with ExitStack() as stack:
        beside = []
        for folders in BESIDE:
            said = stack.enter_context(tempfile.TemporaryFile())
            command = [*PYTEST, *folders, SLOWEST, "-p", "no:cacheprovider"]
            beside.append((folders, said, subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)))
            stack.callback(beside[-1][2].terminate)
        codes = [subprocess.run([*PYTEST, SLOWEST, *others], check=False).returncode]
        for folders, said, process in beside:
            print(f"waiting for {', '.join(folders)} ...", flush=True)
            codes.append(process.wait())
            said.seek(0)
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()
    return max(codes, key=abs)


if __name__ == "__main__":
    if not Path("tests").is_dir():
        sys.exit("run it from the project's root")
    sys.exit(main(sys.argv[1:]))
