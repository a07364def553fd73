"""The whole machine, to be read by a person: what each word of a gateway does to each order.

Under the order's state, a line reads: which payment | what the gateway answers -> the order's state
afterwards | the reason | why a person is called, if one is. "same" is the payment that brought the
order into its state, "other" another one under the same reference. What is not listed is unknown:
it keeps the state and calls a person. The lives behind the states are in app/commands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.core.observations import Seen
from app.core.reasons import Why
from app.core.states import Attention, GatewayName, PaymentStatus


@dataclass(frozen=True)
class Outcome:
    """What the gateway's own answer does."""

    after: PaymentStatus
    why: Why
    attention: Attention | None


MIDTRANS: Final = """
pending:
    same  | nothing -> pending | nothing_at_gateway
    same  | pending, authorized -> pending | still_waiting
    same  | in_review -> in_review | fraud_review
    same  | failed, denied -> pending | declined_may_retry
    same  | expired -> expired | not_paid_in_time
    same  | captured, paid -> paid | shopper_paid
    same  | cancelled -> cancelled | cancelled_at_gateway
    same  | partially_refunded -> partially_refunded | refunded_in_part
    same  | refunded -> refunded | refunded_in_full
    same  | partially_charged_back -> paid | partly_charged_back | charged_back
    same  | charged_back -> charged_back | charged_back | charged_back
    other | nothing -> pending | nothing_at_gateway
    other | pending, authorized -> pending | still_waiting
    other | in_review -> in_review | fraud_review
    other | failed, expired, cancelled, denied -> pending | declined_may_retry
    other | captured, paid -> paid | shopper_paid
    other | partially_refunded -> partially_refunded | refunded_in_part
    other | refunded -> refunded | refunded_in_full
    other | partially_charged_back -> paid | partly_charged_back | charged_back
    other | charged_back -> charged_back | charged_back | charged_back
pending, one try declined:
    same  | nothing -> pending | nothing_at_gateway
    same  | pending, authorized, in_review, failed, expired, cancelled -> pending | stale
    same  | denied -> pending | declined_may_retry
    same  | partially_refunded -> partially_refunded | refunded_in_part
    same  | refunded -> refunded | refunded_in_full
    same  | partially_charged_back -> paid | partly_charged_back | charged_back
    same  | charged_back -> charged_back | charged_back | charged_back
    other | nothing -> pending | nothing_at_gateway
    other | pending, authorized -> pending | still_waiting
    other | in_review -> in_review | fraud_review
    other | failed, denied -> pending | declined_may_retry
    other | expired -> expired | not_paid_in_time
    other | captured, paid -> paid | shopper_paid
    other | cancelled -> cancelled | cancelled_at_gateway
    other | partially_refunded -> partially_refunded | refunded_in_part
    other | refunded -> refunded | refunded_in_full
    other | partially_charged_back -> paid | partly_charged_back | charged_back
    other | charged_back -> charged_back | charged_back | charged_back
in_review:
    same  | nothing -> in_review | nothing_at_gateway
    same  | pending, authorized -> in_review | stale
    same  | in_review -> in_review | still_waiting
    same  | failed, denied -> pending | review_denied
    same  | expired -> expired | not_paid_in_time
    same  | captured, paid -> paid | review_accepted
    same  | cancelled -> cancelled | cancelled_at_gateway
    same  | partially_refunded -> partially_refunded | refunded_in_part
    same  | refunded -> refunded | refunded_in_full
    same  | partially_charged_back -> paid | partly_charged_back | charged_back
    same  | charged_back -> charged_back | charged_back | charged_back
    other | nothing -> in_review | nothing_at_gateway
    other | pending, authorized, in_review -> in_review | still_waiting
    other | failed, expired, cancelled, denied -> in_review | declined_may_retry
    other | captured, paid -> paid | review_accepted
    other | partially_refunded -> partially_refunded | refunded_in_part
    other | refunded -> refunded | refunded_in_full
    other | partially_charged_back -> paid | partly_charged_back | charged_back
    other | charged_back -> charged_back | charged_back | charged_back
paid:
    same  | nothing -> paid | not_found_again
    same  | paid -> paid | already_known
    same  | denied -> failed | payment_reversed | payment_reversed
    same  | partially_refunded -> partially_refunded | refunded_in_part
    same  | refunded -> refunded | refunded_in_full
    same  | partially_charged_back -> paid | partly_charged_back | charged_back
    same  | charged_back -> charged_back | charged_back | charged_back
    other | nothing -> paid | not_found_again
    other | pending, authorized, in_review, failed -> paid | already_known
    other | expired, cancelled, denied -> paid | already_known
    other | captured, paid, partially_charged_back -> paid | paid_twice | paid_twice
    other | partially_refunded, refunded -> partially_refunded | paid_twice | paid_twice
    other | charged_back -> charged_back | paid_twice | paid_twice
paid, card not yet settled:
    same  | nothing -> paid | not_found_again
    same  | captured, paid -> paid | already_known
    same  | cancelled, refunded -> refunded | refunded_in_full
    same  | denied -> failed | payment_reversed | payment_reversed
    same  | partially_refunded -> partially_refunded | refunded_in_part
    same  | partially_charged_back -> paid | partly_charged_back | charged_back
    same  | charged_back -> charged_back | charged_back | charged_back
    other | nothing -> paid | not_found_again
    other | pending, authorized, in_review, failed -> paid | already_known
    other | expired, cancelled, denied -> paid | already_known
    other | captured, paid, partially_charged_back -> paid | paid_twice | paid_twice
    other | partially_refunded, refunded -> partially_refunded | paid_twice | paid_twice
    other | charged_back -> charged_back | paid_twice | paid_twice
partially_refunded:
    same  | nothing -> partially_refunded | not_found_again
    same  | partially_refunded -> partially_refunded | already_known
    same  | refunded -> refunded | refunded_in_full
    same  | partially_charged_back -> partially_refunded | partly_charged_back | charged_back
    same  | charged_back -> charged_back | charged_back | charged_back
    other | nothing -> partially_refunded | not_found_again
    other | pending, authorized, in_review, failed -> partially_refunded | already_known
    other | expired, cancelled, denied -> partially_refunded | already_known
    other | captured, paid, partially_refunded -> partially_refunded | paid_twice | paid_twice
    other | refunded, partially_charged_back -> partially_refunded | paid_twice | paid_twice
    other | charged_back -> charged_back | paid_twice | paid_twice
refunded:
    same  | nothing -> refunded | not_found_again
    same  | refunded -> refunded | already_known
    same  | partially_charged_back -> refunded | partly_charged_back | charged_back
    same  | charged_back -> charged_back | charged_back | charged_back
    other | nothing -> refunded | not_found_again
    other | pending, authorized, in_review, failed -> refunded | already_known
    other | expired, cancelled, denied -> refunded | already_known
    other | captured, paid -> partially_refunded | paid_twice | paid_twice
    other | partially_refunded -> partially_refunded | paid_twice | paid_twice
    other | partially_charged_back -> partially_refunded | paid_twice | paid_twice
    other | refunded -> refunded | paid_twice | paid_twice
    other | charged_back -> charged_back | paid_twice | paid_twice
failed:
    same  | nothing, denied -> failed | already_closed
    same  | pending, authorized, in_review, failed, expired, cancelled -> failed | stale
    same  | partially_refunded -> partially_refunded | paid_after_close | paid_after_close
    same  | refunded -> refunded | refunded_in_full
    same  | partially_charged_back -> paid | partly_charged_back | charged_back
    same  | charged_back -> charged_back | charged_back | charged_back
    other | nothing, failed, denied -> failed | already_closed
    other | pending, authorized -> pending | tried_after_close
    other | in_review -> in_review | tried_after_close
    other | expired -> expired | not_paid_in_time
    other | captured, paid -> paid | paid_after_close | paid_after_close
    other | cancelled -> cancelled | cancelled_at_gateway
    other | partially_refunded -> partially_refunded | paid_after_close | paid_after_close
    other | refunded -> refunded | refunded_in_full
    other | partially_charged_back -> paid | partly_charged_back | charged_back
    other | charged_back -> charged_back | charged_back | charged_back
failed, payment taken back:
    same  | nothing, denied -> failed | already_closed
    same  | pending, authorized, in_review, failed, expired, cancelled -> failed | stale
    same  | partially_refunded -> partially_refunded | paid_after_close | paid_after_close
    same  | refunded -> refunded | refunded_in_full
    same  | partially_charged_back -> paid | partly_charged_back | charged_back
    same  | charged_back -> charged_back | charged_back | charged_back
    other | nothing, failed, denied -> failed | already_closed
    other | pending, authorized -> pending | tried_after_close
    other | in_review -> in_review | tried_after_close
    other | expired -> expired | not_paid_in_time
    other | captured, paid -> paid | paid_after_close | paid_after_close
    other | cancelled -> cancelled | cancelled_at_gateway
    other | partially_refunded -> partially_refunded | paid_after_close | paid_after_close
    other | refunded -> refunded | refunded_in_full
    other | partially_charged_back -> paid | partly_charged_back | charged_back
    other | charged_back -> charged_back | charged_back | charged_back
expired:
    same  | nothing, expired -> expired | already_closed
    same  | pending, authorized, in_review, failed -> expired | stale
    same  | captured, paid -> paid | paid_after_close | paid_after_close
    same  | cancelled -> cancelled | cancelled_at_gateway
    same  | partially_refunded -> partially_refunded | paid_after_close | paid_after_close
    same  | refunded -> refunded | refunded_in_full
    same  | partially_charged_back -> paid | partly_charged_back | charged_back
    same  | charged_back -> charged_back | charged_back | charged_back
    other | nothing, failed, expired, denied -> expired | already_closed
    other | pending, authorized -> pending | tried_after_close
    other | in_review -> in_review | tried_after_close
    other | captured, paid -> paid | paid_after_close | paid_after_close
    other | cancelled -> cancelled | cancelled_at_gateway
    other | partially_refunded -> partially_refunded | paid_after_close | paid_after_close
    other | refunded -> refunded | refunded_in_full
    other | partially_charged_back -> paid | partly_charged_back | charged_back
    other | charged_back -> charged_back | charged_back | charged_back
cancelled:
    same  | nothing, cancelled -> cancelled | already_closed
    same  | pending, authorized, in_review, failed, expired -> cancelled | stale
    same  | paid -> paid | paid_after_close | paid_after_close
    same  | partially_refunded -> partially_refunded | paid_after_close | paid_after_close
    same  | refunded -> refunded | refunded_in_full
    same  | partially_charged_back -> paid | partly_charged_back | charged_back
    same  | charged_back -> charged_back | charged_back | charged_back
    other | nothing, failed, expired, cancelled, denied -> cancelled | already_closed
    other | pending, authorized -> pending | tried_after_close
    other | in_review -> in_review | tried_after_close
    other | captured, paid -> paid | paid_after_close | paid_after_close
    other | partially_refunded -> partially_refunded | paid_after_close | paid_after_close
    other | refunded -> refunded | refunded_in_full
    other | partially_charged_back -> paid | partly_charged_back | charged_back
    other | charged_back -> charged_back | charged_back | charged_back
charged_back:
    same  | nothing -> charged_back | not_found_again
    same  | charged_back -> charged_back | already_known
    other | nothing -> charged_back | not_found_again
    other | pending, authorized, in_review, failed -> charged_back | already_known
    other | expired, cancelled, denied -> charged_back | already_known
    other | captured, paid, partially_refunded -> charged_back | paid_twice | paid_twice
    other | refunded, partially_charged_back, charged_back -> charged_back | paid_twice | paid_twice
"""

