"""Make customers, their accounts and contracts, addresses, and the products they have.

Expand half: new tables only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0004_customers", "0003_catalogue"


def upgrade() -> None:
    op.create_table(
        "customer",
        sa.Column("customer_no", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("segment", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.String(length=40), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("id_type", sa.String(length=40), nullable=False),
        sa.Column("id_number", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("account_manager", sa.String(length=64), nullable=True),
        sa.Column("credit_score", sa.Integer(), nullable=True),
        sa.Column("blacklisted", sa.Boolean(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("created_on", sa.Date(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_customer_area")),
        sa.PrimaryKeyConstraint("customer_no", name=op.f("pk_customer")),
    )
    op.create_index(op.f("ix_customer_area"), "customer", ["area"], unique=False)
    op.create_index("ix_customer_name", "customer", ["name"], unique=False)
    op.create_index(op.f("ix_customer_phone"), "customer", ["phone"], unique=False)
    op.create_table(
        "address",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("area_class", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("district_zh", sa.String(length=200), nullable=False),
        sa.Column("district_en", sa.String(length=200), nullable=False),
        sa.Column("text_zh", sa.String(length=300), nullable=False),
        sa.Column("text_en", sa.String(length=300), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=True),
        sa.Column("exchange", sa.String(length=32), nullable=True),
        sa.Column("splitter", sa.String(length=32), nullable=True),
        sa.Column("drop_m", sa.Integer(), nullable=True),
        sa.Column("feasibility", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_address_area")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_address")),
    )
    op.create_index(op.f("ix_address_area"), "address", ["area"], unique=False)
    op.create_table(
        "account",
        sa.Column("account_no", sa.String(length=32), nullable=False),
        sa.Column("customer_no", sa.String(length=32), nullable=False),
        sa.Column("parent_account_no", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("arrears_cny", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_account_area")),
        sa.ForeignKeyConstraint(["customer_no"], ["customer.customer_no"], name=op.f("fk_account_customer_no")),
        sa.ForeignKeyConstraint(
            ["parent_account_no"], ["account.account_no"], name=op.f("fk_account_parent_account_no")
        ),
        sa.PrimaryKeyConstraint("account_no", name=op.f("pk_account")),
    )
    op.create_index(op.f("ix_account_area"), "account", ["area"], unique=False)
    op.create_index(op.f("ix_account_customer_no"), "account", ["customer_no"], unique=False)
    op.create_table(
        "contract",
        sa.Column("contract_no", sa.String(length=32), nullable=False),
        sa.Column("customer_no", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_contract_area")),
        sa.ForeignKeyConstraint(["customer_no"], ["customer.customer_no"], name=op.f("fk_contract_customer_no")),
        sa.PrimaryKeyConstraint("contract_no", name=op.f("pk_contract")),
    )
    op.create_index(op.f("ix_contract_area"), "contract", ["area"], unique=False)
    op.create_index(op.f("ix_contract_customer_no"), "contract", ["customer_no"], unique=False)
    op.create_table(
        "installed_product",
        sa.Column("product_id", sa.String(length=32), nullable=False),
        sa.Column("customer_no", sa.String(length=32), nullable=False),
        sa.Column("account_no", sa.String(length=32), nullable=True),
        sa.Column("product", sa.String(length=64), nullable=False),
        sa.Column("offering", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("address_code", sa.String(length=32), nullable=True),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("characteristics", sa.Text(), nullable=False),
        sa.Column("parent_product_id", sa.String(length=32), nullable=True),
        sa.Column("subscription_no", sa.String(length=32), nullable=True),
        sa.Column("resources", sa.Text(), nullable=False),
        sa.Column("contract_no", sa.String(length=32), nullable=True),
        sa.Column("charging_from", sa.Date(), nullable=True),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_no"], ["account.account_no"], name=op.f("fk_installed_product_account_no")),
        sa.ForeignKeyConstraint(["address_code"], ["address.code"], name=op.f("fk_installed_product_address_code")),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_installed_product_area")),
        sa.ForeignKeyConstraint(
            ["customer_no"], ["customer.customer_no"], name=op.f("fk_installed_product_customer_no")
        ),
        sa.ForeignKeyConstraint(
            ["parent_product_id"], ["installed_product.product_id"], name=op.f("fk_installed_product_parent_product_id")
        ),
        sa.ForeignKeyConstraint(["product"], ["product_spec.code"], name=op.f("fk_installed_product_product")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_installed_product")),
    )
    op.create_index(op.f("ix_installed_product_account_no"), "installed_product", ["account_no"], unique=False)
    op.create_index(op.f("ix_installed_product_address_code"), "installed_product", ["address_code"], unique=False)
    op.create_index(op.f("ix_installed_product_area"), "installed_product", ["area"], unique=False)
    op.create_index(op.f("ix_installed_product_customer_no"), "installed_product", ["customer_no"], unique=False)
    op.create_index(op.f("ix_installed_product_order_id"), "installed_product", ["order_id"], unique=False)
    op.create_index(
        op.f("ix_installed_product_parent_product_id"), "installed_product", ["parent_product_id"], unique=False
    )
    op.create_index(
        op.f("ix_installed_product_subscription_no"), "installed_product", ["subscription_no"], unique=False
    )


def downgrade() -> None:
    op.drop_table("installed_product")
    op.drop_table("contract")
    op.drop_table("account")
    op.drop_table("address")
    op.drop_table("customer")
