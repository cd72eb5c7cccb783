"""Keep ids in 16 bytes on PostgreSQL instead of 36 characters: five of them were half of a job.

Every index over them is half the size too, and so is what is written to the log for it.
"""

from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0019_ids_in_16_bytes", "0018_lists_of_orders"

#: Ids of one activation had room for more.
LONGER = ("task_id", "parent_task_id")
COLUMNS = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND {which}
    ORDER BY table_name, column_name
"""
LINKS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY conname
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        texts = "data_type = 'character varying' AND (character_maximum_length = 36 OR column_name IN ('{}', '{}'))"
        change(texts.format(*LONGER), lambda _name: "uuid")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        change("data_type = 'uuid'", lambda name: f"varchar({64 if name in LONGER else 36})")


def change(which, kind) -> None:
    """Give all these columns their kind; what links tables is taken away meanwhile, for it compares two kinds."""
    bind = op.get_bind()
    links = bind.execute(sa.text(LINKS)).all()
    columns = bind.execute(sa.text(COLUMNS.format(which=which))).all()
    for table, name, _ in links:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for table, found in groupby(columns, key=lambda row: row[0]):
        parts = [f'ALTER "{name}" TYPE {kind(name)} USING "{name}"::{kind(name)}' for _, name in found]
        op.execute(f'ALTER TABLE "{table}" {", ".join(parts)}')
    for table, name, words in links:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {words}")
