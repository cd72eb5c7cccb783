"""Answer the lists of orders from indexes: newest first, and what is open by the time it is due."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0018_lists_of_orders", "0017_process_migrations"


def upgrade() -> None:
    op.create_index("ix_product_order_ordered_at", "product_order", ["ordered_at", "id"])
    is_open = sa.text("completed_at IS NULL")
    columns = ["promised_at", "id"]
    op.create_index(
        "ix_product_order_open_due", "product_order", columns, postgresql_where=is_open, sqlite_where=is_open
    )


def downgrade() -> None:
    op.drop_index("ix_product_order_open_due", "product_order")
    op.drop_index("ix_product_order_ordered_at", "product_order")
