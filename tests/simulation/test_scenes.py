"""What the simulation has taught us, told shortly."""

from app.core.states import GatewayName
from sandbox.midtrans.refunds import RefundRequest
from tests.simulation.boundaries import CallFault, Fair, PostFault
from tests.simulation.databank import SqliteBank
from tests.simulation.ending import NEVER_TOLD, judge_the_end, settle_down
from tests.simulation.records import read_records
from tests.simulation.scenes import scene
from tests.simulation.stage import Page


class _OutOfOrder(Fair):
    """The gateways answer, but not with anything that can be read."""

    def call_fault(self) -> CallFault:
        return CallFault.BAD_GATEWAY


class _LosesLetters(Fair):
    """The post loses every notification for ever."""

    def post_fault(self) -> PostFault:
        return PostFault.DROPPED


def test_goods_of_a_reversed_payment_come_back_when_the_other_try_runs_out(
    bank: SqliteBank,
) -> None:
    with scene(bank) as told:
        first = told.buy(GatewayName.MIDTRANS)
        told.act(first, "pay", payment_type="permata_va", outcome="pending")
        told.come_back(GatewayName.XENDIT)
        told.act(first, "pay", late=True)
        assert told.order().payment_status == "paid"
        told.act(first, "reverse")
        assert (told.order().payment_status, told.order().stock_state) == ("pending", "taken")

        order = told.end()

    assert (order.payment_status, order.stock_state) == ("expired", "released")
    assert order.attention == "payment_reversed"


def test_a_second_oddity_is_told_although_the_order_waits_for_the_first(bank: SqliteBank) -> None:
    with scene(bank) as told:
        page = told.buy(GatewayName.MIDTRANS)
        told.act(page, "pay", payment_type="permata_va")
        told.act(page, "reverse")
        assert told.order().attention == "payment_reversed"
        told.act(page, "pay", payment_type="bca_va", outcome="pending")
        (open_one,) = (
            transaction
            for transaction in told.stage.sandbox.midtrans.book.transactions.values()
            if transaction.status == "pending"
        )
        open_one.gross_amount //= 2
        told.act(page, "pay", payment_type="bca_va")

        order = told.end()

        reasons = read_records(bank.engine).reasons(order.id)
    # The one that waited keeps the order open, until asking ends: that is told as well.
    assert (order.payment_status, order.attention) == ("pending", "payment_reversed")
    assert (reasons.count("amount_differs"), reasons.count("polling_ended")) == (1, 1)


def test_two_payments_of_one_order_are_both_cancelled_in_the_dashboard(bank: SqliteBank) -> None:
    with scene(bank) as told:
        page = told.buy(GatewayName.MIDTRANS)
        for _ in range(2):
            told.act(page, "pay", payment_type="credit_card")
            told.stage.dashboard_cancels |= {p.gateway_id for p in told.judge.booked}
            told.act(page, "cancel")

        order = told.end()

        refunds = read_records(bank.engine).refunds_of(order.id)
    assert (order.payment_status, order.captured_idr) == ("refunded", 1_200_000)
    assert [(refund.route, refund.amount_idr) for refund in refunds] == [("outside", 600_000)] * 2


def test_two_payments_of_one_order_are_refunded_under_the_same_key(bank: SqliteBank) -> None:
    with scene(bank) as told:
        first = told.buy(GatewayName.MIDTRANS)
        told.act(first, "pay", payment_type="gopay", outcome="pending")
        told.come_back(GatewayName.XENDIT)
        second = told.come_back(GatewayName.MIDTRANS)
        told.act(second, "pay", payment_type="gopay")
        told.act(first, "pay", late=True)
        told.stage.dashboard_refunds.add("retur")
        for payment in told.stage.sandbox.midtrans.book.transactions.values():
            request = RefundRequest("retur", 200_000, "", is_direct=False)
            told.stage.sandbox.midtrans.refunds.refund(payment, request)
        told.carry_on()

        order = told.end()

    assert (order.captured_idr, order.refunded_idr) == (1_200_000, 400_000)
    assert order.payment_status == "partially_refunded"


def test_a_page_opened_after_all_watching_would_have_ended_is_still_looked_at(
    bank: SqliteBank,
) -> None:
    with scene(bank) as told:
        with told.stage.under(_OutOfOrder()):
            told.want(GatewayName.XENDIT)
        told.stage.pass_time(5 * 86_400)

        told.press_again()
        assert len(told.stage.purchases[0].pages) == 1
        order = told.end()

    # The gateway gave the page a day of its own, and told us when that was over.
    assert (order.payment_status, order.attention) == ("expired", "polling_ended")


def test_a_later_try_does_not_hide_that_the_payment_was_reversed(bank: SqliteBank) -> None:
    with scene(bank) as told:
        page = told.buy(GatewayName.MIDTRANS)
        told.act(page, "pay", payment_type="echannel")
        assert told.order().payment_status == "paid"
        with told.stage.under(_LosesLetters()):
            told.act(page, "reverse")
        told.act(page, "deny", payment_type="qris")

        order = told.end()

    assert (order.payment_status, order.attention) == ("failed", "payment_reversed")
    assert (order.captured_idr, order.stock_state) == (0, "released")


def test_money_that_comes_after_a_transfer_and_a_reversal_is_told_as_new(
    bank: SqliteBank,
) -> None:
    with scene(bank) as told:
        page = told.buy(GatewayName.MIDTRANS)
        told.act(page, "pay", payment_type="indomaret")
        with told.stage.under(_LosesLetters()):
            told.stage.control.midtrans({}, page.name, "reverse")
            told.stage.mailbag.deliver_all()
        told.give_back_by_transfer()
        told.ask()
        assert told.order().payment_status == "refunded"
        with told.stage.under(_LosesLetters()):
            told.act(page, "pay", payment_type="credit_card")
        told.act(page, "chargeback", amount=100_000)

        order = told.end()

        events = read_records(bank.engine).events
    steps = [(one.why, one.before, one.after) for one in events if one.before != one.after]
    assert ("paid_after_close", "refunded", "paid") in steps
    assert (order.payment_status, order.attention) == ("paid", "charged_back")


def test_money_that_no_question_finds_is_found_by_the_id_that_a_person_has(
    bank: SqliteBank,
) -> None:
    with scene(bank) as told:
        page = told.buy(GatewayName.MIDTRANS)
        with told.stage.under(_LosesLetters()):
            told.act(page, "pay", payment_type="dana")
        settle_down(told.stage)
        assert judge_the_end(told.stage, told.judge) == [NEVER_TOLD]
        assert told.order().payment_status == "expired"

        (paid,) = told.judge.booked
        told.ask(transaction_id=paid.gateway_id)

        order = told.end()

    assert (order.payment_status, order.attention) == ("paid", "paid_after_close")


def test_the_older_of_two_payments_is_not_found_by_the_order_alone(bank: SqliteBank) -> None:
    with scene(bank) as told:
        page = told.buy(GatewayName.MIDTRANS)
        with told.stage.under(_LosesLetters()):
            told.act(page, "challenge", payment_type="credit_card")
            (waits,) = told.judge.booked
            told.act(page, "pay", payment_type="credit_card")
            told.act(Page(page.gateway, waits.gateway_id), "approve")
        told.ask()
        assert told.order().captured_idr == 600_000
        hidden = next(one for one in told.judge.booked if not one.by_reference)

        told.ask(transaction_id=hidden.gateway_id)

        order = told.end()

    assert (order.payment_status, order.captured_idr) == ("paid", 1_200_000)
    assert order.attention == "paid_twice"
