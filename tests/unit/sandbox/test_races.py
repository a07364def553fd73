"""Refunds that meet: the one lock is what keeps them within the paid amount."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace

import pytest

from sandbox.ids import Ids
from sandbox.web import create_app
from tests.unit.sandbox.inprocess import Inside, inside


class MeetingIds(Ids):
    """Lets whoever is between deciding and booking wait until four have come there.

    Where the lock admits only one, nobody else comes, and each waits for as long as ``patience_s``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.patience_s = 0.1
        self._came = 0
        self._meeting = threading.Condition()

    def uuid(self) -> str:
        with self._meeting:
            self._came += 1
            self._meeting.notify_all()
            self._meeting.wait_for(lambda: self._came >= 4, self.patience_s)
        return super().uuid()


@pytest.fixture
def sandbox() -> Iterator[Inside]:
    with inside() as sandbox:
        sandbox.pay("A-1", "gopay")
        sandbox.paid = sandbox.invoice("X-1", "DANA")
        sandbox.world.engine.ids = MeetingIds()
        yield sandbox


def in_parallel(sandbox: Inside, path: str, body: dict[str, object], **headers: str) -> None:
    """Send one request twelve times at once, each from its own client."""
    app = create_app(sandbox.world)
    clients = [replace(sandbox, client=app.test_client()) for _ in range(12)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda one: one.call("POST", path, body, **headers), clients))


def without_lock(sandbox: Inside) -> None:
    sandbox.world.engine._lock = nullcontext()  # pyright: ignore[reportAttributeAccessIssue]
    assert isinstance(sandbox.world.engine.ids, MeetingIds)
    # Four do come then; how soon is for a busy machine to say.
    sandbox.world.engine.ids.patience_s = 30


def midtrans_refunded(sandbox: Inside) -> int:
    transaction = sandbox.world.midtrans.book.find("A-1")
    assert transaction is not None
    refunds = sandbox.world.midtrans.book.refunds(transaction.transaction_id)
    return sum(refund.amount for refund in refunds)


def xendit_refunded(sandbox: Inside) -> int:
    return sum(refund.amount for refund in sandbox.world.xendit.book.refunds.values())


def refund_midtrans(sandbox: Inside) -> int:
    in_parallel(sandbox, "/midtrans/v2/A-1/refund", {"amount": 50_000})
    return midtrans_refunded(sandbox)


def refund_midtrans_by_one_key(sandbox: Inside) -> int:
    body: dict[str, object] = {"refund_key": "same", "amount": 10_000}
    in_parallel(sandbox, "/midtrans/v2/A-1/refund", body)
    return midtrans_refunded(sandbox)


def refund_xendit(sandbox: Inside) -> int:
    body: dict[str, object] = {"invoice_id": sandbox.paid["id"], "amount": 50_000}
    in_parallel(sandbox, "/xendit/refunds", body)
    return xendit_refunded(sandbox)


def refund_xendit_by_one_key(sandbox: Inside) -> int:
    body: dict[str, object] = {"invoice_id": sandbox.paid["id"], "amount": 10_000}
    in_parallel(sandbox, "/xendit/refunds", body, **{"idempotency-key": "same"})
    return xendit_refunded(sandbox)


CASES = [
    (refund_midtrans, 150_000),
    (refund_midtrans_by_one_key, 10_000),
    (refund_xendit, 150_000),
    (refund_xendit_by_one_key, 10_000),
]


@pytest.mark.parametrize(("refund_in_parallel", "allowed"), CASES)
def test_without_the_lock_too_much_goes_back(
    sandbox: Inside, refund_in_parallel: Callable[[Inside], int], allowed: int
) -> None:
    without_lock(sandbox)

    assert refund_in_parallel(sandbox) > allowed


@pytest.mark.parametrize(("refund_in_parallel", "allowed"), CASES)
def test_with_the_lock_exactly_the_allowed_amount_goes_back(
    sandbox: Inside, refund_in_parallel: Callable[[Inside], int], allowed: int
) -> None:
    assert refund_in_parallel(sandbox) == allowed
