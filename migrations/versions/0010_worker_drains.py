"""Keep the orders to workers to claim nothing more, and how much each has in hand.

Expand half: a new table, and a column that older workers leave at its default.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0010_worker_drains", "0009_number_sequences"


def upgrade() -> None:
    op.create_table(
        "worker_drain",
        sa.Column("scope", sa.String(10), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "name", name=op.f("pk_worker_drain")),
    )
    with op.batch_alter_table("worker_heartbeat") as table:
        table.add_column(sa.Column("in_hand", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("worker_heartbeat") as table:
        table.drop_column("in_hand")
    op.drop_table("worker_drain")
