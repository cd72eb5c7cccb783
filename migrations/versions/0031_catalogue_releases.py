"""Keep every version of the catalogue; fees may depend on what an order says.

Only tables and a column with a default are added, so old processes keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0031_catalogue_releases", "0030_renewals"


def upgrade() -> None:
    op.create_table(
        "catalogue_release",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_catalogue_release")),
    )
    op.create_table(
        "catalogue_entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["release"], ["catalogue_release.number"], name=op.f("fk_catalogue_entry_release")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_catalogue_entry")),
        sa.UniqueConstraint("kind", "code", "version", name=op.f("uq_catalogue_entry_kind_code_version")),
    )
    op.create_index(op.f("ix_catalogue_entry_release"), "catalogue_entry", ["release"])
    op.add_column("fee", sa.Column("condition", sa.String(length=40), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("fee", "condition")
    op.drop_table("catalogue_entry")
    op.drop_table("catalogue_release")
