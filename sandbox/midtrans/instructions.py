"""How a payer pays at a bank or a counter, as the lines of the PDF behind ``pdf_url``."""

from sandbox.clock import wib_text
from sandbox.midtrans.methods import METHODS
from sandbox.midtrans.records import Transaction


def instructions(transaction: Transaction, merchant_name: str) -> list[str]:
    """Return the lines, in Indonesian."""
    amount = f"{transaction.gross_amount:,}".replace(",", ".")
    lines = [
        merchant_name,
        f"Pesanan {transaction.order_id}",
        f"Jumlah Rp {amount}",
        f"Cara pembayaran: {METHODS[transaction.method].label_id}",
    ]
    if biller := transaction.details.get("biller_code"):
        lines.append(f"Kode perusahaan: {biller}")
    if transaction.pay_number:
        lines.append(f"Nomor pembayaran: {transaction.pay_number}")
    return [*lines, f"Bayar sebelum {wib_text(transaction.expires_at)} WIB"]
