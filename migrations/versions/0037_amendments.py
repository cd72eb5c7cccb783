"""Amendments of orders in flight.

Expand half: a new table only, so old processes keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import Uuid

revision, down_revision = "0037_amendments", "0036_customer_records"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "order_amendment",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("order_id", Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("waits_for", sa.Text(), nullable=False),
        sa.Column("fee_cny", sa.String(20), nullable=False),
        sa.Column("requested_by", sa.String(64), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("decided_by", sa.String(64), nullable=True),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.Column("area", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_order_amendment_area_area")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["product_order.id"], name=op.f("fk_order_amendment_order_id_product_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_amendment")),
        sa.UniqueConstraint("order_id", "seq", name=op.f("uq_order_amendment_order_id_seq")),
    )
    op.create_index(op.f("ix_order_amendment_order_id"), "order_amendment", ["order_id"])


def downgrade() -> None:
    op.drop_table("order_amendment")
