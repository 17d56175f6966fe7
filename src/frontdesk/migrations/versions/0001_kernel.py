"""The kernel's tables: tenants, credentials, sessions, events, jobs, objects, deliveries, tombstones."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text()
INSTANT = sa.BigInteger()
BYTES = sa.LargeBinary()


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=null)


def _instant(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, INSTANT, nullable=null)


def _bytes(name: str, *, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, BYTES, nullable=null)


def upgrade() -> None:
    _tenants()
    _sessions()
    _jobs()
    _deliveries()


def _tenants() -> None:
    op.create_table(
        "tenants",
        _text("id"),
        _text("organization_id"),
        _text("name"),
        _text("client_id"),
        _bytes("client_app_key_digest"),
        _bytes("client_secret_digest"),
        _bytes("webhook_secret"),
        _text("settings"),
        _instant("version"),
        _instant("created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("client_id"),
    )
    op.create_table(
        "api_keys",
        _text("id"),
        _text("tenant_id"),
        _text("name"),
        _bytes("digest"),
        _text("hint"),
        _text("permissions"),
        _instant("created_at"),
        _instant("disabled_at", null=True),
        _instant("revoked_at", null=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("api_keys_by_tenant", "api_keys", ["tenant_id", "created_at", "id"])


def _sessions() -> None:
    op.create_table(
        "sessions",
        _text("id"),
        _text("tenant_id"),
        _text("kind"),
        _text("status"),
        _text("parent_id", null=True),
        _instant("version"),
        _instant("created_at"),
        _instant("updated_at"),
        _instant("expires_at"),
        _instant("due_at", null=True),
        _instant("last_number"),
        _bytes("last_digest"),
        _bytes("wrapped_key"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("sessions_by_tenant", "sessions", ["tenant_id", "kind", "created_at", "id"])
    op.create_index("sessions_by_status", "sessions", ["tenant_id", "kind", "status", "created_at", "id"])
    op.create_index("sessions_by_parent", "sessions", ["parent_id", "created_at", "id"])
    op.create_index("sessions_due", "sessions", ["due_at"])
    op.create_table(
        "access_tokens",
        _bytes("digest"),
        _text("session_id"),
        _bytes("sealed"),
        _instant("created_at"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("access_tokens_by_session", "access_tokens", ["session_id", "created_at"])
    op.create_table(
        "events",
        _text("session_id"),
        _instant("number"),
        _text("id"),
        _text("type"),
        _instant("at"),
        _bytes("sealed"),
        _bytes("digest"),
        sa.PrimaryKeyConstraint("session_id", "number"),
    )
    op.create_table(
        "tombstones",
        _text("session_id"),
        _text("tenant_id"),
        _text("kind"),
        _instant("created_at"),
        _instant("erased_at"),
        _instant("events"),
        _instant("objects"),
        _bytes("last_digest"),
        sa.PrimaryKeyConstraint("session_id"),
    )


def _jobs() -> None:
    op.create_table(
        "outbox",
        _text("key"),
        _text("job"),
        _text("session_id", null=True),
        _text("argument"),
        _instant("due_at"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("outbox_due", "outbox", ["due_at"])
    op.create_index("outbox_by_session", "outbox", ["session_id"])
    op.create_table(
        "idempotency",
        _text("owner_id"),
        _text("scope"),
        _text("key"),
        _bytes("request_digest"),
        _bytes("sealed"),
        _instant("expires_at"),
        sa.PrimaryKeyConstraint("owner_id", "scope", "key"),
    )
    op.create_index("idempotency_expiring", "idempotency", ["expires_at"])
    op.create_table(
        "blobs",
        _text("key"),
        _text("session_id"),
        _instant("stored_by", null=True),
        _instant("created_at"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("blobs_by_session", "blobs", ["session_id", "key"])
    op.create_index("blobs_lost", "blobs", ["stored_by"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        _text("id"),
        _text("tenant_id"),
        _text("session_id"),
        _text("event_type"),
        _bytes("sealed"),
        _text("state"),
        _instant("tries"),
        _instant("created_at"),
        _instant("next_at", null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("deliveries_by_tenant", "deliveries", ["tenant_id", "created_at", "id"])
    op.create_index("deliveries_by_session", "deliveries", ["session_id"])
    op.create_table(
        "delivery_attempts",
        _text("delivery_id"),
        _instant("number"),
        _instant("at"),
        sa.Column("status", sa.Integer(), nullable=True),
        _text("outcome"),
        _instant("milliseconds"),
        sa.PrimaryKeyConstraint("delivery_id", "number"),
    )
