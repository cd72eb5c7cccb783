"""The catalogue as people change it: brought in whole, refused whole, and every version kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.products.catalogue_check import catalogue_problems
from app.domain.products.catalogue_entries import (
    GOODS_KINDS,
    TEAM_KINDS,
    Entries,
    as_content,
    changed_entries,
    changed_fields,
    entries_of,
    merged,
)
from app.errors import FieldProblem, InvalidInput
from app.persistence.products.catalogue_in_force import apply_due
from app.persistence.products.catalogue_versions import (
    CatalogueEntry,
    CatalogueRelease,
    add_release,
    entries_at,
    pending_from,
)
from app.services.products.catalogue_operations import operation_problems
from app.services.products.catalogue_teams import team_problems
from app.unit_of_work import read, retried, transaction

IMPORT_LOCK: Final = 7_240_011  # PostgreSQL advisory lock: one catalogue is brought in at a time
MOST_VERSIONS: Final = 500


@dataclass(frozen=True)
class Book:
    """A part of the catalogue that comes in files of its own, and who may look at it and change it."""

    kinds: frozenset[str]
    view: str
    edit: str


GOODS: Final = Book(GOODS_KINDS, "catalogue.view", "catalogue.edit")
TEAMS: Final = Book(TEAM_KINDS, "process.view", "admin.users")


@dataclass(frozen=True)
class Change:
    """An entry that is new or differs; ``fields`` names what differs, empty for one that is new."""

    kind: str
    code: str
    is_new: bool
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Imported:
    """What a file changes. ``release`` is None where nothing was stored: nothing differs, or it was only checked."""

    release: int | None
    valid_from: datetime
    changes: tuple[Change, ...]


@retried
def bring_in(
    content: Mapping[str, Any],
    actor: Actor,
    deps: Deps,
    *,
    note: str = "",
    valid_from: datetime | None = None,
    only_check: bool = False,
    book: Book = GOODS,
) -> Imported:
    """Check a file and make its entries the next versions; what it does not mention stays as it is.

    :param content: sections with their rows, of the right shape.
    :param valid_from: aware UTC instant from which it counts; None is at once.
    :raises InvalidInput: everything that does not fit, by section, code and field; nothing is stored.
    """
    may(actor, book.view if only_check else book.edit)
    with transaction(deps.sessions) as tx:
        session = tx.session
        one_at_a_time(session)
        now = deps.clock(session)
        begins = valid_from or now
        refuse([*past(begins, now)])
        given = {kind: rows for kind, rows in entries_of(content).items() if kind in book.kinds}
        apply_due(session, now)
        known = entries_at(session, begins)
        changed = changed_entries(known, given)
        problems = fitting(known, changed, deps)
        for later in pending_from(session, begins):
            problems = problems or fitting(entries_at(session, later), still_new(session, changed, later), deps)
        problems += team_problems(session, known, changed) if book is TEAMS else []
        refuse(problems)
        changes = tuple(changes_of(known, changed))
        if only_check or not changed:
            return Imported(None, begins, changes)
        release = add_release(session, changed, who=actor.login, note=note, valid_from=begins, now=now)
        apply_due(session, now)
        tx.after_commit.append(lambda: notice(deps))
    return Imported(release.number, begins, changes)


def notice(deps: Deps) -> None:
    """Know the new operations here at once; other processes look once a second."""
    deps.watch.look_again()
    deps.watch.fits()


def one_at_a_time(session: Session) -> None:
    """Nobody else brings a catalogue in until the end of the transaction; SQLite lets one write at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": IMPORT_LOCK})


def past(begins: datetime, now: datetime) -> list[FieldProblem]:
    """What was sold yesterday cannot be changed any more."""
    if begins >= now:
        return []
    zh, en = "生效时间不能早于现在", "it cannot count from an instant in the past"
    return [FieldProblem(path="valid_from", code="in-the-past", zh=zh, en=en)]


def fitting(known: Entries, changed: Entries, deps: Deps) -> list[FieldProblem]:
    """What would not fit together with these changes."""
    whole = merged(known, changed)
    return [*catalogue_problems(whole), *operation_problems(known, changed, whole, adapters=frozenset(deps.ports))]


def still_new(session: Session, changed: Entries, later: datetime) -> dict[str, dict[str, Mapping[str, Any]]]:
    """The changes that a release which is waiting does not replace at that instant."""
    query = (
        select(CatalogueEntry.kind, CatalogueEntry.code)
        .join(CatalogueRelease, CatalogueRelease.number == CatalogueEntry.release)
        .where(CatalogueRelease.applied_at.is_(None), CatalogueEntry.valid_from <= later)
    )
    waiting = {(kind, code) for kind, code in session.execute(query)}
    return {
        kind: {code: body for code, body in rows.items() if (kind, code) not in waiting}
        for kind, rows in changed.items()
    }


def refuse(problems: Sequence[FieldProblem]) -> None:
    """:raises InvalidInput: there are problems."""
    if problems:
        raise InvalidInput(
            "the catalogue is not taken: " + "; ".join(f"{one.path}: {one.en}" for one in problems[:3]),
            "产品目录未导入：" + "；".join(f"{one.path}：{one.zh}" for one in problems[:3]),
            details=problems,
        )


def changes_of(known: Entries, changed: Entries) -> list[Change]:
    """What is new, and which fields of what is there differ."""
    return [
        Change(kind, code, code not in known[kind], tuple(changed_fields(known[kind].get(code, body), body)))
        for kind, rows in changed.items()
        for code, body in rows.items()
    ]


def take_out(actor: Actor, deps: Deps, *, at: datetime | None = None, book: Book = GOODS) -> dict[str, Any]:
    """The whole catalogue (or its teams) as a file, as it counts now or at an instant (aware UTC)."""
    may(actor, book.view)
    with read(deps.read_sessions) as session:
        return dict(as_content(entries_at(session, at or deps.clock(session)), book.kinds))


def versions(
    actor: Actor, deps: Deps, *, kind: str | None = None, code: str | None = None, book: Book = GOODS
) -> list[tuple[CatalogueEntry, CatalogueRelease]]:
    """Who changed what, and from when it counts: the newest first."""
    may(actor, book.view)
    query = select(CatalogueEntry, CatalogueRelease).join(
        CatalogueRelease, CatalogueRelease.number == CatalogueEntry.release
    )
    query = query.where(CatalogueEntry.kind.in_(sorted(book.kinds)))
    if kind is not None:
        query = query.where(CatalogueEntry.kind == kind)
    if code is not None:
        query = query.where(CatalogueEntry.code == code)
    with read(deps.read_sessions) as session:
        rows = session.execute(query.order_by(CatalogueEntry.seq.desc()).limit(MOST_VERSIONS))
        return [(entry, release) for entry, release in rows]
