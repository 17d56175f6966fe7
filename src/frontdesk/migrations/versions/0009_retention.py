"""Retention and erasure: how long a session rests already, customers under seal, and who erased what."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"

DECIDED, FINISHED = "('approved', 'rejected')", "('completed', 'processed', 'manual_review')"
PHASE = f"""
CASE WHEN s.parent_id IS NOT NULL THEN 'within' WHEN s.status IN {DECIDED} THEN 'decided'
     WHEN s.status IN {FINISHED} THEN 'completed' ELSE 'open' END
"""
SINCE = f"CASE WHEN s.status IN {DECIDED} OR s.status IN {FINISHED} THEN s.updated_at ELSE s.expires_at END"
CARRY_OVER = f"""
UPDATE kyc_sessions SET
    tenant_id = (SELECT s.tenant_id FROM sessions s WHERE s.id = session_id),
    rests_as = (SELECT {PHASE} FROM sessions s WHERE s.id = session_id),
    rests_since = (SELECT {SINCE} FROM sessions s WHERE s.id = session_id)
WHERE EXISTS (SELECT 1 FROM sessions s WHERE s.id = session_id)
"""


def upgrade() -> None:
    op.add_column("kyc_sessions", sa.Column("tenant_id", sa.Text(), nullable=False, server_default=""))
    op.add_column("kyc_sessions", sa.Column("rests_as", sa.Text(), nullable=False, server_default="open"))
    # Until it is known, so far in the future that no clock gets there.
    op.add_column("kyc_sessions", sa.Column("rests_since", sa.BigInteger(), nullable=False, server_default=str(2**62)))
    op.execute(sa.text(CARRY_OVER))
    op.create_index("kyc_sessions_resting", "kyc_sessions", ["tenant_id", "rests_as", "rests_since", "session_id"])
    op.add_column("tombstones", sa.Column("erased_by", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("kyc_customers") as customers:
        customers.alter_column("client_id", existing_type=sa.Text(), nullable=True)
        customers.add_column(sa.Column("client_digest", sa.LargeBinary(), nullable=True))
        customers.add_column(sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.create_index("kyc_customers_by_digest", "kyc_customers", ["tenant_id", "client_digest"], unique=True)
    op.create_index("kyc_customers_in_clear", "kyc_customers", ["client_id"])
