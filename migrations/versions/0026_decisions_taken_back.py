"""A version of a decision can be taken back, as one of a process can.

Expand half: two columns that may be empty, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0026_decisions_taken_back", "0025_fewer_indexes"


def upgrade() -> None:
    op.add_column("decision_definition", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("decision_definition", sa.Column("withdrawn_by", sa.String(120), nullable=True))


def downgrade() -> None:
    op.drop_column("decision_definition", "withdrawn_by")
    op.drop_column("decision_definition", "withdrawn_at")
