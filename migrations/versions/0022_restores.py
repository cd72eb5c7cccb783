"""Keep where a database is at home, how it was put back from a backup, and what far sides did after that backup.

Expand half: new tables only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import Uuid

revision, down_revision = "0022_restores", "0021_dead_workers"

WHEN = sa.DateTime(timezone=True)
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "database_home",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.String(200), nullable=True),
        sa.Column("noted_at", WHEN, nullable=False),
        sa.Column("closed_at", WHEN, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_database_home")),
    )
    op.create_table(
        "restoration",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("began_at", WHEN, nullable=False),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.Column("as_of", WHEN, nullable=True),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("takes_over", sa.Boolean(), nullable=False),
        sa.Column("marked", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("silent", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restoration")),
    )
    op.create_table(
        "lost_call",
        sa.Column("operation_id", sa.String(64), nullable=False),
        sa.Column("restoration_id", Uuid(), nullable=False),
        sa.Column("adapter", sa.String(60), nullable=False),
        sa.Column("operation", sa.String(120), nullable=False),
        sa.Column("business_key", sa.String(255), nullable=False),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("done_at", sa.String(40), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("job_id", Uuid(), nullable=True),
        sa.Column("settled_at", WHEN, nullable=True),
        sa.Column("settled_by", sa.String(120), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("operation_id", name=op.f("pk_lost_call")),
    )
    op.create_index(
        "ix_lost_call_open", "lost_call", ["business_key", "operation"], postgresql_where=OPEN, sqlite_where=OPEN
    )
    op.create_index("ix_lost_call_job_id", "lost_call", ["job_id"])


def downgrade() -> None:
    op.drop_table("lost_call")
    op.drop_table("restoration")
    op.drop_table("database_home")
