"""Keep what was agreed and what was measured.

Expand half: a new table only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import Uuid

revision, down_revision = "0045_measurements", "0044_order_quotes"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sla_measurement",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("order_id", Uuid(), nullable=True),
        sa.Column("item_id", Uuid(), nullable=True),
        sa.Column("product_id", sa.String(32), nullable=True),
        sa.Column("agreed", sa.String(20), nullable=False),
        sa.Column("measured", sa.String(20), nullable=False),
        sa.Column("broken", sa.Boolean(), nullable=False),
        sa.Column("from_at", WHEN, nullable=False),
        sa.Column("to_at", WHEN, nullable=True),
        sa.Column("exclusion", sa.String(40), nullable=False),
        sa.Column("evidence", sa.String(500), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_sla_measurement_area_area")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["product_order.id"], name=op.f("fk_sla_measurement_order_id_product_order")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["product_order_item.id"], name=op.f("fk_sla_measurement_item_id_product_order_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_measurement")),
        sa.UniqueConstraint("kind", "item_id", "from_at", name=op.f("uq_sla_measurement_kind_item_id_from_at")),
        sa.UniqueConstraint("kind", "product_id", "from_at", name=op.f("uq_sla_measurement_kind_product_id_from_at")),
    )
    for column in ("order_id", "product_id"):
        op.create_index(op.f(f"ix_sla_measurement_{column}"), "sla_measurement", [column])


def downgrade() -> None:
    op.drop_table("sla_measurement")
