"""What a person may do, and the roles that bundle it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Right(StrEnum):
    """One thing that a role may allow; stored as text on ``roles.rights``."""

    VIEW = "view"
    CHECK_STATUS = "check_status"
    CANCEL_ORDER = "cancel_order"
    REFUND = "refund"
    APPROVE_REFUND = "approve_refund"
    TRANSFER = "transfer"
    RESOLVE_ATTENTION = "resolve_attention"
    RELEASE_ORDER = "release_order"
    VIEW_AUDIT = "view_audit"
    VIEW_STAFF = "view_staff"


_SUPPORT: Final = frozenset(
    {Right.VIEW, Right.CHECK_STATUS, Right.CANCEL_ORDER, Right.RESOLVE_ATTENTION}
)

# An administrator looks after people, not money: no refund right, so that nobody who hands out
# rights can also move money.
ROLES: Final[Mapping[str, frozenset[Right]]] = {
    "viewer": frozenset({Right.VIEW}),
    "support": _SUPPORT,
    "refunder": _SUPPORT | {Right.REFUND},
    "approver": frozenset(
        {Right.VIEW, Right.CHECK_STATUS, Right.APPROVE_REFUND, Right.RELEASE_ORDER}
    ),
    "finance": frozenset(
        {
            Right.VIEW,
            Right.CHECK_STATUS,
            Right.REFUND,
            Right.TRANSFER,
            Right.APPROVE_REFUND,
            Right.RELEASE_ORDER,
        }
    ),
    "admin": frozenset({Right.VIEW, Right.CHECK_STATUS, Right.VIEW_AUDIT, Right.VIEW_STAFF}),
    "auditor": frozenset({Right.VIEW, Right.VIEW_AUDIT}),
}
