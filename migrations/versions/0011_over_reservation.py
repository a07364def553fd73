"""No more refunds asked for than was captured: the unclamped sum, held by the database.

The sums on the order and in its books are cut to what was captured, so that their own walls never
see two refunds that reserve the same money. This one adds the refunds of a payment up as they are.
Only what we decide is refused; what gateways tell of refunds made elsewhere, or of one that they
paid after all, is a fact and is written down whatever it comes to.

Revision ID: 0011
Revises: 0010

"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

RELEASED = "('failed', 'rejected', 'withdrawn')"
REFUSAL = "more refunds asked for than was captured"
OURS = f"NEW.route <> 'outside' AND NEW.state NOT IN {RELEASED}"
# The gateway's own word that a refund which had failed was paid after all.
PAID_AFTER_ALL = "OLD.state = 'failed' AND NEW.state = 'succeeded'"
GROWS = f"""(
    NEW.amount_idr > OLD.amount_idr OR OLD.route = 'outside' OR NEW.order_id <> OLD.order_id
    OR coalesce(NEW.gateway_transaction_id, '') <> coalesce(OLD.gateway_transaction_id, '')
    OR (OLD.state IN {RELEASED} AND NOT ({PAID_AFTER_ALL}))
)"""
COLUMNS = "amount_idr, route, state, order_id, gateway_transaction_id"
# A refund that names no payment gives nothing back that was ever captured.
TOO_MUCH = f"""
    coalesce((SELECT sum(amount_idr) FROM refunds
               WHERE order_id = NEW.order_id
                 AND gateway_transaction_id = NEW.gateway_transaction_id
                 AND state NOT IN {RELEASED}), NEW.amount_idr)
    > coalesce((SELECT max(amount_idr) FROM gateway_transactions
                 WHERE order_id = NEW.order_id
                   AND gateway_transaction_id = NEW.gateway_transaction_id
                   AND ever_paid), 0)
"""
TRIGGERS = {
    "refunds_within_capture_when_asked": ("INSERT", OURS),
    "refunds_within_capture_when_changed": (f"UPDATE OF {COLUMNS}", f"{OURS} AND {GROWS}"),
}


def upgrade():
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
        return
    for name, (action, decides) in TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER {name} AFTER {action} ON refunds WHEN {decides} AND {TOO_MUCH} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def _guard_postgresql():
    # The order's lock first: a twin that did not take it waits here until the other has ended, and
    # only then adds up, so that it sees the other's refund.
    op.execute(
        "CREATE FUNCTION refuse_more_refunds_than_captured() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN PERFORM 1 FROM orders WHERE id = NEW.order_id FOR NO KEY UPDATE; "
        f"IF {TOO_MUCH} THEN RAISE EXCEPTION '{REFUSAL}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NULL; END $$"
    )
    for name, (action, decides) in TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER {name} AFTER {action} ON refunds FOR EACH ROW WHEN ({decides}) "
            "EXECUTE FUNCTION refuse_more_refunds_than_captured()"
        )


def downgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_more_refunds_than_captured() CASCADE")
        return
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER {name}")
