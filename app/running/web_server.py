"""The web server of one process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from typing import Final

from flask import Flask

from app.config import Settings
from app.running.connections import Front

FINISH_WITHIN_S: Final = 10
#: How often the server looks up from its sockets to see whether it should stop.
LOOK_UP_S: Final = 0.25


class WebServer:
    """The connections of this process in a loop; opening the address fails at once when the port is taken."""

    def __init__(self, app: Flask, settings: Settings, *, sockets: Sequence[socket.socket] = ()) -> None:
        self._front = Front(app, settings, sockets=sockets)
        self._stopping = threading.Event()

    def run(self) -> None:
        """Serve until stopped, then close every connection."""
        while not self._stopping.is_set():
            self._front.turn(LOOK_UP_S)
        # What was answered last may still be on its way out.
        for _ in range(10):
            self._front.turn(LOOK_UP_S / 10)
        self._front.close()

    def stop(self) -> None:
        """Finish the requests being answered and end :meth:`run`; takes no new ones."""
        self._front.finish(FINISH_WITHIN_S)
        self._stopping.set()
