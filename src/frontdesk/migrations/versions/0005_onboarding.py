"""The tables of onboarding: what a session has collected, consents and what they gathered, keys and signers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _bytes(name: str, *, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def upgrade() -> None:
    op.create_table(
        "onboarding_sessions",
        _text("session_id"),
        _text("skill"),
        _bytes("mark", null=True),
        _bytes("state_digest", null=True),
        _bytes("record"),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index("onboarding_sessions_by_mark", "onboarding_sessions", ["mark", "session_id"])
    op.create_index("onboarding_sessions_by_state", "onboarding_sessions", ["state_digest"], unique=True)
    op.create_table(
        "onboarding_consents",
        _text("id"),
        _text("tenant_id"),
        _text("session_id"),
        _text("skill"),
        _bytes("access_digest"),
        _bytes("user_mark"),
        _text("status"),
        _number("version"),
        _number("created_at"),
        _number("updated_at"),
        _number("ends_at"),
        _number("retained_until"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("onboarding_consents_by_session", "onboarding_consents", ["session_id"])
    op.create_table(
        "onboarding_gathered",
        _text("consent_id"),
        _text("subject"),
        _number("asked_at"),
        _bytes("sealed"),
        sa.PrimaryKeyConstraint("consent_id", "subject"),
    )
    _keys()


def _keys() -> None:
    op.create_table(
        "onboarding_old_keys",
        _text("tenant_id"),
        _bytes("digest"),
        _text("used_as"),
        _number("good_until"),
        sa.PrimaryKeyConstraint("tenant_id", "digest"),
    )
    op.create_table(
        "onboarding_signers",
        _text("id"),
        _text("tenant_id"),
        _text("email"),
        _text("kid"),
        _text("public_key"),
        _number("created_at"),
        _number("good_until", null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("onboarding_signers_by_email", "onboarding_signers", ["email", "created_at", "id"])
    op.create_index("onboarding_signers_by_tenant", "onboarding_signers", ["tenant_id", "created_at", "id"])
    op.create_table(
        "onboarding_signatures",
        _bytes("digest"),
        _text("repeat_key"),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("onboarding_signatures_expiring", "onboarding_signatures", ["expires_at"])
