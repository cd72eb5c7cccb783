"""The counters of one worker process, for Prometheus: a small page of its own, for a worker serves nothing else."""

from __future__ import annotations

import hmac
import logging
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from app.config import Settings
from processes.bulkhead import gate_figures
from processes.parts import EngineParts
from processes.worker import Worker

CLIENT_TIMEOUT_S: Final = 5
log = logging.getLogger(__name__)


class WorkerFigures(Collector):
    """What one worker did and is at."""

    def __init__(self, worker: Worker, parts: EngineParts) -> None:
        self._worker = worker
        self._counters = parts.counters
        self._ports = parts.ports

    def collect(self) -> Iterable[Metric]:
        events = CounterMetricFamily("yizhan_engine_events", "What the engine did in this process", labels=["event"])
        for name, number in self._counters.all().items():
            events.add_metric([name], number)
        yield events
        yield GaugeMetricFamily("yizhan_worker_in_hand", "Pieces claimed and not finished", value=self._worker.in_hand)
        yield from self._gates()
        held = int(self._worker.is_held_back)
        yield GaugeMetricFamily("yizhan_worker_drained", "1: told to claim nothing more", value=held)

    def _gates(self) -> Iterable[Metric]:
        """How the gate to each neighbour stands: the breaker, the retry budget, the slow start."""
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {
            "breaker": GaugeMetricFamily("yizhan_breaker", "0 closed, 1 half open, 2 open", labels=["adapter"]),
            "breaker_opened": CounterMetricFamily("yizhan_breaker_opened", "Times it opened", labels=["adapter"]),
            "retries_left": GaugeMetricFamily("yizhan_retries_left", "Repeats that may go out", labels=["adapter"]),
            "draining": GaugeMetricFamily("yizhan_slow_start", "1: a backlog goes out slowly", labels=["adapter"]),
        }
        for adapter, figures in gate_figures(self._ports).items():
            for name, number in figures.items():
                families[name].add_metric([adapter], number)
        yield from families.values()


class WorkerMetrics:
    """`/metrics` of a worker, at the port of the settings; nowhere when that is 0."""

    def __init__(self, settings: Settings, worker: Worker, parts: EngineParts) -> None:
        self._settings = settings
        registry = CollectorRegistry()
        registry.register(WorkerFigures(worker, parts))
        self._registry = registry
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Begin to answer. A port that is taken is a line in the log: work goes on without the page."""
        place = (self._settings.worker_metrics_host, self._settings.worker_metrics_port)
        if not place[1]:
            return
        try:
            self._server = ThreadingHTTPServer(place, _handler(self._registry, self._settings.metrics_token))
        except OSError as problem:
            log.warning("no counters at %s:%d (%s); working without", *place, problem.strerror)
            return
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True).start()

    def stop(self) -> None:
        """Close the port."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


def _handler(registry: CollectorRegistry, token: str) -> type[BaseHTTPRequestHandler]:
    class Page(BaseHTTPRequestHandler):
        timeout = CLIENT_TIMEOUT_S

        def do_GET(self) -> None:
            given = self.headers.get("Authorization", "").removeprefix("Bearer ").strip()
            if self.path != "/metrics":
                self.send_error(404)
            elif token and not hmac.compare_digest(given.encode(), token.encode()):
                self.send_error(401)
            else:
                text = generate_latest(registry)
                self.send_response(200)
                self.send_header("Content-Type", CONTENT_TYPE_LATEST)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            log.debug(format, *args)

    return Page
