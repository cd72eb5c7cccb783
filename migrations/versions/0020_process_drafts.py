"""Keep drawings that cannot run yet as drafts.

Expand half: a new table only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import Uuid

revision, down_revision = "0020_process_drafts", "0019_ids_in_16_bytes"


def upgrade() -> None:
    op.create_table(
        "process_draft",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_draft")),
    )


def downgrade() -> None:
    op.drop_table("process_draft")
