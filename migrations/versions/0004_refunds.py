"""refunds by hand, what a payment was made with, cancelled orders

Revision ID: 0004
Revises: 0003

"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ATTENTION = (
    "paid_after_close",
    "amount_differs",
    "paid_twice",
    "unknown_transition",
    "refund_unknown",
    "polling_ended",
    "drift",
    "payment_reversed",
    "charged_back",
    "stock_short",
)
_CHECKS = {
    "approved_before_sent": (
        "NOT needs_approval OR approved_by_id IS NOT NULL"
        " OR state IN ('awaiting_approval', 'rejected', 'withdrawn')"
    ),
    "four_eyes_on_transfer": (
        "NOT needs_approval OR transferred_by_id IS NULL OR transferred_by_id <> requested_by_id"
    ),
    "transfer_is_proved": (
        "state <> 'transferred' OR (transferred_by_id IS NOT NULL AND transfer_proof IS NOT NULL)"
    ),
    "account_where_by_hand": "(route = 'manual') = (transfer_account IS NOT NULL)",
    "transfer_only_by_hand": "route = 'manual' OR state NOT IN ('to_transfer', 'transferred')",
}


def _admit(words: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    with op.batch_alter_table("orders") as batch:
        batch.drop_constraint(op.f("ck_orders_attention"), type_="check")
        batch.create_check_constraint(op.f("ck_orders_attention"), f"attention IN ({listed})")


def upgrade() -> None:
    op.add_column("orders", sa.Column("cancel_asked_at", sa.DateTime(timezone=True)))
    _admit((*_ATTENTION, "refund_failed"))
    op.add_column("gateway_transactions", sa.Column("acquirer", sa.String(40)))
    op.add_column("gateway_transactions", sa.Column("issuer", sa.String(40)))
    op.add_column("gateway_transactions", sa.Column("off_us", sa.Boolean()))
    with op.batch_alter_table("refunds") as batch:
        batch.add_column(
            sa.Column("needs_approval", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch.add_column(sa.Column("transfer_bank", sa.String(60)))
        batch.add_column(sa.Column("transfer_account", sa.String(20)))
        batch.add_column(sa.Column("transfer_holder", sa.String(120)))
        batch.add_column(sa.Column("replaces_id", sa.Integer()))
        batch.add_column(sa.Column("transferred_by_id", sa.Integer()))
    _fill_in()
    with op.batch_alter_table("refunds") as batch:
        batch.alter_column("needs_approval", existing_type=sa.Boolean(), server_default=None)
        batch.create_unique_constraint(op.f("uq_refunds_replaces_id"), ["replaces_id"])
        batch.create_foreign_key(
            op.f("fk_refunds_replaces_id_refunds"), "refunds", ["replaces_id"], ["id"]
        )
        batch.create_foreign_key(
            op.f("fk_refunds_transferred_by_id_staff"), "staff", ["transferred_by_id"], ["id"]
        )
        for name, condition in _CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_refunds_{name}"), condition)


def _fill_in() -> None:
    """Give the refunds from before what the new rules ask of them."""
    op.execute(
        "UPDATE refunds SET needs_approval = true"
        " WHERE approved_by_id IS NOT NULL OR state = 'awaiting_approval'"
    )
    # Nobody was asked for an account then; the proof of the transfer names it.
    op.execute(
        "UPDATE refunds SET transfer_bank = '-', transfer_account = '-', transfer_holder = '-'"
        " WHERE route = 'manual'"
    )
    op.execute(
        "UPDATE refunds SET transferred_by_id = COALESCE(approved_by_id, requested_by_id)"
        " WHERE state = 'transferred'"
    )


def downgrade() -> None:
    with op.batch_alter_table("refunds") as batch:
        for name in _CHECKS:
            batch.drop_constraint(op.f(f"ck_refunds_{name}"), type_="check")
        batch.drop_constraint(op.f("fk_refunds_transferred_by_id_staff"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_refunds_replaces_id_refunds"), type_="foreignkey")
        batch.drop_constraint(op.f("uq_refunds_replaces_id"), type_="unique")
        for name in ("transferred_by_id", "replaces_id", "transfer_holder", "transfer_account"):
            batch.drop_column(name)
        batch.drop_column("transfer_bank")
        batch.drop_column("needs_approval")
    for name in ("off_us", "issuer", "acquirer"):
        op.drop_column("gateway_transactions", name)
    op.execute("UPDATE orders SET attention = 'drift' WHERE attention = 'refund_failed'")
    _admit(_ATTENTION)
    op.drop_column("orders", "cancel_asked_at")
