"""Make the catalogue: products, offerings, prices, services, resources; and the rule books kept as data.

Expand half: new tables only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003_catalogue", "0002_areas_people"


def upgrade() -> None:
    op.create_table(
        "segment",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_segment")),
    )
    op.create_table(
        "order_type",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("short_zh", sa.String(length=40), nullable=False),
        sa.Column("tmf_action", sa.String(length=40), nullable=False),
        sa.Column("product_status", sa.Text(), nullable=False),
        sa.Column("characteristics", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_order_type")),
    )
    op.create_table(
        "channel",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_channel")),
    )
    op.create_table(
        "product_spec",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_product_spec")),
    )
    op.create_table(
        "fee",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("amount_cny", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("order_types", sa.Text(), nullable=False),
        sa.Column("products", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_fee")),
    )
    op.create_table(
        "service_spec",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("resources", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_service_spec")),
    )
    op.create_table(
        "resource_spec",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("reservation_expiry_hours", sa.Integer(), nullable=True),
        sa.Column("quarantine_days", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_resource_spec")),
    )
    op.create_table(
        "rule_book",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_rule_book")),
    )
    op.create_table(
        "form_definition",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deployed_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_definition")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_form_definition_key_version")),
    )
    op.create_table(
        "offering",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("segments", sa.Text(), nullable=False),
        sa.Column("fixed_characteristics", sa.Text(), nullable=False),
        sa.Column("sold_from", sa.Date(), nullable=False),
        sa.Column("sold_until", sa.Date(), nullable=True),
        sa.Column("contract_months", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["product"], ["product_spec.code"], name=op.f("fk_offering_product")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_offering")),
    )
    op.create_index(op.f("ix_offering_product"), "offering", ["product"], unique=False)
    op.create_table(
        "price",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("offering", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("amount_cny", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("tax_percent", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["offering"], ["offering.code"], name=op.f("fk_price_offering")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_price")),
    )
    op.create_index(op.f("ix_price_offering"), "price", ["offering"], unique=False)


def downgrade() -> None:
    op.drop_table("price")
    op.drop_table("offering")
    op.drop_table("form_definition")
    op.drop_table("rule_book")
    op.drop_table("resource_spec")
    op.drop_table("service_spec")
    op.drop_table("fee")
    op.drop_table("product_spec")
    op.drop_table("channel")
    op.drop_table("order_type")
    op.drop_table("segment")
