"""A proxy before PostgreSQL that cuts a connection after a COMMIT has been carried out, so that the client never knows.

It understands just enough of the protocol (version 3, no encryption) to see a COMMIT, sent as a simple query or parsed.
"""

from __future__ import annotations

import asyncio
import random
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import make_url

from tests.servers import free_port

#: What a client may ask before its real first message; the server answers with one byte.
ENCRYPTION_REQUESTS: Final = (80877103, 80877104)
SIMPLE_QUERY, PARSE, SYNC = b"Q", b"P", b"S"
ANSWERED_WITHIN_S: Final = 5.0
CHUNK: Final = 65536


@dataclass
class CommitProxy:
    """Forwards to a PostgreSQL on this machine; while ``share`` is above 0 that part of all commits is cut off.

    The commit itself is carried out: the server has answered before the line is cut, the client gets no byte of it.
    """

    rng: random.Random
    share: float = 0.0
    spared: tuple[str, ...] = ("yizhan command",)
    server_port: int = 0
    port: int = field(default_factory=free_port)
    commits: Counter[str] = field(default_factory=Counter)  # by the name of the program
    cuts: Counter[str] = field(default_factory=Counter)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    def before(self, url: str) -> str:
        """Stand before the server of a database; returns the address by which the database is reached now."""
        address = make_url(url)
        self.server_port = address.port or 5432
        return address.set(port=self.port).render_as_string(hide_password=False)

    def serve(self, listening: threading.Event) -> None:
        """Serve until :meth:`stop`; for a thread of its own."""
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", self.port))
        listening.set()
        self._loop.run_forever()
        server.close()
        for writer in self._open:
            writer.transport.abort()
        # Every line ends by itself now, but for those that wait for an answer of the server.
        left = asyncio.all_tasks(self._loop)
        if left:
            self._loop.run_until_complete(asyncio.wait(left, timeout=ANSWERED_WITHIN_S))
        self._loop.close()

    def stop(self) -> None:
        """Let :meth:`serve` end."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _connected(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            server, to_server = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            to_client.transport.abort()
            return
        line = _Line(self, client, to_client, server, to_server)
        self._open |= {to_client, to_server}
        pumps = [asyncio.ensure_future(line.upwards()), asyncio.ensure_future(line.downwards())]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self._open -= {to_client, to_server}
            to_client.transport.abort()
            to_server.transport.abort()


@dataclass
class _Line:
    """One connection of one client."""

    proxy: CommitProxy
    client: asyncio.StreamReader
    to_client: asyncio.StreamWriter
    server: asyncio.StreamReader
    to_server: asyncio.StreamWriter
    program: str = ""
    is_cut: bool = False
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    async def upwards(self) -> None:
        """From the client to the server, message by message; ends when either has gone or the line is cut."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._greet()
            committing = False
            while True:
                kind = await self.client.readexactly(1)
                body = await self._body()
                committing = committing or _is_commit(kind, body[4:])
                if committing and kind in (SIMPLE_QUERY, SYNC):
                    committing = False
                    self.is_cut = self._decide()
                self.to_server.write(kind + body)
                await self.to_server.drain()
                if self.is_cut:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self.answered.wait(), ANSWERED_WITHIN_S)
                    return

    async def downwards(self) -> None:
        """From the server to the client; of a line that is cut nothing passes any more."""
        with suppress(ConnectionError):
            while chunk := await self.server.read(CHUNK):
                if self.is_cut:
                    self.answered.set()
                    return
                self.to_client.write(chunk)
                await self.to_client.drain()

    async def _greet(self) -> None:
        """Pass on the first messages, which carry no kind."""
        while True:
            body = await self._body()
            self.to_server.write(body)
            await self.to_server.drain()
            (code,) = struct.unpack("!I", body[4:8])
            if code not in ENCRYPTION_REQUESTS:
                words = body[8:].split(b"\0")
                self.program = dict(zip(words[::2], words[1::2], strict=False)).get(b"application_name", b"").decode()
                return

    async def _body(self) -> bytes:
        length = await self.client.readexactly(4)
        return length + await self.client.readexactly(struct.unpack("!I", length)[0] - 4)

    def _decide(self) -> bool:
        self.proxy.commits[self.program] += 1
        if self.program in self.proxy.spared or self.proxy.rng.random() >= self.proxy.share:
            return False
        self.proxy.cuts[self.program] += 1
        return True


def _is_commit(kind: bytes, payload: bytes) -> bool:
    if kind == SIMPLE_QUERY:
        words = payload.rstrip(b"\0")
    elif kind == PARSE:
        words = payload.partition(b"\0")[2].partition(b"\0")[0]
    else:
        return False
    return words.strip().rstrip(b";").upper() == b"COMMIT"


@contextmanager
def commit_proxy(*, seed: int) -> Iterator[CommitProxy]:
    """A proxy on a port of its own, cutting nothing yet."""
    proxy = CommitProxy(random.Random(seed))
    listening = threading.Event()
    thread = threading.Thread(target=proxy.serve, args=(listening,), name="proxy", daemon=True)
    thread.start()
    if not listening.wait(10):
        raise RuntimeError("the proxy does not listen")
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join(timeout=10)
