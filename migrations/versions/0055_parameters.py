"""Keep the settings that are changed while the system runs.

Expand half: a new table only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0055_parameters", "0054_phone_reports"


def upgrade() -> None:
    op.create_table(
        "parameter",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_parameter")),
    )


def downgrade() -> None:
    op.drop_table("parameter")
