"""The worker class of gunicorn that serves its sockets in our own loop.

Gunicorn starts, watches and replaces the processes; its own threads, though, read from slow clients themselves, so that
a handful of connections that send a byte a second would hold them all (see `connections.py`).
"""

from __future__ import annotations

import os
import select
import threading
from typing import Final

from gunicorn.workers.base import Worker

from app.access import settings_of
from app.running.web_server import WebServer

LOOK_S: Final = 0.5
JOIN_WITHIN_S: Final = 5.0


class BufferingWorker(Worker):  # type: ignore[misc]
    """One process of gunicorn: reads every connection in one loop, and answers complete requests in threads."""

    def run(self) -> None:
        """Serve until gunicorn says stop or has gone; then finish what is being answered."""
        server = WebServer(self.wsgi, settings_of(self.wsgi), sockets=self.sockets)
        thread = threading.Thread(target=server.run, name="web", daemon=True)
        thread.start()
        while self.alive and thread.is_alive() and self.ppid == os.getppid():
            self.notify()
            # A signal writes into the pipe, so that it is noticed at once.
            if select.select([self.PIPE[0]], [], [], LOOK_S)[0]:
                os.read(self.PIPE[0], 4096)
        server.stop()
        thread.join(JOIN_WITHIN_S)
