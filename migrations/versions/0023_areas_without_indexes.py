"""No index by area alone, which planners joined with better ones; indexes that count and find what many orders have.

Old processes need none of them, so they keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0023_areas_without_indexes", "0022_restores"

TABLES = (
    "account",
    "address",
    "app_user",
    "cancel_request",
    "contract",
    "customer",
    "difference",
    "installed_product",
    "jeopardy_alert",
    "order_event",
    "product_order",
    "product_order_item",
    "reconcile_run",
    "service_order",
    "sla_clock",
    "team",
    "trouble_ticket",
    "work_item",
    "work_order",
)


OPEN_ORDERS = sa.text("completed_at IS NULL")
OPEN_ITEMS = sa.text("state IN ('open', 'claimed', 'paused')")


def upgrade() -> None:
    for table in TABLES:
        op.drop_index(op.f(f"ix_{table}_area"), table_name=table)
    op.drop_index("ix_work_item_state_due", table_name="work_item")
    columns = ["area", "promised_at"]
    op.create_index(
        "ix_product_order_open_area", "product_order", columns, postgresql_where=OPEN_ORDERS, sqlite_where=OPEN_ORDERS
    )
    op.create_index("ix_product_order_external_id", "product_order", ["external_id"])
    if op.get_bind().dialect.name == "postgresql":
        urgent = ["kind", sa.text("priority DESC"), "due_at", "created_at", "id"]
        op.create_index("ix_work_item_kind_queue", "work_item", urgent, postgresql_where=OPEN_ITEMS)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_work_item_kind_queue", table_name="work_item")
    op.drop_index("ix_product_order_external_id", table_name="product_order")
    op.drop_index("ix_product_order_open_area", table_name="product_order")
    op.create_index("ix_work_item_state_due", "work_item", ["state", "due_at"])
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_area"), table, ["area"])
