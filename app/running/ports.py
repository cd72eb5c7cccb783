"""Which port of this machine is free, and taking one."""

from __future__ import annotations

import errno
import socket
import time
from typing import Final

#: Connections the machine keeps waiting while all threads are busy, or while the web processes start again.
BACKLOG: Final = 1024


class PortTaken(RuntimeError):
    """Something else listens there; the text says what to do."""


def open_listener(host: str, port: int, *, wait_s: float = 0.0) -> socket.socket:
    """Listen at host and port.

    :param wait_s: so long a port may still be held by processes whose parent was killed a moment ago.
    :raises PortTaken: something listens there already.
    :raises OSError: no such address on this machine, or not for us.
    """
    until = time.monotonic() + wait_s
    while True:
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(BACKLOG)
        except OSError as problem:
            listener.close()
            if problem.errno != errno.EADDRINUSE:
                raise
            if time.monotonic() >= until:
                raise PortTaken(port_taken(port)) from problem
            time.sleep(0.1)
        else:
            return listener


def port_taken(port: int) -> str:
    """What people are told about a port that is in use."""
    return f"port {port} is in use: stop what uses it, or choose another one with PORT=8081"


def is_taken(host: str, port: int) -> bool:
    """Whether something listens at host and port already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def free_port(host: str) -> int:
    """A port that was free a moment ago."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
