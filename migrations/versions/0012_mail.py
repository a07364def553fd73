"""mails to shoppers, written with what they tell of

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-23 23:30:00

"""

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _words(name, *words):
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _time(name, *, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade():
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("mailkind", "receipt", "refund_done"), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("state", _words("mailstate", "waiting", "sent", "given_up"), nullable=False),
        sa.Column("message_id", sa.String(length=80), nullable=False),
        _time("created_at", nullable=False),
        _time("next_check_at"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=60), nullable=True),
        _time("finished_at"),
        _time("lease_until"),
        sa.Column("lease_owner", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_mails_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint(
            "order_id", "kind", "event", name=op.f("uq_mails_order_id_kind_event")
        ),
        sa.UniqueConstraint("message_id", name=op.f("uq_mails_message_id")),
    )
    op.create_index("ix_mails_next_check_at", "mails", ["next_check_at"])


def downgrade():
    op.drop_table("mails")
