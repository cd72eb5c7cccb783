"""Sends callbacks from a thread of the server; what is not sent yet is in the books and survives a restart."""

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import httpx

from adapters.simulators.callbacks import Postman
from adapters.simulators.clock import FarClock
from adapters.simulators.store import Row

_LOG: Final = logging.getLogger(__name__)
_LONGEST_SLEEP_S: Final = 1.0
_SENDERS: Final = 4
_BATCH: Final = 100


class HttpDelivery:
    """Posts one callback. Redirects are not followed: a callback goes where it was promised to go."""

    def __init__(self, timeout_s: float = 5.0) -> None:
        self._client = httpx.Client(timeout=timeout_s, follow_redirects=False, trust_env=False)

    def __call__(self, adapter: str, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
        try:
            return self._client.post(url, content=body, headers=dict(headers)).is_success
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            _LOG.info("callback of %s not taken: %s", adapter, type(exc).__name__)
            return False


class Dispatcher:
    """One thread looks what is due, a few send."""

    def __init__(self, postman: Postman, clock: FarClock) -> None:
        self._postman = postman
        self._clock = clock
        self._bell = threading.Event()
        self._stopping = False
        self._sending: set[str] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="callbacks", daemon=True)
        self._senders = ThreadPoolExecutor(_SENDERS, thread_name_prefix="callback")

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Send no more; what is under way ends first."""
        self._stopping = True
        self._bell.set()
        self._thread.join(timeout=5)
        self._senders.shutdown(wait=True, cancel_futures=True)

    def wake(self) -> None:
        """Something new is waiting."""
        self._bell.set()

    def _run(self) -> None:
        while not self._stopping:
            self._bell.clear()
            sleep_s = self._send_due()
            if sleep_s > 0:
                self._bell.wait(sleep_s)

    def _send_due(self) -> float:
        """Hand out what is due and return the seconds until there is more."""
        now_s = self._clock.now().timestamp()
        with self._postman.database.transaction() as store:
            rows = store.due("callbacks", now_s, _BATCH)
            upcoming = store.next_due("callbacks")
        with self._lock:
            fresh = [row for row in rows if row[0] not in self._sending]
            self._sending.update(key for key, _ in fresh)
        for row in fresh:
            self._senders.submit(self._send, row)
        if rows:
            return 0.02  # they leave the list when they are written down
        wait_s = _LONGEST_SLEEP_S if upcoming is None else upcoming - now_s
        return min(max(wait_s, 0.005), _LONGEST_SLEEP_S)

    def _send(self, row: Row) -> None:
        try:
            self._postman.send(row, self._clock.now())
        finally:
            with self._lock:
                self._sending.discard(row[0])
            self._bell.set()
