"""Messages that did not come from the gateway, or came twice, and what staff see of them."""

import json
from typing import Any

import requests

from app.core.states import PaymentStatus
from tests.e2e.books import Books
from tests.e2e.harness import Stack
from tests.e2e.shopper import COFFEE, Shopper
from tests.e2e.staff_member import StaffMember


def _delivered(stack: Stack, reference: str, event: str) -> dict[str, Any]:
    """Return the message that Midtrans delivered about this event."""
    stack.sandbox.flush()
    deliveries = stack.sandbox.deliveries()["deliveries"]
    bodies = [json.loads(one["body"]) for one in deliveries if one["reference"] == reference]
    return next(body for body in bodies if body["transaction_status"] == event)


def _post(stack: Stack, message: dict[str, Any]) -> requests.Response:
    address = f"{stack.url}/api/payments/notification/midtrans"
    return requests.post(address, json=message, timeout=10)


def test_a_forged_notification_is_refused_and_kept_with_the_reason(
    shopper: Shopper, staff: StaffMember, books: Books, stack: Stack
) -> None:
    shopper.order()
    shopper.popup.choose("bca_va")
    shopper.popup.press("pay-later")
    shopper.expect_situation("waiting")
    number = shopper.order_number()
    (reference,) = books.references(number)
    true_message = _delivered(stack, reference, "pending")
    forged = true_message | {
        "transaction_status": "settlement",
        "status_code": "200",
        "signature_key": "0" * 128,
    }

    answer = _post(stack, forged)

    assert answer.status_code == 401
    assert books.status(number) is PaymentStatus.PENDING
    staff.sign_in()
    staff.page.goto(f"{stack.admin_url}/notifications/?state=refused")
    staff.expect_text("Refused: the signature or token is wrong")
    staff.page.get_by_role("table").locator("tbody a").first.click()
    staff.expect_text("Refused: the signature or token is wrong")
    staff.expect_text(reference)


def test_a_duplicate_notification_changes_nothing_and_is_kept_with_the_reason(
    shopper: Shopper, staff: StaffMember, books: Books, stack: Stack
) -> None:
    number = shopper.buy("gopay")
    (reference,) = books.references(number)
    message = _delivered(stack, reference, "settlement")
    known = books.count_notifications(reference)
    stock = books.stock(COFFEE)

    answer = _post(stack, message)

    assert (answer.status_code, answer.json()["result"]) == (200, "duplicate")
    assert books.status(number) is PaymentStatus.PAID
    assert books.stock(COFFEE) == stock
    assert books.count_notifications(reference) == known + 1
    staff.sign_in()
    staff.page.goto(f"{stack.admin_url}/notifications/?search={reference}")
    staff.expect_text("The same message was handled before; no effect.")
    staff.expect_text(number)
