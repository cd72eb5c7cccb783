"""Sums per element and marks of the chores of history; indexes that keep searches and queues quick among many rows.

Expand half: what is written for every step loses its foreign key to the instance, everything else is new. Texts are
indexed by three letters at a time where PostgreSQL has its extension pg_trgm; without it searches read the rows.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0015_history", "0014_repairs"

WITHOUT_KEY = ("activity_log", "job", "effect")
OPEN_ITEMS = "state IN ('open', 'claimed', 'paused')"
URGENT = (sa.text("priority DESC"), "due_at", "created_at", "id")
PARTIAL = (
    ("ix_process_instance_live", "process_instance", ("definition_id",), "ended_at IS NULL"),
    (
        "ix_process_instance_ended_at",
        "process_instance",
        ("ended_at",),
        "parent_id IS NULL AND ended_at IS NOT NULL",
    ),
    ("ix_work_item_team_done", "work_item", ("team_code", "completed_at"), "completed_at IS NOT NULL"),
    ("ix_work_item_completed_by", "work_item", ("completed_by", "completed_at"), "completed_at IS NOT NULL"),
)
QUEUES = (("ix_work_item_team_queue", ("team_code", *URGENT)), ("ix_work_item_queue", URGENT))
PLAIN = (
    ("ix_incident_opened_at", "incident", ("state", "opened_at")),
    ("ix_customer_id_number", "customer", ("id_number",)),
)
TEXTS = (
    ("ix_incident_text", "incident", ("code", "message")),
    ("ix_customer_text", "customer", ("customer_no", "name", "name_en")),
    ("ix_address_text", "address", ("code", "text_zh", "text_en")),
    ("ix_installed_product_resources", "installed_product", ("resources",)),
    ("ix_product_order_text", "product_order", ("number", "external_id", "description")),
)


def upgrade() -> None:
    op.create_table(
        "element_count",
        sa.Column("definition_id", sa.String(36), nullable=False),
        sa.Column("element_id", sa.String(255), nullable=False),
        sa.Column("area", sa.String(40), nullable=False),
        *(sa.Column(way, sa.BigInteger(), nullable=False) for way in ("entered", "completed", "cancelled", "failed")),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_element_count_definition_id")
        ),
        sa.PrimaryKeyConstraint("definition_id", "element_id", "area", name=op.f("pk_element_count")),
    )
    op.create_table(
        "history_mark",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_history_mark")),
    )
    for table in WITHOUT_KEY:
        with op.batch_alter_table(table) as change:
            change.drop_constraint(f"fk_{table}_instance_id", type_="foreignkey")
    for name, table, columns, condition in PARTIAL:
        where = sa.text(condition)
        op.create_index(name, table, list(columns), postgresql_where=where, sqlite_where=where)
    for name, table, columns in PLAIN:
        op.create_index(name, table, list(columns))
    op.create_index(
        "ix_activity_log_at",
        "activity_log",
        ["at"],
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on", "pages_per_range": 32},
    )
    if op.get_bind().dialect.name == "postgresql":
        for name, columns in QUEUES:
            op.create_index(name, "work_item", list(columns), postgresql_where=sa.text(OPEN_ITEMS))
    if has_trigrams():
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        for name, table, columns in TEXTS:
            ops = dict.fromkeys(columns, "gin_trgm_ops")
            op.create_index(name, table, list(columns), postgresql_using="gin", postgresql_ops=ops)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name, *_ in (*TEXTS, *QUEUES):
            op.execute(f"DROP INDEX IF EXISTS {name}")
    op.drop_index("ix_activity_log_at", "activity_log")
    for name, table, *_ in (*PLAIN, *PARTIAL):
        op.drop_index(name, table)
    for table in WITHOUT_KEY:
        with op.batch_alter_table(table) as change:
            change.create_foreign_key(f"fk_{table}_instance_id", "process_instance", ["instance_id"], ["id"])
    op.drop_table("history_mark")
    op.drop_table("element_count")


def has_trigrams() -> bool:
    """Whether this is PostgreSQL, the extension is installed on its machine, and we may create it."""
    if op.get_bind().dialect.name != "postgresql":
        return False
    question = (
        "SELECT count(*) FROM pg_available_extension_versions v WHERE v.name = 'pg_trgm' AND (v.installed"
        " OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
        " OR (v.trusted AND has_database_privilege(current_database(), 'CREATE')))"
    )
    return bool(op.get_bind().execute(sa.text(question)).scalar())
