"""What the simulation has taught us, told shortly."""

from app.core.states import GatewayName
from tests.simulation.databank import SqliteBank
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
