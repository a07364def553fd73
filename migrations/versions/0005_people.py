"""people: sessions, second factors, tries, refund limits, and the audit log as a chain

Revision ID: 0005
Revises: 0004
"""

import contextlib

from alembic import op
import sqlalchemy as sa

from app.core.audit_chain import GENESIS, AuditFacts, chain_hash
from app.db.base import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BATCH = 1000
_REFUSAL = "the audit log is append-only"

_AUDIT = sa.table(
    "audit_log",
    sa.column("id", sa.Integer),
    sa.column("at", UtcDateTime()),
    sa.column("staff_id", sa.Integer),
    sa.column("who", sa.String),
    sa.column("action", sa.String),
    sa.column("target", sa.String),
    sa.column("done", sa.Boolean),
    sa.column("why", sa.String),
    sa.column("remote_address", sa.String),
    sa.column("seq", sa.Integer),
    sa.column("previous_hash", sa.String),
    sa.column("hash", sa.String),
)


def upgrade():
    _add_staff_columns()
    _create_tables()
    op.create_index(
        "ix_refunds_requested_by_id_requested_at", "refunds", ["requested_by_id", "requested_at"]
    )
    for column in (
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=True),
    ):
        # Added plainly and not by rebuilding the table, which on SQLite would lose its triggers.
        op.add_column("audit_log", column)
    op.create_index("ix_audit_log_seq", "audit_log", ["seq"], unique=True)
    with _triggers_aside():
        seq, head = _chain_what_is_there()
    head_table = sa.table(
        "audit_head", sa.column("id"), sa.column("seq"), sa.column("hash")
    )
    op.execute(head_table.insert().values(id=1, seq=seq, hash=head))
    _refuse_changes()


def _add_staff_columns():
    for column in (
        sa.Column("link_hash", sa.String(length=64), nullable=True),
        sa.Column("link_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_sealed", sa.Text(), nullable=True),
        sa.Column("totp_counter", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("daily_refund_limit_idr", sa.BigInteger(), nullable=True),
    ):
        # Plainly: a rebuilt table of people would, on SQLite, pull the rows that refer to them.
        op.add_column("staff", column)
    op.create_index("ix_staff_link_hash", "staff", ["link_hash"], unique=True)


def _create_tables():
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "half",
                "full",
                name="sessionstage",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("pending_totp", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_sessions_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_sessions_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_staff_sessions_staff_id", "staff_sessions", ["staff_id"])
    op.create_index("ix_staff_sessions_expires_at", "staff_sessions", ["expires_at"])
    op.create_table(
        "throttles",
        sa.Column("bucket", sa.String(length=120), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_throttles")),
    )
    op.create_index("ix_throttles_until", "throttles", ["until"])
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_recovery_codes_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint(
            "staff_id", "code_hash", name=op.f("uq_recovery_codes_staff_id_code_hash")
        ),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_passkeys_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index("ix_passkeys_staff_id", "passkeys", ["staff_id"])
    op.create_table(
        "passkey_challenges",
        sa.Column("challenge", sa.String(length=100), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_passkey_challenges")),
    )
    op.create_index("ix_passkey_challenges_expires_at", "passkey_challenges", ["expires_at"])


def _is_sqlite():
    return op.get_bind().dialect.name == "sqlite"


@contextlib.contextmanager
def _triggers_aside():
    """Let the entries that are there receive their place in the chain, whoever guards them."""
    if not _is_sqlite():
        op.execute("ALTER TABLE audit_log DISABLE TRIGGER USER")
        yield
        op.execute("ALTER TABLE audit_log ENABLE TRIGGER USER")
        return
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_log'"
    triggers = op.get_bind().exec_driver_sql(query).all()
    for name, _ in triggers:
        op.execute(f'DROP TRIGGER "{name}"')
    yield
    for _, text in triggers:
        op.get_bind().exec_driver_sql(text)


def _chain_what_is_there():
    """Number and hash the entries from before the chain, oldest first; return the chain's end."""
    bind, seq, head, last_id = op.get_bind(), 0, GENESIS, 0
    query = _AUDIT.select().order_by(_AUDIT.c.id).limit(_BATCH)
    while rows := bind.execute(query.where(_AUDIT.c.id > last_id)).all():
        for row in rows:
            seq, last_id, previous = seq + 1, row.id, head
            facts = AuditFacts(
                seq,
                row.at,
                row.staff_id,
                row.who,
                row.action,
                row.target,
                row.done,
                row.why,
                row.remote_address,
            )
            head = chain_hash(previous, facts)
            chained = _AUDIT.update().where(_AUDIT.c.id == row.id)
            bind.execute(chained.values(seq=seq, previous_hash=previous, hash=head))
    return seq, head


def _refuse_changes():
    """Let the database itself refuse to change or remove an entry, where it does not already."""
    if _is_guarded():
        return
    if _is_sqlite():
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_chain_no_{verb.lower()} BEFORE {verb} ON audit_log "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_audit_log_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_chain_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_log_change()"
    )


def _is_guarded():
    if _is_sqlite():
        query = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_log'"
    else:
        query = (
            "SELECT count(*) FROM pg_trigger "
            "WHERE tgrelid = 'audit_log'::regclass AND NOT tgisinternal"
        )
    return op.get_bind().exec_driver_sql(query).scalar_one() > 0


def downgrade():
    if _is_sqlite():
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS audit_chain_no_{verb}")
    else:
        op.execute("DROP TRIGGER IF EXISTS audit_chain_no_change ON audit_log")
        op.execute("DROP FUNCTION IF EXISTS refuse_audit_log_change()")
    op.drop_index("ix_audit_log_seq", "audit_log")
    for column in ("seq", "previous_hash", "hash"):
        op.drop_column("audit_log", column)
    op.drop_index("ix_refunds_requested_by_id_requested_at", "refunds")
    for table in (
        "passkey_challenges",
        "passkeys",
        "recovery_codes",
        "throttles",
        "staff_sessions",
        "audit_head",
    ):
        op.drop_table(table)
    op.drop_index("ix_staff_link_hash", "staff")
    for column in (
        "link_hash",
        "link_expires_at",
        "totp_sealed",
        "totp_counter",
        "daily_refund_limit_idr",
    ):
        op.drop_column("staff", column)
