"""Refunds by bank transfer: to a named account, proved, and by a second person where it is much."""

from dataclasses import replace
from typing import Final

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core.errors import RefusedError
from app.core.reasons import Why
from app.core.states import GatewayName, RefundRoute, RefundState
from app.services.payment_pages import PaymentPage
from app.services.refunds import (
    RefundResult,
    RerouteForm,
    approve_refund,
    dry_run_refund,
    mark_transferred,
    request_refund,
    reroute_refund,
    withdraw_refund,
)
from tests.integration.test_refunds import at_gateway, paid, sums
from tests.world import ACCOUNT, World

_MUCH: Final = 1_100_000
# The sandbox's wallets fail a refund of this amount after they accepted it.
_FAILS_LATER: Final = 20_300


def by_hand(world: World, page: PaymentPage, amount_idr: int, **changes: object) -> RefundResult:
    return world.refund(page, amount_idr, route=RefundRoute.MANUAL, **changes)


def much(world: World) -> PaymentPage:
    """Return an order above the limit, paid by bank transfer."""
    return paid(world, GatewayName.MIDTRANS, "bca_va", sku="BATIK", quantity=1)


def approved(world: World, page: PaymentPage, asked: RefundResult) -> RefundResult:
    shown = world.refunds(page)[-1].approval_hash or ""
    return approve_refund(
        world.desk,
        asked.refund_id,
        staff_id=world.staff_id("approver"),
        approval_hash=shown,
    )


def refused(world: World, page: PaymentPage) -> RefundResult:
    """Return a refund that Xendit accepted and then could not make."""
    asked = world.refund(page, _FAILS_LATER)
    assert asked.state is RefundState.ACCEPTED
    world.clock.advance(60)
    world.deliver_all(page)
    world.confirm()
    return asked


def reroute_form(world: World, asked: RefundResult, key: str = "on-by-hand") -> RerouteForm:
    return RerouteForm(asked.refund_id, ACCOUNT, world.staff_id(), key)


def test_a_transfer_without_an_account_is_not_asked_for(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, "bca_va")

    with pytest.raises(RefusedError) as error:
        by_hand(world, page, 50_000, account=None)

    assert error.value.why is Why.ACCOUNT_INCOMPLETE
    assert (world.refunds(page), sums(world, page)) == ([], (200_000, 0, 0))


def test_a_small_transfer_may_be_asked_for_and_recorded_by_one_person(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, "bca_va")
    finance = world.staff_id("finance")
    asked = by_hand(world, page, 50_000, staff_id=finance)

    with pytest.raises(RefusedError) as error:
        mark_transferred(world.desk, asked.refund_id, staff_id=finance, proof=" ")
    assert error.value.why is Why.REASON_MISSING
    assert sums(world, page) == (200_000, 0, 50_000)
    mark_transferred(world.desk, asked.refund_id, staff_id=finance, proof="BCA 1")

    [refund] = world.refunds(page)
    assert (refund.state, refund.transferred_by_id) == (RefundState.TRANSFERRED, finance)
    assert (refund.transfer_bank, refund.transfer_account) == ("BCA", "1234567890")
    assert sums(world, page) == (200_000, 50_000, 0)


def test_a_large_transfer_is_recorded_by_somebody_else_than_who_asked(world: World) -> None:
    page = much(world)
    finance = world.staff_id("finance")
    asked = by_hand(world, page, _MUCH, staff_id=finance)
    assert asked.state is RefundState.AWAITING_APPROVAL
    assert approved(world, page, asked).state is RefundState.TO_TRANSFER

    with pytest.raises(RefusedError) as error:
        mark_transferred(world.desk, asked.refund_id, staff_id=finance, proof="BCA 1")
    assert error.value.why is Why.SAME_PERSON
    assert world.refunds(page)[0].state is RefundState.TO_TRANSFER
    assert sums(world, page) == (1_500_000, 0, _MUCH)

    other = world.staff_id("approver")
    mark_transferred(world.desk, asked.refund_id, staff_id=other, proof="BCA 1")
    assert sums(world, page) == (1_500_000, _MUCH, 0)


@pytest.mark.parametrize(
    ("change", "wall"),
    [
        ("transferred_by_id = requested_by_id", "four_eyes_on_transfer"),
        ("approved_by_id = requested_by_id", "four_eyes"),
        ("approved_by_id = NULL", "approved_before_sent"),
        ("state = 'transferred'", "transfer_is_proved"),
        ("state = 'transferred', transferred_by_id = approved_by_id", "transfer_is_proved"),
        ("transfer_account = NULL", "account_where_by_hand"),
        ("route = 'refund', transfer_account = NULL", "transfer_only_by_hand"),
    ],
)
def test_the_database_itself_refuses_to_get_around_the_rules(
    world: World, change: str, wall: str
) -> None:
    page = much(world)
    approved(world, page, by_hand(world, page, _MUCH))

    with pytest.raises(IntegrityError) as error, world.desk.sessions.begin() as session:
        session.execute(text(f"UPDATE refunds SET {change}"))

    assert f"ck_refunds_{wall}" in str(error.value)
    assert world.refunds(page)[0].state is RefundState.TO_TRANSFER


def test_a_transfer_can_be_withdrawn_until_it_was_made(world: World) -> None:
    page = paid(world, GatewayName.XENDIT, "BCA")
    first, finance = by_hand(world, page, 50_000), world.staff_id("finance")
    withdraw_refund(world.desk, first.refund_id, staff_id=finance, reason="Salah")
    assert sums(world, page) == (200_000, 0, 0)
    with pytest.raises(RefusedError):
        mark_transferred(world.desk, first.refund_id, staff_id=finance, proof="BCA 1")

    second = by_hand(world, page, 50_000)
    mark_transferred(world.desk, second.refund_id, staff_id=finance, proof="BCA 1")
    with pytest.raises(RefusedError):
        withdraw_refund(world.desk, second.refund_id, staff_id=finance, reason="Salah")

    assert sums(world, page) == (200_000, 50_000, 0)
    assert at_gateway(world, page) == 0


