"""Keep the report with what somebody wants to deploy, who is just judging it, and whether it takes a version back.

Expand half: columns with a default only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import PackedJson

revision, down_revision = "0061_deployment_reports", "0060_deployment_requests"

NAMES = ("report", "act", "alone", "judged_until")


def upgrade() -> None:
    for column in (
        sa.Column("report", PackedJson(), nullable=True),
        sa.Column("act", sa.String(40), nullable=False, server_default="deploy"),
        sa.Column("alone", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("judged_until", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("deployment_request", column)


def downgrade() -> None:
    with op.batch_alter_table("deployment_request") as table:
        for name in reversed(NAMES):
            table.drop_column(name)
