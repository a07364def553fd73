"""The plain lists: products, job runs and the audit log."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, func, or_

from admin.figures.jobs import heartbeats
from admin.lists.exports import AUDIT_EXPORTS, JOB_EXPORTS
from admin.lists.filters import ChoiceFilter, DayFilter, Filter, TextFilter, TimeFilter, count
from admin.lists.paging import Sort
from admin.reading import reads
from admin.views.base import ListView
from app.core.rights import Right
from app.db.models import AuditEntry, JobRun, Product


class ProductsView(ListView):
    """What is on sale and how much of it is there."""

    list_template = "lunas/products.html"
    columns: ClassVar = {
        "sku": lazy_gettext("SKU"),
        "name": lazy_gettext("Product"),
        "price": lazy_gettext("Price"),
        "on_hand": lazy_gettext("In stock"),
        "reserved": lazy_gettext("Reserved"),
        "available": lazy_gettext("Can be sold"),
        "active": lazy_gettext("On sale"),
    }
    column_classes: ClassVar = {
        "sku": "id",
        "price": "money",
        "on_hand": "money",
        "reserved": "money",
        "available": "money",
    }
    can_search = True
    search_hint = lazy_gettext("SKU")

    def search_condition(self, text: str) -> ColumnElement[bool]:
        """Return the product with this SKU, in any case."""
        return func.upper(Product.sku) == text.upper()


class JobsView(ListView):
    """What the job processes did, and whether they are alive."""

    list_template = "lunas/jobs.html"
    columns: ClassVar = {
        "started_at": lazy_gettext("Started (WIB)"),
        "job": lazy_gettext("Job"),
        "instance": lazy_gettext("Process"),
        "took": lazy_gettext("Took"),
        "claimed": lazy_gettext("Taken up"),
        "changed": lazy_gettext("Changed"),
        "failed": lazy_gettext("Failed"),
        "error": lazy_gettext("Error"),
    }
    column_classes: ClassVar = {
        "took": "money",
        "claimed": "money",
        "changed": "money",
        "failed": "money",
        "error": "words",
        "instance": "id",
    }
    empty_text = lazy_gettext("No job has had anything to do yet.")
    list_filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(
            "result",
            lazy_gettext("Result"),
            [("failed", lazy_gettext("With failures"))],
            lambda _value: or_(JobRun.failed > 0, JobRun.error.is_not(None)),
        ),
        TextFilter("job", lazy_gettext("Job"), JobRun.job),
        TextFilter("process", lazy_gettext("Process"), JobRun.instance),
        TimeFilter("started", lazy_gettext("Started"), JobRun.started_at),
        count("claimed", lazy_gettext("Taken up"), JobRun.claimed),
        count("changed", lazy_gettext("Changed"), JobRun.changed),
        count("failed", lazy_gettext("Failed"), JobRun.failed),
        TextFilter("error", lazy_gettext("Error"), JobRun.error, may_be_empty=True),
    )
    column_sorts: ClassVar = {"started_at": "started", "failed": "failed"}
    sorts: ClassVar = (
        Sort("started", lazy_gettext("Started"), JobRun.started_at, "started_at"),
        Sort("failed", lazy_gettext("Failed"), JobRun.failed, "failed"),
    )
    exports: ClassVar = JOB_EXPORTS

    def heartbeats(self) -> Sequence[Any]:
        """Return the state of every job of every process."""
        return heartbeats(reads())


class AuditView(ListView):
    """What people did, and what they were refused."""

    right = Right.VIEW_AUDIT
    list_template = "lunas/audit.html"
    columns: ClassVar = {
        "seq": lazy_gettext("Number"),
        "at": lazy_gettext("Time (WIB)"),
        "who": lazy_gettext("Who"),
        "action": lazy_gettext("Action"),
        "target": lazy_gettext("On what"),
        "done": lazy_gettext("Result"),
        "why": lazy_gettext("Reason"),
        "remote_address": lazy_gettext("Address"),
        "hash": lazy_gettext("Seal"),
    }
    optional_columns: ClassVar = frozenset({"seq", "hash"})
    column_classes: ClassVar = {
        "seq": "money",
        "target": "id",
        "why": "words",
        "remote_address": "id",
        "hash": "id",
    }
    can_search = True
    search_hint = lazy_gettext("E-mail, action or order")
    empty_text = lazy_gettext("Nobody has done anything yet.")
    list_filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(
            "done",
            lazy_gettext("Result"),
            [("yes", lazy_gettext("Done")), ("no", lazy_gettext("Refused"))],
            lambda value: AuditEntry.done.is_(value == "yes"),
        ),
        DayFilter("from", lazy_gettext("From"), AuditEntry.at),
        DayFilter("to", lazy_gettext("To"), AuditEntry.at, is_last=True),
        TimeFilter("at", lazy_gettext("Time"), AuditEntry.at),
        TextFilter("who", lazy_gettext("Who"), AuditEntry.who),
        TextFilter("action", lazy_gettext("Action"), AuditEntry.action),
        TextFilter("target", lazy_gettext("On what"), AuditEntry.target),
        TextFilter("why", lazy_gettext("Reason"), AuditEntry.why),
        TextFilter("address", lazy_gettext("Address"), AuditEntry.remote_address),
    )
    column_sorts: ClassVar = {"at": "at"}
    sorts: ClassVar = (Sort("at", lazy_gettext("Time"), AuditEntry.at, "at"),)
    exports: ClassVar = AUDIT_EXPORTS

    def search_condition(self, text: str) -> ColumnElement[bool]:
        """Return what this person did, or what was done under this name, or to this thing."""
        return or_(
            AuditEntry.who == text.lower(),
            AuditEntry.action == text.lower(),
            AuditEntry.target.startswith(text.upper(), autoescape=True),
        )
