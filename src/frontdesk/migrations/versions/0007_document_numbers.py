"""Which numbers of papers a session has shown, as keyed digests: to tell when another session shows the same one."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "kyc_document_numbers",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "digest", "session_id"),
    )
    op.create_index("kyc_document_numbers_by_session", "kyc_document_numbers", ["session_id"])
