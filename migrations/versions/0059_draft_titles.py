"""Keep what the file of a draft is called in both languages, so that a list need not open it.

Expand half: columns with a default only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0059_draft_titles", "0058_process_comments"

NAMES = ("title", "title_en")


def upgrade() -> None:
    for name in NAMES:
        op.add_column("process_draft", sa.Column(name, sa.String(200), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("process_draft") as table:
        for name in reversed(NAMES):
            table.drop_column(name)
