"""Know what phones have sent, so that nothing counts twice.

Expand half: a new table only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import Uuid

revision, down_revision = "0054_phone_reports", "0053_bell_marks"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "phone_report",
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("work_item_id", Uuid(), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("happened_at", WHEN, nullable=False),
        sa.Column("received_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("login", "key", name=op.f("pk_phone_report")),
    )
    for column in ("work_item_id", "received_at"):
        op.create_index(op.f(f"ix_phone_report_{column}"), "phone_report", [column])


def downgrade() -> None:
    op.drop_table("phone_report")
