"""Drop indexes that are the beginning of another: every change of a row had to keep both.

An index on (created_at, id) serves whoever asks by created_at. Dropped, and on the way down built,
beside the shop's work: without ``CONCURRENTLY`` PostgreSQL would keep all writers out meanwhile.

Revision ID: 0013
Revises: 0012

"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Name, table, column; what serves in its place.
SPARE = (
    ("ix_orders_created_at", "orders", "created_at"),  # ix_orders_created_at_id
    ("ix_refunds_state", "refunds", "state"),  # ix_refunds_state_id
    ("ix_job_runs_started_at", "job_runs", "started_at"),  # ix_job_runs_started_at_id
)


def upgrade():
    with op.get_context().autocommit_block():
        for name, table, _ in SPARE:
            # If it stopped half-way, what is gone already is no hindrance.
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)


def downgrade():
    with op.get_context().autocommit_block():
        for name, table, column in SPARE:
            # A build that was broken off leaves an invalid index under the name.
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
            op.create_index(name, table, [column], postgresql_concurrently=True)
