"""Keep the files that people attach to work items.

Expand half: new tables only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import Uuid

revision, down_revision = "0047_attachments", "0046_breaches"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("work_item_id", Uuid(), nullable=False),
        sa.Column("order_id", Uuid(), nullable=True),
        sa.Column("ticket_id", Uuid(), nullable=True),
        sa.Column("field", sa.String(80), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("sent_sha256", sa.String(64), nullable=False),
        sa.Column("sent_key", sa.String(128), nullable=True),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("removed_at", WHEN, nullable=True),
        sa.Column("area", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["work_item_id"], ["work_item.id"], name=op.f("fk_attachment_work_item_id_work_item")),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_attachment_order_id_product_order")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["trouble_ticket.id"], name=op.f("fk_attachment_ticket_id_trouble_ticket")
        ),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_attachment_area_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("number", name=op.f("uq_attachment_number")),
        sa.UniqueConstraint("login", "sent_key", name=op.f("uq_attachment_login_sent_key")),
    )
    for column in ("work_item_id", "order_id", "ticket_id"):
        op.create_index(op.f(f"ix_attachment_{column}"), "attachment", [column])
    op.create_table(
        "attachment_content",
        sa.Column("attachment_id", Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_attachment_content_attachment_id_attachment")
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachment_content")),
    )


def downgrade() -> None:
    op.drop_table("attachment_content")
    op.drop_table("attachment")
