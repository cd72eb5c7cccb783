"""Instances that are begun anew with other data and take over what still holds of the work done.

Old processes do not know the new columns and leave them as they are, so they keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import TaskId, Uuid

revision, down_revision = "0030_renewals", "0029_order_waits"


def upgrade() -> None:
    undoing = sa.text("state = 'undoing'")
    op.create_table(
        "process_renewal",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("instance_id", Uuid(), nullable=False),
        sa.Column("root_id", Uuid(), nullable=False),
        sa.Column("task_id", TaskId, nullable=False),
        sa.Column("element_id", sa.String(255), nullable=False),
        sa.Column("loop_index", sa.Integer()),
        sa.Column("old_id", Uuid(), nullable=False),
        sa.Column("child_id", Uuid()),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("effects", sa.Text(), nullable=False),
        sa.Column("stays", sa.Text(), nullable=False),
        sa.Column("records", sa.LargeBinary()),
        sa.Column("used", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_process_renewal_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_renewal")),
    )
    op.create_index(
        "ix_process_renewal_instance_id",
        "process_renewal",
        ["instance_id"],
        postgresql_where=undoing,
        sqlite_where=undoing,
    )
    op.add_column("process_instance", sa.Column("renewal_id", Uuid(), nullable=True))
    op.add_column("effect", sa.Column("in_place", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("effect", "in_place")
    op.drop_column("process_instance", "renewal_id")
    op.drop_index("ix_process_renewal_instance_id", table_name="process_renewal")
    op.drop_table("process_renewal")
