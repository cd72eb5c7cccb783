"""Remember how far somebody has read what the bell told, and find the ended orders of who placed them.

Expand half: a new table and an index over orders that have ended, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0053_bell_marks", "0052_team_desk"

ENDED = sa.text("completed_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "bell_mark",
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("login", "kind", name=op.f("pk_bell_mark")),
    )
    op.create_index(
        "ix_product_order_client_ended",
        "product_order",
        ["client", "completed_at"],
        postgresql_where=ENDED,
        sqlite_where=ENDED,
    )


def downgrade() -> None:
    op.drop_index("ix_product_order_client_ended", "product_order")
    op.drop_table("bell_mark")
