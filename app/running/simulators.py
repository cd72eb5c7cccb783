"""The simulated neighbours as a process of their own, with books that outlive it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from app.config import Settings

SEED: Final = Path(__file__).resolve().parents[1] / "seed" / "data"
READY_WITHIN_S: Final = 20.0


def simulator_command(settings: Settings, extra: Sequence[str] = ()) -> list[str]:
    """The command line that starts the neighbours at the address the adapters expect them."""
    address = urlsplit(settings.adapter_url)
    return [
        sys.executable,
        "-m",
        "adapters.simulators",
        "--host",
        address.hostname or "127.0.0.1",
        "--port",
        str(address.port or 8090),
        "--db",
        str(Path(settings.data_dir) / "simulators.sqlite"),
        "--seed-dir",
        str(SEED),
        "--callback-secret",
        settings.callback_secrets[0],
        *extra,
    ]


def run_simulators(settings: Settings, extra: Sequence[str]) -> int:
    """Run the neighbours in the foreground; returns their exit code."""
    Path(settings.data_dir).mkdir(parents=True, exist_ok=True)
    return subprocess.call(simulator_command(settings, extra))  # noqa: S603 - our own module


def start_simulators(settings: Settings) -> subprocess.Popen[bytes]:
    """Start the neighbours beside this process; what they print goes to a log file in the data folder."""
    folder = Path(settings.data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "simulators.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own module
            # They end when this process does, even when it is killed: their standard input closes then.
            simulator_command(settings, ["--end-with-stdin"]),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def wait_until_ready(settings: Settings, process: subprocess.Popen[bytes]) -> bool:
    """Whether the neighbours answer within the time a start may take."""
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{settings.adapter_url}/healthz", timeout=1.0).is_success:
                return True
        except httpx.TransportError:
            time.sleep(0.1)
    return False
