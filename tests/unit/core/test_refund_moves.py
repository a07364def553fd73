from typing import Final

import pytest

from app.core.refunds import TAKEN_BACK_STEPS, RefundEvent, move_refund
from app.core.states import RefundState

_R = RefundState
_E = RefundEvent
_MOVES: Final = {
    _R.AWAITING_APPROVAL: {
        _E.APPROVE: _R.APPROVED,
        _E.APPROVE_TRANSFER: _R.TO_TRANSFER,
        _E.REJECT: _R.REJECTED,
        _E.WITHDRAW: _R.WITHDRAWN,
    },
    # "Succeeded" without "sending": the gateway lists a refund that we thought was not sent.
    _R.APPROVED: {_E.SEND: _R.SENDING, _E.WITHDRAW: _R.WITHDRAWN, _E.SUCCEEDED: _R.SUCCEEDED},
    _R.SENDING: {
        _E.NOT_SENT: _R.APPROVED,
        _E.LOST_ANSWER: _R.UNKNOWN,
        _E.ACCEPTED: _R.ACCEPTED,
        _E.SUCCEEDED: _R.SUCCEEDED,
        _E.REFUSED: _R.FAILED,
    },
    _R.UNKNOWN: {
        _E.SEND: _R.SENDING,
        _E.ACCEPTED: _R.ACCEPTED,
        _E.SUCCEEDED: _R.SUCCEEDED,
        _E.REFUSED: _R.FAILED,
    },
    _R.ACCEPTED: {_E.SUCCEEDED: _R.SUCCEEDED, _E.REFUSED: _R.FAILED},
    _R.TO_TRANSFER: {_E.TRANSFERRED: _R.TRANSFERRED, _E.WITHDRAW: _R.WITHDRAWN},
    # The gateway takes back what it had called final.
    _R.SUCCEEDED: {_E.REFUSED: _R.FAILED},
    _R.FAILED: {_E.SUCCEEDED: _R.SUCCEEDED},
    _R.REJECTED: {},
    _R.WITHDRAWN: {},
    _R.TRANSFERRED: {},
}


@pytest.mark.parametrize("event", RefundEvent)
@pytest.mark.parametrize("state", RefundState)
def test_a_refund_moves_by_the_listed_events_only(state: RefundState, event: RefundEvent):
    assert move_refund(state, event) is _MOVES[state].get(event)


@pytest.mark.parametrize("state", [s for s, moves in _MOVES.items() if not moves])
def test_a_final_state_is_left_by_nothing(state: RefundState):
    assert {move_refund(state, event) for event in RefundEvent} == {None}


def test_a_refund_of_unknown_outcome_is_never_given_back_without_evidence():
    assert _R.WITHDRAWN not in {move_refund(_R.UNKNOWN, event) for event in RefundEvent}
    assert _R.APPROVED not in {move_refund(_R.UNKNOWN, event) for event in RefundEvent}


def test_what_a_gateway_called_final_is_left_by_its_own_contradiction_only():
    final = (_R.SUCCEEDED, _R.FAILED)
    left = {(s, move_refund(s, e)) for s in final for e in RefundEvent} - {(s, None) for s in final}

    assert left == TAKEN_BACK_STEPS
