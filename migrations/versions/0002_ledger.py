"""The ledger with its opening postings, findings, and tables that only grow.

Revision ID: 0002
Revises: 0001

"""

from collections import defaultdict
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LEGS = {
    "capture": ("gateway", "sales"),
    "refund_released": ("refunds_payable", "returns"),
    "refund_undone": ("gateway", "returns"),
    "transfer_undone": ("bank", "returns"),
    "written_off": ("losses", "returns"),
    "reversal": ("sales", "gateway"),
    "refund_reserved": ("returns", "refunds_payable"),
    "refund_settled": ("refunds_payable", "gateway"),
    "void": ("refunds_payable", "gateway"),
    "refund_transferred": ("refunds_payable", "bank"),
    "refund_outside": ("returns", "gateway"),
    "transfer_outside": ("returns", "bank"),
    "write_off_undone": ("returns", "losses"),
    "loss": ("losses", "bank"),
    "loss_undone": ("bank", "losses"),
    "chargeback": ("chargebacks", "gateway"),
    "chargeback_undone": ("gateway", "chargebacks"),
    "fee": ("fees", "gateway"),
    "fee_undone": ("gateway", "fees"),
}
ACCOUNTS = sorted({account for legs in LEGS.values() for account in legs})
CODES = (
    "sums_differ",
    "ledger_differs",
    "status_differs",
    "winner_differs",
    "returned_too_much",
    "timeline_broken",
    "refund_inconsistent",
    "refund_forgotten",
    "stock_differs",
    "reserved_stock_differs",
    "attempt_forgotten",
    "claim_forgotten",
)
RELEASE = "release_order"
APPEND_ONLY = ("ledger_entries", "order_events", "observations", "stock_movements", "audit_log")
# What is given back or promised of an order, less what was taken for it: never above zero.
TOO_MUCH_BACK = """
    (SELECT sum(CASE WHEN debit IN ('returns', 'sales') THEN amount_idr ELSE 0 END
              - CASE WHEN credit IN ('returns', 'sales') THEN amount_idr ELSE 0 END)
       FROM ledger_entries WHERE order_id = NEW.order_id) > 0
"""


