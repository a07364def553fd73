"""What to do about each call for a person, in words for whoever takes it up."""

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString, lazy_gettext

from app.core.states import Attention
from app.services.queues import Stuck

ADVICE: Final[Mapping[Attention, LazyString]] = {
    Attention.PAID_AFTER_CLOSE: lazy_gettext(
        "Ask the customer: send the goods, or refund the payment in full."
    ),
    Attention.AMOUNT_DIFFERS: lazy_gettext(
        "Compare the amount at the gateway with the order. Refund what is too much; do not ship"
        " before it is settled."
    ),
    Attention.PAID_TWICE: lazy_gettext("Refund the payment that is too many."),
    Attention.UNKNOWN_TRANSITION: lazy_gettext(
        "Check the status now, and compare with the gateway's dashboard. The order kept its state."
    ),
    Attention.REFUND_UNKNOWN: lazy_gettext(
        "Do not refund again. Look for the refund key in the gateway's dashboard, then ask the"
        " gateway on the refund's page."
    ),
    Attention.REFUND_FAILED: lazy_gettext(
        "Open the refund, read the gateway's words, and go on by bank transfer or with a new"
        " refund."
    ),
    Attention.POLLING_ENDED: lazy_gettext(
        "The gateway never gave a final answer. Look in its dashboard, then check the status or"
        " cancel the order."
    ),
    Attention.DRIFT: lazy_gettext(
        "Our records and the gateway's differ. Check the status now; if they still differ, ask the"
        " gateway's support."
    ),
    Attention.PAYMENT_REVERSED: lazy_gettext(
        "Do not ship; stop the parcel if it is under way. Ask the customer to pay again."
    ),
    Attention.CHARGED_BACK: lazy_gettext(
        "Collect the proof of delivery and answer the dispute in the gateway's dashboard in time."
    ),
    Attention.STOCK_SHORT: lazy_gettext(
        "Ask the customer: wait for new goods, or get the money back."
    ),
}

STUCK_WORDS: Final[Mapping[Stuck, LazyString]] = {
    Stuck.LATE: lazy_gettext("Still open an hour after its time ran out."),
    Stuck.FORGOTTEN: lazy_gettext("No next look at the gateway is planned."),
    Stuck.UNHEARD: lazy_gettext(
        "A notification has been waiting for the gateway's word for over five minutes."
    ),
}
STUCK_ADVICE: Final = lazy_gettext(
    "Check the status now. If several orders wait here, look at the jobs and the gateway first."
)


def call_advice(code: Attention) -> str:
    """Return what to do about a call, in the reader's language."""
    return str(ADVICE[code])
