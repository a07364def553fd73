"""indexes of the overview; runs that apply again what notifications were about

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-23 20:30:00

"""

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INDEXES = (
    ("orders", "ix_orders_paid_at_captured_idr", ["paid_at", "captured_idr"]),
    ("refunds", "ix_refunds_finished_at_amount_idr", ["finished_at", "amount_idr"]),
    ("notifications", "ix_notifications_gateway_state_id", ["gateway", "state", "id"]),
)
_STATUSES = (
    "pending",
    "in_review",
    "paid",
    "partially_refunded",
    "refunded",
    "failed",
    "expired",
    "cancelled",
    "charged_back",
)
_STEPS = ("waiting", "would_change", "would_not", "no_answer", "changed", "unchanged")


def _words(name, *words):
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade():
    op.create_table(
        "reapply_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("without_order", sa.Integer(), nullable=False),
        sa.Column("is_cut", sa.Boolean(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("apply_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_reapply_runs_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reapply_runs")),
    )
    op.create_table(
        "reapply_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("step", _words("reapplystep", *_STEPS), nullable=False),
        sa.Column("before", _words("before_paymentstatus", *_STATUSES), nullable=True),
        sa.Column("after", _words("after_paymentstatus", *_STATUSES), nullable=True),
        sa.Column("why", sa.String(length=40), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["reapply_runs.id"], name=op.f("fk_reapply_rows_run_id_reapply_runs")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_reapply_rows_attempt_id_attempts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reapply_rows")),
        sa.UniqueConstraint("run_id", "attempt_id", name=op.f("uq_reapply_rows_run_id_attempt_id")),
    )
    op.create_index("ix_reapply_rows_run_id_step", "reapply_rows", ["run_id", "step"])
    for table, name, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade():
    for table, name, _ in _INDEXES:
        op.drop_index(name, table_name=table)
    for table in ("reapply_rows", "reapply_runs"):
        op.drop_table(table)
