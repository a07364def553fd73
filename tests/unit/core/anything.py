"""Facts and observations that need not make sense: rules must hold for them all the same."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from app.core import methods
from app.core.facts import RANK, AttemptFact, OrderFacts, RefundFact, TransactionFact
from app.core.money import Rupiah
from app.core.observations import Instrument, Observation, ObservedRefund, Seen, Source
from app.core.states import GatewayName, PaymentStatus, RefundState
from tests.unit.core.orders import EXPIRY, FIRST, PLACED, SECOND, TOTAL

_REFERENCES = st.sampled_from([FIRST, SECOND])
_TRANSACTION_IDS = st.sampled_from(["t-1", "t-2", "t-3"])
_SOURCES = st.sampled_from(Source)
_METHODS = st.sampled_from([None, "bca_va", "new_wallet", *methods.LABELS])


def amounts() -> st.SearchStrategy[Rupiah]:
    """Draw amounts, often those at which the rules about an order's total turn."""
    edges = st.sampled_from([0, 1, TOTAL - 1, TOTAL, TOTAL, TOTAL + 1, 2 * TOTAL])
    return st.one_of(edges, st.integers(0, 3 * TOTAL)).map(Rupiah)


def moments() -> st.SearchStrategy[datetime]:
    """Draw times from the placing of an order to some days after its deadline."""
    return st.integers(0, 8 * 24 * 60).map(lambda minutes: PLACED + timedelta(minutes=minutes))


def transactions() -> st.SearchStrategy[TransactionFact]:
    """Draw any transaction, sensible or not."""
    return st.builds(
        TransactionFact,
        gateway_transaction_id=_TRANSACTION_IDS,
        reference=_REFERENCES,
        stage=st.sampled_from(list(RANK)),
        amount_idr=amounts(),
        ever_paid=st.booleans(),
        confirmed=st.booleans(),
        as_of=moments(),
        method=_METHODS,
        paid_at=st.none() | moments(),
        fee_idr=st.none() | amounts(),
        instrument=_instruments(),
    )


def _instruments() -> st.SearchStrategy[Instrument | None]:
    some = st.builds(
        Instrument,
        acquirer=st.sampled_from([None, "bca", "mandiri", "gopay", "airpay shopee"]),
        issuer=st.sampled_from([None, "cimb", "dana", "linkaja"]),
        off_us=st.sampled_from([None, False, True]),
    )
    return st.none() | some


def refunds() -> st.SearchStrategy[RefundFact]:
    """Draw any refund, also of transactions that we do not know."""
    return st.builds(
        RefundFact,
        key=st.sampled_from(["rf-1", "rf-2", "rf-3"]),
        gateway_transaction_id=st.none() | _TRANSACTION_IDS,
        amount_idr=amounts(),
        state=st.sampled_from(RefundState),
    )


def _attempts() -> st.SearchStrategy[tuple[AttemptFact, ...]]:
    one = st.builds(
        AttemptFact,
        reference=_REFERENCES,
        gateway=st.sampled_from(GatewayName),
        expires_at=st.just(EXPIRY),
        dead=st.booleans(),
        rejected=st.booleans(),
    )
    return st.lists(one, max_size=2, unique_by=lambda a: a.reference).map(tuple)


def orders() -> st.SearchStrategy[OrderFacts]:
    """Draw any facts, in any state, whether or not that state follows from them."""
    known = st.lists(transactions(), max_size=3, unique_by=lambda t: t.gateway_transaction_id)
    return st.builds(
        OrderFacts,
        status=st.sampled_from(PaymentStatus),
        total_idr=st.just(TOTAL),
        attempts=_attempts(),
        transactions=known.map(tuple),
        refunds=st.lists(refunds(), max_size=3).map(tuple),
        cancel_asked=st.sampled_from([False, False, True]),
    )


def observations(
    sources: st.SearchStrategy[Source] = _SOURCES,
) -> st.SearchStrategy[Observation]:
    """Draw any observation, sensible or not."""
    listed = st.builds(ObservedRefund, amounts(), st.sampled_from(RefundState))
    return st.builds(
        Observation,
        gateway=st.sampled_from(GatewayName),
        reference=st.sampled_from([FIRST, SECOND, "LN-0000000000-1"]),
        seen=st.sampled_from(Seen),
        source=sources,
        observed_at=moments(),
        raw_status=st.just("anything"),
        amount_idr=st.none() | amounts(),
        currency=st.sampled_from(["IDR", "IDR", "IDR", "USD"]),
        gateway_transaction_id=st.none() | _TRANSACTION_IDS,
        method=_METHODS,
        paid_at=st.none() | moments(),
        fee_idr=st.none() | amounts(),
        instrument=_instruments(),
        page_ended=st.booleans(),
        refunds=st.lists(listed, max_size=2).map(tuple),
        signature_proves_payment=st.booleans(),
    )


def notifications() -> st.SearchStrategy[Observation]:
    """Draw any message that a gateway sent by itself."""
    return observations(st.just(Source.NOTIFICATION))
