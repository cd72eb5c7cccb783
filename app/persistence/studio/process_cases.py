"""Sample orders and regression cases of processes and decisions: stored with the model they belong to.

A case says what a trial is given and what has to come of it; a sample only what it is given. What is kept with a draft
counts there and nowhere else, until the draft is deployed: then it takes the place of what was in force under its name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.persistence.columns import Id, Identified, Instant, MaybeInstant, Record
from processes.store.base import Base, Uuid

SUFFIX: Final = ".test.json"
#: What a case of each kind may have besides its name.
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "process": ("nameZh", "now", "data", "answers", "expect"),
    "decision": ("nameZh", "now", "inputs", "expect"),
}


class ProcessCase(Identified, Base):
    """One case, or one sample order (``is_sample``: nothing is expected of it).

    ``kind``: ``process`` or ``decision``; ``key`` of that. ``body``: as in a file of tests, without the name
    (``nameZh`` is its Chinese name).
    ``origin``: ``shipped`` or ``own``; ``source``: the order it was taken from. ``draft_id``: kept with that draft
    only; ``removed``: the draft does without the case of that name. ``ended_at``: it was replaced or taken out.
    ``last``: how it went the last time: ``at``, ``ok``, ``en`` and ``zh``, ``element``.
    """

    __tablename__ = "process_case"
    __table_args__ = (Index("ix_process_case_kind_key", "kind", "key"),)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(200))
    place: Mapped[int] = mapped_column(Integer, default=0)
    body: Mapped[Record]
    digest: Mapped[str] = mapped_column(String(64), default="")
    is_sample: Mapped[bool] = mapped_column(default=False)
    product: Mapped[str] = mapped_column(String(64), default="")
    order_type: Mapped[str] = mapped_column(String(40), default="")
    origin: Mapped[str] = mapped_column(String(8), default="own")
    source: Mapped[str] = mapped_column(String(40), default="")
    draft_id: Mapped[str | None] = mapped_column(Uuid, ForeignKey("process_draft.id", ondelete="CASCADE"), index=True)
    removed: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    saved_at: Mapped[Instant]
    saved_by: Mapped[str] = mapped_column(String(64))
    ended_at: Mapped[MaybeInstant]
    last: Mapped[Record]

    @property
    def name_zh(self) -> str:
        """What it is called in Chinese, where that was written beside its name."""
        return str(self.body.get("nameZh") or self.name)

    @property
    def name_en(self) -> str:
        """What it is called in English, and by machines."""
        return self.name

    def says(self, body: Mapping[str, Any]) -> None:
        """Take over what a case says."""
        self.body = {part: body[part] for part in PARTS[self.kind] if part in body}
        self.digest = digest_of(self.body)
        self.is_sample = "expect" not in self.body
        item = self.body.get("data", {}).get("item", {}) if self.kind == "process" else {}
        item = item if isinstance(item, Mapping) else {}
        self.product = str(item.get("product", ""))[:64]
        self.order_type = str(item.get("order_type", ""))[:40]


def digest_of(body: Mapping[str, Any]) -> str:
    """SHA-256 of what a case says."""
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def cases_of(session: Session, kind: str, key: str, draft_id: str | None = None) -> list[ProcessCase]:
    """The cases and samples of a process or decision as they are written in its file; with a draft as that has them."""
    mine = select(ProcessCase).where(ProcessCase.kind == kind, ProcessCase.key == key, ProcessCase.ended_at.is_(None))
    rows = session.scalars(mine.order_by(ProcessCase.place, ProcessCase.saved_at, ProcessCase.id)).all()
    found = {row.name: row for row in rows if row.draft_id is None}
    found |= {row.name: row for row in rows if draft_id is not None and row.draft_id == draft_id}
    return [row for row in found.values() if not row.removed]


def adopt(session: Session, draft_ids: Iterable[str], *, now: datetime) -> int:
    """The drafts are deployed: their cases are in force from now on. Returns how many."""
    wanted = list(draft_ids)
    rows = session.scalars(
        select(ProcessCase).where(ProcessCase.draft_id.in_(wanted), ProcessCase.ended_at.is_(None)).with_for_update()
    ).all()
    for row in rows:
        before = in_force(session, row.kind, row.key, row.name)
        if before is not None:
            before.ended_at = now
        row.draft_id = None
        if row.removed:
            row.ended_at = now
        session.flush()
    return len(rows)


def in_force(session: Session, kind: str, key: str, name: str) -> ProcessCase | None:
    """The case of that name that counts for what is deployed."""
    return _named(session, kind, key, name, None)


def _named(session: Session, kind: str, key: str, name: str, draft_id: str | None) -> ProcessCase | None:
    same = ProcessCase.kind == kind, ProcessCase.key == key, ProcessCase.name == name
    where = ProcessCase.draft_id.is_(None) if draft_id is None else ProcessCase.draft_id == draft_id
    return session.scalars(select(ProcessCase).where(*same, where, ProcessCase.ended_at.is_(None))).first()


def write(
    session: Session,
    kind: str,
    key: str,
    name: str,
    body: Mapping[str, Any],
    *,
    draft_id: str | None,
    now: datetime,
    who: str,
    origin: str = "own",
    source: str = "",
    place: int = 0,
) -> ProcessCase:
    """Keep a case: what one of that name said there until now is replaced (in force: it stays as a past one)."""
    known = _named(session, kind, key, name, draft_id)
    if not place:
        place = known.place if known is not None else len(cases_of(session, kind, key, draft_id)) + 1
    row = ProcessCase(kind=kind, key=key, name=name, origin=origin, source=source, place=place, draft_id=draft_id,
                      saved_at=now, saved_by=who)  # fmt: skip
    row.says(body)
    if known is not None and known.digest == row.digest and not known.removed:
        return known
    if known is not None and draft_id is None:
        known.ended_at = now
        row.revision = known.revision + 1
    elif known is not None:
        known.says(body)
        known.removed, known.revision, known.saved_at, known.saved_by = False, known.revision + 1, now, who
        return known
    session.add(row)
    session.flush()
    return row


def file_of(kind: str, key: str, rows: Sequence[ProcessCase]) -> bytes:
    """Cases and samples as ``KEY.test.json``, always the same text for the same cases; samples are last."""
    tests = [{"name": row.name, **{part: row.body[part] for part in PARTS[kind] if part in row.body}} for row in rows]
    tests.sort(key=lambda row: "expect" not in row)
    cases = [row for row in tests if "expect" in row]
    samples = [row for row in tests if "expect" not in row]
    body: dict[str, Any] = {kind: key, "tests": cases}
    if samples:
        body["samples"] = samples
    return (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode()


def stored_file(session: Session, kind: str, key: str, *, draft_id: str | None = None) -> bytes | None:
    """The file of tests of a process or decision; None where there is nothing to write."""
    rows = cases_of(session, kind, key, draft_id)
    return file_of(kind, key, rows) if rows else None
