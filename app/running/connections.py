"""The connections of one web process: limited in number, and none takes its time at the cost of the others.

Waitress reads every connection in one loop and gives a thread only to a request that is complete, so a slow client
holds a socket and nothing else. What it lacks is here: a time limit for sending a request, and a clear 503.
"""

from __future__ import annotations

import json
import logging
import resource
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from flask import Flask
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.wasyncore import close_all, dispatcher, loop

from app.access import largest_body
from app.config import Settings
from app.errors import Unavailable

#: Connections one process keeps open; those beyond are refused.
CONNECTIONS: Final = 1000
#: Refusals that are kept open until the caller has read them.
REFUSALS: Final = 200
REFUSED_WITHIN_S: Final = 2.0
RETRY_AFTER_S: Final = 5
#: How long a connection may take to send the head of a request, and a whole one; how long it may be idle after that.
HEAD_WITHIN_S: Final = 15.0
BODY_WITHIN_S: Final = 120.0
IDLE_S: Final = 75.0
#: What has sent no complete request for so long makes room for a newcomer when there is none.
MAKES_ROOM_AFTER_S: Final = 2.0
LOOK_EVERY_S: Final = 1.0
LOOK_AGAIN_S: Final = 0.05
BACKLOG: Final = 1024
#: Files, the database and Redis need descriptors beside the connections.
OTHER_DESCRIPTORS: Final = 500
log = logging.getLogger(__name__)


