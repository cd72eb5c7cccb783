"""Others on the same work, with PEERS=1: each in an environment of its own below var/peers, never in ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests import servers
from tests.bench.figures import line
from tests.bench.order8 import Size, measure, speaking

PEERS = servers.ROOT / "var" / "peers"
DBOS = "dbos==3.4.*"


def environment(name: str, requirement: str) -> str:
    """The Python of an environment that has this package; it is made when it is missing."""
    folder = PEERS / name
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        uv = Path(sys.executable).parent / "uv"
        subprocess.run([uv, "venv", "--quiet", "--allow-existing", folder], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, requirement], check=True)
        (folder / "complete").touch()
    return str(python)


def peers(server: servers.PostgreSQL, size: Size) -> Iterator[dict[str, Any]]:
    """The rows of the others on order-8."""
    python = environment("dbos", DBOS)
    with speaking(server, "dbos", "-m", "tests.bench.dbos_orders", python=python) as system:
        yield line("order-8", "dbos", "postgresql", 1, **measure(system, size))
