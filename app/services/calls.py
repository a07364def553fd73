"""Calling a person to an order, and ending the call; the caller holds the order's lock."""

from dataclasses import dataclass
from datetime import datetime

from app.core.attention import most_urgent
from app.core.reason_words import WORDS
from app.core.reasons import Why
from app.core.states import Attention
from app.db.models import AttentionCall, Order


@dataclass(frozen=True, slots=True)
class Call:
    """Why a person is needed: the code of the queue, the reason, and what the gateway said."""

    attention: Attention
    why: Why
    said: str = ""


def call_for_attention(order: Order, call: Call, now: datetime) -> bool:
    """Put the order in a person's queue; False if it waits there already for this code."""
    if any(known.code is call.attention for known in open_calls(order)):
        return False
    order.calls.append(
        AttentionCall(
            code=call.attention, why=call.why.value, said=call.said or None, raised_at=now
        )
    )
    _show_most_urgent(order)
    return True


def end_call(
    order: Order, attention: Attention, now: datetime, *, staff_id: int | None = None
) -> bool:
    """Take the order out of one queue; False, and nothing changed, if it does not wait there."""
    # The cache is set wherever a call is open: most orders have none, and are not asked.
    if order.attention is None:
        return False
    ended = [known for known in open_calls(order) if known.code is attention]
    for call in ended:
        call.closed_at = now
        call.closed_by_id = staff_id
    _show_most_urgent(order)
    return bool(ended)


def open_calls(order: Order) -> list[AttentionCall]:
    """Return what the order waits for now."""
    return [call for call in order.calls if call.closed_at is None]


def _show_most_urgent(order: Order) -> None:
    """Keep on the order itself what lists filter by and show."""
    waiting = {call.code: call for call in open_calls(order)}
    code = most_urgent(waiting)
    call = waiting[code] if code is not None else None
    order.attention = code
    order.attention_at = call.raised_at if call else None
    order.attention_text = _text(call) if call else None


def _text(call: AttentionCall) -> str:
    """Return the call in English, for whoever reads the database without the back office."""
    words = WORDS[Why(call.why)].en if call.why else ""
    return f"{words} ({call.said})" if words and call.said else words or call.said or ""
