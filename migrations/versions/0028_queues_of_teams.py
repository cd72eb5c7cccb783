"""Let the queue of a team be counted from its index; what was withdrawn has an index of its own.

Old processes find the same rows, more slowly for a moment, so they keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0028_queues_of_teams", "0027_smaller_rows"

QUEUE = "ix_work_item_team_queue"
COLUMNS = ("team_code", sa.text("priority DESC"), "due_at", "created_at", "id")
OPEN_ITEMS = sa.text("state IN ('open', 'claimed', 'paused')")


def upgrade() -> None:
    withdrawn = sa.text("state = 'cancelled'")
    op.create_index(
        "ix_work_item_team_cancelled",
        "work_item",
        ["team_code", "id"],
        postgresql_where=withdrawn,
        sqlite_where=withdrawn,
    )
    op.drop_index("ix_work_item_team_state", table_name="work_item")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(QUEUE, table_name="work_item")
        op.create_index(QUEUE, "work_item", list(COLUMNS), postgresql_where=OPEN_ITEMS, postgresql_include=["area"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(QUEUE, table_name="work_item")
        op.create_index(QUEUE, "work_item", list(COLUMNS), postgresql_where=OPEN_ITEMS)
    op.create_index("ix_work_item_team_state", "work_item", ["team_code", "state", "due_at"])
    op.drop_index("ix_work_item_team_cancelled", table_name="work_item")
