"""Everything the Xendit half knows, with an index for every question asked of it."""

from sandbox.records import dump_record, load_record
from sandbox.store import Store
from sandbox.xendit.records import Invoice, XenditRefund


class Book:
    """Invoices, refunds and idempotency keys; used under the engine's lock."""

    def __init__(self, store: Store) -> None:
        """Read back what the state file holds."""
        self._store = store
        self.invoices: dict[str, Invoice] = {}
        self.refunds: dict[str, XenditRefund] = {}
        self._of_external: dict[str, list[str]] = {}
        self._of_invoice: dict[str, list[str]] = {}
        self._numbers: dict[str, str] = {}
        self._keys: dict[str, tuple[str, str]] = {}
        self.callback_urls: dict[str, str] = {}
        for row in store.rows("invoice"):
            self._index_invoice(load_record(Invoice, row))
        for row in store.rows("xendit_refund"):
            self._index_refund(load_record(XenditRefund, row))
        for row in store.rows("refund_key"):
            key, fingerprint, refund_id = row.split("\n")
            self._keys[key] = (fingerprint, refund_id)
        for row in store.rows("callback_url"):
            kind, url = row.split("\n")
            self.callback_urls[kind] = url

    def clear(self) -> None:
        """Forget everything."""
        self.invoices.clear()
        self.refunds.clear()
        self._of_external.clear()
        self._of_invoice.clear()
        self._numbers.clear()
        self._keys.clear()
        self.callback_urls.clear()

    def save_invoice(self, invoice: Invoice) -> None:
        """Keep a new or changed invoice."""
        self._index_invoice(invoice)
        self._store.save("invoice", invoice.id, dump_record(invoice))

    def save_refund(self, refund: XenditRefund) -> None:
        """Keep a new or changed refund."""
        self._index_refund(refund)
        self._store.save("xendit_refund", refund.id, dump_record(refund))

    def save_key(self, key: str, fingerprint: str, refund_id: str) -> None:
        """Keep which request and refund an idempotency key belongs to."""
        self._keys[key] = (fingerprint, refund_id)
        self._store.save("refund_key", key, f"{key}\n{fingerprint}\n{refund_id}")

    def save_callback_url(self, kind: str, url: str) -> None:
        """Keep where the callbacks of one kind go."""
        self.callback_urls[kind] = url
        self._store.save("callback_url", kind, f"{kind}\n{url}")

    def key_owner(self, key: str) -> tuple[str, str] | None:
        """Return (fingerprint, refund id) of a used key, or None."""
        return self._keys.get(key)

    def of_external_id(self, external_id: str) -> list[Invoice]:
        """Return all invoices of one external_id, oldest first; duplicates are allowed."""
        return [self.invoices[key] for key in self._of_external.get(external_id, [])]

    def refunds_of(self, invoice_id: str) -> list[XenditRefund]:
        """Return the refunds of one invoice, oldest first."""
        return [self.refunds[key] for key in self._of_invoice.get(invoice_id, [])]

    def by_number(self, number: str) -> Invoice | None:
        """Return the invoice that waits for money on this VA number or pay code."""
        invoice_id = self._numbers.get(number)
        return self.invoices.get(invoice_id) if invoice_id else None

    def _index_invoice(self, invoice: Invoice) -> None:
        if invoice.id not in self.invoices:
            self._of_external.setdefault(invoice.external_id, []).append(invoice.id)
        self.invoices[invoice.id] = invoice
        for number in invoice.numbers.values():
            self._numbers[number] = invoice.id

    def _index_refund(self, refund: XenditRefund) -> None:
        if refund.id not in self.refunds:
            self._of_invoice.setdefault(refund.invoice_id, []).append(refund.id)
        self.refunds[refund.id] = refund
