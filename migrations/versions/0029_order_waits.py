"""Keep which orders wait for which.

Expand half: a new table only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import Uuid

revision, down_revision = "0029_order_waits", "0028_queues_of_teams"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "order_wait",
        sa.Column("order_id", Uuid(), nullable=False),
        sa.Column("waits_for", Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.Column("released_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_order_wait_order_id_product_order")),
        sa.ForeignKeyConstraint(
            ["waits_for"], ["product_order.id"], name=op.f("fk_order_wait_waits_for_product_order")
        ),
        sa.PrimaryKeyConstraint("order_id", "waits_for", name=op.f("pk_order_wait")),
    )
    waiting = sa.text("released_at IS NULL")
    op.create_index("ix_order_wait_open", "order_wait", ["order_id"], postgresql_where=waiting, sqlite_where=waiting)


def downgrade() -> None:
    op.drop_table("order_wait")
