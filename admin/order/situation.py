"""The answer on top of an order's page: where the order stands, by which evidence, what is next.

Written for somebody with the customer on the phone who asks "why is this order not paid?".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask_babel import LazyString, gettext, lazy_gettext

from admin.formats import ago, wib
from admin.order.next_checks import next_check_words, refund_check_words
from admin.wording import badge, why_words
from app.core.methods import label
from app.core.money import format_rupiah
from app.core.observations import Seen
from app.core.states import (
    HOLDS_MONEY,
    OPEN,
    UNPAID_CLOSED,
    AttemptState,
    NotificationState,
    PaymentStatus,
    RefundState,
)
from app.db.models import Attempt, GatewayTransaction, Notification, Order, Refund, StatusCheck
from app.services.paying_method import paying_method

_WAITING: Final = frozenset({Seen.PENDING, Seen.AUTHORIZED})


@dataclass(frozen=True, slots=True)
class Known:
    """What the answer rests on; checks and notifications are the latest, the newest first."""

    order: Order
    checks: Sequence[StatusCheck]
    notifications: Sequence[Notification]
    last_heard: Any  # id, recorded_at, source, gateway, raw_status and why of what was said last
    is_frozen: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer in sentences; every part may be read out to the customer but ``todo``."""

    question: str
    state: str
    evidence: Sequence[str]
    next: Sequence[str]
    todo: Sequence[str]


def answer_for(known: Known) -> Answer:
    """Return the answer about one order."""
    status = known.order.payment_status
    is_unpaid = status in OPEN | UNPAID_CLOSED
    return Answer(
        question=gettext("Why is this order not paid?")
        if is_unpaid
        else gettext("Is this order paid?"),
        state=_state(known),
        evidence=_evidence(known),
        next=_next(known),
        todo=_todo(known),
    )


# Where it stands.


def _state(known: Known) -> str:
    order = known.order
    if order.payment_status is PaymentStatus.PENDING:
        return _waiting(known)
    if order.payment_status is PaymentStatus.IN_REVIEW:
        return gettext(
            "The shopper has paid by card, but the gateway holds the payment for a fraud review. "
            "It counts only once the review accepts it."
        )
    if order.payment_status in UNPAID_CLOSED:
        return gettext("Not paid, and closed: %(why)s", why=why_words(order.last_why))
    return _with_money(order)


def _with_money(order: Order) -> str:
    paid = gettext(
        "Yes: %(amount)s by %(method)s.",
        amount=format_rupiah(order.captured_idr),
        method=label(paying_method(order)) or badge(order.gateway).word,
    )
    if order.paid_at is not None:
        paid += " " + gettext("The money was taken on %(time)s.", time=wib(order.paid_at))
    after = {
        PaymentStatus.PARTIALLY_REFUNDED: gettext(
            "Of it, %(amount)s was refunded.", amount=format_rupiah(order.refunded_idr)
        ),
        PaymentStatus.REFUNDED: gettext("All of it was refunded."),
        PaymentStatus.CHARGED_BACK: gettext("The card holder's bank has taken it back."),
    }.get(order.payment_status, "")
    return f"{paid} {after}".strip()


_ATTEMPTS: Final[Mapping[AttemptState, LazyString]] = {
    AttemptState.CREATING: lazy_gettext("The payment page is being opened at the gateway."),
    AttemptState.UNKNOWN: lazy_gettext(
        "The gateway did not answer when the payment page was to be opened; nobody knows yet "
        "whether the shopper has one."
    ),
    AttemptState.REJECTED: lazy_gettext(
        "The gateway refused to open a payment page, so the shopper cannot pay."
    ),
    AttemptState.UNREACHED: lazy_gettext(
        "The gateway could not be reached, so the shopper got no payment page and may try again."
    ),
}


def _waiting(known: Known) -> str:
    order = known.order
    attempt = order.attempts[-1] if order.attempts else None
    if any(n.state is NotificationState.AWAITING_CONFIRMATION for n in known.notifications):
        return gettext(
            "A message says something new about this payment. It does not count before the "
            "gateway confirms it, and Lunas is asking."
        )
    if attempt is None:
        return gettext("Nobody has tried to pay yet.")
    if attempt.state in _ATTEMPTS:
        return str(_ATTEMPTS[attempt.state])
    return _on_the_page(order, attempt, known.now)


