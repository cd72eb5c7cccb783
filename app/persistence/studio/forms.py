"""Forms of the steps that people do, kept with the definitions; every version stays."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.persistence.columns import Id, Identified, Instant, Record
from processes.store.base import Base


class FormDefinition(Identified, Base):
    """One version of a form; ``body`` is the schema that designer, page, phone and interface share."""

    __tablename__ = "form_definition"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(Integer)
    content_hash: Mapped[str] = mapped_column(String(64))
    body: Mapped[Record]
    deployed_at: Mapped[Instant]
    deployed_by: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("key", "version"),)


def form_schema(session: Session, key: str) -> dict[str, Any] | None:
    """The newest version of a form, None where there is none of that key."""
    body: dict[str, Any] | None = session.scalars(
        select(FormDefinition.body).where(FormDefinition.key == key).order_by(FormDefinition.version.desc()).limit(1)
    ).first()
    return body


def form_names(session: Session) -> list[tuple[str, str, str]]:
    """Key, Chinese and English name of every form, by key."""
    newest = select(FormDefinition.key, func.max(FormDefinition.version).label("version")).group_by(FormDefinition.key)
    latest = newest.subquery()
    rows = session.scalars(
        select(FormDefinition)
        .join(latest, (FormDefinition.key == latest.c.key) & (FormDefinition.version == latest.c.version))
        .order_by(FormDefinition.key)
    )
    return [(row.key, str(row.body.get("name", row.key)), str(row.body.get("nameEn", row.key))) for row in rows]


def keep_form(session: Session, key: str, body: Mapping[str, Any], *, who: str, at: datetime) -> FormDefinition:
    """Store a form as the next version; content that was stored before stays as it is."""
    digest = hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    known = session.scalars(select(FormDefinition).where(FormDefinition.key == key)).all()
    for row in known:
        if row.content_hash == digest:
            return row
    version = max((row.version for row in known), default=0) + 1
    row = FormDefinition(
        key=key, version=version, content_hash=digest, body=dict(body), deployed_at=at, deployed_by=who
    )
    session.add(row)
    return row
