"""Legal lives of orders: what honest gateways say about them, from first to last.

Source: Midtrans docs, "Transaction status cycle"; Xendit docs, "Payment Link (Legacy)".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from app.core.facts import OrderFacts
from app.core.observations import Observation, ObservedRefund, Seen
from app.core.states import GatewayName
from tests.unit.core.orders import (
    LIFETIME,
    MIDTRANS,
    PLACED,
    TOTAL,
    XENDIT,
    attempt,
    listed_refund,
    observed,
    order,
)

_PART = 50_000
_PAID_ENDS = (
    (),
    (Seen.PARTIALLY_REFUNDED,),
    (Seen.REFUNDED,),
    (Seen.PARTIALLY_REFUNDED, Seen.REFUNDED),
    (Seen.CHARGED_BACK,),
    (Seen.PARTIALLY_CHARGED_BACK,),
    (Seen.PARTIALLY_CHARGED_BACK, Seen.CHARGED_BACK),
)
_CAPTURE_ENDS = (
    (),
    (Seen.CANCELLED,),
    *((Seen.PAID, *end) for end in _PAID_ENDS),
)
_UNPAID_CARD = (
    (Seen.PENDING,),
    (Seen.PENDING, Seen.DENIED),
    (Seen.DENIED,),
    (Seen.FAILED,),
    (Seen.PENDING, Seen.CANCELLED),
    (Seen.PENDING, Seen.EXPIRED),  # The shopper left the bank's page.
    (Seen.AUTHORIZED, Seen.EXPIRED),
    (Seen.PENDING, Seen.IN_REVIEW),
    (Seen.PENDING, Seen.IN_REVIEW, Seen.DENIED),
    (Seen.IN_REVIEW, Seen.CANCELLED),
)
_PAID_CARD = (
    *((Seen.PENDING, Seen.CAPTURED, *end) for end in _CAPTURE_ENDS),
    *((Seen.IN_REVIEW, Seen.CAPTURED, *end) for end in _CAPTURE_ENDS),
)
_UNPAID_TRANSFER = (
    (Seen.PENDING,),
    (Seen.PENDING, Seen.EXPIRED),
    (Seen.PENDING, Seen.CANCELLED),
)
_PAID_TRANSFER = (
    (Seen.PENDING, Seen.EXPIRED, Seen.PAID),  # Midtrans expires in batches.
    (Seen.PENDING, Seen.PAID, Seen.DENIED),  # Taken back within minutes.
    *((Seen.PENDING, Seen.PAID, *end) for end in _PAID_ENDS),
)
_UNPAID_INVOICE = (
    (Seen.PENDING,),
    (Seen.PENDING, Seen.EXPIRED),
)
_PAID_INVOICE = (
    (Seen.PENDING, Seen.EXPIRED, Seen.PAID),  # Xendit reports payments days late.
    (Seen.PENDING, Seen.PAID),
    (Seen.PENDING, Seen.PAID, Seen.PARTIALLY_REFUNDED),
    (Seen.PENDING, Seen.PAID, Seen.PARTIALLY_REFUNDED, Seen.REFUNDED),
    (Seen.PENDING, Seen.PAID, Seen.REFUNDED),
)
# In half of the orders nobody ever pays, so that every way of ending unpaid is seen too.
_IN_HALF = st.booleans()
_PICKED = st.sampled_from([None, "bca_va", "permata_va", "alfamart"])


@dataclass(frozen=True, slots=True)
class Life:
    """An order as it was placed, and everything its gateways then say, in order of time."""

    placed: OrderFacts
    observations: tuple[Observation, ...]


@st.composite
def lives(draw: st.DrawFn, may_pay: st.SearchStrategy[bool] = _IN_HALF) -> Life:
    """Draw an order with one to three tries, each with up to three gateway transactions."""
    gateways = draw(st.lists(st.sampled_from(GatewayName), min_size=1, max_size=3))
    attempts = tuple(
        attempt(f"LN-7Q2M4XK9TB-{number}", gateway) for number, gateway in enumerate(gateways, 1)
    )
    is_payable = draw(may_pay)
    told = [draw(_of_attempt(a.reference, a.gateway, may_pay=is_payable)) for a in attempts]
    observations = sorted((o for mine in told for o in mine), key=lambda o: o.observed_at)
    return Life(order(attempts=attempts), tuple(observations))


@st.composite
def _of_attempt(
    draw: st.DrawFn, reference: str, gateway: GatewayName, *, may_pay: bool
) -> list[Observation]:
    if gateway is XENDIT:
        return draw(invoice_life(reference, may_pay=may_pay))
    told = [
        observation
        for number in range(draw(st.integers(0, 3)))
        for observation in draw(midtrans_life(reference, f"{reference}/{number}", may_pay=may_pay))
    ]
    return told or draw(_unused_page(reference))


def _stages(
    unpaid: Sequence[tuple[Seen, ...]], paid: Sequence[tuple[Seen, ...]], *, may_pay: bool
) -> st.SearchStrategy[tuple[Seen, ...]]:
    come_to_nothing = st.sampled_from(unpaid)
    return st.one_of(come_to_nothing, st.sampled_from(paid)) if may_pay else come_to_nothing


@st.composite
def midtrans_life(
    draw: st.DrawFn, reference: str, transaction_id: str, *, may_pay: bool = True
) -> list[Observation]:
    """Draw what Midtrans says about one transaction."""
    is_card = draw(st.booleans())
    unpaid, paid = (_UNPAID_CARD, _PAID_CARD) if is_card else (_UNPAID_TRANSFER, _PAID_TRANSFER)
    stages = draw(_stages(unpaid, paid, may_pay=may_pay))
    method = "credit_card" if is_card else draw(st.sampled_from(["gopay", "bca_va"]))
    return [
        replace(said, method=method, paid_at=_paid_at(said, is_card=is_card))
        for said in draw(_said(stages, reference, transaction_id, MIDTRANS))
    ]


def _paid_at(said: Observation, *, is_card: bool) -> datetime | None:
    """Return the time of the capture, later that of the settlement; a chargeback names none."""
    if said.seen is Seen.CAPTURED:
        return PLACED + timedelta(minutes=30)
    settled = said.seen in {Seen.PAID, Seen.PARTIALLY_REFUNDED}
    return PLACED + timedelta(hours=20 if is_card else 1) if settled else None


@st.composite
def invoice_life(draw: st.DrawFn, reference: str, *, may_pay: bool = True) -> list[Observation]:
    """Draw what Xendit says about one invoice: banks are picked and changed until it is paid."""
    stages = draw(_stages(_UNPAID_INVOICE, _PAID_INVOICE, may_pay=may_pay))
    paid_with = draw(st.sampled_from(["ovo", "bca_va", "qris"]))
    told: list[Observation] = []
    for said in draw(_said(stages, reference, f"{reference}/invoice", XENDIT)):
        has_money = said.seen not in {Seen.PENDING, Seen.EXPIRED}
        told.append(
            replace(
                said,
                method=paid_with if has_money else draw(_PICKED),
                paid_at=PLACED + timedelta(hours=1) if has_money else None,
            )
        )
    return told


@st.composite
def _said(
    draw: st.DrawFn,
    stages: Sequence[Seen],
    reference: str,
    transaction_id: str,
    gateway: GatewayName,
) -> list[Observation]:
    """Draw when we ask: each stage is seen once or twice, and some only after the deadline."""
    told: list[Observation] = []
    at = timedelta(minutes=draw(st.integers(1, 2 * 24 * 60)))
    for stage in stages:
        for _ in range(draw(st.integers(1, 2))):
            at += timedelta(minutes=draw(st.integers(1, 600)))
            said = observed(stage, transaction_id, reference, after=at, gateway=gateway)
            told.append(replace(said, refunds=_listed(stage, transaction_id)))
    return told


def _listed(stage: Seen, transaction_id: str) -> tuple[ObservedRefund, ...]:
    part = listed_refund(f"{transaction_id}/part", _PART)
    rest = listed_refund(f"{transaction_id}/rest", TOTAL - _PART)
    return {Seen.PARTIALLY_REFUNDED: (part,), Seen.REFUNDED: (part, rest)}.get(stage, ())


@st.composite
def _unused_page(draw: st.DrawFn, reference: str) -> list[Observation]:
    """Draw what Midtrans says of a page on which nobody chose a way to pay."""
    minutes = draw(st.lists(st.integers(0, 60 * 24 - 1), max_size=2))
    early = [observed(Seen.NOTHING, None, reference, after=timedelta(minutes=m)) for m in minutes]
    late = observed(Seen.NOTHING, None, reference, after=LIFETIME + timedelta(minutes=5))
    return [*early, *([late] if draw(st.booleans()) else [])]
