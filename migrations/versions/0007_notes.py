"""notes about orders, who they mean; what gateways answered, or why they did not

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-23 20:20:00

"""

import json

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SILENCES = (
    "unreachable", "broken_off", "unreadable", "limited", "keys_refused", "refused", "trouble",
)
# Roles that exist already get the right that came with this version.
_WRITERS = frozenset({"support", "refunder", "approver", "finance", "admin"})
_NEW_RIGHT = "write_notes"
_REFUSAL = "order_notes is append-only"


def upgrade():
    op.create_table(
        "order_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("form_key", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "length(text) BETWEEN 1 AND 2000", name=op.f("ck_order_notes_text_within_limits")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_notes_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_order_notes_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_notes")),
        sa.UniqueConstraint("form_key", name=op.f("uq_order_notes_form_key")),
    )
    op.create_index("ix_order_notes_order_id_id", "order_notes", ["order_id", "id"])
    op.create_table(
        "note_mentions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["note_id"], ["order_notes.id"], name=op.f("fk_note_mentions_note_id_order_notes")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_note_mentions_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_mentions")),
        sa.UniqueConstraint("note_id", "staff_id", name=op.f("uq_note_mentions_note_id_staff_id")),
    )
    op.create_index("ix_note_mentions_staff_id_read_at", "note_mentions", ["staff_id", "read_at"])
    op.add_column("observations", sa.Column("document", sa.Text(), nullable=True))
    # SQLite adds a column in place, and with it its check: no table is written anew.
    words = ", ".join(f"'{word}'" for word in _SILENCES)
    name = op.f("ck_status_checks_silence")
    if _is_sqlite():
        op.execute(
            "ALTER TABLE status_checks ADD COLUMN silence VARCHAR(32) "
            f"CONSTRAINT {name} CHECK (silence IN ({words}))"
        )
    else:
        op.add_column("status_checks", sa.Column("silence", sa.String(length=32), nullable=True))
        op.create_check_constraint(name, "status_checks", f"silence IN ({words})")
    _refuse_changes()
    _change_rights(lambda had: had | {_NEW_RIGHT})


def downgrade():
    _change_rights(lambda had: had - {_NEW_RIGHT})
    op.drop_column("status_checks", "silence")
    op.drop_column("observations", "document")
    op.drop_table("note_mentions")
    op.drop_table("order_notes")
    if not _is_sqlite():
        op.execute("DROP FUNCTION refuse_note_change()")


def _is_sqlite():
    return op.get_bind().dialect.name == "sqlite"


def _refuse_changes():
    """Let the database itself refuse to change or remove a note."""
    if _is_sqlite():
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER order_notes_no_{verb.lower()} BEFORE {verb} ON order_notes "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_note_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for name, verbs in (("append_only", "UPDATE OR DELETE"), ("no_truncate", "TRUNCATE")):
        op.execute(
            f"CREATE TRIGGER order_notes_{name} BEFORE {verbs} ON order_notes "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_note_change()"
        )


def _change_rights(change):
    roles = sa.table(
        "roles", sa.column("id", sa.Integer), sa.column("name", sa.String), sa.column("rights", sa.JSON)
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(roles)).all():
        if row.name in _WRITERS:
            had = json.loads(row.rights) if isinstance(row.rights, str) else row.rights
            rights = sorted(change(set(had)))
            connection.execute(roles.update().where(roles.c.id == row.id).values(rights=rights))
