"""What a person may do, and the roles that bundle it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Right(StrEnum):
    """One thing that a role may allow; stored as text on ``roles.rights``."""

    VIEW = "view"
    VIEW_CONTACTS = "view_contacts"
    EXPORT = "export"
    CHECK_STATUS = "check_status"
    REFUND = "refund"
    APPROVE_REFUND = "approve_refund"
    TRANSFER = "transfer"
    RESOLVE_ATTENTION = "resolve_attention"
    VIEW_AUDIT = "view_audit"
    VIEW_STAFF = "view_staff"


# Who talks with customers sees how to reach them; others see that there is an address.
_SEES: Final = frozenset({Right.VIEW, Right.VIEW_CONTACTS})
_SUPPORT: Final = _SEES | {Right.CHECK_STATUS, Right.RESOLVE_ATTENTION}

# An administrator looks after people, not money: no refund right, so that nobody who hands out
# rights can also move money.
ROLES: Final[Mapping[str, frozenset[Right]]] = {
    "viewer": frozenset({Right.VIEW}),
    "support": _SUPPORT,
    "refunder": _SUPPORT | {Right.REFUND},
    "approver": _SEES | {Right.CHECK_STATUS, Right.APPROVE_REFUND},
    "finance": _SEES
    | {Right.CHECK_STATUS, Right.REFUND, Right.TRANSFER, Right.APPROVE_REFUND, Right.EXPORT},
    "admin": frozenset({Right.VIEW, Right.CHECK_STATUS, Right.VIEW_AUDIT, Right.VIEW_STAFF}),
    "auditor": _SEES | {Right.VIEW_AUDIT, Right.EXPORT},
}
