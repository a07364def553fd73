"""refunds by line with a reason from a catalogue; every open call for a person

Revision ID: 0008
Revises: 0007

"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_CODES = (
    "paid_after_close",
    "amount_differs",
    "paid_twice",
    "unknown_transition",
    "refund_unknown",
    "refund_failed",
    "polling_ended",
    "drift",
    "payment_reversed",
    "charged_back",
    "stock_short",
)
_REASONS = (
    "goods_returned",
    "not_received",
    "damaged",
    "wrong_goods",
    "sold_out",
    "customer_cancelled",
    "paid_twice",
    "paid_late",
    "wrong_price",
    "fraud",
    "goodwill",
    "other",
)
_OPEN = sa.text("closed_at IS NULL")


def _one_of(column: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


def upgrade() -> None:
    _add_refund_lines()
    _add_calls()
    # Goods of a whole refund that were put back before lines were counted.
    op.execute(
        "UPDATE order_items SET restocked = quantity WHERE EXISTS (SELECT 1 FROM stock_movements m"
        " WHERE m.order_id = order_items.order_id AND m.product_id = order_items.product_id"
        " AND m.step = 'restock')"
    )
    op.execute(
        "INSERT INTO attention_calls (order_id, code, said, raised_at)"
        " SELECT id, attention, attention_text, COALESCE(attention_at, updated_at)"
        " FROM orders WHERE attention IS NOT NULL"
    )


def _add_refund_lines() -> None:
    with op.batch_alter_table("order_items") as batch:
        batch.add_column(sa.Column("restocked", sa.Integer(), nullable=False, server_default="0"))
        batch.create_check_constraint(
            op.f("ck_order_items_restocked_within_line"), "restocked >= 0 AND restocked <= quantity"
        )
    with op.batch_alter_table("refunds") as batch:
        batch.add_column(sa.Column("reason_code", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("asked_verdict", sa.JSON(none_as_null=True), nullable=True))
        batch.create_check_constraint(
            op.f("ck_refunds_refundreason"), _one_of("reason_code", _REASONS)
        )
    op.create_table(
        "refund_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("refund_id", sa.Integer(), nullable=False),
        sa.Column("order_item_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("restocked", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_refund_items_quantity_positive")),
        sa.CheckConstraint(
            "restocked >= 0 AND restocked <= quantity",
            name=op.f("ck_refund_items_restocked_within_refund"),
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_refund_items_refund_id_refunds")
        ),
        sa.ForeignKeyConstraint(
            ["order_item_id"],
            ["order_items.id"],
            name=op.f("fk_refund_items_order_item_id_order_items"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_items")),
        sa.UniqueConstraint(
            "refund_id", "order_item_id", name=op.f("uq_refund_items_refund_id_order_item_id")
        ),
    )
    op.create_index("ix_refund_items_order_item_id", "refund_items", ["order_item_id"])


def _add_calls() -> None:
    op.create_table(
        "attention_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by_id", sa.Integer(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(_one_of("code", _CODES), name=op.f("ck_attention_calls_attention")),
        sa.CheckConstraint(
            "(claimed_by_id IS NULL) = (claimed_at IS NULL)",
            name=op.f("ck_attention_calls_claimed_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_attention_calls_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["claimed_by_id"], ["staff.id"], name=op.f("fk_attention_calls_claimed_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["staff.id"], name=op.f("fk_attention_calls_closed_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attention_calls")),
    )
    op.create_index(
        "uq_attention_calls_open",
        "attention_calls",
        ["order_id", "code"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index(
        "ix_attention_calls_waiting",
        "attention_calls",
        ["raised_at", "id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    op.drop_table("attention_calls")
    op.drop_table("refund_items")
    with op.batch_alter_table("refunds") as batch:
        batch.drop_constraint(op.f("ck_refunds_refundreason"), type_="check")
        batch.drop_column("asked_verdict")
        batch.drop_column("reason_code")
    with op.batch_alter_table("order_items") as batch:
        batch.drop_constraint(op.f("ck_order_items_restocked_within_line"), type_="check")
        batch.drop_column("restocked")
