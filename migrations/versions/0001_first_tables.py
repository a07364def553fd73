"""first tables

Revision ID: 0001
Revises:
Create Date: 2026-11-23 13:47:03.210920

"""

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():

    op.create_table(
        "job_heartbeats",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("instance", sa.String(length=60), nullable=False),
        sa.Column("last_run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("every_s", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("job", "instance", name=op.f("pk_job_heartbeats")),
    )
    op.create_table(
        "job_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("instance", sa.String(length=60), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
    )
    with op.batch_alter_table("job_runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_runs_job"), ["job"], unique=False)
        batch_op.create_index("ix_job_runs_started_at", ["started_at"], unique=False)

    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column(
            "payment_status",
            sa.Enum(
                "pending",
                "in_review",
                "paid",
                "partially_refunded",
                "refunded",
                "failed",
                "expired",
                "cancelled",
                "charged_back",
                name="paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("payment_gateway_transaction_id", sa.String(length=80), nullable=True),
        sa.Column(
            "gateway",
            sa.Enum(
                "midtrans",
                "xendit",
                name="gatewayname",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("last_why", sa.String(length=40), nullable=False),
        sa.Column("total_idr", sa.BigInteger(), nullable=False),
        sa.Column("captured_idr", sa.BigInteger(), nullable=False),
        sa.Column("refunded_idr", sa.BigInteger(), nullable=False),
        sa.Column("reserved_idr", sa.BigInteger(), nullable=False),
        sa.Column("customer_name", sa.String(length=120), nullable=False),
        sa.Column("customer_email", sa.String(length=254), nullable=False),
        sa.Column("customer_phone", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column(
            "stock_state",
            sa.Enum(
                "reserved",
                "taken",
                "released",
                "short",
                name="stockstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "attention",
            sa.Enum(
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
                name="attention",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("attention_text", sa.Text(), nullable=True),
        sa.Column("attention_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("captured_idr >= 0", name=op.f("ck_orders_captured_not_negative")),
        sa.CheckConstraint(
            "refunded_idr + reserved_idr <= captured_idr",
            name=op.f("ck_orders_refunds_within_capture"),
        ),
        sa.CheckConstraint("refunded_idr >= 0", name=op.f("ck_orders_refunded_not_negative")),
        sa.CheckConstraint("reserved_idr >= 0", name=op.f("ck_orders_reserved_not_negative")),
        sa.CheckConstraint("total_idr > 0", name=op.f("ck_orders_total_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_orders_public_id")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_attention"), ["attention"], unique=False)
        batch_op.create_index("ix_orders_created_at", ["created_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_orders_customer_email"), ["customer_email"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_customer_phone"), ["customer_phone"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_payment_gateway_transaction_id"),
            ["payment_gateway_transaction_id"],
            unique=False,
        )
        batch_op.create_index("ix_orders_status_id", ["payment_status", "id"], unique=False)

    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("name_id", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("description_id", sa.Text(), nullable=False),
        sa.Column("description_en", sa.Text(), nullable=False),
        sa.Column("price_idr", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("image", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_products_on_hand_not_negative")),
        sa.CheckConstraint("price_idr > 0", name=op.f("ck_products_price_positive")),
        sa.CheckConstraint(
            "reserved >= 0 AND reserved <= on_hand", name=op.f("ck_products_reserved_within_stock")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("sku", name=op.f("uq_products_sku")),
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("name", name=op.f("uq_roles_name")),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("try_number", sa.Integer(), nullable=False),
        sa.Column(
            "gateway",
            sa.Enum(
                "midtrans",
                "xendit",
                name="gatewayname",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=36), nullable=False),
        sa.Column("provider_reference", sa.String(length=80), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "creating",
                "open",
                "unknown",
                "rejected",
                "unreached",
                name="attemptstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("token", sa.String(length=80), nullable=True),
        sa.Column("page_url", sa.String(length=500), nullable=True),
        sa.Column("dead", sa.Boolean(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=True),
        sa.Column("pay_code_kind", sa.String(length=20), nullable=True),
        sa.Column("pay_code_label", sa.String(length=60), nullable=True),
        sa.Column("pay_code_number", sa.String(length=80), nullable=True),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column("error_text", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checks_done", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_attempts_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("order_id", "try_number", name=op.f("uq_attempts_order_id_try_number")),
        sa.UniqueConstraint("reference", name=op.f("uq_attempts_reference")),
    )
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.create_index("ix_attempts_next_check_at", ["next_check_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_attempts_pay_code_number"), ["pay_code_number"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_attempts_provider_reference"), ["provider_reference"], unique=False
        )

    op.create_table(
        "idempotency_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_idempotency_keys_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint("scope", "key", name=op.f("uq_idempotency_keys_scope_key")),
    )
    op.create_table(
        "order_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("name_id", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("image", sa.String(length=200), nullable=False),
        sa.Column("unit_price_idr", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_items_quantity_positive")),
        sa.CheckConstraint("unit_price_idr > 0", name=op.f("ck_order_items_unit_price_positive")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_items_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_order_items_product_id_products")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_items")),
        sa.UniqueConstraint(
            "order_id", "product_id", name=op.f("uq_order_items_order_id_product_id")
        ),
    )
    with op.batch_alter_table("order_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_items_product_id"), ["product_id"], unique=False)

    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_staff_role_id_roles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "reserve",
                "take",
                "take_late",
                "release",
                "give_back",
                "restock",
                name="stockstep",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_stock_movements_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_stock_movements_product_id_products")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movements")),
    )
    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_movements_order_id"), ["order_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_stock_movements_product_id"), ["product_id"], unique=False
        )

    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("who", sa.String(length=254), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("remote_address", sa.String(length=45), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_audit_log_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.create_index("ix_audit_log_at", ["at"], unique=False)

    op.create_table(
        "gateway_transactions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column(
            "gateway",
            sa.Enum(
                "midtrans",
                "xendit",
                name="gatewayname",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("gateway_transaction_id", sa.String(length=80), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "nothing",
                "pending",
                "authorized",
                "in_review",
                "failed",
                "expired",
                "captured",
                "cancelled",
                "paid",
                "denied",
                "partially_refunded",
                "refunded",
                "partially_charged_back",
                "charged_back",
                "unrecognised",
                name="seen",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount_idr", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=True),
        sa.Column("ever_paid", sa.Boolean(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "amount_idr >= 0", name=op.f("ck_gateway_transactions_amount_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_gateway_transactions_attempt_id_attempts"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_gateway_transactions_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_transactions")),
        sa.UniqueConstraint(
            "attempt_id",
            "gateway_transaction_id",
            name=op.f("uq_gateway_transactions_attempt_id_gateway_transaction_id"),
        ),
    )
    with op.batch_alter_table("gateway_transactions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_gateway_transactions_gateway_transaction_id"),
            ["gateway_transaction_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_gateway_transactions_order_id"), ["order_id"], unique=False
        )

    op.create_table(
        "notifications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "gateway",
            sa.Enum(
                "midtrans",
                "xendit",
                name="gatewayname",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "awaiting_confirmation",
                "done",
                "refused",
                name="notificationstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("chain", sa.JSON(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("body_size", sa.Integer(), nullable=False),
        sa.Column("remote_address", sa.String(length=45), nullable=True),
        sa.Column("dedupe_key", sa.String(length=80), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("gateway_transaction_id", sa.String(length=80), nullable=True),
        sa.Column("raw_status", sa.String(length=60), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_notifications_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_notifications_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_notifications_attempt_id"), ["attempt_id"], unique=False
        )
        batch_op.create_index("ix_notifications_dedupe_key", ["dedupe_key"], unique=False)
        batch_op.create_index("ix_notifications_due_at", ["due_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_notifications_gateway_transaction_id"),
            ["gateway_transaction_id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_notifications_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notifications_reference"), ["reference"], unique=False)
        batch_op.create_index(batch_op.f("ix_notifications_verdict"), ["verdict"], unique=False)

    op.create_table(
        "order_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "actor",
            sa.Enum(
                "shopper",
                "gateway",
                "job",
                "staff",
                name="actor",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column(
            "before",
            sa.Enum(
                "pending",
                "in_review",
                "paid",
                "partially_refunded",
                "refunded",
                "failed",
                "expired",
                "cancelled",
                "charged_back",
                name="before_paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "after",
            sa.Enum(
                "pending",
                "in_review",
                "paid",
                "partially_refunded",
                "refunded",
                "failed",
                "expired",
                "cancelled",
                "charged_back",
                name="after_paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_events_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_order_events_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_events")),
        sa.UniqueConstraint("order_id", "seq", name=op.f("uq_order_events_order_id_seq")),
    )
    op.create_table(
        "refunds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("form_key", sa.String(length=80), nullable=True),
        sa.Column(
            "gateway",
            sa.Enum(
                "midtrans",
                "xendit",
                name="gatewayname",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("gateway_transaction_id", sa.String(length=80), nullable=True),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("amount_idr", sa.BigInteger(), nullable=False),
        sa.Column(
            "route",
            sa.Enum(
                "refund",
                "void",
                "manual",
                "outside",
                name="refundroute",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "awaiting_approval",
                "approved",
                "sending",
                "unknown",
                "accepted",
                "succeeded",
                "failed",
                "rejected",
                "withdrawn",
                "to_transfer",
                "transferred",
                name="refundstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approval_hash", sa.String(length=64), nullable=True),
        sa.Column("provider_refund_id", sa.String(length=80), nullable=True),
        sa.Column("provider_code", sa.String(length=60), nullable=True),
        sa.Column("provider_message", sa.Text(), nullable=True),
        sa.Column("transfer_proof", sa.Text(), nullable=True),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bank_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looks_done", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=60), nullable=True),
        sa.CheckConstraint("amount_idr > 0", name=op.f("ck_refunds_amount_positive")),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> requested_by_id",
            name=op.f("ck_refunds_four_eyes"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["staff.id"], name=op.f("fk_refunds_approved_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_refunds_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_refunds_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["staff.id"], name=op.f("fk_refunds_requested_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("form_key", name=op.f("uq_refunds_form_key")),
        sa.UniqueConstraint("key", name=op.f("uq_refunds_key")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_refunds_order_id_number")),
    )
    with op.batch_alter_table("refunds", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_refunds_gateway_transaction_id"),
            ["gateway_transaction_id"],
            unique=False,
        )
        batch_op.create_index("ix_refunds_next_check_at", ["next_check_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_refunds_provider_refund_id"), ["provider_refund_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_refunds_state"), ["state"], unique=False)

    op.create_table(
        "status_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "notification",
                "status_check",
                "job",
                "api_answer",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "before",
            sa.Enum(
                "pending",
                "in_review",
                "paid",
                "partially_refunded",
                "refunded",
                "failed",
                "expired",
                "cancelled",
                "charged_back",
                name="before_paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "after",
            sa.Enum(
                "pending",
                "in_review",
                "paid",
                "partially_refunded",
                "refunded",
                "failed",
                "expired",
                "cancelled",
                "charged_back",
                name="after_paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("why", sa.String(length=40), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_status_checks_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_status_checks_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_status_checks_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_checks")),
    )
    with op.batch_alter_table("status_checks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_status_checks_order_id"), ["order_id"], unique=False)

    op.create_table(
        "observations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("notification_id", sa.Integer(), nullable=True),
        sa.Column("status_check_id", sa.Integer(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "notification",
                "status_check",
                "job",
                "api_answer",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "gateway",
            sa.Enum(
                "midtrans",
                "xendit",
                name="gatewayname",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("gateway_transaction_id", sa.String(length=80), nullable=True),
        sa.Column(
            "seen",
            sa.Enum(
                "nothing",
                "pending",
                "authorized",
                "in_review",
                "failed",
                "expired",
                "captured",
                "cancelled",
                "paid",
                "denied",
                "partially_refunded",
                "refunded",
                "partially_charged_back",
                "charged_back",
                "unrecognised",
                name="seen",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("amount_idr", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.String(length=40), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column(
            "evidence",
            sa.Enum(
                "confirmed",
                "proves",
                "claims",
                name="evidence",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column(
            "before",
            sa.Enum(
                "pending",
                "in_review",
                "paid",
                "partially_refunded",
                "refunded",
                "failed",
                "expired",
                "cancelled",
                "charged_back",
                name="before_paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "after",
            sa.Enum(
                "pending",
                "in_review",
                "paid",
                "partially_refunded",
                "refunded",
                "failed",
                "expired",
                "cancelled",
                "charged_back",
                name="after_paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attention", sa.String(length=32), nullable=True),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_observations_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_observations_notification_id_notifications"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_observations_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["status_check_id"],
            ["status_checks.id"],
            name=op.f("fk_observations_status_check_id_status_checks"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observations")),
    )
    with op.batch_alter_table("observations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_observations_gateway_transaction_id"),
            ["gateway_transaction_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_observations_notification_id"), ["notification_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_observations_order_id"), ["order_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_observations_status_check_id"), ["status_check_id"], unique=False
        )




def downgrade():

    with op.batch_alter_table("observations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_observations_status_check_id"))
        batch_op.drop_index(batch_op.f("ix_observations_order_id"))
        batch_op.drop_index(batch_op.f("ix_observations_notification_id"))
        batch_op.drop_index(batch_op.f("ix_observations_gateway_transaction_id"))

    op.drop_table("observations")
    with op.batch_alter_table("status_checks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_status_checks_order_id"))

    op.drop_table("status_checks")
    with op.batch_alter_table("refunds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refunds_state"))
        batch_op.drop_index(batch_op.f("ix_refunds_provider_refund_id"))
        batch_op.drop_index("ix_refunds_next_check_at")
        batch_op.drop_index(batch_op.f("ix_refunds_gateway_transaction_id"))

    op.drop_table("refunds")
    op.drop_table("order_events")
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notifications_verdict"))
        batch_op.drop_index(batch_op.f("ix_notifications_reference"))
        batch_op.drop_index(batch_op.f("ix_notifications_order_id"))
        batch_op.drop_index(batch_op.f("ix_notifications_gateway_transaction_id"))
        batch_op.drop_index("ix_notifications_due_at")
        batch_op.drop_index("ix_notifications_dedupe_key")
        batch_op.drop_index(batch_op.f("ix_notifications_attempt_id"))

    op.drop_table("notifications")
    with op.batch_alter_table("gateway_transactions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gateway_transactions_order_id"))
        batch_op.drop_index(batch_op.f("ix_gateway_transactions_gateway_transaction_id"))

    op.drop_table("gateway_transactions")
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_log_at")

    op.drop_table("audit_log")
    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_movements_product_id"))
        batch_op.drop_index(batch_op.f("ix_stock_movements_order_id"))

    op.drop_table("stock_movements")
    op.drop_table("staff")
    with op.batch_alter_table("order_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_items_product_id"))

    op.drop_table("order_items")
    op.drop_table("idempotency_keys")
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempts_provider_reference"))
        batch_op.drop_index(batch_op.f("ix_attempts_pay_code_number"))
        batch_op.drop_index("ix_attempts_next_check_at")

    op.drop_table("attempts")
    op.drop_table("roles")
    op.drop_table("products")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index("ix_orders_status_id")
        batch_op.drop_index(batch_op.f("ix_orders_payment_gateway_transaction_id"))
        batch_op.drop_index(batch_op.f("ix_orders_customer_phone"))
        batch_op.drop_index(batch_op.f("ix_orders_customer_email"))
        batch_op.drop_index("ix_orders_created_at")
        batch_op.drop_index(batch_op.f("ix_orders_attention"))

    op.drop_table("orders")
    with op.batch_alter_table("job_runs", schema=None) as batch_op:
        batch_op.drop_index("ix_job_runs_started_at")
        batch_op.drop_index(batch_op.f("ix_job_runs_job"))

    op.drop_table("job_runs")
    op.drop_table("job_heartbeats")

