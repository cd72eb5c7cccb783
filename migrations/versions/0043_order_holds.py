"""Who lets an order stand still, why and until when.

Expand half: a new table only, so old processes keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import JsonDoc, Uuid

revision, down_revision = "0043_order_holds", "0042_form_drafts"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "order_hold",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("order_id", Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("until_at", WHEN, nullable=True),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("kept", JsonDoc(), nullable=False),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.Column("ended_by", sa.String(64), nullable=True),
        sa.Column("area", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_order_hold_area_area")),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_order_hold_order_id_product_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_hold")),
    )
    op.create_index(op.f("ix_order_hold_order_id"), "order_hold", ["order_id"])
    still = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_order_hold_open", "order_hold", ["until_at", "order_id"], postgresql_where=still, sqlite_where=still
    )


def downgrade() -> None:
    op.drop_table("order_hold")
