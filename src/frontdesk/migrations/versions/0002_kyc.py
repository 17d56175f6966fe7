"""The tables of identity checks: workflows and their versions, customers, and what a session has collected."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def upgrade() -> None:
    op.create_table(
        "kyc_workflows",
        _text("id"),
        _text("tenant_id"),
        _text("status"),
        _number("version"),
        _number("created_at"),
        _number("updated_at"),
        _number("deleted_at", null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("kyc_workflows_by_tenant", "kyc_workflows", ["tenant_id", "created_at", "id"])
    op.create_table(
        "kyc_workflow_versions",
        _text("workflow_id"),
        _number("version"),
        _text("definition"),
        _number("created_at"),
        _text("created_by"),
        sa.PrimaryKeyConstraint("workflow_id", "version"),
    )
    op.create_table(
        "kyc_customers",
        _text("id"),
        _text("tenant_id"),
        _text("client_id"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "client_id"),
    )
    op.create_table(
        "kyc_sessions",
        _text("session_id"),
        _text("workflow_id"),
        _number("workflow_version"),
        _text("customer_id", null=True),
        _text("step_id", null=True),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index("kyc_sessions_by_workflow", "kyc_sessions", ["workflow_id", "session_id"])
    op.create_index("kyc_sessions_by_customer", "kyc_sessions", ["customer_id", "session_id"])
