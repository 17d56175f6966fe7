"""The faces that identity checks keep, for a while, to notice the same one in another session."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "kyc_faces",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("workflow_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("retained_until", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index("kyc_faces_by_tenant", "kyc_faces", ["tenant_id", "session_id"])
    op.create_index("kyc_faces_by_workflow", "kyc_faces", ["tenant_id", "workflow_id", "session_id"])
    op.create_index("kyc_faces_by_time", "kyc_faces", ["retained_until"])
