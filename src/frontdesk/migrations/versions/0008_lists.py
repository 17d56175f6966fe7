"""The tables of screening: lists, what is in them, the words by which entries are found, and what shall go."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "kyc_lists",
        _text("scope"),
        _text("name"),
        _text("category"),
        _text("format"),
        _text("source_date", null=True),
        _text("digest"),
        _number("entries"),
        _number("names"),
        _text("generation"),
        _number("imported_at"),
        sa.PrimaryKeyConstraint("scope", "name"),
    )
    op.create_index("kyc_lists_by_name", "kyc_lists", ["name", "scope"])
    # Without row ids SQLite keeps these in the order of their keys: one tree instead of two.
    op.create_table(
        "kyc_list_entries",
        _text("generation"),
        _number("number"),
        _bytes("record"),
        sa.PrimaryKeyConstraint("generation", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kyc_list_keys",
        _text("generation"),
        _text("key"),
        _number("part"),
        _text("words"),
        sa.PrimaryKeyConstraint("generation", "key", "part"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kyc_list_words",
        _text("generation"),
        _text("word"),
        _number("part"),
        _bytes("names"),
        sa.PrimaryKeyConstraint("generation", "word", "part"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kyc_list_leftovers",
        _text("generation"),
        _number("touched_at"),
        sa.PrimaryKeyConstraint("generation"),
    )
