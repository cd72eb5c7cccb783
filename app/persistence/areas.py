"""Areas: headquarters, provinces, local networks."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.promises.calendar import ZONE
from app.persistence.columns import Name
from processes.store.base import Base


class Area(Base):
    """One area. ``path`` names it from the top (``CN/SH/SH-SH``), so that "at or below" is a prefix."""

    __tablename__ = "area"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    parent_code: Mapped[str | None] = mapped_column(String(16), ForeignKey("area.code"))
    level: Mapped[str] = mapped_column(String(10))
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    path: Mapped[str] = mapped_column(String(80), unique=True)
    time_zone: Mapped[str] = mapped_column(String(40), default="Asia/Shanghai")
    long_distance_code: Mapped[str | None] = mapped_column(String(8))


def area_path(session: Session, code: str) -> str | None:
    """The path of an area, or None when there is no such area."""
    return session.scalar(select(Area.path).where(Area.code == code))


def time_zone(session: Session, code: str) -> ZoneInfo:
    """The time zone of an area; that of the product for one that is not known."""
    name = session.scalar(select(Area.time_zone).where(Area.code == code))
    return ZoneInfo(name) if name else ZONE


def top_area(session: Session) -> str:
    """The code of the headquarters; empty before there is any area."""
    return session.scalar(select(Area.code).where(Area.parent_code.is_(None)).order_by(Area.code)) or ""


def area_paths(session: Session) -> dict[str, str]:
    """Path of every area by its code."""
    return {row.code: row.path for row in session.execute(select(Area.code, Area.path))}
