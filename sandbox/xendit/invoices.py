"""The life of an invoice: created, picked, paid, settled or expired."""

from datetime import datetime, timedelta
from typing import Final

from sandbox.deliveries import Deliveries, Message
from sandbox.engine import Engine
from sandbox.settings import Settings
from sandbox.wire import JsonObject, as_text
from sandbox.xendit.bodies import invoice_callback
from sandbox.xendit.book import Book
from sandbox.xendit.callbacks import GATEWAY, headers_with
from sandbox.xendit.channels import (
    CHANNELS,
    VA_LENGTH,
    VA_PREFIX,
    Channel,
    offered,
    settlement_time,
)
from sandbox.xendit.invoice_request import amount_of, channel_codes, duration_of
from sandbox.xendit.payment_fields import Payer, payment_fields
from sandbox.xendit.records import Invoice, InvoiceStatus

# The real expiry_date is taken a moment before ``created``.
_EXPIRY_HEAD_START: Final = timedelta(milliseconds=150)
_UPDATE_LAG: Final = timedelta(milliseconds=150)


# The callback URLs that can be set apart, by their type in ``POST /callback_urls/{type}``.
INVOICE_CALLBACKS: Final = "invoice"
_ANYBODY: Final = Payer()


def active_channels(settings: Settings) -> tuple[str, ...]:
    """Return the channels that are switched on for the account."""
    return tuple(CHANNELS) if settings.xendit_channels is None else settings.xendit_channels


class WrongStateError(Exception):
    """The invoice is not in a state that allows this; nothing was changed."""


class Invoices:
    """Moves invoices and calls the shop back; used under the engine's lock.

    WrongStateError, and nothing has changed, where the invoice's state does not let it happen.
    """

    def __init__(self, engine: Engine, deliveries: Deliveries) -> None:
        """Read the book and plan again what time will do to its invoices."""
        self._engine = engine
        self._deliveries = deliveries
        self.book = Book(engine.store)
        for invoice in self.book.invoices.values():
            self._plan(invoice)

    def create(self, request: JsonObject) -> Invoice:
        """Create an invoice from a request that has passed ``invoice_error``."""
        now = self._engine.clock.now()
        codes = channel_codes(request, active_channels(self._engine.settings))
        amount = amount_of(request["amount"]) or 0
        invoice = Invoice(
            id=self._engine.ids.hex(24),
            external_id=as_text(request["external_id"]),
            amount=amount,
            status=InvoiceStatus.PENDING,
            created_at=now,
            updated_at=now,
            expires_at=now + duration_of(request) - _EXPIRY_HEAD_START,
            request=request,
            channel_codes=[channel.code for channel in offered(codes, amount)],
        )
        self.book.save_invoice(invoice)
        self._plan(invoice)
        return invoice

    def pick(self, invoice: Invoice, code: str) -> Channel:
        """Let the payer pick a channel; a bank or outlet gets its number now."""
        self._require(invoice, InvoiceStatus.PENDING)
        if code not in invoice.channel_codes:
            raise WrongStateError(f"{code} is not offered on this invoice")
        channel = CHANNELS[code]
        if channel.kind in {"va", "retail"} and code not in invoice.numbers:
            invoice.numbers[code] = self._new_number(channel)
            self.book.save_invoice(invoice)
        return channel

    def pay(self, invoice: Invoice, code: str, payer: Payer = _ANYBODY) -> None:
        """Let the payer pay through a channel."""
        self._take_money(invoice, self.pick(invoice, code), payer)

    def pay_late(self, invoice: Invoice, code: str, payer: Payer = _ANYBODY) -> None:
        """Let money arrive for an expired invoice (docs, "Delayed webhooks")."""
        self._require(invoice, InvoiceStatus.EXPIRED)
        if code not in invoice.channel_codes:
            raise WrongStateError(f"{code} is not offered on this invoice")
        channel = CHANNELS[code]
        if channel.kind in {"va", "retail"}:
            invoice.numbers.setdefault(code, self._new_number(channel))
        self._take_money(invoice, channel, payer)

    def expire(self, invoice: Invoice) -> None:
        """End an unpaid invoice now; ``expiry_date`` is pulled back to this moment."""
        self._require(invoice, InvoiceStatus.PENDING)
        now = self._engine.clock.now()
        invoice.expires_at = now
        self._end(invoice, now)

    def settle(self, invoice: Invoice) -> None:
        """Settle a paid invoice now instead of on its day."""
        self._require(invoice, InvoiceStatus.PAID)
        self._settle(invoice, self._engine.clock.now())

    def _take_money(self, invoice: Invoice, channel: Channel, payer: Payer) -> None:
        now = self._engine.clock.now()
        invoice.status = InvoiceStatus.PAID
        invoice.paid_channel = channel.code
        invoice.paid_at = now
        invoice.updated_at = now + _UPDATE_LAG
        invoice.settles_at = settlement_time(now, channel)
        invoice.linked = payer.linked
        invoice.payment = payment_fields(invoice, channel, payer, self._engine.ids)
        self.book.save_invoice(invoice)
        self._plan(invoice)
        self._call_back(invoice)

    def _new_number(self, channel: Channel) -> str:
        while True:
            if channel.kind == "retail":
                number = f"TEST{self._engine.ids.digits(6)}"
            else:
                prefix = VA_PREFIX[channel.code]
                number = prefix + self._engine.ids.digits(VA_LENGTH - len(prefix))
            if self.book.by_number(number) is None:
                return number

    def _end(self, invoice: Invoice, at: datetime) -> None:
        invoice.status = InvoiceStatus.EXPIRED
        invoice.updated_at = at
        self.book.save_invoice(invoice)
        if self._engine.settings.xendit_expired_callbacks:
            self._call_back(invoice)

    def _settle(self, invoice: Invoice, at: datetime) -> None:
        invoice.status = InvoiceStatus.SETTLED
        # Settlement of a bank transfer leaves ``updated`` at the moment of payment.
        if CHANNELS[invoice.paid_channel or ""].kind != "va":
            invoice.updated_at = at
        self.book.save_invoice(invoice)

    def _call_back(self, invoice: Invoice) -> None:
        settings = self._engine.settings
        body = invoice_callback(invoice, settings.merchant_name)
        headers = headers_with(settings.xendit_callback_token)
        url = self.book.callback_urls.get(INVOICE_CALLBACKS, settings.xendit_notify_url)
        self._deliveries.send(
            Message(GATEWAY, invoice.external_id, invoice.status, url, headers, body)
        )

    def _plan(self, invoice: Invoice) -> None:
        if invoice.status == InvoiceStatus.PENDING:
            self._engine.timers.plan(invoice.expires_at, lambda at: self._when_over(invoice, at))
        elif invoice.status == InvoiceStatus.PAID and invoice.settles_at:
            self._engine.timers.plan(invoice.settles_at, lambda at: self._when_settled(invoice, at))

    def _when_over(self, invoice: Invoice, at: datetime) -> None:
        if invoice.status == InvoiceStatus.PENDING and self._is_known(invoice):
            self._end(invoice, at)

    def _when_settled(self, invoice: Invoice, at: datetime) -> None:
        if invoice.status == InvoiceStatus.PAID and self._is_known(invoice):
            self._settle(invoice, at)

    def _is_known(self, invoice: Invoice) -> bool:
        return self.book.invoices.get(invoice.id) is invoice

    def _require(self, invoice: Invoice, status: InvoiceStatus) -> None:
        if invoice.status != status:
            raise WrongStateError(f"the invoice is {invoice.status}, not {status}")
