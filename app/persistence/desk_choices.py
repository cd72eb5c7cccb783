"""How somebody likes the lists: views with a name, columns, density. Only their owner sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.persistence.columns import Id, Identified, Instant, Word
from processes.store.base import Base, JsonDoc


class SavedView(Identified, Base):
    """A list as it was filtered: ``arguments`` are those of its address."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("login", "kind", "name"),)

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(64))
    kind: Mapped[Word]
    name: Mapped[str] = mapped_column(String(60))
    arguments: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    #: Shown in the rail.
    starred: Mapped[bool] = mapped_column(default=False)
    at: Mapped[Instant]


class DeskChoice(Base):
    """One thing somebody has chosen for good, such as the columns of a list."""

    __tablename__ = "desk_choice"

    login: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(JsonDoc)


def views_of(session: Session, login: str, kind: str) -> Sequence[SavedView]:
    """The views of somebody, those with a star first, then as they were saved."""
    own = select(SavedView).where(SavedView.login == login, SavedView.kind == kind)
    return session.scalars(own.order_by(SavedView.starred.desc(), SavedView.id)).all()


def view_named(session: Session, login: str, kind: str, name: str) -> SavedView | None:
    """A view by its name."""
    own = select(SavedView).where(SavedView.login == login, SavedView.kind == kind, SavedView.name == name)
    return session.scalars(own).one_or_none()


def drop_view(session: Session, login: str, view_id: str) -> None:
    """Throw a view away; nothing happens when it is not one of this person's."""
    own = (SavedView.login == login, SavedView.id == view_id)
    session.execute(delete(SavedView).where(*own).execution_options(synchronize_session=False))


def choice_of(session: Session, login: str, name: str) -> dict[str, Any]:
    """What somebody has chosen; empty where nothing was."""
    row = session.get(DeskChoice, {"login": login, "name": name})
    return dict(row.value) if row is not None else {}
