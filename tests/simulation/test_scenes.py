"""What the simulation has taught us, told shortly."""

from app.core.states import GatewayName
from tests.simulation.databank import SqliteBank
from tests.simulation.records import read_records
from tests.simulation.scenes import scene


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
