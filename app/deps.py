"""What a use case may reach for: built once by the factory, handed down, never changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine as Database
from sqlalchemy.orm import Session, sessionmaker

from adapters.operations import OperationRegistry
from adapters.ports import Port
from app.config import Settings
from app.persistence.administration.parameters import LiveSettings
from app.persistence.database_watch import DatabaseWatch
from processes.bell import Bell
from processes.engine import Engine
from processes.trial_box import TrialBox


@dataclass(frozen=True, kw_only=True)
class Deps:
    """The wired parts of one running Yizhan.

    ``clock`` reads the time of the database (aware UTC), read once per transaction. ``settings`` are those of the
    start; ``live.now`` are those that count, where they may be changed while the system runs. ``trials``: where
    drawings are tried.
    """

    settings: Settings
    database: Database
    sessions: sessionmaker[Session]
    read_sessions: sessionmaker[Session]
    engine: Engine
    ports: Mapping[str, Port]
    registry: OperationRegistry
    clock: Callable[[Session], datetime]
    new_id: Callable[[], str]
    bell: Bell
    watch: DatabaseWatch
    live: LiveSettings
    trials: TrialBox = field(default_factory=TrialBox)
    let_go: tuple[Callable[[], None], ...] = ()

    def wake(self) -> None:
        """Tell the workers that there is something to do; after a commit only."""
        self.bell.ring()

    def close(self) -> None:
        """Close every connection, outside ones first; nothing works after that."""
        for release in self.let_go:
            release()
