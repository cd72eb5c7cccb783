"""For machines that watch us: alive, ready, counters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from flask import Response, request
from marshmallow import fields
from prometheus_client import CONTENT_TYPE_LATEST, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.access import current_deps, current_now
from app.access.secrets_at_rest import same
from app.api.door import NOBODY, Door, Reply
from app.api.schemas.fields import Out
from app.errors import Unauthenticated, Unavailable
from app.observability import metrics_of_request
from app.persistence.ordering.orders import ProductOrder
from app.unit_of_work import read
from processes.counters import Counters
from processes.lifecycle import IncidentState, JobState
from processes.store.definitions import ProcessDefinition
from processes.store.instances import Incident
from processes.store.jobs import Job
from processes.workers import closed_gates, workers_by_state

door: Final = Door("probes", "", "probes")


class EngineEvents(Collector):
    """The engine's counts of this process, as one family of counters."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def collect(self) -> Iterable[Metric]:
        family = CounterMetricFamily("yizhan_engine_events", "What the engine did in this process", labels=["event"])
        for name, number in self._counters.all().items():
            family.add_metric([name], number)
        yield family


class Figures(Collector):
    """Figures that were read a moment ago."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


class StateOut(Out):
    """One word, and what is not as it should be although everything goes on."""

    status = fields.String()
    degraded = fields.List(fields.String())


@door.route("GET", "/healthz", right=NOBODY, summary="This process answers", answers={200: StateOut})
def healthz() -> Reply:
    return {"status": "ok"}


@door.route(
    "GET",
    "/readyz",
    right=NOBODY,
    summary="The database answers and holds our tables and a process",
    answers={200: StateOut},
    errors=(503,),
)
def readyz() -> Reply:
    # Only the database counts: Redis rings bells, and a neighbour that is down delays orders without refusing them.
    deps = current_deps()
    deps.watch.require()
    try:
        with read(deps.read_sessions) as session:
            session.execute(text("SELECT 1"))
            deployed = session.scalar(select(func.count()).select_from(ProcessDefinition)) or 0
    except SQLAlchemyError as error:
        raise Unavailable("The database does not answer, or is not migrated", "数据库不可用或尚未升级") from error
    if not deployed:
        raise Unavailable("No process is deployed yet", "尚未发布任何流程")
    troubles = {"redis": bool(deps.bell.trouble()), "clock": deps.watch.is_askew}
    return {"status": "ready", "degraded": [name for name, is_there in troubles.items() if is_there]}


@door.route("GET", "/metrics", right=NOBODY, summary="Counters for Prometheus", answers={200: None}, errors=(401,))
def metrics() -> Reply:
    wanted = current_deps().settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if wanted and not same(given, wanted):
        raise Unauthenticated()
    with read(current_deps().read_sessions) as session:
        rows = Figures(count_rows(session, current_now()))
    text_of_both = generate_latest(metrics_of_request().everything()) + generate_latest(rows)
    return Response(text_of_both, content_type=CONTENT_TYPE_LATEST)


def count_rows(session: Session, now: datetime) -> list[Metric]:
    """Figures that are read from the database at the moment they are asked for, so that every process agrees."""
    orders = GaugeMetricFamily("yizhan_orders", "Orders by state", labels=["state"])
    for state, number in session.execute(select(ProductOrder.state, func.count()).group_by(ProductOrder.state)):
        orders.add_metric([state], number)
    jobs = GaugeMetricFamily("yizhan_jobs", "Jobs of the engine by state", labels=["state"])
    for state, number in session.execute(select(Job.state, func.count()).group_by(Job.state)):
        jobs.add_metric([state], number)
    oldest = session.scalar(select(func.min(Job.run_at)).where(Job.state == JobState.READY, Job.run_at <= now))
    waits_s = (now - oldest).total_seconds() if oldest else 0
    open_ones = select(func.count()).select_from(Incident).where(Incident.state == IncidentState.OPEN)
    workers = GaugeMetricFamily("yizhan_workers", "Workers by state", labels=["state"])
    for state, number in workers_by_state(session, now).items():
        workers.add_metric([state], number)
    closed = GaugeMetricFamily("yizhan_closed_gates", "Workers that do not call a neighbour", labels=["adapter"])
    gates = closed_gates(session, now)
    for adapter in current_deps().ports:
        closed.add_metric([adapter], gates[adapter])
    return [
        orders,
        jobs,
        workers,
        closed,
        GaugeMetricFamily("yizhan_oldest_due_job_seconds", "Seconds the oldest due job waits", value=waits_s),
        GaugeMetricFamily("yizhan_open_incidents", "Incidents nobody resolved", value=session.scalar(open_ones) or 0),
    ]
