"""The folder in which the processes of one web server keep their counters together."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from app.config import Settings

#: Read by the client of Prometheus when it is loaded, and never again.
VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


def prepare(settings: Settings) -> None:
    """Make the folder, empty; to be called before anything loads the client of Prometheus."""
    folder = Path(settings.data_dir) / f"metrics-{settings.port}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[VARIABLE] = str(folder.resolve())
