"""Let a worker say which version of the program it runs.

Expand half: a new column with a default, which older programs leave alone.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0011_worker_versions", "0010_worker_drains"


def upgrade() -> None:
    op.add_column("worker_heartbeat", sa.Column("version", sa.String(120), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("worker_heartbeat") as table:
        table.drop_column("version")
