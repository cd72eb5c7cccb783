"""Carries out bulk runs until none is due: ``placing_program.py DATABASE_URL``. For tests that kill it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from processes.bulk_runner import BulkRunner
from tests.api.world import make_deps, settings_for


def main() -> None:
    """Place what is due, as a worker would."""
    with tempfile.TemporaryDirectory() as folder:
        deps = make_deps(settings_for(sys.argv[1], Path(folder)))
        runner = BulkRunner(deps.engine.parts, deps.sessions)
        while runner.round():
            pass
        deps.close()


main()
