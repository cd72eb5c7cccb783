"""Keep repairs that wait for a second person.

Expand half: a new table only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import JsonDoc, Uuid

revision, down_revision = "0050_repair_requests", "0049_administration"

WHEN = sa.DateTime(timezone=True)
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "repair_request",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("order_id", Uuid(), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("subject", Uuid(), nullable=False),
        sa.Column("instance_id", Uuid(), nullable=False),
        sa.Column("element_id", sa.String(255), nullable=False),
        sa.Column("how", JsonDoc(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("asked_at", WHEN, nullable=False),
        sa.Column("decided_by", sa.String(64), nullable=True),
        sa.Column("decided_at", WHEN, nullable=True),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["product_order.id"], name=op.f("fk_repair_request_order_id_product_order")
        ),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_repair_request_area_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_request")),
    )
    op.create_index("ix_repair_request_order_id", "repair_request", ["order_id"])
    op.create_index(
        "uq_repair_request_waiting",
        "repair_request",
        ["act", "subject"],
        unique=True,
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )


def downgrade() -> None:
    op.drop_table("repair_request")
