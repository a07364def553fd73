"""bulk runs and their rows

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-23 20:20:00

"""

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STATUSES = (
    "pending", "in_review", "paid", "partially_refunded", "refunded", "failed", "expired",
    "cancelled", "charged_back",
)


def _words(name, *words):
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _time(name, *, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade():
    op.create_table(
        "bulk_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("kind", _words("bulkkind", "check", "refund"), nullable=False),
        sa.Column(
            "state",
            _words(
                "bulkstate", "draft", "awaiting_approval", "running", "paused", "done", "stopped",
                "rejected", "withdrawn",
            ),
            nullable=False,
        ),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("eligible_count", sa.Integer(), nullable=False),
        sa.Column("sum_idr", sa.BigInteger(), nullable=False),
        sa.Column("manifest_hash", sa.String(length=64), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("reason_code", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("approval_hash", sa.String(length=64), nullable=True),
        sa.Column("stop_after", sa.Integer(), nullable=False),
        sa.Column("failures_in_row", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        _time("created_at", nullable=False),
        _time("submitted_at"),
        _time("approved_at"),
        _time("started_at"),
        _time("finished_at"),
        _time("next_check_at"),
        _time("lease_until"),
        sa.Column("lease_owner", sa.String(length=60), nullable=True),
        sa.CheckConstraint(
            "reason_code IN ('goods_returned', 'not_received', 'damaged', 'wrong_goods', 'sold_out',"
            " 'customer_cancelled', 'paid_twice', 'paid_late', 'wrong_price', 'fraud', 'goodwill',"
            " 'other')",
            name=op.f("ck_bulk_runs_refundreason"),
        ),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> requested_by_id",
            name=op.f("ck_bulk_runs_four_eyes"),
        ),
        sa.CheckConstraint(
            "NOT needs_approval OR approved_by_id IS NOT NULL"
            " OR state IN ('draft', 'awaiting_approval', 'rejected', 'withdrawn')",
            name=op.f("ck_bulk_runs_approved_before_run"),
        ),
        sa.CheckConstraint(
            "sum_idr >= 0 AND eligible_count >= 0", name=op.f("ck_bulk_runs_totals_not_negative")
        ),
        sa.CheckConstraint(
            "stop_after BETWEEN 1 AND 100", name=op.f("ck_bulk_runs_stop_after_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["staff.id"], name=op.f("fk_bulk_runs_requested_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["staff.id"], name=op.f("fk_bulk_runs_approved_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_runs")),
        sa.UniqueConstraint("key", name=op.f("uq_bulk_runs_key")),
    )
    op.create_index("ix_bulk_runs_next_check_at", "bulk_runs", ["next_check_at"])
    op.create_index("ix_bulk_runs_state_id", "bulk_runs", ["state", "id"])
    op.create_index(op.f("ix_bulk_runs_requested_by_id"), "bulk_runs", ["requested_by_id"])
    op.create_table(
        "bulk_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(length=80), nullable=False),
        sa.Column("amount_idr", sa.BigInteger(), nullable=False),
        sa.Column("route", _words("refundroute", "refund", "void", "manual", "outside"), nullable=True),
        sa.Column(
            "state",
            _words(
                "rowstate", "skipped", "by_hand", "not_done", "waiting", "working", "done",
                "failed", "open",
            ),
            nullable=False,
        ),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("before", _words("before_paymentstatus", *_STATUSES), nullable=True),
        sa.Column("after", _words("after_paymentstatus", *_STATUSES), nullable=True),
        sa.Column("refund_id", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        _time("started_at"),
        _time("finished_at"),
        sa.CheckConstraint("amount_idr >= 0", name=op.f("ck_bulk_rows_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["bulk_runs.id"], name=op.f("fk_bulk_rows_run_id_bulk_runs")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_bulk_rows_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_bulk_rows_refund_id_refunds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_rows")),
        sa.UniqueConstraint("run_id", "seq", name=op.f("uq_bulk_rows_run_id_seq")),
        sa.UniqueConstraint("run_id", "order_id", name=op.f("uq_bulk_rows_run_id_order_id")),
        sa.UniqueConstraint("form_key", name=op.f("uq_bulk_rows_form_key")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_bulk_rows_refund_id")),
    )
    op.create_index(op.f("ix_bulk_rows_order_id"), "bulk_rows", ["order_id"])
    op.create_index("ix_bulk_rows_run_id_state_seq", "bulk_rows", ["run_id", "state", "seq"])


def downgrade():
    op.drop_table("bulk_rows")
    op.drop_table("bulk_runs")