def upgrade():
    _create_tables()
    with op.batch_alter_table("gateway_transactions") as batch_op:
        batch_op.add_column(sa.Column("fee_idr", sa.BigInteger(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_gateway_transactions_fee_not_negative"), "fee_idr >= 0"
        )
    with op.batch_alter_table("orders") as batch_op:
        batch_op.create_index("ix_orders_updated_at", ["updated_at"])
    _write_opening_postings(op.get_bind())
    _change_rights(op.get_bind(), lambda rights: {*rights, RELEASE})
    _guard(op.get_bind().dialect.name)


def downgrade():
    _unguard(op.get_bind().dialect.name)
    _change_rights(op.get_bind(), lambda rights: {*rights} - {RELEASE})
    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_index("ix_orders_updated_at")
    with op.batch_alter_table("gateway_transactions") as batch_op:
        batch_op.drop_constraint(op.f("ck_gateway_transactions_fee_not_negative"), type_="check")
        batch_op.drop_column("fee_idr")
    op.drop_table("ledger_entries")
    op.drop_table("findings")
    op.drop_table("job_positions")


def _words(name, values):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _change_rights(connection, change):
    """Give the right to release a frozen order to those who decide about refunds, or take it."""
    roles = sa.table("roles", sa.column("name"), sa.column("rights", sa.JSON()))
    deciding = sa.select(roles).where(roles.c.name.in_(["approver", "finance"]))
    for name, rights in connection.execute(deciding).all():
        changed = roles.update().where(roles.c.name == name)
        connection.execute(changed.values(rights=sorted(change(rights))))


def _create_tables():
    op.create_table(
        "job_positions",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_positions")),
    )
    # There from the start, so that two processes never race to add them.
    op.execute(
        "INSERT INTO job_positions (job, order_id) "
        "VALUES ('verify_orders', 0), ('sample_closed_orders', 0)"
    )
    _create_findings()
    _create_ledger_entries()


def _create_findings():
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", _words("findingcode", CODES), nullable=False),
        sa.Column("subject", sa.String(length=140), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("freezes", sa.Boolean(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by_id", sa.Integer(), nullable=True),
        sa.Column("release_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(released_at IS NULL AND released_by_id IS NULL AND release_reason IS NULL) OR "
            "(released_at IS NOT NULL AND released_by_id IS NOT NULL AND release_reason <> '')",
            name=op.f("ck_findings_released_by_a_person_with_a_reason"),
        ),
        sa.CheckConstraint(
            "NOT freezes OR order_id IS NOT NULL", name=op.f("ck_findings_freezes_an_order")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_findings_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["released_by_id"], ["staff.id"], name=op.f("fk_findings_released_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_order_id"), "findings", ["order_id"])
    op.create_index(
        "ix_findings_open",
        "findings",
        ["code", "subject"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )


def _create_ledger_entries():
    legs = " OR ".join(
        f"(kind = '{kind}' AND debit = '{debit}' AND credit = '{credit}')"
        for kind, (debit, credit) in LEGS.items()
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", _words("postingkind", LEGS), nullable=False),
        sa.Column("subject", sa.String(length=140), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("debit", _words("debit_account", ACCOUNTS), nullable=False),
        sa.Column("credit", _words("credit_account", ACCOUNTS), nullable=False),
        sa.Column("amount_idr", sa.BigInteger(), nullable=False),
        sa.Column("observation_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(legs, name=op.f("ck_ledger_entries_legs")),
        sa.CheckConstraint("amount_idr > 0", name=op.f("ck_ledger_entries_amount_positive")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["order_events.id"], name=op.f("fk_ledger_entries_event_id_order_events")
        ),
        sa.ForeignKeyConstraint(
            ["observation_id"],
            ["observations.id"],
            name=op.f("fk_ledger_entries_observation_id_observations"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_ledger_entries_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("order_id", "seq", name=op.f("uq_ledger_entries_order_id_seq")),
        sa.UniqueConstraint("order_id", "subject", "kind", "nth", name="uq_ledger_entries_once"),
    )
    op.create_index(
        op.f("ix_ledger_entries_observation_id"), "ledger_entries", ["observation_id"]
    )


# The walls: rows that only grow, and never more given back than taken.


def _guard(dialect):
    if dialect == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_sqlite():
    for table in APPEND_ONLY:
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    op.execute(
        "CREATE TRIGGER ledger_entries_within_sales AFTER INSERT ON ledger_entries "
        f"WHEN {TOO_MUCH_BACK} "
        "BEGIN SELECT RAISE(ABORT, 'more given back than taken'); END"
    )


def _guard_postgresql():
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE FUNCTION refuse_more_back_than_taken() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {TOO_MUCH_BACK} THEN RAISE EXCEPTION 'more given back than taken' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_entries_within_sales AFTER INSERT ON ledger_entries "
        "FOR EACH ROW EXECUTE FUNCTION refuse_more_back_than_taken()"
    )


def _unguard(dialect):
    if dialect == "postgresql":
        op.execute("DROP FUNCTION refuse_change() CASCADE")
        op.execute("DROP FUNCTION refuse_more_back_than_taken() CASCADE")
        return
    op.execute("DROP TRIGGER ledger_entries_within_sales")
    for table in APPEND_ONLY:
        for action in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{action}")


# The opening postings. The rules are those of the day of this migration, written out here, because
# the application's own may have moved on when somebody runs it.

RETURNED = ("succeeded", "transferred")
RELEASED = ("failed", "rejected", "withdrawn")
PAID_BACK_BY = {"refund": "refund_settled", "void": "void", "manual": "refund_transferred"}
ORDERS_AT_ONCE = 500
SOME_ORDERS = sa.text(
    "SELECT id, total_idr FROM orders WHERE id > :after AND (captured_idr > 0 OR EXISTS "
    "(SELECT 1 FROM refunds WHERE refunds.order_id = orders.id)) ORDER BY id LIMIT :most"
)
PAYMENTS = sa.text(
    "SELECT t.order_id, a.reference, t.gateway_transaction_id AS theirs, t.stage, t.amount_idr,"
    " t.confirmed FROM gateway_transactions t JOIN attempts a ON a.id = t.attempt_id"
    " WHERE t.order_id IN :orders AND t.ever_paid"
    " ORDER BY a.reference, t.gateway_transaction_id"
).bindparams(sa.bindparam("orders", expanding=True))
REFUNDS = sa.text(
    "SELECT order_id, key, gateway_transaction_id AS theirs, amount_idr, state, route"
    " FROM refunds WHERE order_id IN :orders ORDER BY key"
).bindparams(sa.bindparam("orders", expanding=True))


def _write_opening_postings(connection):
    entries = sa.table(
        "ledger_entries",
        *(sa.column(name) for name in ("order_id", "seq", "kind", "subject", "nth")),
        *(sa.column(name) for name in ("debit", "credit", "amount_idr")),
        sa.column("at", sa.DateTime(timezone=True)),
    )
    now, after = datetime.now(UTC), 0
    while orders := connection.execute(
        SOME_ORDERS, {"after": after, "most": ORDERS_AT_ONCE}
    ).all():
        after = orders[-1].id
        ids = {"orders": [order.id for order in orders]}
        payments = _by_order(connection.execute(PAYMENTS, ids))
        refunds = _by_order(connection.execute(REFUNDS, ids))
        rows = [
            {
                "order_id": order.id,
                "seq": seq,
                "kind": kind,
                "subject": subject,
                "nth": 1,
                "debit": LEGS[kind][0],
                "credit": LEGS[kind][1],
                "amount_idr": amount,
                "at": now,
            }
            for order in orders
            for seq, (kind, subject, amount) in enumerate(
                _opening(order.total_idr, payments[order.id], refunds[order.id]), 1
            )
        ]
        if rows:
            connection.execute(entries.insert(), rows)


def _by_order(rows):
    found = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)
    return found


def _opening(total, payments, refunds):
    """List what the books of one order must have shown: kind, subject, amount."""
    confirmed = {p.reference for p in payments if p.confirmed}
    paid = [
        p
        for p in payments
        if p.amount_idr == total
        and p.stage not in ("denied", "failed")
        and (p.confirmed or p.reference not in confirmed)
    ]
    postings, returned = [], defaultdict(int)
    for payment in paid:
        shares = _shares(payment, refunds)
        for key, amount in shares.items():
            returned[key] += amount
        postings.append(("capture", f"payment:{_name(payment)}", payment.amount_idr))
        if payment.stage == "charged_back":
            left = payment.amount_idr - sum(shares.values())
            postings.append(("chargeback", f"chargeback:{_name(payment)}", left))
    room = sum(p.amount_idr for p in paid) - sum(returned.values())
    for refund in refunds:
        held = _is_held(refund)
        reserved = min(refund.amount_idr, room) if held else 0
        room -= reserved
        postings += _of_refund(refund, returned.pop(refund.key, 0), reserved)
    postings += [("refund_outside", subject, amount) for subject, amount in returned.items()]
    return [posting for posting in postings if posting[2] > 0]


def _name(payment):
    return f"{payment.reference}:{payment.theirs}"


def _is_held(refund):
    return refund.state not in RETURNED + RELEASED


def _shares(payment, refunds):
    whole = payment.stage in ("refunded", "cancelled")
    mine = [
        r
        for r in refunds
        if r.theirs == payment.theirs and (r.state in RETURNED or (whole and _is_held(r)))
    ]
    shares, left = {}, payment.amount_idr
    for refund in sorted(mine, key=_is_held):
        shares[refund.key] = min(refund.amount_idr, left)
        left -= shares[refund.key]
    return shares | ({f"unlisted:{_name(payment)}": left} if whole else {})


def _of_refund(refund, returned, reserved):
    subject = f"{'void' if refund.route == 'void' else 'refund'}:{refund.key}"
    if refund.route == "outside":
        return [
            ("refund_outside", subject, returned),
            ("refund_reserved", subject, reserved),
        ]
    by_hand = refund.route == "manual" and refund.state in RETURNED
    return [
        ("refund_reserved", subject, returned + reserved),
        (PAID_BACK_BY[refund.route], subject, returned),
        ("loss", subject, refund.amount_idr - returned if by_hand else 0),
    ]
