"""Clients that keep a server waiting, and counting what it has open."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

HEAD = b"GET /healthz HTTP/1.1\r\nHost: here\r\nX-Slow: "


def children_of(pid: int) -> list[int]:
    """A process and all that it started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += children_of(int(child))
    return found


def descriptors(pid: int) -> int:
    """How many files and sockets a process and its children hold."""
    return sum(len(list(Path(f"/proc/{one}/fd").iterdir())) for one in children_of(pid))


class Crowd:
    """Many connections: some never say a word, some a letter a second, some ask and do not read the answer."""

    def __init__(self, port: int, *, silent: int = 0, trickling: int = 0, deaf: int = 0) -> None:
        self._port = port
        self._sockets: list[socket.socket] = []
        self._slow: list[socket.socket] = []
        self._stop = threading.Event()
        for number in range(silent + trickling + deaf):
            one = socket.create_connection(("127.0.0.1", port), timeout=10)
            self._sockets.append(one)
            if number < trickling:
                one.sendall(HEAD)
                self._slow.append(one)
            elif number < trickling + deaf:
                one.sendall(b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n")
        self._thread = threading.Thread(target=self._trickle, daemon=True)
        self._thread.start()

    def _trickle(self) -> None:
        while not self._stop.wait(1):
            for one in self._slow:
                with suppress(OSError):  # the server has lost patience
                    one.send(b"x")

    def still_open(self) -> int:
        """How many of them the server has not closed."""
        chosen = selectors.DefaultSelector()
        for one in self._sockets:
            chosen.register(one, selectors.EVENT_READ)
        ready = {key.fileobj for key, _ in chosen.select(0)}
        chosen.close()
        closed = 0
        for one in self._sockets:
            if one in ready:
                with suppress(OSError):
                    if one.recv(65_536, socket.MSG_PEEK):
                        continue
                closed += 1
        return len(self._sockets) - closed

    def close(self) -> None:
        """Hang up, all of them."""
        self._stop.set()
        self._thread.join()
        for one in self._sockets:
            one.close()


def wait_for(what: str, holds, *, within_s: float) -> float:  # type: ignore[no-untyped-def]
    """Wait until something holds; returns after how many seconds it did."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within_s, f"not within {within_s} s: {what}"
        time.sleep(0.1)
    return time.monotonic() - began
