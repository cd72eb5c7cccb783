"""Know of a job how many workers died with it in hand, and of a worker which machine its process number belongs to.

Expand half: columns with a value for what old workers write, so they keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0021_dead_workers", "0020_process_drafts"


def upgrade() -> None:
    op.add_column("job", sa.Column("deaths", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("worker_heartbeat", sa.Column("machine", sa.String(32), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("worker_heartbeat", "machine")
    op.drop_column("job", "deaths")
