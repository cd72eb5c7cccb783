"""Write down who looked at personal data in full, and why.

Expand half: a new table only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import Uuid

revision, down_revision = "0041_reveals", "0040_credits_taken_back"


def upgrade() -> None:
    op.create_table(
        "reveal",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.Column("customer_no", sa.String(32), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_reveal_area_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveal")),
    )
    op.create_index("ix_reveal_login", "reveal", ["login", "at"])
    op.create_index("ix_reveal_customer", "reveal", ["customer_no", "at"])


def downgrade() -> None:
    op.drop_table("reveal")
