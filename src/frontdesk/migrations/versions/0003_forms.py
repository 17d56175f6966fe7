"""The tables of forms: records of forms, sessions and jobs, layouts, and what is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def upgrade() -> None:
    op.create_table("forms_records", _text("session_id"), _bytes("record"), sa.PrimaryKeyConstraint("session_id"))
    op.create_table(
        "forms_layouts",
        _text("form_id"),
        _text("tenant_id"),
        _bytes("digest"),
        _bytes("sealed"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("form_id"),
    )
    op.create_index("forms_layouts_by_digest", "forms_layouts", ["tenant_id", "digest", "created_at"])
    op.create_table(
        "forms_usage",
        _text("tenant_id"),
        _text("period"),
        _text("kind"),
        _number("count"),
        sa.PrimaryKeyConstraint("tenant_id", "period", "kind"),
    )
