"""Wiring: the only place that picks implementations and hands them down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Final

from flask import Flask
from sqlalchemy import Engine as Database

from adapters.gate import GatePolicy
from adapters.http_client import open_http_client
from adapters.operations_file import load_registry
from adapters.ports import Port
from adapters.slow_start import SlowStartPolicy
from adapters.wiring import build_ports
from app.access import install_access
from app.api import register_api
from app.config import Settings
from app.deps import Deps
from app.observability import install_observability, log_call
from app.persistence import all_rows
from app.persistence.administration.parameters import LiveSettings
from app.persistence.areas import time_zone, top_area
from app.persistence.database_watch import DatabaseWatch
from app.persistence.products.operation_keeper import OperationKeeper
from app.services.bulk import bulk_desk, bulk_placing
from app.services.order_steps import register_order_steps
from app.services.ordering.order_progress import on_process_event
from app.web import register_web
from processes.bell import Bell, LocalBell, NoBell
from processes.clock import SystemClock
from processes.counters import Counters
from processes.engine import Engine, EngineParts
from processes.ids import uuid7
from processes.store.opening import create_database_engine
from processes.store.sessions import read_session_factory, session_factory

#: The mappers are complete once every table of the application is known.
TABLES: Final = all_rows.MODULES


def open_database(settings: Settings, *, role: str) -> Database:
    """Open the database with the time-outs of the role: ``web``, ``worker`` or ``command``.

    The folder of a SQLite file is made if it is missing.
    """
    if settings.is_sqlite:
        path = settings.database_url.partition("///")[2]
        if path and path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
    is_web = role == "web"
    return create_database_engine(
        settings.database_url,
        application_name=f"yizhan {role}",
        statement_timeout_s=settings.web_statement_timeout_s if is_web else settings.worker_statement_timeout_s,
        lock_timeout_s=settings.lock_timeout_s,
        idle_transaction_timeout_s=settings.idle_transaction_timeout_s,
        pool_size=settings.pool_size,
        pool_timeout_s=settings.pool_timeout_s,
    )


def build_deps(
    settings: Settings,
    *,
    role: str = "web",
    ports: Mapping[str, Port] | None = None,
    bell: Bell | None = None,
    database: Database | None = None,
    counters: Counters | None = None,
) -> Deps:
    """Wire one running Yizhan; ``ports`` are the neighbours' real clients unless others are given."""
    registry = load_registry()
    counters = counters or Counters()
    let_go: list[Callable[[], None]] = []
    if ports is None:
        client = open_http_client()
        let_go.append(client.close)
        ports = build_ports(
            settings.adapter_url,
            registry=registry,
            client=client,
            call_log=log_call,
            gate_policy=GatePolicy(
                most_at_once=calls_at_once(settings, role),
                slow_start=SlowStartPolicy(set_per_s=settings.drain_per_s),
            ),
        )
    opened = database or open_database(settings, role=role)
    watch = DatabaseWatch(opened, skew_limit_s=settings.clock_skew_s, tells=role != "command")
    engine = Engine(
        EngineParts(
            registry=registry,
            ports=ports,
            callback_url=lambda adapter: f"{settings.base_url}/api/v1/callbacks/{adapter}",
            zone_of=time_zone,
            home_area=top_area,
            clock=SystemClock(),
            wait_scale=settings.wait_scale,
            program=version("yizhan"),
            fits=watch.fits,
            lost=watch.lost,
            counters=counters,
        )
    )
    watch.on_restored.append(engine.parts.live.forget)
    watch.on_look.append(OperationKeeper(registry, opened).look)
    live = LiveSettings(settings)
    watch.on_look.append(live.look)
    register_order_steps(engine)
    engine.listen(on_process_event)
    deps = Deps(
        settings=settings,
        database=opened,
        sessions=session_factory(opened),
        read_sessions=read_session_factory(opened),
        engine=engine,
        ports=ports,
        registry=registry,
        clock=engine.parts.clock.now,
        new_id=uuid7,
        bell=bell or choose_bell(settings, counters),
        watch=watch,
        live=live,
        let_go=(*let_go, opened.dispose),
    )
    bulk_desk.register(deps)
    bulk_placing.register(deps)
    return deps


def calls_at_once(settings: Settings, role: str) -> int:
    """Calls one process may have out to one neighbour: half of the threads of a web server; workers count their own."""
    return max(1, settings.web_threads // 2) if role == "web" and not settings.is_sqlite else 0


def choose_bell(settings: Settings, counters: Counters) -> Bell:
    """Redis where there is one; without it workers elsewhere find the work by themselves."""
    if not settings.redis_url:
        return NoBell()
    # Loaded by name: the client of Redis is a tenth of the start-up, and most installations begin without it.
    bell: Bell = import_module("processes.redis_bell").RedisBell(settings.redis_url, counters)
    return bell


def local_bell(settings: Settings) -> LocalBell | None:
    """The bell of a process that has its workers inside; None where Redis carries the wake-ups."""
    return None if settings.redis_url else LocalBell()


def build_app(settings: Settings | None = None, deps: Deps | None = None) -> Flask:
    """The web application: pages and interface on one set of parts."""
    chosen = settings or (deps.settings if deps else Settings.from_env())
    app = Flask("app", static_folder="web/static", template_folder="web/templates")
    install_observability(app, chosen)
    install_access(app, deps or build_deps(chosen))
    register_api(app, app.extensions["yizhan"])
    register_web(app, app.extensions["yizhan"])
    return app
