"""The web server of one process."""

from __future__ import annotations

import signal
import threading
from typing import Any, Final, cast

from flask import Flask
from waitress.server import create_server
from waitress.wasyncore import close_all, loop

from app.access import largest_body
from app.config import Settings
from app.deps import Deps
from app.factory import build_app, build_deps

CONNECTIONS: Final = 500
FINISH_WITHIN_S: Final = 10
#: How often the server looks up from its sockets to see whether it should stop.
LOOK_UP_S: Final = 0.25


class WebServer:
    """Waitress on the address of the settings; opening it fails at once when the port is taken."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._sockets: dict[int, Any] = {}
        self._stopping = threading.Event()
        self._server = cast(
            Any,
            create_server(
                app,
                map=self._sockets,
                host=settings.host,
                port=settings.port,
                threads=settings.web_threads,
                connection_limit=CONNECTIONS,
                ident=None,
                # One more than any route takes: what is larger is refused there, in our own words.
                max_request_body_size=largest_body(settings) + 1,
                clear_untrusted_proxy_headers=True,
            ),
        )

    def run(self) -> None:
        """Serve until stopped, then close every connection: browsers keep theirs open for minutes."""
        while not self._stopping.is_set():
            loop(timeout=LOOK_UP_S, use_poll=True, map=self._sockets, count=1)
        # What was answered last may still be on its way out.
        loop(timeout=LOOK_UP_S / 10, use_poll=True, map=self._sockets, count=10)
        close_all(self._sockets, ignore_all=True)

    def stop(self) -> None:
        """Finish the requests being answered and end :meth:`run`; takes no new ones."""
        self._server.task_dispatcher.shutdown(timeout=FINISH_WITHIN_S)
        self._stopping.set()


def serve(settings: Settings, deps: Deps | None = None) -> int:
    """`yizhan web`: serve in the foreground until SIGTERM or SIGINT; returns the exit code."""
    parts = deps or build_deps(settings)
    server = WebServer(build_app(settings, parts), settings)
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    thread.start()
    ended.wait()
    server.stop()
    thread.join(timeout=10)
    parts.close()
    return 0
