"""Let orders, products, tickets and work items count by sequences on PostgreSQL.

Expand half: new sequences only, which go on where the counter rows stand. SQLite keeps its counter rows.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0009_number_sequences", "0008_reconciliation"
KINDS = ("O", "P", "T", "W")


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    highest = sa.text("SELECT max(last) FROM order_number WHERE kind = :kind")
    for kind in KINDS:
        last = connection.scalar(highest, {"kind": kind}) or 0
        op.execute(sa.schema.CreateSequence(sa.Sequence(f"number_{kind.lower()}", start=last + 1)))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for kind in KINDS:
            op.execute(sa.schema.DropSequence(sa.Sequence(f"number_{kind.lower()}")))
