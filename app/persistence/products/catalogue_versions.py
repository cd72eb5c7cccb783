"""Every version of every entry of the catalogue: who changed what, and from when it counts.

A release is what one person brought in at once. Releases and versions are only ever added. What counts now is kept in
the tables of the catalogue as well, where everything else reads it (see
:mod:`app.persistence.products.catalogue_in_force`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, String, UniqueConstraint, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.products.catalogue_entries import SECTIONS, Body, Entries, changed_fields
from app.persistence.columns import Instant, MaybeInstant, Record, Records, Word
from processes.store.base import Base


class CatalogueRelease(Base):
    """What one person changed at once. ``valid_from``: when it begins to count; ``applied_at``: when it did."""

    __tablename__ = "catalogue_release"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    recorded_at: Mapped[Instant]
    recorded_by: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(500), default="")
    valid_from: Mapped[Instant]
    applied_at: Mapped[MaybeInstant]


class CatalogueEntry(Base):
    """One version of an entry; ``body`` is its row in the file, complete. ``fields`` names what is new in it."""

    __tablename__ = "catalogue_entry"

    # The database counts: sorted by it, entries come in the order in which they were first brought in.
    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    release: Mapped[int] = mapped_column(ForeignKey("catalogue_release.number"), index=True)
    kind: Mapped[Word]
    code: Mapped[str] = mapped_column(String(120))
    version: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[Instant]
    fields: Mapped[Records]
    body: Mapped[Record]

    __table_args__ = (UniqueConstraint("kind", "code", "version"),)


def entries_at(session: Session, at: datetime | None) -> dict[str, dict[str, Body]]:
    """The entries that count at an instant (aware UTC), in the order in which they were first brought in.

    Of two versions the one that counts from later on wins; of two from the same instant the later one. ``None``: the
    newest version of each, whenever it begins to count.
    """
    query = select(CatalogueEntry.kind, CatalogueEntry.code, CatalogueEntry.body, CatalogueEntry.seq)
    newest: dict[tuple[str, str], Body] = {}
    order: dict[tuple[str, str], int] = {}
    if at is None:
        query = query.order_by(CatalogueEntry.version)
    else:
        query = query.where(CatalogueEntry.valid_from <= at).order_by(CatalogueEntry.valid_from, CatalogueEntry.version)
    for kind, code, body, seq in session.execute(query):
        newest[kind, code] = body
        order[kind, code] = min(seq, order.get((kind, code), seq))
    found: dict[str, dict[str, Body]] = {kind: {} for kind in SECTIONS.values()}
    for kind, code in sorted(order, key=order.__getitem__):
        found[kind][code] = newest[kind, code]
    return found


def add_release(
    session: Session, entries: Entries, *, who: str, note: str, valid_from: datetime, now: datetime
) -> CatalogueRelease:
    """Write the entries as the next version of each; they are not applied yet."""
    release = CatalogueRelease(recorded_at=now, recorded_by=who, note=note, valid_from=valid_from)
    session.add(release)
    session.flush()
    newest: dict[tuple[str, str], tuple[int, Body]] = {}
    known = select(CatalogueEntry.kind, CatalogueEntry.code, CatalogueEntry.version, CatalogueEntry.body)
    for row in session.execute(known.order_by(CatalogueEntry.version)):
        newest[row.kind, row.code] = row.version, row.body
    made = []
    for kind, rows in entries.items():
        for code, body in rows.items():
            version, before = newest.get((kind, code), (0, body))
            fields = changed_fields(before, body)
            made.append(
                {
                    **{"release": release.number, "kind": kind, "code": code, "version": version + 1},
                    **{"valid_from": valid_from, "fields": fields, "body": dict(body)},
                }
            )
    session.execute(insert(CatalogueEntry), made)
    return release


def pending_from(session: Session, now: datetime) -> list[datetime]:
    """The instants after ``now`` from which a release that is waiting will count, earliest first."""
    later = select(CatalogueRelease.valid_from).where(CatalogueRelease.valid_from > now).distinct()
    return list(session.scalars(later.order_by(CatalogueRelease.valid_from)))


def due_releases(session: Session, now: datetime) -> Sequence[CatalogueRelease]:
    """The releases that count by now and have not been applied; nobody else applies them meanwhile."""
    due = select(CatalogueRelease).where(CatalogueRelease.applied_at.is_(None), CatalogueRelease.valid_from <= now)
    return session.scalars(due.order_by(CatalogueRelease.valid_from, CatalogueRelease.number).with_for_update()).all()


def names_in(session: Session, releases: Iterable[int]) -> set[tuple[str, str]]:
    """Kind and code of everything these releases brought."""
    rows = select(CatalogueEntry.kind, CatalogueEntry.code).where(CatalogueEntry.release.in_(list(releases)))
    return {(kind, code) for kind, code in session.execute(rows)}


def last_authors(session: Session) -> dict[tuple[str, str], str]:
    """By kind and code, who brought in the newest version."""
    rows = select(CatalogueEntry.kind, CatalogueEntry.code, CatalogueRelease.recorded_by).join(
        CatalogueRelease, CatalogueRelease.number == CatalogueEntry.release
    )
    return {(kind, code): who for kind, code, who in session.execute(rows.order_by(CatalogueEntry.version))}


def stamp_of(session: Session) -> tuple[int, int]:
    """Changes whenever something else counts: the last release, and how many have been applied."""
    last, applied = session.execute(
        select(func.coalesce(func.max(CatalogueRelease.number), 0), func.count(CatalogueRelease.applied_at))
    ).one()
    return last, applied
