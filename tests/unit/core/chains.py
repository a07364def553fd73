"""Links and chains of verdicts, sensible or drawn at random."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from app.core.observations import Evidence, Seen
from app.core.reasons import Why
from app.core.states import Attention, PaymentStatus
from app.core.verdicts import (
    Asked,
    Authenticity,
    Checked,
    Concluded,
    Judged,
    LeftOut,
    Link,
    Matched,
    Proof,
    Read,
    Received,
    Repeats,
)

AT = datetime(2026, 5, 31, 10, 0, tzinfo=UTC)
RECEIVED = Received(900, 900)
AUTHENTIC = Checked(Authenticity.YES, Proof.SIGNATURE)
PAID = Read(Seen.PAID, "settlement", "t-1")
MATCHED = Matched("LN-7Q2M4XK9TB-1", 1)
ON_ITS_WAY = (RECEIVED, AUTHENTIC, PAID, MATCHED)
SILENCE = Asked(AT, error="no answer")
ANSWERED = Asked(AT, answers=1)
NOT_YET = Read(Seen.PENDING, "pending", "t-1")
WAITS = Judged(
    rule="still_waiting",
    why=Why.STILL_WAITING,
    before=PaymentStatus.PENDING,
    after=PaymentStatus.PENDING,
    given=Evidence.CONFIRMED,
)
CLAIM = Judged(
    rule="claim_awaits_confirmation",
    why=Why.CLAIM_AWAITS_CONFIRMATION,
    before=PaymentStatus.PENDING,
    after=PaymentStatus.PENDING,
    given=Evidence.CLAIMS,
    needed=Evidence.CONFIRMED,
    asks=True,
)
PAYS = Judged(
    rule="pending>paid",
    why=Why.SHOPPER_PAID,
    before=PaymentStatus.PENDING,
    after=PaymentStatus.PAID,
    given=Evidence.CONFIRMED,
    needed=Evidence.PROVES,
)
ROUND = (ANSWERED, NOT_YET, WAITS)
CONFIRMED = (ANSWERED, PAID, PAYS)
END = Concluded(AT, Why.SHOPPER_PAID)

_reasons = st.none() | st.sampled_from(Why)
_texts = st.text(max_size=60)
_moments = st.datetimes(timezones=st.just(UTC))


def links() -> st.SearchStrategy[Link]:
    """Draw any link, sensible or not."""
    numbers = st.integers(0, 100_000)
    attentions = st.none() | st.sampled_from(Attention)
    statuses = st.sampled_from(PaymentStatus)
    evidence = st.sampled_from(Evidence)
    return st.one_of(
        st.builds(Received, numbers, numbers, _reasons),
        st.builds(
            Checked, st.sampled_from(Authenticity), st.none() | st.sampled_from(Proof), _reasons
        ),
        st.builds(Read, st.none() | st.sampled_from(Seen), _texts, st.none() | _texts, _reasons),
        st.builds(Matched, _texts, st.none() | numbers, _reasons),
        st.builds(Repeats, numbers),
        st.builds(
            Judged,
            _texts,
            st.sampled_from(Why),
            statuses,
            statuses,
            evidence,
            st.none() | evidence,
            st.booleans(),
            attentions,
        ),
        st.builds(Asked, _moments, numbers, st.none() | _texts),
        st.builds(LeftOut, numbers),
        st.builds(Concluded, _moments, st.sampled_from(Why), attentions),
    )
