"""Every table in one import, so that the metadata is complete for migrations and tests."""

from app.db.attention import AttentionCall
from app.db.base import Base
from app.db.bulk import BulkRow, BulkRun
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
from app.db.mails import Mail
from app.db.notes import NoteMention, OrderNote
from app.db.payments import (
    Attempt,
    GatewayTransaction,
    Notification,
    Refund,
    RefundItem,
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
from app.db.reapply import ReapplyRow, ReapplyRun, ReapplyStep
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
    "AttentionCall",
    "AuditEntry",
    "AuditHead",
    "Base",
    "BulkRow",
    "BulkRun",
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
    "Mail",
    "NoteMention",
    "Notification",
    "Order",
    "OrderEvent",
    "OrderItem",
    "OrderNote",
    "Passkey",
    "PasskeyChallenge",
    "Product",
    "ReapplyRow",
    "ReapplyRun",
    "ReapplyStep",
    "RecoveryCode",
    "Refund",
    "RefundItem",
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
