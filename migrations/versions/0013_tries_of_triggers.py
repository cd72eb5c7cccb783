"""Count the tries of timers and news, and the steps an instance takes with nobody outside moving it.

Expand half: columns that older workers leave at their defaults.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0013_tries_of_triggers", "0012_open_rows"


def upgrade() -> None:
    with op.batch_alter_table("process_instance") as table:
        table.add_column(sa.Column("alone_steps", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("attended", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("timer") as table:
        table.add_column(sa.Column("armed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("job_id", sa.String(36), nullable=True))
    with op.batch_alter_table("message_subscription") as table:
        table.add_column(sa.Column("job_id", sa.String(36), nullable=True))
    with op.batch_alter_table("inbox_message") as table:
        table.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("job_id", sa.String(36), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("inbox_message") as table:
        table.drop_column("job_id")
        table.drop_column("attempts")
    with op.batch_alter_table("message_subscription") as table:
        table.drop_column("job_id")
    with op.batch_alter_table("timer") as table:
        table.drop_column("job_id")
        table.drop_column("attempts")
        table.drop_column("armed_at")
    with op.batch_alter_table("process_instance") as table:
        table.drop_column("attended")
        table.drop_column("alone_steps")
