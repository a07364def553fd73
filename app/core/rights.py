"""What a person may do, and the roles that bundle it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Right(StrEnum):
    """One thing that a role may allow; stored as text on ``roles.rights``."""

    VIEW = "view"
    OWN_ACCOUNT = "own_account"
    VIEW_CONTACTS = "view_contacts"
    EXPORT = "export"
    CHECK_STATUS = "check_status"
    WRITE_NOTES = "write_notes"
    CANCEL_ORDER = "cancel_order"
    REFUND = "refund"
    APPROVE_REFUND = "approve_refund"
    TRANSFER = "transfer"
    RESOLVE_ATTENTION = "resolve_attention"
    RELEASE_ORDER = "release_order"
    VIEW_AUDIT = "view_audit"
    VIEW_STAFF = "view_staff"
    MANAGE_STAFF = "manage_staff"


# Moves money, or decides who may.
MONEY: Final = frozenset({Right.REFUND, Right.APPROVE_REFUND, Right.TRANSFER, Right.RELEASE_ORDER})
# Whoever uses one of these proves to be there within the last minutes.
STEP_UP: Final = MONEY | {Right.MANAGE_STAFF, Right.OWN_ACCOUNT}

_EVERYBODY: Final = frozenset({Right.VIEW, Right.OWN_ACCOUNT})
# Who talks with customers sees how to reach them; others see that there is an address.
_SEES: Final = _EVERYBODY | {Right.VIEW_CONTACTS}
_WORKS: Final = _SEES | {Right.CHECK_STATUS, Right.WRITE_NOTES}
_SUPPORT: Final = _WORKS | {Right.CANCEL_ORDER, Right.RESOLVE_ATTENTION}

# An administrator looks after people, not money: no refund right, so that nobody who hands out
# rights can also move money. This is also the one role that may grant what it does not hold.
ROLES: Final[Mapping[str, frozenset[Right]]] = {
    "viewer": _EVERYBODY,
    "support": _SUPPORT,
    "refunder": _SUPPORT | {Right.REFUND},
    "approver": _WORKS | {Right.RESOLVE_ATTENTION, Right.APPROVE_REFUND, Right.RELEASE_ORDER},
    "finance": _SUPPORT
    | {
        Right.REFUND,
        Right.TRANSFER,
        Right.APPROVE_REFUND,
        Right.RELEASE_ORDER,
        Right.EXPORT,
    },
    "admin": _EVERYBODY
    | {
        Right.CHECK_STATUS,
        Right.WRITE_NOTES,
        Right.VIEW_AUDIT,
        Right.VIEW_STAFF,
        Right.MANAGE_STAFF,
    },
    "auditor": _SEES | {Right.VIEW_AUDIT, Right.VIEW_STAFF, Right.EXPORT},
}
ADMIN: Final = "admin"


def rights_of(role: str) -> frozenset[Right]:
    """Return what a role allows; nothing for a role that this version does not know.

    The code decides, not the stored copy: a new version changes a role for everybody at once, and
    a row that somebody altered grants nothing.
    """
    return ROLES.get(role, frozenset())