XENDIT: Final = """
pending:
    same  | nothing -> pending | nothing_at_gateway
    same  | pending -> pending | still_waiting
    same  | expired -> expired | not_paid_in_time
    same  | paid -> paid | shopper_paid
    same  | partially_refunded -> partially_refunded | refunded_in_part
    same  | refunded -> refunded | refunded_in_full
    other | nothing -> pending | nothing_at_gateway
    other | pending -> pending | still_waiting
    other | expired -> pending | declined_may_retry
    other | paid -> paid | shopper_paid
    other | partially_refunded -> partially_refunded | refunded_in_part
    other | refunded -> refunded | refunded_in_full
paid:
    same  | nothing -> paid | not_found_again
    same  | paid -> paid | already_known
    same  | partially_refunded -> partially_refunded | refunded_in_part
    same  | refunded -> refunded | refunded_in_full
    other | nothing -> paid | not_found_again
    other | pending, expired -> paid | already_known
    other | paid -> paid | paid_twice | paid_twice
    other | partially_refunded, refunded -> partially_refunded | paid_twice | paid_twice
partially_refunded:
    same  | nothing -> partially_refunded | not_found_again
    same  | partially_refunded -> partially_refunded | already_known
    same  | refunded -> refunded | refunded_in_full
    other | nothing -> partially_refunded | not_found_again
    other | pending, expired -> partially_refunded | already_known
    other | paid, partially_refunded, refunded -> partially_refunded | paid_twice | paid_twice
refunded:
    same  | nothing -> refunded | not_found_again
    same  | refunded -> refunded | already_known
    other | nothing -> refunded | not_found_again
    other | pending, expired -> refunded | already_known
    other | paid, partially_refunded -> partially_refunded | paid_twice | paid_twice
    other | refunded -> refunded | paid_twice | paid_twice
expired:
    same  | nothing, expired -> expired | already_closed
    same  | pending -> expired | stale
    same  | paid -> paid | paid_after_close | paid_after_close
    same  | partially_refunded -> partially_refunded | paid_after_close | paid_after_close
    same  | refunded -> refunded | refunded_in_full
    other | nothing, expired -> expired | already_closed
    other | pending -> pending | tried_after_close
    other | paid -> paid | paid_after_close | paid_after_close
    other | partially_refunded -> partially_refunded | paid_after_close | paid_after_close
    other | refunded -> refunded | refunded_in_full
"""


def _outcomes(table: str) -> dict[tuple[str, str, Seen], Outcome]:
    found: dict[tuple[str, str, Seen], Outcome] = {}
    label = ""
    for line in table.strip().splitlines():
        if not line.startswith(" "):
            label = line.removesuffix(":")
            continue
        heard, told = line.split(" -> ")
        which, words = (part.strip() for part in heard.split(" | "))
        after, why, *attention = (part.strip() for part in told.split(" | "))
        outcome = Outcome(
            PaymentStatus(after), Why(why), Attention(attention[0]) if attention else None
        )
        for word in words.split(", "):
            assert (label, which, Seen(word)) not in found, f"named twice: {line}"
            found[label, which, Seen(word)] = outcome
    return found


TABLE: Final[Mapping[GatewayName, Mapping[tuple[str, str, Seen], Outcome]]] = {
    GatewayName.MIDTRANS: _outcomes(MIDTRANS),
    GatewayName.XENDIT: _outcomes(XENDIT),
}
