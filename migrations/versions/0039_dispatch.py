"""Whom a work item is offered to and why it lies with its team, and the names of skills.

Expand half: columns that may be empty and a new table, so old processes keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0039_dispatch", "0038_cancels_agreed_to"

OFFERED = sa.text("offered_to IS NOT NULL")


def upgrade() -> None:
    op.add_column("work_item", sa.Column("offered_to", sa.String(64), nullable=True))
    op.add_column("work_item", sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("work_item", sa.Column("dispatch", sa.Text(), nullable=True))
    for column in ("offered_to", "offered_until"):
        name = op.f(f"ix_work_item_{column}")
        op.create_index(name, "work_item", [column], postgresql_where=OFFERED, sqlite_where=OFFERED)
    op.create_table(
        "skill",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name_zh", sa.String(200), nullable=False),
        sa.Column("name_en", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_skill")),
    )


def downgrade() -> None:
    op.drop_table("skill")
    for column in ("offered_until", "offered_to"):
        op.drop_index(op.f(f"ix_work_item_{column}"), "work_item")
    for column in ("dispatch", "offered_until", "offered_to"):
        op.drop_column("work_item", column)
