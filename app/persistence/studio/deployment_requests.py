"""What somebody wants to deploy: the files as they were looked at, and what became of it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Index, Integer, LargeBinary, String, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.studio.deployments import OPEN, DeploymentState, next_state
from app.domain.words import Words
from app.persistence.columns import Id, Identified, Instant, MaybeInstant, Record, Records, Word
from processes.store.base import Base, PackedJson, Uuid

#: What a request is about: files that become versions, or a version that is taken back.
DEPLOY: Final = "deploy"
WITHDRAW: Final = "withdraw"
#: So many requests are listed.
MOST: Final = 100


class DeploymentRequest(Identified, Base):
    """Files that are to become versions together.

    ``parts``: what each becomes: ``kind`` (process, decision, form), ``key``, ``name_zh``, ``name_en``, ``before`` (the
    version in force when it was looked at, or none) and, once deployed, ``version``; ``withdrawn``: the version that is
    taken back. ``drafts``: id and revision of the drafts the files come from. ``warnings``: what the check said, each
    with the ``note`` why it may stay. ``teams``: kinds of teams whose steps are among them. ``report``: what was looked
    at, see :mod:`app.services.studio.report_record`. ``act``: ``deploy``, or ``withdraw``: versions are taken back.
    ``alone``: it was done by one person though a second one is wanted else. ``judged_until``: somebody is at it until
    then. ``done_at``: when it came into force, or did not at its hour. ``token``: of the form, so that it counts once
    however often it is sent.
    """

    __tablename__ = "deployment_request"
    __table_args__ = (
        Index("uq_deployment_request_token", "token", unique=True),
        Index("ix_deployment_request_state", "state", "activate_at"),
    )

    id: Mapped[Id]
    token: Mapped[str] = mapped_column(String(64))
    state: Mapped[Word]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    parts: Mapped[Records]
    drafts: Mapped[Records]
    warnings: Mapped[Records]
    cases: Mapped[Record]
    report: Mapped[dict[str, Any] | None] = mapped_column(PackedJson, deferred=True)
    act: Mapped[Word] = mapped_column(default=DEPLOY)
    alone: Mapped[bool] = mapped_column(default=False)
    judged_until: Mapped[MaybeInstant]
    teams: Mapped[Records]
    release_note: Mapped[str] = mapped_column(Text, default="")
    asked_by: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[Instant]
    activate_at: Mapped[MaybeInstant]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[MaybeInstant]
    decision_note: Mapped[str] = mapped_column(String(500), default="")
    done_at: Mapped[MaybeInstant]
    deployment_id: Mapped[str | None] = mapped_column(Uuid)
    said_zh: Mapped[str] = mapped_column(Text, default="")
    said_en: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own form

    def go(self, state: DeploymentState, said: Words | None = None) -> None:
        """Change the state, and why. :raises IllegalTransition: it was decided on already."""
        self.state = next_state(DeploymentState(self.state), state)
        if said is not None:
            self.said_zh, self.said_en = said

    @property
    def is_open(self) -> bool:
        """Whether it still waits for somebody or for its hour."""
        return self.state in OPEN


def packed(files: Mapping[str, bytes]) -> bytes:
    """Files as one piece; :func:`unpacked` gives back every byte."""
    return zlib.compress(json.dumps({name: body.decode("latin-1") for name, body in files.items()}).encode(), 6)


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of a request, by name."""
    found: dict[str, Any] = json.loads(zlib.decompress(content))
    return {name: str(body).encode("latin-1") for name, body in found.items()}


def requests(session: Session, *, only_open: bool = False) -> Sequence[DeploymentRequest]:
    """Requests, the newest first."""
    rows = select(DeploymentRequest)
    if only_open:
        rows = rows.where(DeploymentRequest.state.in_(OPEN))
    newest = rows.order_by(DeploymentRequest.asked_at.desc(), DeploymentRequest.id.desc()).limit(MOST)
    return session.scalars(newest).all()


def of_process(session: Session, key: str) -> Sequence[DeploymentRequest]:
    """Requests that were deployed and brought this process a version, the newest first."""
    rows = select(DeploymentRequest).where(DeploymentRequest.state == DeploymentState.DONE)
    newest = rows.order_by(DeploymentRequest.done_at.desc(), DeploymentRequest.id.desc())
    mine = [row for row in session.scalars(newest) if any(part["key"] == key for part in row.parts)]
    return mine[:MOST]


def next_due(session: Session, now: datetime) -> DeploymentRequest | None:
    """What was to come into force by now, locked; what somebody else is just judging is left to him."""
    rows = (
        select(DeploymentRequest)
        .where(DeploymentRequest.state == DeploymentState.SCHEDULED, DeploymentRequest.activate_at <= now)
        .where(or_(DeploymentRequest.judged_until.is_(None), DeploymentRequest.judged_until <= now))
        .order_by(DeploymentRequest.activate_at, DeploymentRequest.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(rows).one_or_none()
