"""Find customers by initials in Pinyin, by letters however they are typed, and by some digits of the phone.

Expand half: a new column that old workers leave empty; whom they take in is found by the whole number until changed.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.domain.counter.found_by import found_by

revision, down_revision = "0048_found_by", "0047_attachments"

INDEX = "ix_customer_found_by"
BATCH = 2_000


def upgrade() -> None:
    op.add_column("customer", sa.Column("found_by", sa.Text(), nullable=False, server_default=""))
    for rows in _batches():
        op.get_bind().execute(
            sa.text("UPDATE customer SET found_by = :words WHERE customer_no = :number"),
            [{"number": row.customer_no, "words": found_by(row.name, row.name_en)} for row in rows],
        )
    if has_trigrams():
        ops = {"found_by": "gin_trgm_ops", "phone": "gin_trgm_ops"}
        op.create_index(INDEX, "customer", list(ops), postgresql_using="gin", postgresql_ops=ops)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP INDEX IF EXISTS {INDEX}")
    op.drop_column("customer", "found_by")


def _batches() -> Iterator[Sequence[sa.Row[Any]]]:
    last = ""
    question = sa.text(
        "SELECT customer_no, name, name_en FROM customer WHERE customer_no > :last ORDER BY customer_no LIMIT :most"
    )
    while rows := op.get_bind().execute(question, {"last": last, "most": BATCH}).all():
        yield rows
        last = rows[-1].customer_no


def has_trigrams() -> bool:
    """Whether this is PostgreSQL with the extension that an earlier migration has created where it could."""
    if op.get_bind().dialect.name != "postgresql":
        return False
    return bool(op.get_bind().execute(sa.text("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")).scalar())
