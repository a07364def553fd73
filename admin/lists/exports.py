"""What the columns of each list become in an exported file.

Codes stay codes (``partially_refunded``), so that a file means the same in every language and to
every program that reads it; amounts are whole rupiah.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask_babel import lazy_gettext
from sqlalchemy import String, cast, func, select

from admin.lists.columns import Out
from app.db.models import (
    AttentionCall,
    AuditEntry,
    BulkRow,
    BulkRun,
    JobRun,
    Notification,
    Order,
    OrderItem,
    Refund,
    Staff,
    StatusCheck,
)
from app.services.paying_method import method_column

Exports = Mapping[str, Sequence[Out]]


def _order_number(order_id: Any) -> Any:
    return select(Order.number).where(Order.id == order_id).scalar_subquery()


def _staff_name(staff_id: Any) -> Any:
    return select(Staff.name).where(Staff.id == staff_id).scalar_subquery()


def _refund_key(refund_id: Any) -> Any:
    return select(Refund.key).where(Refund.id == refund_id).scalar_subquery()


def _items() -> Any:
    line = cast(OrderItem.quantity, String) + " × " + OrderItem.sku  # noqa: RUF001 - a times sign.
    lines = select(func.aggregate_strings(line, "; "))
    return lines.where(OrderItem.order_id == Order.id).scalar_subquery()


ORDER_EXPORTS: Final[Exports] = {
    "number": (Out(lazy_gettext("Order"), Order.number),),
    "status": (
        Out(lazy_gettext("Status"), Order.payment_status),
        Out(lazy_gettext("Needs attention"), Order.attention),
    ),
    "created_at": (Out(lazy_gettext("Created (WIB)"), Order.created_at),),
    "customer": (Out(lazy_gettext("Customer"), Order.customer_name),),
    "items": (Out(lazy_gettext("Items"), _items()),),
    "payment": (
        Out(lazy_gettext("Gateway"), Order.gateway),
        Out(lazy_gettext("Method"), method_column()),
    ),
    "total": (Out(lazy_gettext("Total"), Order.total_idr),),
    "money": (
        Out(lazy_gettext("Captured"), Order.captured_idr),
        Out(lazy_gettext("Refunded"), Order.refunded_idr),
        Out(lazy_gettext("On its way back"), Order.reserved_idr),
    ),
    "email": (Out(lazy_gettext("E-mail"), Order.customer_email),),
    "phone": (Out(lazy_gettext("Phone"), Order.customer_phone),),
    "transaction": (Out(lazy_gettext("Transaction"), Order.payment_gateway_transaction_id),),
    "paid_at": (Out(lazy_gettext("Paid (WIB)"), Order.paid_at),),
    "why": (Out(lazy_gettext("Reason"), Order.last_why),),
}
REFUND_EXPORTS: Final[Exports] = {
    "refund": (Out(lazy_gettext("Refund no."), Refund.number),),
    "requested_at": (Out(lazy_gettext("Requested (WIB)"), Refund.requested_at),),
    "order": (Out(lazy_gettext("Order"), _order_number(Refund.order_id)),),
    "amount": (Out(lazy_gettext("Amount"), Refund.amount_idr),),
    "route": (
        Out(lazy_gettext("Way back"), Refund.route),
        Out(lazy_gettext("Gateway"), Refund.gateway),
    ),
    "state": (Out(lazy_gettext("State"), Refund.state),),
    "key": (Out(lazy_gettext("Refund key"), Refund.key),),
    "who": (Out(lazy_gettext("Requested by"), _staff_name(Refund.requested_by_id)),),
    "reason": (Out(lazy_gettext("Reason"), Refund.reason),),
    "provider_id": (Out(lazy_gettext("Gateway's refund id"), Refund.provider_refund_id),),
    "finished_at": (Out(lazy_gettext("Finished (WIB)"), Refund.finished_at),),
}
# The list for the bank: account numbers are text (they may begin with 0), amounts plain numbers.
TRANSFER_EXPORTS: Final[Exports] = {
    "refund": REFUND_EXPORTS["refund"],
    "order": REFUND_EXPORTS["order"],
    "amount": REFUND_EXPORTS["amount"],
    "bank": (Out(lazy_gettext("Bank"), Refund.transfer_bank),),
    "account": (Out(lazy_gettext("Account number"), Refund.transfer_account),),
    "holder": (Out(lazy_gettext("Account holder"), Refund.transfer_holder),),
    "key": REFUND_EXPORTS["key"],
    "who": REFUND_EXPORTS["who"],
    "requested_at": REFUND_EXPORTS["requested_at"],
}
CALL_EXPORTS: Final[Exports] = {
    "order": (Out(lazy_gettext("Order"), _order_number(AttentionCall.order_id)),),
    "what": (
        Out(lazy_gettext("Needs attention"), AttentionCall.code),
        Out(lazy_gettext("Reason"), AttentionCall.why),
    ),
    "raised_at": (Out(lazy_gettext("Since (WIB)"), AttentionCall.raised_at),),
    "claim": (
        Out(lazy_gettext("Who works on it"), _staff_name(AttentionCall.claimed_by_id)),
        Out(lazy_gettext("Taken up (WIB)"), AttentionCall.claimed_at),
    ),
}
NOTIFICATION_EXPORTS: Final[Exports] = {
    "received_at": (Out(lazy_gettext("Received (WIB)"), Notification.received_at),),
    "gateway": (Out(lazy_gettext("Gateway"), Notification.gateway),),
    "said": (
        Out(lazy_gettext("Gateway's status"), Notification.raw_status),
        Out(lazy_gettext("Reference"), Notification.reference),
    ),
    "order": (Out(lazy_gettext("Order"), _order_number(Notification.order_id)),),
    "state": (Out(lazy_gettext("State"), Notification.state),),
    "verdict": (Out(lazy_gettext("Verdict"), Notification.verdict),),
    "transaction": (Out(lazy_gettext("Transaction"), Notification.gateway_transaction_id),),
    "processed_at": (Out(lazy_gettext("Handled (WIB)"), Notification.processed_at),),
    "remote_address": (Out(lazy_gettext("Sent from"), Notification.remote_address),),
}
CHECK_EXPORTS: Final[Exports] = {
    "asked_at": (Out(lazy_gettext("Asked (WIB)"), StatusCheck.asked_at),),
    "order": (Out(lazy_gettext("Order"), _order_number(StatusCheck.order_id)),),
    "source": (
        Out(lazy_gettext("Asked by"), StatusCheck.source),
        Out(lazy_gettext("Staff"), _staff_name(StatusCheck.staff_id)),
    ),
    "result": (
        Out(lazy_gettext("Before"), StatusCheck.before),
        Out(lazy_gettext("After"), StatusCheck.after),
    ),
    "why": (Out(lazy_gettext("Reason"), StatusCheck.why),),
    "error": (Out(lazy_gettext("Error"), StatusCheck.error),),
}
JOB_EXPORTS: Final[Exports] = {
    "started_at": (Out(lazy_gettext("Started (WIB)"), JobRun.started_at),),
    "job": (Out(lazy_gettext("Job"), JobRun.job),),
    "instance": (Out(lazy_gettext("Process"), JobRun.instance),),
    "took": (Out(lazy_gettext("Finished (WIB)"), JobRun.finished_at),),
    "claimed": (Out(lazy_gettext("Taken up"), JobRun.claimed),),
    "changed": (Out(lazy_gettext("Changed"), JobRun.changed),),
    "failed": (Out(lazy_gettext("Failed"), JobRun.failed),),
    "error": (Out(lazy_gettext("Error"), JobRun.error),),
}
AUDIT_EXPORTS: Final[Exports] = {
    "seq": (Out(lazy_gettext("Number"), AuditEntry.seq),),
    "at": (Out(lazy_gettext("Time (WIB)"), AuditEntry.at),),
    "who": (Out(lazy_gettext("Who"), AuditEntry.who),),
    "action": (Out(lazy_gettext("Action"), AuditEntry.action),),
    "target": (Out(lazy_gettext("On what"), AuditEntry.target),),
    "done": (Out(lazy_gettext("Done"), AuditEntry.done),),
    "why": (Out(lazy_gettext("Reason"), AuditEntry.why),),
    "remote_address": (Out(lazy_gettext("Address"), AuditEntry.remote_address),),
    "hash": (Out(lazy_gettext("Seal"), AuditEntry.hash),),
}
BULK_EXPORTS: Final[Exports] = {
    "run": (Out(lazy_gettext("Run"), BulkRun.id),),
    "kind": (Out(lazy_gettext("What is done"), BulkRun.kind),),
    "state": (
        Out(lazy_gettext("State"), BulkRun.state),
        Out(lazy_gettext("Reason"), BulkRun.why),
    ),
    "orders": (
        Out(lazy_gettext("Orders"), BulkRun.row_count),
        Out(lazy_gettext("To be done"), BulkRun.eligible_count),
    ),
    "sum": (Out(lazy_gettext("Total"), BulkRun.sum_idr),),
    "who": (
        Out(lazy_gettext("Requested by"), _staff_name(BulkRun.requested_by_id)),
        Out(lazy_gettext("Approved"), _staff_name(BulkRun.approved_by_id)),
    ),
    "created_at": (Out(lazy_gettext("Created (WIB)"), BulkRun.created_at),),
    "reason": (Out(lazy_gettext("Reason given"), BulkRun.reason),),
}
BULK_ROW_EXPORTS: Final[Exports] = {
    "row": (
        Out(lazy_gettext("Run"), BulkRow.run_id),
        Out(lazy_gettext("Number"), BulkRow.seq),
    ),
    "order": (Out(lazy_gettext("Order"), _order_number(BulkRow.order_id)),),
    "amount": (Out(lazy_gettext("Amount"), BulkRow.amount_idr),),
    "state": (Out(lazy_gettext("Result"), BulkRow.state),),
    "why": (
        Out(lazy_gettext("Reason"), BulkRow.why),
        Out(lazy_gettext("Gateway's own words"), BulkRow.message),
    ),
    "refund": (Out(lazy_gettext("Refund key"), _refund_key(BulkRow.refund_id)),),
    "finished_at": (Out(lazy_gettext("Finished (WIB)"), BulkRow.finished_at),),
}
