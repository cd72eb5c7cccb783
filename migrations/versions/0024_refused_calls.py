"""Keep who asked for what they may not have.

Expand half: a new table only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import Uuid

revision, down_revision = "0024_refused_calls", "0023_areas_without_indexes"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "refused_call",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("path", sa.String(255), nullable=False),
        sa.Column("action", sa.String(40), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", WHEN, nullable=False),
        sa.Column("last_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_refused_call_area_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_call")),
        sa.UniqueConstraint(
            "login", "day", "method", "path", "status", name=op.f("uq_refused_call_login_day_method_path_status")
        ),
    )
    op.create_index(op.f("ix_refused_call_last_at"), "refused_call", ["last_at"])


def downgrade() -> None:
    op.drop_table("refused_call")
