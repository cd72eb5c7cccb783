"""The line to a database, which can be cut and mended."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import make_url

from tests.servers import free_port

CHUNK = 65536


@dataclass
class Line:
    """Forwards a port of this machine to another one. While it is cut nobody gets through, and nobody is left."""

    to_port: int
    port: int = field(default_factory=free_port)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _ends: set[asyncio.StreamWriter] = field(default_factory=set)
    _server: asyncio.Server | None = None

    def cut(self) -> None:
        """Every connection breaks, and no new one is taken."""
        self._do(self._close())

    def mend(self) -> None:
        """Take connections again."""
        self._do(self._listen())

    def serve(self) -> None:
        """Serve until :meth:`stop`; for a thread of its own."""
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        left = asyncio.all_tasks(self._loop)
        if left:
            self._loop.run_until_complete(asyncio.wait(left, timeout=5))
        self._loop.close()

    def stop(self) -> None:
        """Let :meth:`serve` end."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for end in list(self._ends):
            end.transport.abort()

    async def _connected(self, ours: asyncio.StreamReader, to_us: asyncio.StreamWriter) -> None:
        theirs, to_them = await asyncio.open_connection("127.0.0.1", self.to_port)
        ends = {to_us, to_them}
        self._ends |= ends
        try:
            pumps = [asyncio.ensure_future(_pump(ours, to_them)), asyncio.ensure_future(_pump(theirs, to_us))]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            self._ends -= ends
            for end in ends:
                end.transport.abort()


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await source.read(CHUNK):
            target.write(chunk)
            await target.drain()


@contextmanager
def line_to(url: str) -> Iterator[tuple[Line, str]]:
    """A line to the server of a database, and the address by which the database is reached over it."""
    address = make_url(url)
    line = Line(address.port or 5432)
    thread = threading.Thread(target=line.serve, name="line", daemon=True)
    thread.start()
    line.mend()
    try:
        yield line, address.set(port=line.port).render_as_string(hide_password=False)
    finally:
        line.stop()
        thread.join(timeout=10)
