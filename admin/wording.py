"""Names that staff read for the states of things, each with an icon, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from flask_babel import LazyString, lazy_gettext

from admin.languages import language
from app.core.bulk import BulkKind, BulkState, RowState
from app.core.finding_words import FINDING_WORDS, in_indonesian
from app.core.findings import FindingCode
from app.core.ledger import Account, PostingKind
from app.core.observations import Evidence, Seen, Source
from app.core.reason_words import WORDS
from app.core.reasons import Why
from app.core.states import (
    AttemptState,
    Attention,
    GatewayName,
    NotificationState,
    PaymentStatus,
    RefundRoute,
    RefundState,
    StockState,
)
from app.core.stock import StockStep
from app.db.models import Actor


@dataclass(frozen=True, slots=True)
class Badge:
    """A word with an icon and a tone; the tone alone never carries the meaning."""

    word: LazyString
    tone: str  # good, wait, bad, warn, done, plain
    icon: str  # a symbol of static/icons.svg


def _badge(word: LazyString, tone: str = "plain", icon: str = "dot") -> Badge:
    return Badge(word, tone, icon)


_PAYMENT: Final[Mapping[StrEnum, Badge]] = {
    PaymentStatus.PENDING: _badge(lazy_gettext("Waiting for payment"), "wait", "clock"),
    PaymentStatus.IN_REVIEW: _badge(lazy_gettext("In fraud review"), "warn", "eye"),
    PaymentStatus.PAID: _badge(lazy_gettext("Paid"), "good", "check"),
    PaymentStatus.PARTIALLY_REFUNDED: _badge(lazy_gettext("Partly refunded"), "done", "half"),
    PaymentStatus.REFUNDED: _badge(lazy_gettext("Refunded"), "done", "back"),
    PaymentStatus.FAILED: _badge(lazy_gettext("Payment failed"), "bad", "cross"),
    PaymentStatus.EXPIRED: _badge(lazy_gettext("Expired"), "plain", "hourglass"),
    PaymentStatus.CANCELLED: _badge(lazy_gettext("Cancelled"), "plain", "slash"),
    PaymentStatus.CHARGED_BACK: _badge(lazy_gettext("Charged back"), "bad", "alert"),
}
_REFUND: Final[Mapping[StrEnum, Badge]] = {
    RefundState.AWAITING_APPROVAL: _badge(lazy_gettext("Awaiting approval"), "warn", "people"),
    RefundState.APPROVED: _badge(lazy_gettext("About to be sent"), "wait", "clock"),
    RefundState.SENDING: _badge(lazy_gettext("Being sent"), "wait", "send"),
    RefundState.UNKNOWN: _badge(lazy_gettext("Outcome unknown"), "warn", "question"),
    RefundState.ACCEPTED: _badge(lazy_gettext("Accepted by the gateway"), "wait", "send"),
    RefundState.SUCCEEDED: _badge(lazy_gettext("Refunded"), "good", "check"),
    RefundState.FAILED: _badge(lazy_gettext("Refused by the gateway"), "bad", "cross"),
    RefundState.REJECTED: _badge(lazy_gettext("Turned down"), "plain", "slash"),
    RefundState.WITHDRAWN: _badge(lazy_gettext("Withdrawn"), "plain", "slash"),
    RefundState.TO_TRANSFER: _badge(lazy_gettext("To be transferred"), "warn", "bank"),
    RefundState.TRANSFERRED: _badge(lazy_gettext("Transferred"), "good", "bank"),
}
_ATTENTION: Final[Mapping[StrEnum, Badge]] = {
    Attention.PAID_AFTER_CLOSE: _badge(lazy_gettext("Paid after closing"), "warn", "alert"),
    Attention.AMOUNT_DIFFERS: _badge(lazy_gettext("Amount differs"), "warn", "alert"),
    Attention.PAID_TWICE: _badge(lazy_gettext("Paid twice"), "warn", "alert"),
    Attention.UNKNOWN_TRANSITION: _badge(lazy_gettext("Unknown step"), "warn", "alert"),
    Attention.REFUND_UNKNOWN: _badge(lazy_gettext("Refund unknown"), "warn", "alert"),
    Attention.REFUND_FAILED: _badge(lazy_gettext("Refund failed"), "bad", "alert"),
    Attention.POLLING_ENDED: _badge(lazy_gettext("No final answer"), "warn", "alert"),
    Attention.DRIFT: _badge(lazy_gettext("Gateway disagrees"), "warn", "alert"),
    Attention.PAYMENT_REVERSED: _badge(lazy_gettext("Payment taken back"), "bad", "alert"),
    Attention.CHARGED_BACK: _badge(lazy_gettext("Charged back"), "bad", "alert"),
    Attention.STOCK_SHORT: _badge(lazy_gettext("Goods missing"), "warn", "alert"),
}
_ATTEMPT: Final[Mapping[StrEnum, Badge]] = {
    AttemptState.CREATING: _badge(lazy_gettext("Being created"), "wait", "clock"),
    AttemptState.OPEN: _badge(lazy_gettext("Known to the gateway"), "plain", "check"),
    AttemptState.UNKNOWN: _badge(lazy_gettext("Outcome unknown"), "warn", "question"),
    AttemptState.REJECTED: _badge(lazy_gettext("Refused by the gateway"), "bad", "cross"),
    AttemptState.UNREACHED: _badge(lazy_gettext("Gateway not reached"), "warn", "slash"),
}
_NOTIFICATION: Final[Mapping[StrEnum, Badge]] = {
    NotificationState.AWAITING_CONFIRMATION: _badge(
        lazy_gettext("Being confirmed"), "wait", "clock"
    ),
    NotificationState.DONE: _badge(lazy_gettext("Handled"), "good", "check"),
    NotificationState.REFUSED: _badge(lazy_gettext("Refused"), "bad", "cross"),
}
_SEEN: Final[Mapping[StrEnum, Badge]] = {
    Seen.NOTHING: _badge(lazy_gettext("Nothing there")),
    Seen.PENDING: _badge(lazy_gettext("Waiting for payment"), "wait", "clock"),
    Seen.AUTHORIZED: _badge(lazy_gettext("Authorized"), "wait", "clock"),
    Seen.IN_REVIEW: _badge(lazy_gettext("In fraud review"), "warn", "eye"),
    Seen.FAILED: _badge(lazy_gettext("Payment failed"), "bad", "cross"),
    Seen.EXPIRED: _badge(lazy_gettext("Expired"), "plain", "hourglass"),
    Seen.CAPTURED: _badge(lazy_gettext("Card charged, not settled"), "good", "check"),
    Seen.CANCELLED: _badge(lazy_gettext("Cancelled"), "plain", "slash"),
    Seen.PAID: _badge(lazy_gettext("Paid"), "good", "check"),
    Seen.DENIED: _badge(lazy_gettext("Denied"), "bad", "cross"),
    Seen.PARTIALLY_REFUNDED: _badge(lazy_gettext("Partly refunded"), "done", "half"),
    Seen.REFUNDED: _badge(lazy_gettext("Refunded"), "done", "back"),
    Seen.PARTIALLY_CHARGED_BACK: _badge(lazy_gettext("Partly charged back"), "bad", "alert"),
    Seen.CHARGED_BACK: _badge(lazy_gettext("Charged back"), "bad", "alert"),
    Seen.UNRECOGNISED: _badge(lazy_gettext("Status not recognised"), "warn", "question"),
}
_STOCK: Final[Mapping[StrEnum, Badge]] = {
    StockState.RESERVED: _badge(lazy_gettext("Reserved"), "wait", "box"),
    StockState.TAKEN: _badge(lazy_gettext("Taken from stock"), "good", "box"),
    StockState.RELEASED: _badge(lazy_gettext("Back in stock"), "plain", "box"),
    StockState.SHORT: _badge(lazy_gettext("Goods missing"), "bad", "alert"),
}
_STOCK_STEP: Final[Mapping[StrEnum, Badge]] = {
    StockStep.RESERVE: _badge(lazy_gettext("Reserved at checkout")),
    StockStep.TAKE: _badge(lazy_gettext("Taken: the order was paid")),
    StockStep.TAKE_LATE: _badge(lazy_gettext("Taken late: paid after closing")),
    StockStep.RELEASE: _badge(lazy_gettext("Reservation given up")),
    StockStep.GIVE_BACK: _badge(lazy_gettext("Given back: payment reversed")),
    StockStep.RESTOCK: _badge(lazy_gettext("Put back by a person")),
}
_ROUTE: Final[Mapping[StrEnum, Badge]] = {
    RefundRoute.REFUND: _badge(lazy_gettext("Refund through the gateway")),
    RefundRoute.VOID: _badge(lazy_gettext("Cancellation of the card charge")),
    RefundRoute.MANUAL: _badge(lazy_gettext("Bank transfer by hand")),
    RefundRoute.OUTSIDE: _badge(lazy_gettext("Made at the gateway, not in Lunas")),
}
_ACTOR: Final[Mapping[StrEnum, Badge]] = {
    Actor.SHOPPER: _badge(lazy_gettext("Shopper"), icon="cart"),
    Actor.GATEWAY: _badge(lazy_gettext("Gateway"), icon="bank"),
    Actor.JOB: _badge(lazy_gettext("Automatic job"), icon="clock"),
    Actor.STAFF: _badge(lazy_gettext("Staff"), icon="people"),
}
_SOURCE: Final[Mapping[StrEnum, Badge]] = {
    Source.NOTIFICATION: _badge(lazy_gettext("Notification"), icon="bell"),
    Source.STATUS_CHECK: _badge(lazy_gettext("Status check by staff"), icon="people"),
    Source.JOB: _badge(lazy_gettext("Automatic status check"), icon="clock"),
    Source.API_ANSWER: _badge(lazy_gettext("Gateway's answer to us"), icon="bank"),
}
_EVIDENCE: Final[Mapping[StrEnum, Badge]] = {
    Evidence.CONFIRMED: _badge(lazy_gettext("confirmed by the gateway")),
    Evidence.PROVES: _badge(lazy_gettext("proved by the signature")),
    Evidence.CLAIMS: _badge(lazy_gettext("only claimed")),
}
_GATEWAY: Final[Mapping[StrEnum, Badge]] = {
    GatewayName.MIDTRANS: _badge(lazy_gettext("Midtrans")),
    GatewayName.XENDIT: _badge(lazy_gettext("Xendit")),
}
_ACCOUNT: Final[Mapping[StrEnum, Badge]] = {
    Account.GATEWAY: _badge(lazy_gettext("Held by the gateway")),
    Account.BANK: _badge(lazy_gettext("Our bank account")),
    Account.SALES: _badge(lazy_gettext("Sales")),
    Account.RETURNS: _badge(lazy_gettext("Sales returns")),
    Account.REFUNDS_PAYABLE: _badge(lazy_gettext("Refunds payable")),
    Account.CHARGEBACKS: _badge(lazy_gettext("Chargebacks")),
    Account.FEES: _badge(lazy_gettext("Gateway fees")),
    Account.LOSSES: _badge(lazy_gettext("Losses")),
}
_POSTING: Final[Mapping[StrEnum, Badge]] = {
    PostingKind.CAPTURE: _badge(lazy_gettext("Payment received")),
    PostingKind.REVERSAL: _badge(lazy_gettext("Payment taken back")),
    PostingKind.REFUND_RESERVED: _badge(lazy_gettext("Refund set aside")),
    PostingKind.REFUND_RELEASED: _badge(lazy_gettext("Refund given up")),
    PostingKind.REFUND_SETTLED: _badge(lazy_gettext("Refund paid by the gateway")),
    PostingKind.VOID: _badge(lazy_gettext("Card charge cancelled")),
    PostingKind.REFUND_TRANSFERRED: _badge(lazy_gettext("Refund transferred by hand")),
    PostingKind.REFUND_OUTSIDE: _badge(lazy_gettext("Refund made at the gateway")),
    PostingKind.TRANSFER_OUTSIDE: _badge(lazy_gettext("Transferred without being set aside")),
    PostingKind.REFUND_UNDONE: _badge(lazy_gettext("Refund undone")),
    PostingKind.TRANSFER_UNDONE: _badge(lazy_gettext("Transfer undone")),
    PostingKind.WRITTEN_OFF: _badge(lazy_gettext("Refund written off")),
    PostingKind.WRITE_OFF_UNDONE: _badge(lazy_gettext("Write-off undone")),
    PostingKind.LOSS: _badge(lazy_gettext("Transferred for a payment that did not stand")),
    PostingKind.LOSS_UNDONE: _badge(lazy_gettext("Loss undone")),
    PostingKind.CHARGEBACK: _badge(lazy_gettext("Charged back")),
    PostingKind.CHARGEBACK_UNDONE: _badge(lazy_gettext("Chargeback undone")),
    PostingKind.FEE: _badge(lazy_gettext("Gateway fee")),
    PostingKind.FEE_UNDONE: _badge(lazy_gettext("Gateway fee undone")),
}
_BULK_KIND: Final[Mapping[StrEnum, Badge]] = {
    BulkKind.CHECK: _badge(lazy_gettext("Status check"), icon="refresh"),
    BulkKind.REFUND: _badge(lazy_gettext("Refund"), icon="back"),
}
_BULK_STATE: Final[Mapping[StrEnum, Badge]] = {
    BulkState.DRAFT: _badge(lazy_gettext("Draft"), "plain", "eye"),
    BulkState.AWAITING_APPROVAL: _badge(lazy_gettext("Awaiting approval"), "warn", "people"),
    BulkState.RUNNING: _badge(lazy_gettext("Running"), "wait", "refresh"),
    BulkState.PAUSED: _badge(lazy_gettext("Paused"), "warn", "hourglass"),
    BulkState.DONE: _badge(lazy_gettext("Finished"), "good", "check"),
    BulkState.STOPPED: _badge(lazy_gettext("Stopped"), "plain", "slash"),
    BulkState.REJECTED: _badge(lazy_gettext("Turned down"), "plain", "slash"),
    BulkState.WITHDRAWN: _badge(lazy_gettext("Withdrawn"), "plain", "slash"),
}
_ROW: Final[Mapping[StrEnum, Badge]] = {
    RowState.SKIPPED: _badge(lazy_gettext("Left out"), "plain", "slash"),
    RowState.BY_HAND: _badge(lazy_gettext("Only by bank transfer"), "warn", "bank"),
    RowState.NOT_DONE: _badge(lazy_gettext("Not done"), "plain", "slash"),
    RowState.WAITING: _badge(lazy_gettext("Waits its turn"), "wait", "clock"),
    RowState.WORKING: _badge(lazy_gettext("Being done"), "wait", "send"),
    RowState.DONE: _badge(lazy_gettext("Done"), "good", "check"),
    RowState.FAILED: _badge(lazy_gettext("Did not work"), "bad", "cross"),
    RowState.OPEN: _badge(lazy_gettext("Outcome open"), "warn", "question"),
}
# By type: members of different enumerations are equal as text.
_BADGES: Final[Mapping[type[StrEnum], Mapping[StrEnum, Badge]]] = {
    PaymentStatus: _PAYMENT,
    RefundState: _REFUND,
    Attention: _ATTENTION,
    AttemptState: _ATTEMPT,
    NotificationState: _NOTIFICATION,
    Seen: _SEEN,
    StockState: _STOCK,
    StockStep: _STOCK_STEP,
    RefundRoute: _ROUTE,
    Actor: _ACTOR,
    Source: _SOURCE,
    Evidence: _EVIDENCE,
    GatewayName: _GATEWAY,
    Account: _ACCOUNT,
    PostingKind: _POSTING,
    BulkKind: _BULK_KIND,
    BulkState: _BULK_STATE,
    RowState: _ROW,
}
_BY_ENGLISH: Final = {words.en: words for words in WORDS.values()}

# What the timeline tells of an event besides its reason; other stored details stay in the database.
_DETAILS: Final[Mapping[str, LazyString]] = {
    "gateway_status": lazy_gettext("Gateway's status"),
    "evidence": lazy_gettext("Evidence"),
    "reference": lazy_gettext("Reference"),
    "gateway_transaction_id": lazy_gettext("Transaction"),
    "refund_number": lazy_gettext("Refund no."),
    "amount_idr": lazy_gettext("Amount"),
    "route": lazy_gettext("Way back"),
    "attention": lazy_gettext("Queue"),
    "reason": lazy_gettext("Reason given"),
    "note": lazy_gettext("Note"),
    "method": lazy_gettext("Method"),
    "findings": lazy_gettext("Findings"),
    "error": lazy_gettext("Gateway's own words"),
}


def detail_name(key: str) -> LazyString | None:
    """Return the name of a detail of the timeline; None for those that are not shown."""
    return _DETAILS.get(key)


# Reasons that only the back office itself has, as the audit log keeps them.
_OWN_REASONS: Final[Mapping[str, LazyString]] = {
    "not_found": lazy_gettext("There is no such thing."),
    "no_answer": lazy_gettext("The gateway was asked and did not answer."),
    "too_soon": lazy_gettext("Asked again within 5 seconds."),
    "malformed_id": lazy_gettext("What was typed is no transaction id."),
    "wrong_or_locked": lazy_gettext("Wrong password, unknown account, or locked."),
    "wrong_proof": lazy_gettext("A wrong or spent code, or a passkey that does not fit."),
    "filter_unreadable": lazy_gettext("A filter cannot be read."),
    "too_many_tries": lazy_gettext("Too many wrong tries; not looked at."),
}


def badge(value: StrEnum) -> Badge:
    """Return the badge of a state, an actor, a source or a gateway."""
    return _BADGES[type(value)][value]


def options(kind: type[StrEnum]) -> list[tuple[str, LazyString]]:
    """Return the choices of a filter: value and name of every member."""
    return [(member.value, badge(member).word) for member in kind]


def why_words(code: str | None) -> str:
    """Return the sentence for a reason, in the language of the page; unknown codes as they are."""
    if not code:
        return ""
    try:
        words = WORDS[Why(code)]
    except ValueError:
        return str(_OWN_REASONS.get(code, code))
    return words.id if language() == "id" else words.en


def finding_words(code: FindingCode) -> str:
    """Return the sentence for a kind of finding, in the language of the page."""
    words = FINDING_WORDS[code]
    return words.id if language() == "id" else words.en


def difference_words(text: str) -> str:
    """Return one side of a finding, stored in English, in the language of the page."""
    return in_indonesian(text) if language() == "id" else text


def stored_words(text: str | None) -> str:
    """Return a sentence that was stored in English, in the language of the page where known."""
    words = _BY_ENGLISH.get(text or "")
    if words is None:
        return text or ""
    return words.id if language() == "id" else words.en
