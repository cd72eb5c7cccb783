"""What a cancel was judged to undo and to cost, who has to agree to it, and who did.

Expand half: empty columns only, so old processes keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import JsonDoc

revision, down_revision = "0038_cancels_agreed_to", "0037_amendments"
NEW = ("assessment", "fee_cny", "approver", "decided_by", "frozen")


def upgrade() -> None:
    op.add_column("cancel_request", sa.Column("assessment", JsonDoc(), nullable=True))
    op.add_column("cancel_request", sa.Column("fee_cny", sa.String(20), nullable=True))
    op.add_column("cancel_request", sa.Column("approver", sa.String(40), nullable=True))
    op.add_column("cancel_request", sa.Column("decided_by", sa.String(64), nullable=True))
    op.add_column("cancel_request", sa.Column("frozen", sa.Boolean(), nullable=True))


def downgrade() -> None:
    for name in NEW:
        op.drop_column("cancel_request", name)
