"""Keep what administrators change, who is absent, and until when a temporary password is good.

Expand half: new tables and a column that is empty, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import JsonDoc, Uuid

revision, down_revision = "0049_administration", "0048_found_by"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("app_user", sa.Column("password_until", WHEN, nullable=True))
    op.create_table(
        "admin_change",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("before", JsonDoc(), nullable=False),
        sa.Column("after", JsonDoc(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_admin_change_area_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_change")),
    )
    op.create_index("ix_admin_change_at", "admin_change", ["at"])
    op.create_index("ix_admin_change_subject", "admin_change", ["kind", "subject", "at"])
    op.create_table(
        "absence",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("made_at", WHEN, nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["login"], ["app_user.login"], name=op.f("fk_absence_login_app_user")),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_absence_area_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_login", "absence", ["login", "until_day"])


def downgrade() -> None:
    op.drop_table("absence")
    op.drop_table("admin_change")
    op.drop_column("app_user", "password_until")
