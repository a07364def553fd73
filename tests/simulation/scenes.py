"""Short stories told by hand, for situations that chance reaches rarely."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.core.observations import Source
from app.core.states import GatewayName, RefundRoute
from app.services.checkout import CartLine, CheckoutRequest, retry_payment
from app.services.refunds import RefundForm, mark_transferred, request_refund
from app.services.status import check_status
from tests.simulation.databank import REFUNDERS, SqliteBank
from tests.simulation.ending import judge_the_end, settle_down
from tests.simulation.invariants import Judge
from tests.simulation.records import Row, read_records
from tests.simulation.shoppers import press_again
from tests.simulation.stage import Page, Purchase, Stage, on_stage
from tests.simulation.steps import run_jobs
from tests.world import ACCOUNT, CUSTOMER

_DICE = random.Random(0)


@dataclass
class Scene:
    """One order, moved by hand; every rule is held against it after each move."""

    stage: Stage
    judge: Judge

    def buy(self, gateway: GatewayName, sku: str = "BATIK") -> Page:
        self.want(gateway, sku)
        return self.stage.purchases[0].pages[-1]

    def want(self, gateway: GatewayName, sku: str = "BATIK") -> None:
        """Send an intent to buy, whether or not a page comes of it."""
        request = CheckoutRequest("intent", "cart", gateway, (CartLine(sku, 1),), CUSTOMER, "id")
        self.stage.purchases.append(Purchase(request))
        self.press_again()

    def press_again(self) -> None:
        """Send the same intent once more."""
        press_again(self.stage, random.Random(2))
        self._check()

    def come_back(self, gateway: GatewayName) -> Page:
        page = retry_payment(self.stage.desk, self.stage.purchases[0].order_id or "", gateway)
        self._check()
        return Page(page.gateway, page.token or page.page_url.rsplit("/", 1)[-1])

    def act(self, page: Page, action: str, **body: object) -> None:
        """Let payer or bank act, tell the shop, and let the jobs confirm it."""
        control = self.stage.control
        act = control.midtrans if page.gateway is GatewayName.MIDTRANS else control.xendit
        act(dict(body), page.name, action)
        self._check()
        self.carry_on()

    def give_back_by_transfer(self) -> None:
        """Let staff refund everything by a bank transfer of their own."""
        order = self.order()
        form = RefundForm(
            order_id=order.id,
            amount_idr=order.captured_idr,
            reason="Barang rusak",
            staff_id=REFUNDERS[0],
            form_key="form",
            expected_refundable_idr=order.captured_idr,
            route=RefundRoute.MANUAL,
            account=ACCOUNT,
        )
        asked = request_refund(self.stage.desk, form)
        mark_transferred(self.stage.desk, asked.refund_id, staff_id=REFUNDERS[0], proof="BCA 123")
        self._check()

    def ask(self, transaction_id: str | None = None) -> None:
        """Let staff press "check status", or ask about a transaction of the dashboard."""
        check_status(
            self.stage.desk,
            self.order().id,
            source=Source.STATUS_CHECK,
            staff_id=REFUNDERS[0],
            transaction_id=transaction_id,
        )
        self._check()

    def carry_on(self) -> None:
        """Deliver what was sent, and let the jobs confirm it."""
        self.stage.mailbag.deliver_all()
        self._check()
        run_jobs(self.stage, _DICE)
        self._check()

    def end(self) -> Row:
        """Let time pass until nothing happens any more, and return the order."""
        settle_down(self.stage)
        judge_the_end(self.stage, self.judge)
        return self.order()

    def order(self) -> Row:
        (order,) = read_records(self.stage.bank.engine).orders
        return order

    def _check(self) -> None:
        self.judge.check(read_records(self.stage.bank.engine))


@contextmanager
def scene(bank: SqliteBank, seed: int = 7) -> Iterator[Scene]:
    """Open a world for one scene."""
    with on_stage(seed, bank) as stage:
        yield Scene(stage, Judge(stage))
