"""What the engine is made of: ports in, listeners out, and the settings of its waiting."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo

from sqlalchemy.orm import Session

from adapters.operations import OperationRegistry
from adapters.ports import Port
from processes.bulk import BulkAct, BulkBatch
from processes.clock import Clock, SystemClock
from processes.counters import Counters
from processes.definitions import DefinitionCache
from processes.events import InProcessHandler, Listener
from processes.home import Lost
from processes.ids import Ids, uuid7
from processes.live import LiveExecutions


@dataclass(frozen=True, kw_only=True)
class EngineParts:
    """Everything handed to the engine by the factory.

    ``ports`` by adapter code; an operation whose adapter has no port is done in this process by its entry in
    ``in_process``. ``bulk_acts``: what bulk runs can do, by their kind; ``bulk_batches``: the same for what
    is done for several subjects at once. ``callback_url`` gives, for an adapter code, the address at which its answers
    arrive.
    ``wait_scale``: waiting times of plans are divided by it (demo). ``message_ttl``: how long news that nobody
    waits for is kept. ``program`` is the version of the program; ``fits`` says whether the database is of that version:
    until it is, workers leave it alone. ``lost``: operation and business key of each call made after the backup from
    which the database was put back. ``step_budget``: steps of one transaction; ``alone_budget``: steps of one instance
    with nobody outside moving it. ``zone_of``: the time zone of an area; timers count its days.
    ``passing_budget``: how often a chain of events, each from one instance to another, may come through one process.
    ``home_area``: the area of what begins by itself and says nothing else.
    """

    registry: OperationRegistry
    ports: Mapping[str, Port]
    in_process: dict[str, InProcessHandler] = field(default_factory=dict)
    bulk_acts: dict[str, BulkAct] = field(default_factory=dict)
    bulk_batches: dict[str, BulkBatch] = field(default_factory=dict)
    listeners: list[Listener] = field(default_factory=list)
    callback_url: Callable[[str], str | None] = lambda _adapter: None
    zone_of: Callable[[Session, str], tzinfo] = lambda _session, _area: UTC
    home_area: Callable[[Session], str] = lambda _session: ""
    clock: Clock = field(default_factory=SystemClock)
    ids: Ids = uuid7
    rng: random.Random = field(default_factory=random.SystemRandom)
    wait_scale: float = 1.0
    program: str = ""
    fits: Callable[[], bool] = lambda: True
    lost: Callable[[], Lost] = frozenset
    step_budget: int = 500
    alone_budget: int = 10_000
    passing_budget: int = 100
    message_ttl: timedelta = timedelta(days=7)
    definitions: DefinitionCache = field(default_factory=DefinitionCache)
    counters: Counters = field(default_factory=Counters)
    live: LiveExecutions = field(default_factory=LiveExecutions)
