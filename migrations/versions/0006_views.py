"""views, columns and looks of staff; exports; the orders in which lists are read

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-23 16:30:00

"""

import json

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_INDEXES = (
    ("orders", "ix_orders_created_at_id", ["created_at", "id"]),
    ("orders", "ix_orders_total_idr_id", ["total_idr", "id"]),
    ("attempts", "ix_attempts_token", ["token"]),
    ("refunds", "ix_refunds_requested_at_id", ["requested_at", "id"]),
    ("refunds", "ix_refunds_amount_idr_id", ["amount_idr", "id"]),
    ("refunds", "ix_refunds_state_id", ["state", "id"]),
    ("notifications", "ix_notifications_received_at_id", ["received_at", "id"]),
    ("notifications", "ix_notifications_state_id", ["state", "id"]),
    ("status_checks", "ix_status_checks_asked_at_id", ["asked_at", "id"]),
    ("audit_log", "ix_audit_log_at_id", ["at", "id"]),
    ("job_runs", "ix_job_runs_started_at_id", ["started_at", "id"]),
)
# Roles that exist already get the rights that came with this version; a role that somebody
# named otherwise is left as it is.
_NEW_RIGHTS = {
    "support": {"view_contacts"},
    "refunder": {"view_contacts"},
    "approver": {"view_contacts"},
    "finance": {"view_contacts", "export"},
    "auditor": {"view_contacts", "export"},
}


def upgrade():
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("list_name", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_saved_views_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint(
            "staff_id", "list_name", "name", name=op.f("uq_saved_views_staff_id_list_name_name")
        ),
    )
    op.create_index("ix_saved_views_list_name", "saved_views", ["list_name"])
    op.create_table(
        "list_settings",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("list_name", sa.String(length=40), nullable=False),
        sa.Column("columns", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("page_size", sa.Integer(), nullable=True),
        sa.Column("default_view_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_list_settings_staff_id_staff")),
        sa.ForeignKeyConstraint(
            ["default_view_id"],
            ["saved_views.id"],
            name=op.f("fk_list_settings_default_view_id_saved_views"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("staff_id", "list_name", name=op.f("pk_list_settings")),
    )
    op.create_table(
        "desk_settings",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column(
            "theme",
            sa.Enum(
                "system", "light", "dark",
                name="theme", native_enum=False, create_constraint=True, length=32,
            ),
            nullable=False,
        ),
        sa.Column("has_shortcuts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_desk_settings_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_desk_settings")),
    )
    op.create_table(
        "exports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("list_name", sa.String(length=40), nullable=False),
        sa.Column(
            "file_format",
            sa.Enum(
                "csv", "xlsx",
                name="fileformat", native_enum=False, create_constraint=True, length=32,
            ),
            nullable=False,
        ),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "running", "done", "broken_off",
                name="exportstate", native_enum=False, create_constraint=True, length=32,
            ),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_exports_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
        sa.UniqueConstraint("key", name=op.f("uq_exports_key")),
    )
    op.create_index(op.f("ix_exports_staff_id"), "exports", ["staff_id"])
    for table, name, columns in _INDEXES:
        op.create_index(name, table, columns)
    _change_rights(lambda had, new: had | new)


def downgrade():
    _change_rights(lambda had, new: had - new)
    for table, name, _ in _INDEXES:
        op.drop_index(name, table_name=table)
    for table in ("exports", "desk_settings", "list_settings", "saved_views"):
        op.drop_table(table)


def _change_rights(change):
    roles = sa.table(
        "roles", sa.column("id", sa.Integer), sa.column("name", sa.String), sa.column("rights", sa.JSON)
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(roles)).all():
        had = json.loads(row.rights) if isinstance(row.rights, str) else row.rights
        rights = sorted(change(set(had), _NEW_RIGHTS.get(row.name, set())))
        connection.execute(roles.update().where(roles.c.id == row.id).values(rights=rights))
