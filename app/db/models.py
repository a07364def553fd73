"""Every table in one import, so that the metadata is complete for migrations and tests."""

from app.db.base import Base
from app.db.desk import (
    DeskSetting,
    Export,
    ExportState,
    FileFormat,
    ListSetting,
    SavedView,
    Theme,
)
from app.db.ledger import Finding, JobPosition, LedgerEntry
from app.db.payments import (
    Attempt,
    GatewayTransaction,
    Notification,
    Refund,
    StatusCheck,
    StoredObservation,
)
from app.db.people import (
    Passkey,
    PasskeyChallenge,
    RecoveryCode,
    SessionStage,
    StaffSession,
    Throttle,
)
from app.db.records import (
    Actor,
    AuditEntry,
    AuditHead,
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
    "AuditHead",
    "Base",
    "DeskSetting",
    "Export",
    "ExportState",
    "FileFormat",
    "Finding",
    "GatewayTransaction",
    "IdempotencyKey",
    "JobHeartbeat",
    "JobPosition",
    "JobRun",
    "LedgerEntry",
    "ListSetting",
    "Notification",
    "Order",
    "OrderEvent",
    "OrderItem",
    "Passkey",
    "PasskeyChallenge",
    "Product",
    "RecoveryCode",
    "Refund",
    "Role",
    "SavedView",
    "SessionStage",
    "Staff",
    "StaffSession",
    "StatusCheck",
    "StockMovement",
    "StoredObservation",
    "Theme",
    "Throttle",
]
