"""Many paid orders at once, made through the shop's own API and paid at the sandbox."""

import secrets

import requests
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from app.core.states import PaymentStatus
from app.db.models import Order
from tests.e2e.books import Books
from tests.e2e.harness import Stack

TEA = "TEH-MELATI-100"


def paid_orders(stack: Stack, books: Books, count: int, method: str = "gopay") -> list[str]:
    """Return the numbers of new orders of one piece each, paid and known to be paid."""
    email = f"banyak.{secrets.token_hex(5)}@pembeli.example"
    for _ in range(count):
        _place(stack, email)
    numbers = books.orders_of(email)
    for number in numbers:
        stack.sandbox.pay_midtrans(books.references(number)[0], payment_type=method)
    stack.eventually(
        lambda: all(books.status(number) is PaymentStatus.PAID for number in numbers),
        within_s=60,
    )
    return numbers


def _place(stack: Stack, email: str) -> None:
    with requests.Session() as http:
        http.trust_env = False
        answer = http.post(
            f"{stack.url}/api/payments/create-transaction",
            json={
                "gateway": "midtrans",
                "items": [{"sku": TEA, "quantity": 1}],
                "customer": {"name": "Ayu Lestari", "email": email, "phone": "081234567890"},
            },
            headers={"Idempotency-Key": secrets.token_hex(16)},
            timeout=30,
        )
    assert answer.status_code == 201, answer.text


def sums(stack: Stack, numbers: list[str]) -> tuple[int, int, int]:
    """Return captured, refunded and reserved rupiah of these orders together."""
    engine = create_engine(stack.database_url)
    try:
        with Session(engine) as session:
            columns = (Order.captured_idr, Order.refunded_idr, Order.reserved_idr)
            query = select(*(func.sum(column) for column in columns))
            row = session.execute(query.where(Order.number.in_(numbers))).one()
            return int(row[0]), int(row[1]), int(row[2])
    finally:
        engine.dispose()
