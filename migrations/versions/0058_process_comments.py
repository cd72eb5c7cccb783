"""Keep comments at the elements of drawings.

Expand half: a new table only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import Uuid

revision, down_revision = "0058_process_comments", "0057_process_cases"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "process_comment",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("thread_id", Uuid(), nullable=True),
        sa.Column("draft_id", Uuid(), nullable=False),
        sa.Column("process_key", sa.String(120), nullable=False),
        sa.Column("element_id", sa.String(200), nullable=False),
        sa.Column("element_name", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.String(64), nullable=False),
        sa.Column("written_at", WHEN, nullable=False),
        sa.Column("send_key", sa.String(64), nullable=False),
        sa.Column("settled_by", sa.String(64), nullable=True),
        sa.Column("settled_at", WHEN, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_comment")),
        sa.UniqueConstraint("written_by", "send_key", name=op.f("uq_process_comment_written_by_send_key")),
    )
    for column in ("thread_id", "draft_id", "process_key"):
        op.create_index(op.f(f"ix_process_comment_{column}"), "process_comment", [column])


def downgrade() -> None:
    op.drop_table("process_comment")
