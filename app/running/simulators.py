"""The simulated neighbours as a process of their own, with books that outlive it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import urlsplit

from app.config import Settings
from app.running.asking import answers
from app.running.ports import PortTaken, free_port, is_taken

SEED: Final = Path(__file__).resolve().parents[1] / "seed" / "data"
READY_WITHIN_S: Final = 60.0
#: In the data folder: the address of the neighbours of a running demo.
ADDRESS_NOTE: Final = "neighbours.url"


def note_address(settings: Settings) -> None:
    """Write down where the neighbours of this demo are, for the commands that look at it from outside."""
    (Path(settings.data_dir) / ADDRESS_NOTE).write_text(settings.adapter_url, encoding="utf-8")


def forget_address(settings: Settings) -> None:
    """The demo has ended."""
    (Path(settings.data_dir) / ADDRESS_NOTE).unlink(missing_ok=True)


def known_neighbours(settings: Settings) -> Settings:
    """The settings with the address at which a demo on this machine really runs its simulated neighbours.

    Where nobody set an address, a running demo may have had to take another port than the usual one.
    """
    note = Path(settings.data_dir) / ADDRESS_NOTE
    if "YIZHAN_ADAPTER_URL" in os.environ or not note.exists():
        return settings
    return replace(settings, adapter_url=note.read_text(encoding="utf-8").strip())


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


def run_simulators(settings: Settings, extra: Sequence[str]) -> NoReturn:
    """Become the neighbours: this process is theirs from now on, so that whoever stops it stops them.

    :raises app.running.ports.PortTaken: something listens at their address already.
    """
    address = urlsplit(settings.adapter_url)
    if "--port" not in extra and is_taken(address.hostname or "127.0.0.1", address.port or 8090):
        raise PortTaken(f"port {address.port or 8090} is in use: stop what uses it, or set YIZHAN_ADAPTER_URL")
    Path(settings.data_dir).mkdir(parents=True, exist_ok=True)
    os.execv(sys.executable, simulator_command(settings, extra))  # noqa: S606 - our own module, no shell


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
        if answers(f"{settings.adapter_url}/healthz"):
            return True
        time.sleep(0.1)
    return False


def with_own_neighbours(settings: Settings) -> Settings:
    """The settings with a free port for the simulated neighbours when theirs is taken."""
    address = urlsplit(settings.adapter_url)
    host, port = address.hostname or "127.0.0.1", address.port or 8090
    if not is_taken(host, port):
        return settings
    return replace(settings, adapter_url=f"http://{host}:{free_port(host)}")