def _on_the_page(order: Order, attempt: Attempt, now: datetime) -> str:
    mine = [t for t in order.transactions if t.attempt_id == attempt.id]
    waiting = next((t for t in mine if t.stage in _WAITING), None)
    if now > attempt.expires_at:
        return gettext(
            "The time to pay ended %(ago)s and no payment has arrived; the gateway has not said "
            "its last word yet.",
            ago=ago(attempt.expires_at),
        )
    if waiting is not None:
        return _chosen(attempt, waiting)
    if mine:
        return gettext(
            "A try by %(method)s was declined. The shopper may still pay another way on the same "
            "page.",
            method=label(mine[-1].method) or badge(attempt.gateway).word,
        )
    return gettext(
        "The shopper got a payment page, and the gateway has no payment on it: no method was "
        "chosen yet."
    )


def _chosen(attempt: Attempt, waiting: GatewayTransaction) -> str:
    method = label(waiting.method or attempt.method) or badge(attempt.gateway).word
    if attempt.pay_code_number and attempt.pay_code_label:
        return gettext(
            "The shopper chose %(method)s (%(code)s: %(number)s) and has not paid yet.",
            method=method,
            code=attempt.pay_code_label,
            number=attempt.pay_code_number[:40],
        )
    return gettext("The shopper chose %(method)s and has not paid yet.", method=method)


# By which evidence.


def _evidence(known: Known) -> list[str]:
    told = [_last_heard(known)]
    silent = known.checks[0] if known.checks and known.checks[0].error else None
    if silent is not None:
        told.append(
            gettext(
                "The gateway did not answer when it was asked last, %(ago)s.",
                ago=ago(silent.asked_at),
            )
        )
    return told


def _last_heard(known: Known) -> str:
    last = known.last_heard
    if last is None:
        return gettext("The gateway has said nothing about this order yet.")
    return gettext(
        "%(gateway)s said last, %(ago)s (%(source)s): “%(status)s”. %(why)s",
        gateway=badge(last.gateway).word,
        ago=ago(last.recorded_at),
        source=badge(last.source).word,
        status=last.raw_status,
        why=why_words(last.why),
    )


# What happens by itself.


def _next(known: Known) -> list[str]:
    order, now = known.order, known.now
    told = [next_check_words(order, now), *refund_check_words(order, now)]
    if order.cancel_asked_at is not None and order.payment_status in OPEN:
        told.append(gettext("Lunas goes on closing the payment pages; then the order ends."))
    elif order.payment_status is PaymentStatus.PENDING and now <= order.expires_at:
        told.append(
            gettext(
                "If nothing is paid until %(time)s, the order closes.", time=wib(order.expires_at)
            )
        )
    return told


# What staff can do.


def _todo(known: Known) -> list[str]:
    order = known.order
    told = [*_open_reasons(known), *_for_refunds(order.refunds)]
    if order.payment_status in OPEN:
        told.append(
            gettext(
                "If the customer says that they have paid: check the status now, and compare the "
                "reference or pay code below with their receipt."
            )
        )
    elif order.payment_status in UNPAID_CLOSED:
        told.append(
            gettext(
                "If the customer says that they have paid: check the status now; late money is "
                "kept and calls a person. Otherwise the customer orders again."
            )
        )
    elif not told and order.payment_status in HOLDS_MONEY:
        told.append(gettext("Nothing has to be done."))
    return told


def _open_reasons(known: Known) -> list[str]:
    """Return every open reason that Lunas knows for which a person must look at the order."""
    told: list[str] = []
    for call in known.order.calls:
        words = badge(call.code).word
        told.append(gettext("Decide what the notice below asks: %(what)s.", what=words))
    if known.is_frozen:
        told.append(
            gettext("Find out why the records do not agree; refunds are stopped until then.")
        )
    return told


_REFUNDS: Final[Mapping[RefundState, LazyString]] = {
    RefundState.AWAITING_APPROVAL: lazy_gettext("A second person must approve refund %(number)s."),
    RefundState.TO_TRANSFER: lazy_gettext(
        "Refund %(number)s must be transferred by hand, and marked so with its proof."
    ),
    RefundState.UNKNOWN: lazy_gettext(
        "The outcome of refund %(number)s is unknown: do not refund again, Lunas goes on asking."
    ),
}


def _for_refunds(refunds: Sequence[Refund]) -> list[str]:
    return [
        str(_REFUNDS[refund.state]) % {"number": refund.number}
        for refund in refunds
        if refund.state in _REFUNDS
    ]
