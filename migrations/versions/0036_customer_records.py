"""Keep the sites of customers, what was changed about them, and which of two was the other one.

Expand half: new tables and an empty column only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import JsonDoc, Uuid

revision, down_revision = "0036_customer_records", "0035_billing_instructions"


def upgrade() -> None:
    op.add_column("customer", sa.Column("merged_into", sa.String(32), nullable=True))
    op.create_table(
        "customer_site",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("customer_no", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("address_code", sa.String(32), nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.Column("contact", JsonDoc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_no"], ["customer.customer_no"], name=op.f("fk_customer_site_customer_no_customer")
        ),
        sa.ForeignKeyConstraint(["address_code"], ["address.code"], name=op.f("fk_customer_site_address_code_address")),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_customer_site_area_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_site")),
    )
    op.create_index(op.f("ix_customer_site_customer_no"), "customer_site", ["customer_no"])
    op.create_table(
        "customer_event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("customer_no", sa.String(32), nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("why", sa.String(500), nullable=False),
        sa.Column("detail", JsonDoc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_no"], ["customer.customer_no"], name=op.f("fk_customer_event_customer_no_customer")
        ),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_customer_event_area_area")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_customer_event")),
    )
    op.create_index("ix_customer_event_customer", "customer_event", ["customer_no", "seq"])


def downgrade() -> None:
    op.drop_table("customer_event")
    op.drop_table("customer_site")
    op.drop_column("customer", "merged_into")
