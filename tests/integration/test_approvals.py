"""An approval holds for exactly what was shown, once, in time, by another person."""

from typing import Final

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core.errors import RefusedError
from app.core.reasons import Why
from app.core.refunds import APPROVAL_LIFETIME
from app.core.states import GatewayName, RefundState
from app.services.payment_pages import PaymentPage
from app.services.reconciliation import expire_approvals
from app.services.refunds import RefundResult, approve_refund, withdraw_refund
from tests.integration.test_races import all_at_once
from tests.integration.test_refunds import at_gateway, paid, sums
from tests.integration.test_transfers import by_hand
from tests.world import World

_ALL: Final = 1_500_000


@pytest.fixture
def page(world: World) -> PaymentPage:
    """Provide a paid order of Rp 1.500.000."""
    return paid(world, GatewayName.MIDTRANS, sku="BATIK", quantity=1)


def approve(world: World, page: PaymentPage, asked: RefundResult, role: str = "approver") -> object:
    shown = world.refunds(page)[0].approval_hash or ""
    return approve_refund(
        world.desk, asked.refund_id, staff_id=world.staff_id(role), approval_hash=shown
    )


def refusal(world: World, page: PaymentPage, asked: RefundResult, role: str = "approver") -> Why:
    with pytest.raises(RefusedError) as refused:
        approve(world, page, asked, role)
    assert at_gateway(world, page) == 0
    return refused.value.why


@pytest.mark.parametrize(
    "change",
    [
        "amount_idr = 1400000",
        "amount_idr = 1499999",
        "key = 'another-key'",
        "reason = 'Salah ukuran '",
        "route = 'void'",
        "approval_hash = '0000'",
    ],
)
def test_whatever_changes_after_the_request_voids_it(
    world: World, page: PaymentPage, change: str
) -> None:
    asked = world.refund(page, _ALL)
    shown = world.refunds(page)[0].approval_hash or ""
    world.damaged = True
    with world.desk.sessions.begin() as session:
        session.execute(text(f"UPDATE refunds SET {change}"))

    with pytest.raises(RefusedError) as refused:
        approve_refund(
            world.desk,
            asked.refund_id,
            staff_id=world.staff_id("approver"),
            approval_hash=shown,
        )

    assert refused.value.why is Why.REQUEST_CHANGED
    [refund] = world.refunds(page)
    assert (refund.state, refund.approved_by_id) == (RefundState.AWAITING_APPROVAL, None)
    assert at_gateway(world, page) == 0


@pytest.mark.parametrize(
    "change",
    [
        "transfer_account = '1234567891'",
        "transfer_bank = 'BNI'",
        "transfer_holder = 'Someone Else'",
    ],
)
def test_another_account_voids_the_approval_of_a_transfer(world: World, change: str) -> None:
    page = paid(world, GatewayName.MIDTRANS, "bca_va", sku="BATIK", quantity=1)
    asked = by_hand(world, page, _ALL)
    with world.desk.sessions.begin() as session:
        session.execute(text(f"UPDATE refunds SET {change}"))

    assert refusal(world, page, asked) is Why.REQUEST_CHANGED
    assert world.refunds(page)[0].state is RefundState.AWAITING_APPROVAL


def test_an_order_that_got_another_number_voids_the_approval(
    world: World, page: PaymentPage
) -> None:
    asked = world.refund(page, _ALL)
    with world.desk.sessions.begin() as session:
        session.execute(text("UPDATE orders SET number = 'LN-OTHER'"))

    assert refusal(world, page, asked) is Why.REQUEST_CHANGED


def test_nobody_approves_what_they_asked_for_not_even_past_the_desk(
    world: World, page: PaymentPage
) -> None:
    asked = world.refund(page, _ALL, staff_id=world.staff_id("finance"))

    assert refusal(world, page, asked, "finance") is Why.SAME_PERSON
    for change in ("approved_by_id = requested_by_id", "state = 'approved'", "state = 'sending'"):
        with pytest.raises(IntegrityError), world.desk.sessions.begin() as session:
            session.execute(text(f"UPDATE refunds SET {change}"))
    assert world.refunds(page)[0].state is RefundState.AWAITING_APPROVAL


def test_an_approval_lasts_72_hours_to_the_end_and_no_longer(
    world: World, page: PaymentPage
) -> None:
    asked = world.refund(page, _ALL)
    world.clock.advance(APPROVAL_LIFETIME.total_seconds() - 60)
    assert expire_approvals(world.desk).changed == 0
    world.clock.advance(120)

    assert refusal(world, page, asked) is Why.APPROVAL_EXPIRED
    assert expire_approvals(world.desk).changed == 1
    assert refusal(world, page, asked) is Why.WRONG_REFUND_STATE
    assert world.refunds(page)[0].state is RefundState.WITHDRAWN
    assert sums(world, page) == (_ALL, 0, 0)


def test_a_withdrawn_request_is_not_approved(world: World, page: PaymentPage) -> None:
    asked = world.refund(page, _ALL)
    withdraw_refund(world.desk, asked.refund_id, staff_id=world.staff_id(), reason="Salah")

    assert refusal(world, page, asked) is Why.WRONG_REFUND_STATE
    assert sums(world, page) == (_ALL, 0, 0)


@pytest.mark.race
def test_two_approvers_at_once_send_one_refund(world: World, page: PaymentPage) -> None:
    asked = world.refund(page, _ALL)
    people = ("approver", "finance", "admin", "support")

    results = all_at_once(*[lambda role=role: approve(world, page, asked, role) for role in people])

    refused = [r for r in results if isinstance(r, RefusedError)]
    assert len(refused) == len(people) - 1
    assert {r.why for r in refused} == {Why.WRONG_REFUND_STATE}
    assert at_gateway(world, page) == _ALL
    assert sums(world, page) == (_ALL, _ALL, 0)
    assert world.reasons(page).count("refund_approved") == 1


@pytest.mark.race
def test_an_approval_and_a_withdrawal_at_once_end_in_one_of_the_two(
    world: World, page: PaymentPage
) -> None:
    asked = world.refund(page, _ALL)

    def withdraw() -> object:
        requester = world.staff_id()
        return withdraw_refund(world.desk, asked.refund_id, staff_id=requester, reason="Salah")

    results = all_at_once(lambda: approve(world, page, asked), withdraw)

    [refund] = world.refunds(page)
    was_sent = refund.state is RefundState.SUCCEEDED
    assert refund.state in {RefundState.SUCCEEDED, RefundState.WITHDRAWN}
    assert at_gateway(world, page) == (_ALL if was_sent else 0)
    assert sums(world, page) == ((_ALL, _ALL, 0) if was_sent else (_ALL, 0, 0))
    # An approved request may still be withdrawn before it is sent, so both may have come through.
    assert any(not isinstance(result, RefusedError) for result in results)
