"""Indexes of what most sessions lack hold only those that have it: one place less to write for all the others."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

PARTIAL = (
    ("sessions_by_parent", "sessions", ["parent_id", "created_at", "id"]),
    ("sessions_due", "sessions", ["due_at"]),
    ("kyc_sessions_by_customer", "kyc_sessions", ["customer_id", "session_id"]),
)


def upgrade() -> None:
    for name, table, columns in PARTIAL:
        held = sa.text(f"{columns[0]} IS NOT NULL")
        op.drop_index(name, table)
        op.create_index(name, table, columns, sqlite_where=held, postgresql_where=held)
