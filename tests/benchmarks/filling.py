"""Many orders at once, made by the database itself out of one statement per table.

Order ``n`` has the id ``n``, its attempt too, and the reference ``BENCH-n-1``, so that a message
about any of them can be written without asking.
"""

from typing import Final

from tests.benchmarks.bench import Bench

PRICE_IDR: Final = 100_000
FIRST_PRODUCT: Final = 900_000_001
PRODUCTS: Final = 1000
_STATUS: Final = "(ARRAY['paid', 'expired', 'paid', 'paid'])[n % 4 + 1]"

_PRODUCTS: Final = f"""INSERT INTO products (id, sku, name_id, name_en, description_id,
  description_en, price_idr, on_hand, reserved, image, active)
  SELECT {FIRST_PRODUCT} + n, 'SKU-' || n, 'Kopi', 'Coffee', '-', '-', {PRICE_IDR}, 10000000,
    5000000, '/products/kopi-gayo.svg', true FROM generate_series(0, {PRODUCTS} - 1) n"""
_ORDERS: Final = """INSERT INTO orders (id, public_id, number, payment_status,
  payment_gateway_transaction_id, gateway, last_why, total_idr, captured_idr, refunded_idr,
  reserved_idr, customer_name, customer_email, customer_phone, locale, stock_state, created_at,
  updated_at, expires_at, paid_at)
  SELECT n, 'public-' || md5(n::text), 'LN-' || lpad(n::text, 10, '0'), {status},
    CASE WHEN {status} = 'paid' THEN 'tx-' || n END, 'midtrans', 'order_placed', {price},
    CASE WHEN {status} = 'paid' THEN {price} ELSE 0 END, 0, 0, 'Rina Wijaya',
    'rina' || n || '@contoh.example', '+62812' || lpad(n::text, 8, '0'), 'id',
    CASE {status} WHEN 'paid' THEN 'taken' WHEN 'pending' THEN 'reserved' ELSE 'released' END,
    now() - ({last} - n) * interval '1 second', now(), now() + interval '1 day',
    CASE WHEN {status} = 'paid' THEN now() END
  FROM generate_series({first}, {last}) n"""
_ATTEMPTS: Final = """INSERT INTO attempts (id, order_id, try_number, gateway, reference, state,
  token, dead, created_at, expires_at, checks_done, next_check_at)
  SELECT n, n, 1, 'midtrans', 'BENCH-' || n || '-1', 'open', 'token-' || n, false, now(),
    now() + interval '1 day', 0, {due} FROM generate_series({first}, {last}) n"""
_ITEMS: Final = f"""INSERT INTO order_items (order_id, product_id, sku, name_id, name_en, image,
  unit_price_idr, quantity) SELECT n, {FIRST_PRODUCT} + n % {PRODUCTS}, 'SKU', 'Kopi', 'Coffee',
  '-', {PRICE_IDR}, 1 FROM generate_series({{first}}, {{last}}) n"""
_EVENTS: Final = """INSERT INTO order_events (order_id, seq, at, actor, why, details,
  previous_hash, hash) SELECT n, 1, now(), 'shopper', 'order_placed', '{{}}', '', md5(n::text)
  FROM generate_series({first}, {last}) n"""
_TRANSACTIONS: Final = """INSERT INTO gateway_transactions (order_id, attempt_id, gateway,
  gateway_transaction_id, stage, amount_idr, method, ever_paid, confirmed, as_of)
  SELECT n, n, 'midtrans', 'tx-' || n, 'paid', {price}, 'qris', true, true, now()
  FROM generate_series({first}, {last}) n WHERE {status} = 'paid'"""
_NOTIFICATIONS: Final = """INSERT INTO notifications (gateway, state, verdict, chain, headers, body,
  body_size, dedupe_key, reference, gateway_transaction_id, order_id, attempt_id, received_at,
  processed_at, tries)
  SELECT 'midtrans', 'done', 'shopper_paid', '[]', '{{}}', '{{}}', 2, md5('old' || n),
    'BENCH-' || n || '-1', 'tx-' || n, n, n, now(), now(), 0
  FROM generate_series({first}, {last}) n WHERE {status} = 'paid'"""
_CHUNK: Final = 250_000


def fill_products(bench: Bench) -> None:
    """Make the products that the orders are of, with goods enough for all."""
    bench.run(_PRODUCTS)


def fill_past(bench: Bench, first: int, last: int) -> None:
    """Make orders that are over, three in four paid, each with all that tells of it."""
    tables = (_ORDERS, _ATTEMPTS, _ITEMS, _EVENTS, _TRANSACTIONS, _NOTIFICATIONS)
    for begin in range(first, last + 1, _CHUNK):
        end = min(begin + _CHUNK - 1, last)
        _fill(bench, tables, {"first": begin, "last": end, "status": _STATUS, "due": "NULL"})
    # What was put off must not be done while something is measured.
    bench.run("VACUUM ANALYZE", "CHECKPOINT")


def fill_open(bench: Bench, first: int, last: int, *, due: str = "NULL") -> None:
    """Make orders that wait for their money; ``due`` is SQL for when to ask about them."""
    tables = (_ORDERS, _ATTEMPTS, _ITEMS, _EVENTS)
    _fill(bench, tables, {"first": first, "last": last, "status": "'pending'", "due": due})
    bench.run("ANALYZE")


def _fill(bench: Bench, tables: tuple[str, ...], words: dict[str, object]) -> None:
    # The rows refer to each other by how they are made: looking each reference up, and waiting for
    # the disk after each table, is left out.
    quick = ("SET session_replication_role = replica", "SET synchronous_commit = off")
    bench.run(*quick, *(table.format(price=PRICE_IDR, **words) for table in tables))
