"""Keep promises that were broken until somebody has named the cause.

Expand half: a new table only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import Uuid

revision, down_revision = "0046_breaches", "0045_measurements"

WHEN = sa.DateTime(timezone=True)
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "sla_breach",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("clock_id", Uuid(), nullable=False),
        sa.Column("order_id", Uuid(), nullable=True),
        sa.Column("ticket_id", Uuid(), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("due_at", WHEN, nullable=False),
        sa.Column("opened_at", WHEN, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("cause", sa.String(64), nullable=True),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("closed_by", sa.String(64), nullable=True),
        sa.Column("closed_at", WHEN, nullable=True),
        sa.Column("area", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["clock_id"], ["sla_clock.id"], name=op.f("fk_sla_breach_clock_id_sla_clock")),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_sla_breach_order_id_product_order")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["trouble_ticket.id"], name=op.f("fk_sla_breach_ticket_id_trouble_ticket")
        ),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_sla_breach_area_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_breach")),
        sa.UniqueConstraint("clock_id", name=op.f("uq_sla_breach_clock_id")),
    )
    for column in ("order_id", "ticket_id"):
        op.create_index(op.f(f"ix_sla_breach_{column}"), "sla_breach", [column])
    op.create_index("ix_sla_breach_open", "sla_breach", ["area", "opened_at"], postgresql_where=OPEN, sqlite_where=OPEN)


def downgrade() -> None:
    op.drop_table("sla_breach")
