"""The pages of the back office, in the order in which the menu shows them."""

from typing import Final

from flask import Flask
from flask_admin import Admin, BaseView
from flask_admin.theme import Bootstrap4Theme
from flask_babel import LazyString, lazy_gettext
from flask_sqlalchemy import SQLAlchemy

from admin.security import csp_nonce
from admin.views.account import AccountView
from admin.views.base import ListView
from admin.views.bulk import BulkRowsView, BulkRunsView
from admin.views.checks import ChecksView
from admin.views.findings import FindingsView
from admin.views.lists import ListToolsView
from admin.views.notes import NotesView
from admin.views.notifications import NotificationsView
from admin.views.orders import OrdersView
from admin.views.overview import OverviewView
from admin.views.queue_attention import AttentionView
from admin.views.queue_stuck import StuckView
from admin.views.queues import ApprovalsView, TransfersView, UnknownRefundsView
from admin.views.records import AuditView, JobsView, ProductsView
from admin.views.refunds import RefundsView
from admin.views.self_test import SelfTestView
from admin.views.staff import StaffView
from admin.views.tools import ToolsView
from app.db.base import Base
from app.db.models import (
    AttentionCall,
    AuditEntry,
    BulkRow,
    BulkRun,
    Finding,
    JobRun,
    NoteMention,
    Notification,
    Order,
    Product,
    Refund,
    Staff,
    StatusCheck,
)

# View, table, endpoint, name and icon. Rows of bulk runs are reached from their run.
_LISTS: Final[tuple[tuple[type[ListView], type[Base], str, LazyString, str | None], ...]] = (
    (ApprovalsView, Refund, "approvals", lazy_gettext("Approvals"), "people"),
    (AttentionView, AttentionCall, "attention", lazy_gettext("Needs attention"), "alert"),
    (UnknownRefundsView, Refund, "unknown_refunds", lazy_gettext("Unknown refunds"), "question"),
    (TransfersView, Refund, "transfers", lazy_gettext("Bank transfers"), "bank"),
    (StuckView, Order, "stuck", lazy_gettext("Stuck orders"), "hourglass"),
    (OrdersView, Order, "orders", lazy_gettext("Orders"), "list"),
    (RefundsView, Refund, "refunds", lazy_gettext("Refunds"), "back"),
    (BulkRunsView, BulkRun, "bulk", lazy_gettext("Bulk runs"), "layers"),
    (BulkRowsView, BulkRow, "bulk_rows", lazy_gettext("Rows of bulk runs"), None),
    (NotesView, NoteMention, "notes", lazy_gettext("Notes for me"), "note"),
    (NotificationsView, Notification, "notifications", lazy_gettext("Notifications"), "bell"),
    (ChecksView, StatusCheck, "status_checks", lazy_gettext("Status checks"), "refresh"),
    (FindingsView, Finding, "findings", lazy_gettext("Findings"), "alert"),
    (ProductsView, Product, "products", lazy_gettext("Products"), "box"),
    (JobsView, JobRun, "job_runs", lazy_gettext("Jobs"), "clock"),
    (AuditView, AuditEntry, "audit", lazy_gettext("Audit log"), "book"),
    (StaffView, Staff, "staff", lazy_gettext("Staff"), "people"),
)
# Pages that are no lists; none of them holds rows of one table.
_OTHERS: Final[tuple[tuple[type[BaseView], str], ...]] = (
    (ListToolsView, "lists"),
    (SelfTestView, "self_test"),
    (ToolsView, "tools"),
    (AccountView, "account"),
)


def add_pages(app: Flask, db: SQLAlchemy) -> Admin:
    """Add every page of the back office, and return what the menu is written from."""
    pages = Admin(
        app,
        name="Lunas",
        index_view=OverviewView(
            name=lazy_gettext("Overview"),  # pyright: ignore[reportArgumentType]
            menu_icon_value="home",
        ),
        theme=Bootstrap4Theme(base_template="lunas/base.html", swatch="default"),
        csp_nonce_generator=csp_nonce,
    )
    for view, table, endpoint, name, icon in _LISTS:
        pages.add_view(view(table, db, name=name, endpoint=endpoint, menu_icon_value=icon))
    for other, endpoint in _OTHERS:
        pages.add_view(other(endpoint=endpoint))
    return pages
