"""The tables of agents: definitions, conversations, running turns, files and values of sessions, the catalogue."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def upgrade() -> None:
    _definitions()
    _sessions()
    _contents()


def _definitions() -> None:
    op.create_table(
        "agents",
        _text("tenant_id"),
        _text("id"),
        _text("name"),
        _text("status"),
        _text("definition"),
        _number("version"),
        _number("created_at"),
        _number("updated_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("agents_by_status", "agents", ["tenant_id", "status", "created_at", "id"])
    op.create_index("agents_by_name", "agents", ["tenant_id", "name", "status", "created_at", "id"])
    op.create_table(
        "agents_usage",
        _text("id"),
        _text("tenant_id"),
        _text("agent_id"),
        _number("input_tokens"),
        _number("output_tokens"),
        _number("cache_read_tokens", null=True),
        _number("cache_creation_tokens", null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("agents_usage_by_agent", "agents_usage", ["tenant_id", "agent_id", "id"])
    op.create_table(
        "agents_catalogue",
        _text("id"),
        _text("tenant_id"),
        _text("kind"),
        _text("name"),
        _text("parent_id"),
        _bytes("sealed"),
        _number("version"),
        _number("created_at"),
        _number("updated_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "kind", "parent_id", "name"),
    )
    op.create_index("agents_catalogue_by_tenant", "agents_catalogue", ["tenant_id", "kind", "created_at", "id"])
    op.create_index("agents_catalogue_by_parent", "agents_catalogue", ["parent_id", "created_at", "id"])


def _sessions() -> None:
    op.create_table(
        "agents_sessions",
        _text("session_id"),
        _text("tenant_id"),
        _text("agent_id"),
        _bytes("record"),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index("agents_sessions_by_agent", "agents_sessions", ["tenant_id", "agent_id", "session_id"])
    op.create_table(
        "agents_messages",
        _text("session_id"),
        _number("number"),
        sa.PrimaryKeyConstraint("session_id", "number"),
    )
    op.create_table(
        "agents_turns",
        _text("session_id"),
        _text("turn_id"),
        _text("runner"),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index("agents_turns_by_runner", "agents_turns", ["runner", "session_id"])
    op.create_table("agents_runners", _text("name"), _number("beat"), sa.PrimaryKeyConstraint("name"))


def _contents() -> None:
    op.create_table(
        "agents_files",
        _text("session_id"),
        _text("place"),
        _bytes("head"),
        _bytes("content"),
        sa.PrimaryKeyConstraint("session_id", "place"),
    )
    op.create_table(
        "agents_values",
        _text("session_id"),
        _text("kind"),
        _text("place"),
        _bytes("sealed"),
        sa.PrimaryKeyConstraint("session_id", "kind", "place"),
    )