def test_an_approval_of_a_transfer_asks_the_rules_again(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, "permata_va", sku="BATIK", quantity=1)
    asked = by_hand(world, page, _MUCH)
    world.act(page, "reverse")
    world.deliver_all(page)
    world.confirm()

    with pytest.raises(RefusedError) as error:
        approved(world, page, asked)

    assert error.value.why is Why.NOT_PAID
    assert world.refunds(page)[0].state is RefundState.AWAITING_APPROVAL


def test_part_of_a_payment_that_the_gateway_gives_back_only_whole_goes_by_hand(
    world: World,
) -> None:
    page = paid(world, GatewayName.XENDIT, "LINKAJA")

    verdict = dry_run_refund(world.desk, world.order(page).id, 50_000)
    asked = by_hand(world, page, 50_000)

    assert (verdict.why, verdict.route) == (Why.PARTIAL_NOT_SUPPORTED, RefundRoute.MANUAL)
    assert asked.state is RefundState.TO_TRANSFER


# A refund that the gateway refused goes on by hand.


def test_a_refund_that_fails_after_it_was_accepted_frees_its_amount_and_calls_a_person(
    world: World,
) -> None:
    page = paid(world, GatewayName.XENDIT)
    refused(world, page)

    order, [refund] = world.order(page), world.refunds(page)
    assert (refund.state, refund.provider_code) == (RefundState.FAILED, "INELIGIBLE_TRANSACTION")
    assert sums(world, page) == (200_000, 0, 0)
    assert (order.payment_status, order.attention) == ("paid", "refund_failed")
    assert "bank transfer" in (order.attention_text or "")


def test_a_refused_refund_goes_on_once_as_a_new_one_under_a_new_key(world: World) -> None:
    page = paid(world, GatewayName.XENDIT)
    asked = refused(world, page)
    form = reroute_form(world, asked)

    first, again = reroute_refund(world.desk, form), reroute_refund(world.desk, form)
    with pytest.raises(RefusedError) as error:
        reroute_refund(world.desk, replace(form, form_key="another-click"))

    assert error.value.why is Why.WRONG_REFUND_STATE
    assert first == again
    old, new = world.refunds(page)
    assert (new.route, new.state) == (RefundRoute.MANUAL, RefundState.TO_TRANSFER)
    assert (new.amount_idr, new.replaces_id) == (_FAILS_LATER, old.id)
    assert new.key != old.key
    assert sums(world, page) == (200_000, 0, _FAILS_LATER)
    assert world.order(page).attention is None
    world.clock.advance(3600)
    world.resolve()
    assert at_gateway(world, page) == 0
    assert world.refunds(page)[0].state is RefundState.FAILED


def test_a_refund_that_is_not_sent_yet_moves_without_its_amount_being_free(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    with world.program.fault("midtrans.refund", "*", "429", times=1):
        asked = world.refund(page, 200_000)
    assert asked.state is RefundState.APPROVED

    reroute_refund(world.desk, reroute_form(world, asked))

    assert [r.state.value for r in world.refunds(page)] == ["withdrawn", "to_transfer"]
    assert sums(world, page) == (200_000, 0, 200_000)
    assert world.reasons(page)[-2:] == ["refund_withdrawn", "refund_rerouted"]
    world.clock.advance(3600)
    world.resolve()
    assert at_gateway(world, page) == 0


@pytest.mark.parametrize("state", ["sending", "unknown", "accepted", "succeeded", "withdrawn"])
def test_a_refund_that_may_be_on_its_way_does_not_go_by_hand_too(world: World, state: str) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    with world.program.fault("midtrans.refund", "*", "429", times=1):
        asked = world.refund(page, 50_000)
    world.damaged = True
    with world.desk.sessions.begin() as session:
        session.execute(text("UPDATE refunds SET state = :state"), {"state": state})

    with pytest.raises(RefusedError) as error:
        reroute_refund(world.desk, reroute_form(world, asked))

    assert error.value.why is Why.WRONG_REFUND_STATE
    assert len(world.refunds(page)) == 1


def test_a_refused_refund_whose_money_was_given_back_otherwise_goes_no_further(
    world: World,
) -> None:
    page = paid(world, GatewayName.XENDIT)
    asked = refused(world, page)
    world.refund(page, 190_000)

    with pytest.raises(RefusedError) as error:
        reroute_refund(world.desk, reroute_form(world, asked))

    assert error.value.why in {Why.MORE_THAN_LEFT, Why.REFUND_OPEN}
    assert [r.amount_idr for r in world.refunds(page)] == [_FAILS_LATER, 190_000]


def test_a_large_refused_refund_needs_a_new_approval_for_the_account(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, sku="BATIK", quantity=1)
    with world.program.fault("midtrans.refund", "*", "429", times=1):
        asked = world.refund(page, _MUCH)
        assert approved(world, page, asked).state is RefundState.APPROVED

    rerouted = reroute_refund(world.desk, reroute_form(world, asked))

    assert rerouted.state is RefundState.AWAITING_APPROVAL
    assert world.refunds(page)[1].approved_by_id is None


def test_a_form_that_asked_for_the_gateway_ignores_an_account(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)

    request_refund(world.desk, world.refund_form(page, 50_000, account=ACCOUNT))

    assert world.refunds(page)[0].transfer_account is None
