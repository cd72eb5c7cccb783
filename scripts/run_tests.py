"""Run the suite as two pytest processes side by side: most tests that start whole systems wait most of the time.

``run_tests.py [pytest arguments]``: with arguments, one process with exactly these.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

#: Folders whose tests start whole systems and take as long as all others, those of tests/running included.
WHOLE_SYSTEMS = ("tests/scenario", "tests/bench", "tests/torture")
PYTEST = (sys.executable, "-m", "pytest")


def main(arguments: list[str]) -> int:
    """Return 0 when everything passed; the output of the second process follows that of the first."""
    if arguments:
        return subprocess.run([*PYTEST, *arguments], check=False).returncode
    others = [word for folder in WHOLE_SYSTEMS for word in ("--ignore", folder)]
    with tempfile.TemporaryFile() as said:
        systems = subprocess.Popen(
            [*PYTEST, *WHOLE_SYSTEMS, "-p", "no:cacheprovider"], stdout=said, stderr=subprocess.STDOUT
        )
        try:
            first = subprocess.run([*PYTEST, *others], check=False).returncode
            print(f"waiting for the tests of whole systems ({', '.join(WHOLE_SYSTEMS)}) ...", flush=True)
            second = systems.wait()
        finally:
            systems.terminate()
        said.seek(0)
        sys.stdout.flush()
        sys.stdout.buffer.write(said.read())
    return first or second


if __name__ == "__main__":
    if not Path("tests").is_dir():
        sys.exit("run it from the project's root")
    sys.exit(main(sys.argv[1:]))
