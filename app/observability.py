"""Logs as JSON with request, order and job ids and without personal data; counters; nothing global but logging."""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, Protocol

import structlog
from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from adapters.redaction import CallRecord
from processes.counters import NAMES, Counters
from processes.ids import uuid7

EXTENSION: Final = "yizhan_metrics"
#: Names the folder in which the processes of one web server keep their counters together.
MULTIPROCESS_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
REQUEST_ID_HEADER: Final = "X-Request-Id"
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
HIDDEN: Final = "***"
# Anybody may make up a method; it must not make a counter.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Values under these keys are never written, whatever they look like.
_SECRET_KEYS: Final = re.compile(
    r"pass(word)?|secret|token|authorization|cookie|api_?key|signature|phone|mobile|e?mail|id_?number|contact|customer_name",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_ID_CARD: Final = re.compile(r"(?<!\d)\d{14}(\d{3}[\dXx])(?![\dXx])")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
MAX_DEPTH: Final = 6


class LogSettings(Protocol):
    """What is needed of the settings; this floor does not look into the next room."""

    @property
    def env(self) -> str: ...

    @property
    def log_level(self) -> str: ...

    @property
    def log_format(self) -> str: ...


def masked(value: Any, depth: int = 0) -> Any:
    """``value`` without personal data and secrets: phones as 130****1234, id numbers by their last four."""
    if isinstance(value, str):
        text = _PHONE.sub(r"\1****\2", _ID_CARD.sub(r"**************\1", value))
        return _EMAIL.sub(HIDDEN, text)
    if depth >= MAX_DEPTH:
        return HIDDEN
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if _SECRET_KEYS.search(str(key)) and item is not None else masked(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(item, depth + 1) for item in value]
    return value


def mask_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last word before a log line is written."""
    for key, value in event.items():
        event[key] = HIDDEN if _SECRET_KEYS.search(key) else masked(value)
    return event


def configure_logging(settings: LogSettings) -> None:
    """Send every log line of the process to standard error, in one shape. Called once per process."""
    timestamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    common: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        timestamp,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(_level(settings)),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            # Lines of other packages come through the standard library; their extras are named there.
            foreign_pre_chain=[*common, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, mask_event, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(_level(settings))
    # httpx logs whole addresses at info, spiff the data of every step: both may carry personal data.
    for noisy in ("httpx", "httpcore", "rq.worker", "waitress.queue", "alembic", "spiff"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def bind(**ids: str | None) -> None:
    """Add order, instance, job ids to every following log line of this thread or request."""
    structlog.contextvars.bind_contextvars(**{name: value for name, value in ids.items() if value is not None})


def log_call(record: CallRecord) -> None:
    """Write down one call to a neighbour; the record comes redacted. Calls that went well only at level debug."""
    log = structlog.get_logger("yizhan.calls")
    line = {"done": log.debug, "pending": log.debug, "rejected": log.info}.get(record.outcome, log.warning)
    line("call", **vars(record))


def _level(settings: LogSettings) -> int:
    return logging.getLevelNamesMapping()[settings.log_level.upper()]


class Metrics:
    """The counters of one application; made by the factory, never shared between two."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "yizhan_http_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self.request_seconds = Histogram(
            "yizhan_http_request_seconds", "Seconds until the answer", ("method", "route"), registry=self.registry
        )
        self.orders_placed = Counter("yizhan_orders_placed", "Orders accepted", ("channel",), registry=self.registry)
        self.logins = Counter("yizhan_logins", "Tries to log in", ("result",), registry=self.registry)
        self.callbacks = Counter("yizhan_callbacks", "Callbacks", ("adapter", "result"), registry=self.registry)

    def everything(self) -> CollectorRegistry:
        """What to show: these counters, or the sums over all processes of this web server."""
        if MULTIPROCESS_VARIABLE not in os.environ:
            return self.registry
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return together


class SharedCounters(Counters):
    """The engine's counts of a web process, kept where every process of the web server sees them."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = Counter(
            "yizhan_engine_events",
            "What the engine did in these processes",
            ("event",),
            registry=CollectorRegistry(),
        )
        for name in NAMES:
            self._shown.labels(name)

    def add(self, name: str, by: int = 1) -> None:
        """Count ``by`` more of ``name``."""
        super().add(name, by)
        self._shown.labels(name).inc(by)


def shared_counters() -> Counters:
    """Counters of the engine for a web process: shared ones where there are several processes."""
    return SharedCounters() if MULTIPROCESS_VARIABLE in os.environ else Counters()


def install_observability(app: Flask, settings: LogSettings) -> Metrics:
    """Give every request an id, a log line and its place in the counters. Call it before anything else."""
    metrics = Metrics()
    app.extensions[EXTENSION] = metrics
    if settings.env != "test":
        configure_logging(settings)
    app.before_request(_begin)
    app.after_request(_end)
    return metrics


def metrics_of(app: Flask) -> Metrics:
    """The counters of ``app``."""
    found = app.extensions[EXTENSION]
    if not isinstance(found, Metrics):
        raise TypeError("install_observability was not called")
    return found


def metrics_of_request() -> Metrics:
    """The counters of the application that answers this request."""
    return metrics_of(current_app)


def current_request_id() -> str:
    """The id of the request being answered; empty before it began."""
    return str(g.get("yizhan_request_id", ""))


def _begin() -> None:
    given = request.headers.get(REQUEST_ID_HEADER, "")
    g.yizhan_request_id = given if _REQUEST_ID.fullmatch(given) else uuid7()
    g.yizhan_began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    bind(request_id=g.yizhan_request_id)


def _end(response: Response) -> Response:
    response.headers[REQUEST_ID_HEADER] = current_request_id()
    began = g.get("yizhan_began")
    took_s = time.perf_counter() - began if began is not None else 0.0
    # The pattern, not the path: ids would make a counter per order.
    route = request.url_rule.rule if request.url_rule else "unknown"
    found = metrics_of_request()
    method = request.method if request.method in _METHODS else "other"
    found.requests.labels(method, route, str(response.status_code)).inc()
    found.request_seconds.labels(method, route).observe(took_s)
    log = structlog.get_logger("yizhan.web")
    line = log.warning if response.status_code >= 500 else log.info
    line("request", method=method, route=route, status=response.status_code, ms=round(took_s * 1000, 1))
    return response
