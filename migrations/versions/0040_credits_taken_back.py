"""Amounts that turned out too high come off the bill again.

Expand half: empty columns and an index only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0040_credits_taken_back", "0039_dispatch"

WAITING = sa.text("state = 'toReverse'")


def upgrade() -> None:
    op.add_column("compensation", sa.Column("kept_by", sa.String(64), nullable=True))
    op.add_column("compensation", sa.Column("reversal_no", sa.String(64), nullable=True))
    op.add_column("compensation", sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_compensation_to_reverse", "compensation", ["proposed_at"], postgresql_where=WAITING, sqlite_where=WAITING
    )


def downgrade() -> None:
    op.drop_index("ix_compensation_to_reverse", table_name="compensation")
    for column in ("reversed_at", "reversal_no", "kept_by"):
        op.drop_column("compensation", column)
