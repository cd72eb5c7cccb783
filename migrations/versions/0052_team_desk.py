"""Keep what teams note about their work: views, follow-up days, what was given back and why, questions.

Expand half: new tables, and new columns that old workers leave empty.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import JsonDoc, Uuid

revision, down_revision = "0052_team_desk", "0051_customer_links"

WHEN = sa.DateTime(timezone=True)
FOLLOWED, RETURNED, OPEN = (
    sa.text(f"{column} {told}")
    for column, told in (("follow_up_on", "IS NOT NULL"), ("returned_at", "IS NOT NULL"), ("answered_at", "IS NULL"))
)


def upgrade() -> None:
    op.add_column("work_item", sa.Column("follow_up_on", sa.Date(), nullable=True))
    op.add_column("work_item", sa.Column("returned", JsonDoc(), nullable=True))
    op.add_column("work_item", sa.Column("returned_at", WHEN, nullable=True))
    for name, column, rows in (
        ("ix_work_item_follow_up", "follow_up_on", FOLLOWED),
        ("ix_work_item_returned", "returned_at", RETURNED),
    ):
        op.create_index(name, "work_item", ["team_code", column], postgresql_where=rows, sqlite_where=rows)
    op.create_table(
        "work_question",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("work_item_id", Uuid(), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("asked_at", WHEN, nullable=False),
        sa.Column("team_code", sa.String(64), nullable=True),
        sa.Column("login", sa.String(64), nullable=True),
        sa.Column("answer", sa.String(1000), nullable=False),
        sa.Column("answered_by", sa.String(64), nullable=True),
        sa.Column("answered_at", WHEN, nullable=True),
        sa.Column("area", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["work_item_id"], ["work_item.id"], name=op.f("fk_work_question_work_item_id_work_item")
        ),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_work_question_area_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_question")),
    )
    for column in ("work_item_id", "asked_by"):
        op.create_index(op.f(f"ix_work_question_{column}"), "work_question", [column])
    for name, column in (("ix_work_question_team", "team_code"), ("ix_work_question_login", "login")):
        op.create_index(name, "work_question", [column], postgresql_where=OPEN, sqlite_where=OPEN)
    op.create_table(
        "saved_view",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("arguments", JsonDoc(), nullable=False),
        sa.Column("starred", sa.Boolean(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("login", "kind", "name", name=op.f("uq_saved_view_login_kind_name")),
    )
    op.create_table(
        "desk_choice",
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", JsonDoc(), nullable=False),
        sa.PrimaryKeyConstraint("login", "name", name=op.f("pk_desk_choice")),
    )


def downgrade() -> None:
    for table in ("desk_choice", "saved_view", "work_question"):
        op.drop_table(table)
    for index in ("ix_work_item_follow_up", "ix_work_item_returned"):
        op.drop_index(index, table_name="work_item")
    for column in ("returned_at", "returned", "follow_up_on"):
        op.drop_column("work_item", column)
