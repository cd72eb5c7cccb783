"""`yizhan web`: gunicorn starts, watches and replaces the processes that answer requests.

The modules are loaded here, once; the application, its connections and its threads are made in each process after the
fork, so nothing that must not be shared is.
"""

from __future__ import annotations

import gc
import signal
from typing import Any, Final, NoReturn

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from app.config import Settings
from app.factory import build_app, build_deps
from app.observability import configure_logging, shared_counters
from app.running.ports import open_listener
from app.running.stopping import FINISH_WITHIN_S, is_orphan

#: A process that has not looked up for so long hangs, and is replaced.
HANGS_AFTER_S: Final = 30
#: A master that was killed leaves processes behind until they have answered, and they the port.
PORT_WITHIN_S: Final = 5.0


class PlainLogger(Logger):  # type: ignore[misc]
    """What gunicorn has to say goes where every other line goes."""

    def setup(self, cfg: Any) -> None:
        """Leave its words to the handlers of the whole process."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.handlers, log.propagate = [], True
        self.error_log.setLevel(0)


class Master(Arbiter):  # type: ignore[misc]
    """Gunicorn's own master; Ctrl-C lets requests finish, and it ends with the process that started it."""

    handle_int = Arbiter.handle_term

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._parent = server.parent

    def manage_workers(self) -> None:
        """Keep the number of processes; called every second.

        :raises StopIteration: the way gunicorn's loop is told to end.
        """
        if is_orphan(self._parent):
            raise StopIteration
        super().manage_workers()


class Server(BaseApplication):  # type: ignore[misc]
    """The web application under gunicorn, on a socket that listens already."""

    def __init__(self, settings: Settings, listener_fd: int, parent: int) -> None:
        self.settings = settings
        self.parent = parent
        self._listener_fd = listener_fd
        super().__init__()

    def load_config(self) -> None:
        """Everything gunicorn needs to know, from our settings only."""
        chosen = {
            "bind": [f"fd://{self._listener_fd}"],
            "workers": self.settings.web_processes,
            "worker_class": "app.running.gunicorn_worker.BufferingWorker",
            "timeout": HANGS_AFTER_S,
            "graceful_timeout": int(FINISH_WITHIN_S),
            "logger_class": PlainLogger,
            "control_socket_disable": True,
            "pre_fork": _before_fork,
            "post_worker_init": _after_fork,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application of one process."""
        deps = build_deps(self.settings, counters=shared_counters())
        return build_app(self.settings, deps)

    def run(self) -> NoReturn:
        """Serve until SIGTERM or SIGINT; ends the process."""
        Master(self).run()
        raise SystemExit(0)


def serve(settings: Settings, *, listener_fd: int = -1, parent: int = 0) -> NoReturn:
    """Serve in the foreground with several processes; ends this process when told to.

    :param listener_fd: a socket that listens already, handed down by the process that started this one.
    :param parent: the process with which this one ends; 0: none.
    :raises app.running.ports.PortTaken: something listens at our address.
    """
    configure_logging(settings)
    if listener_fd < 0:
        # Gunicorn makes a copy and closes the one it is given.
        listener_fd = open_listener(settings.host, settings.port, wait_s=PORT_WITHIN_S).detach()
    Server(settings, listener_fd, parent).run()


def _before_fork(_master: Arbiter, _worker: object) -> None:
    gc.freeze()  # what is loaded by now is shared, and stays so: no collection writes into its pages


def _after_fork(_worker: object) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the master passes it on