class Connection(HTTPChannel):  # type: ignore[misc]
    """A connection that knows since when a complete request is awaited from it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.awaited_since = time.monotonic()
        self.has_been_answered = False
        super().__init__(*args, **kwargs)

    def received(self, data: bytes) -> bool:
        """Take in what came; the first byte of a request starts its time."""
        if self.request is None and not self.requests:
            self.awaited_since = time.monotonic()
        return bool(super().received(data))

    def service(self) -> None:
        """Answer the first request that is waiting, in a thread of the pool."""
        super().service()
        self.awaited_since, self.has_been_answered = time.monotonic(), True

    @property
    def is_awaited(self) -> bool:
        """Whether nothing is being answered or sent on it."""
        return not self.requests and not self.total_outbufs_len

    def is_late(self, now: float) -> bool:
        """Whether it has had all the time it gets."""
        if not self.is_awaited:
            return False
        waited = now - self.awaited_since
        if self.request is None:
            return waited > (IDLE_S if self.has_been_answered else HEAD_WITHIN_S)
        return waited > (BODY_WITHIN_S if self.request.headers_finished else HEAD_WITHIN_S)


class Refusal(dispatcher):  # type: ignore[misc]
    """A connection beyond the limit: told so at once, kept until it has been read, never longer than two seconds."""

    def __init__(self, sock: socket.socket, sockets: dict[int, Any]) -> None:
        self.until = time.monotonic() + REFUSED_WITHIN_S
        super().__init__(sock, map=sockets)
        with suppress(OSError):
            sock.send(BUSY)
            sock.shutdown(socket.SHUT_WR)

    def readable(self) -> bool:
        """What the caller sends is read, or closing would take the refusal from its hands."""
        return True

    def writable(self) -> bool:
        """Everything was said at once."""
        return False

    def handle_read(self) -> None:
        """Throw away what comes; the end of it is the end of the connection."""
        try:
            if not self.recv(65_536):
                self.close()
        except OSError:
            self.close()


def _busy() -> bytes:
    error = Unavailable("Too many connections; please try again", "连接过多，请稍后再试")
    body = {
        "type": f"urn:yizhan:problem:{error.code}",
        "title": f"{error.title_zh} / {error.title_en}",
        "status": error.http_status,
        "detail": f"{error.message_zh} / {error.message_en}",
        "code": error.code,
        "reason": error.title_en,
        "message": error.message_en,
        "retryable": error.retryable,
    }
    text = json.dumps(body, ensure_ascii=False).encode()
    head = (
        f"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: {len(text)}\r\n"
        f"Retry-After: {RETRY_AFTER_S}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + text


BUSY: Final = _busy()


class Server(TcpWSGIServer):  # type: ignore[misc]
    """One listening socket that refuses in words instead of letting callers wait at the door."""

    channel_class = Connection

    def handle_accept(self) -> None:
        """Take everybody in who knocks, at most until there is neither room nor anybody to make it."""
        try:
            accepted = self.accept()
            if accepted is None:
                return
            sock, address = accepted
            self.set_socket_options(sock)
        except OSError as problem:
            log.warning("a connection was not accepted: %s", problem)
            return
        if len(self.active_channels) < self.adj.connection_limit or self._make_room():
            self.channel_class(self, sock, self.fix_addr(address), self.adj, map=self._map)
        elif sum(isinstance(one, Refusal) for one in self._map.values()) < REFUSALS:
            Refusal(sock, self._map)
        else:
            sock.close()

    def readable(self) -> bool:
        """Always at the door; waitress itself would stay away from it when it is full."""
        return bool(self.accepting)

    def close_late(self, now: float) -> None:
        """Part with the connections whose time is over."""
        for connection in list(self.active_channels.values()):
            if connection.is_late(now):
                connection.handle_close()

    def close_idle(self) -> None:
        """Part with the connections on which nothing is under way."""
        for connection in list(self.active_channels.values()):
            if connection.is_awaited and connection.request is None:
                connection.handle_close()

    def _make_room(self) -> bool:
        """Close the connection that has been awaited longest, if that is long."""
        slowest = min(
            (one for one in self.active_channels.values() if one.is_awaited),
            key=lambda one: float(one.awaited_since),
            default=None,
        )
        if slowest is None or time.monotonic() - slowest.awaited_since < MAKES_ROOM_AFTER_S:
            return False
        slowest.handle_close()
        return True


class Front:
    """Everything one web process listens with: sockets, their connections, and the threads that answer.

    ``sockets``: listening ones that were opened before (by a process that shares them out); otherwise the address of
    the settings is opened, which raises :class:`OSError` when it is taken.
    """

    def __init__(self, app: Flask, settings: Settings, *, sockets: Sequence[socket.socket] = ()) -> None:
        allow_descriptors(CONNECTIONS + REFUSALS + OTHER_DESCRIPTORS)
        place: Mapping[str, Any] = {"sockets": list(sockets)} if sockets else address_of(settings)
        adjustments = Adjustments(
            **place,
            threads=settings.web_threads,
            connection_limit=CONNECTIONS,
            backlog=BACKLOG,
            # Its own time limit looks at the last byte, which one byte a second defeats; ours is in `close_late`.
            channel_timeout=86_400,
            ident=None,
            # One more than any route takes: what is larger is refused there, in our own words.
            max_request_body_size=largest_body(settings) + 1,
            clear_untrusted_proxy_headers=True,
        )
        self._map: dict[int, Any] = {}
        self._looked_at = 0.0
        self._is_closing = False
        self._threads = ThreadedTaskDispatcher()
        given = [(one.family, one.type, one.proto, one.getsockname()) for one in adjustments.sockets]
        self._servers = [
            Server(
                app,
                self._map,
                True,
                sockets[number] if sockets else None,
                dispatcher=self._threads,
                adj=adjustments,
                sockinfo=place_of_one,
                bind_socket=not sockets,
            )
            for number, place_of_one in enumerate(given or adjustments.listen)
        ]
        self._threads.set_thread_count(settings.web_threads)

    def turn(self, timeout_s: float) -> None:
        """Look at every socket once, waiting for at most so many seconds."""
        loop(timeout=timeout_s, use_poll=True, map=self._map, count=1)
        now = time.monotonic()
        if self._is_closing:
            for server in self._servers:
                server.accepting = False
                server.close_idle()
        if now - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = now
            for server in self._servers:
                server.close_late(now)
            for one in list(self._map.values()):
                if isinstance(one, Refusal) and now > one.until:
                    one.close()

    def finish(self, within_s: float) -> None:
        """Take nobody in any more, and wait until everything that was asked has been answered.

        Called by another thread than the one that takes the turns.
        """
        self._is_closing = True
        until = time.monotonic() + within_s
        while self._is_busy() and time.monotonic() < until:
            time.sleep(LOOK_AGAIN_S)
        self._threads.shutdown(timeout=max(LOOK_AGAIN_S, until - time.monotonic()))

    def close(self) -> None:
        """Close every socket: browsers keep theirs open for minutes."""
        close_all(self._map, ignore_all=True)

    def _is_busy(self) -> bool:
        return any(server.accepting or server.active_channels for server in self._servers)


def address_of(settings: Settings) -> Mapping[str, Any]:
    """Where the settings say to listen."""
    return {"host": settings.host, "port": settings.port}


def allow_descriptors(wanted: int) -> None:
    """Let this process open so many files, as far as the machine allows it without asking."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < enough:
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))
