"""Every table in one import, so that the metadata is complete for migrations and tests."""

from app.db.base import Base
from app.db.ledger import Finding, JobPosition, LedgerEntry
from app.db.payments import (
    Attempt,
    GatewayTransaction,
    Notification,
    Refund,
    StatusCheck,
    StoredObservation,
)
from app.db.records import (
    Actor,
    AuditEntry,
    IdempotencyKey,
    JobHeartbeat,
    JobRun,
    OrderEvent,
    Role,
    Staff,
)
from app.db.shop import Order, OrderItem, Product, StockMovement

__all__ = [
    "Actor",
    "Attempt",
    "AuditEntry",
    "Base",
    "Finding",
    "GatewayTransaction",
    "IdempotencyKey",
    "JobHeartbeat",
    "JobPosition",
    "JobRun",
    "LedgerEntry",
    "Notification",
    "Order",
    "OrderEvent",
    "OrderItem",
    "Product",
    "Refund",
    "Role",
    "Staff",
    "StatusCheck",
    "StockMovement",
    "StoredObservation",
]
