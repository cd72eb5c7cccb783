"""Files that people attach to work items; the bytes lie in a table of their own, so that lists never read them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ForeignKey, Integer, LargeBinary, Select, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.actors import Actor
from app.errors import NotFound
from app.persistence.columns import AreaCode, Id, Identified, Instant, MaybeInstant
from app.persistence.scope import scoped
from processes.store.base import Base, Uuid


class Attachment(Identified, Base):
    """One file of a work item. A removed one keeps its row, without its bytes, so that it is not sent in again."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("login", "sent_key"),)

    id: Mapped[Id]
    #: What people and forms call it: the number of the work item and a count.
    number: Mapped[str] = mapped_column(String(40), unique=True)
    work_item_id: Mapped[str] = mapped_column(ForeignKey("work_item.id"), index=True)
    order_id: Mapped[str | None] = mapped_column(ForeignKey("product_order.id"), index=True)
    ticket_id: Mapped[str | None] = mapped_column(ForeignKey("trouble_ticket.id"), index=True)
    #: The field of the form it answers; empty where it is just attached.
    field: Mapped[str] = mapped_column(String(80), default="")
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    #: Bytes, and pixels of an image.
    size: Mapped[int] = mapped_column(Integer)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    #: Hash of the file as it was sent, before it was cleaned.
    sent_sha256: Mapped[str] = mapped_column(String(64))
    #: The sender's own name of this sending: however often it comes, it is one file.
    sent_key: Mapped[str | None] = mapped_column(String(128))
    login: Mapped[str] = mapped_column(String(64))
    at: Mapped[Instant]
    removed_at: Mapped[MaybeInstant]
    area: Mapped[AreaCode]

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith("image/")


class AttachmentContent(Base):
    """The bytes of an attachment."""

    __tablename__ = "attachment_content"

    attachment_id: Mapped[str] = mapped_column(Uuid, ForeignKey("attachment.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


def attachments_of(session: Session, work_item_id: str) -> Sequence[Attachment]:
    """The files of a work item, the first one first."""
    own = select(Attachment).where(Attachment.work_item_id == work_item_id, Attachment.removed_at.is_(None))
    return session.scalars(own.order_by(Attachment.id)).all()


def attachments_around(session: Session, *, order_id: str | None, ticket_id: str | None) -> Sequence[Attachment]:
    """The files of all work items of an order or a ticket, newest first, 200 at most."""
    if order_id is not None:
        about = Attachment.order_id == order_id
    elif ticket_id is not None:
        about = Attachment.ticket_id == ticket_id
    else:
        return ()
    newest = select(Attachment).where(about, Attachment.removed_at.is_(None)).order_by(Attachment.id.desc())
    return session.scalars(newest.limit(200)).all()


def attachment_sent_as(session: Session, login: str, sent_key: str) -> Attachment | None:
    """What somebody has sent under a key, removed or not."""
    own = (Attachment.login == login, Attachment.sent_key == sent_key)
    return session.scalars(select(Attachment).where(*own)).one_or_none()


def numbered_so_far(session: Session, work_item_id: str) -> int:
    """How many files a work item has ever had."""
    return session.scalar(select(func.count()).where(Attachment.work_item_id == work_item_id)) or 0


def get_attachment(session: Session, actor: Actor, number: str) -> Attachment:
    """A file by its number. :raises NotFound: there is none, or it is not in the actor's area."""
    row = session.scalars(_visible(actor).where(Attachment.number == number)).one_or_none()
    if row is None or row.removed_at is not None:
        raise NotFound(f"there is no file {number}", f"没有文件 {number}")
    return row


def content_of(session: Session, attachment_id: str) -> bytes:
    """The bytes of a file."""
    return session.scalars(
        select(AttachmentContent.content).where(AttachmentContent.attachment_id == attachment_id)
    ).one()


def _visible(actor: Actor) -> Select[Attachment]:
    # As with work items: the demonstration's field crew works everywhere.
    return select(Attachment) if actor.demo_any_team else scoped(select(Attachment), Attachment, actor)
