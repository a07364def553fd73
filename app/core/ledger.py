"""The books of an order: which money is where, in double entry, as it follows from the facts.

Each posting moves one amount from one account (credit) to another (debit), so that every posting
sums to zero by its very shape. ``books_of`` says what the books of given facts must show;
``post`` says which postings bring the books from what they show to what they must show. The books
are append-only: what turns out otherwise is put right by another posting.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from app.core.facts import WHOLLY_RETURNED, OrderFacts, RefundFact, TransactionFact, is_paid
from app.core.money import Rupiah
from app.core.observations import Seen
from app.core.states import RefundRoute
from app.core.transitions import RELEASED, RETURNED, counted


class Account(StrEnum):
    """Where the money of an order can be; see docs/ledger.md."""

    GATEWAY = "gateway"  # asset: what the gateway holds for us
    BANK = "bank"  # asset: our own account, from which transfers by hand are made
    SALES = "sales"  # income: what customers paid
    RETURNS = "returns"  # contra income: given back, or promised to be
    REFUNDS_PAYABLE = "refunds_payable"  # liability: promised and not yet gone
    CHARGEBACKS = "chargebacks"  # expense: taken back by the customer's bank
    FEES = "fees"  # expense: kept by the gateway
    LOSSES = "losses"  # expense: transferred by hand for a payment that did not stand


class PostingKind(StrEnum):
    """What a posting records."""

    CAPTURE = "capture"
    REFUND_RELEASED = "refund_released"
    REFUND_UNDONE = "refund_undone"
    TRANSFER_UNDONE = "transfer_undone"
    WRITTEN_OFF = "written_off"
    REVERSAL = "reversal"
    REFUND_RESERVED = "refund_reserved"
    REFUND_SETTLED = "refund_settled"
    VOID = "void"
    REFUND_TRANSFERRED = "refund_transferred"
    REFUND_OUTSIDE = "refund_outside"
    TRANSFER_OUTSIDE = "transfer_outside"
    WRITE_OFF_UNDONE = "write_off_undone"
    LOSS = "loss"
    LOSS_UNDONE = "loss_undone"
    CHARGEBACK = "chargeback"
    CHARGEBACK_UNDONE = "chargeback_undone"
    FEE = "fee"
    FEE_UNDONE = "fee_undone"


_A = Account
_K = PostingKind
# (debit, credit) of every kind. The database checks new rows against the same table.
LEGS: Final[Mapping[PostingKind, tuple[Account, Account]]] = {
    _K.CAPTURE: (_A.GATEWAY, _A.SALES),
    _K.REFUND_RELEASED: (_A.REFUNDS_PAYABLE, _A.RETURNS),
    _K.REFUND_UNDONE: (_A.GATEWAY, _A.RETURNS),
    _K.TRANSFER_UNDONE: (_A.BANK, _A.RETURNS),
    _K.WRITTEN_OFF: (_A.LOSSES, _A.RETURNS),
    _K.REVERSAL: (_A.SALES, _A.GATEWAY),
    _K.REFUND_RESERVED: (_A.RETURNS, _A.REFUNDS_PAYABLE),
    _K.REFUND_SETTLED: (_A.REFUNDS_PAYABLE, _A.GATEWAY),
    _K.VOID: (_A.REFUNDS_PAYABLE, _A.GATEWAY),
    _K.REFUND_TRANSFERRED: (_A.REFUNDS_PAYABLE, _A.BANK),
    _K.REFUND_OUTSIDE: (_A.RETURNS, _A.GATEWAY),
    _K.TRANSFER_OUTSIDE: (_A.RETURNS, _A.BANK),
    _K.WRITE_OFF_UNDONE: (_A.RETURNS, _A.LOSSES),
    _K.LOSS: (_A.LOSSES, _A.BANK),
    _K.LOSS_UNDONE: (_A.BANK, _A.LOSSES),
    _K.CHARGEBACK: (_A.CHARGEBACKS, _A.GATEWAY),
    _K.CHARGEBACK_UNDONE: (_A.GATEWAY, _A.CHARGEBACKS),
    _K.FEE: (_A.FEES, _A.GATEWAY),
    _K.FEE_UNDONE: (_A.GATEWAY, _A.FEES),
}
# In which order the kinds are tried for one subject: what was promised is paid first.
_TRIED: Final = (
    _K.REFUND_RESERVED,
    _K.REFUND_SETTLED,
    _K.REFUND_TRANSFERRED,
    *(kind for kind in LEGS if kind is not _K.VOID),
)
# In which order postings are written: money comes in and promises are taken back before anything
# is taken out, so that the books never show more given back than taken, not even half-written.
_WRITTEN: Final[Mapping[PostingKind, int]] = {kind: place for place, kind in enumerate(LEGS)}

# Debits count up, credits down (rupiah); the accounts of one subject always sum to zero.
Balances: TypeAlias = Mapping[Account, int]
# What the books show for each subject: a payment, its fee, its chargeback, a refund.
Books: TypeAlias = Mapping[str, Balances]

_VOID: Final = "void"


@dataclass(frozen=True, slots=True)
class Posting:
    """One amount moved from ``credit`` to ``debit`` because of ``subject``; rupiah above zero."""

    kind: PostingKind
    subject: str
    amount_idr: Rupiah

    @property
    def debit(self) -> Account:
        """The account that the amount is added to."""
        return LEGS[self.kind][0]

    @property
    def credit(self) -> Account:
        """The account that the amount is taken from."""
        return LEGS[self.kind][1]


@dataclass(frozen=True, slots=True)
class Sums:
    """What the books of an order come to (rupiah)."""

    captured_idr: Rupiah
    refunded_idr: Rupiah
    reserved_idr: Rupiah
    charged_back_idr: Rupiah
    fees_idr: Rupiah
    losses_idr: Rupiah

    @property
    def net_idr(self) -> int:
        """What the shop keeps for now; below zero where more was lost than taken."""
        gone = self.refunded_idr + self.charged_back_idr + self.fees_idr + self.losses_idr
        return self.captured_idr - gone


def books_of(facts: OrderFacts) -> Books:
    """Return what the books must show for these facts."""
    paid = [t for t in counted(facts) if is_paid(t)]
    books: dict[str, Balances] = {}
    returned: dict[str, int] = defaultdict(int)
    for transaction in paid:
        given = _returned_of(facts, transaction)
        for key, amount in given.items():
            returned[key] += amount
        books |= _of_payment(transaction, sum(given.values()))
    room = sum(t.amount_idr for t in paid) - sum(returned.values())
    for refund in _in_order(facts):
        reserved = min(refund.amount_idr, room) if _is_held(refund) else 0
        room -= reserved
        books[_subject_of(refund)] = _of_refund(refund, returned.pop(refund.key, 0), reserved)
    # What is left went back without any refund that tells of it.
    for name, amount in returned.items():
        books[name] = {Account.RETURNS: amount, Account.GATEWAY: -amount}
    return books


def _in_order(facts: OrderFacts) -> list[RefundFact]:
    return sorted(facts.refunds, key=lambda refund: refund.key)


def _is_held(refund: RefundFact) -> bool:
    return refund.state not in RETURNED and refund.state not in RELEASED


def _returned_of(facts: OrderFacts, transaction: TransactionFact) -> dict[str, int]:
    """Share out what went back of one payment: by refund key, the rest under a name of its own.

    A payment that is wholly returned returns also those refunds that we still wait to hear of.
    """
    whole = transaction.stage in WHOLLY_RETURNED
    mine = [
        refund
        for refund in _in_order(facts)
        if refund.gateway_transaction_id == transaction.gateway_transaction_id
        and (refund.state in RETURNED or (whole and _is_held(refund)))
    ]
    left: int = transaction.amount_idr
    shares: dict[str, int] = {}
    for refund in sorted(mine, key=_is_held):
        shares[refund.key] = min(refund.amount_idr, left)
        left -= shares[refund.key]
    return shares | ({f"unlisted:{_name(transaction)}": left} if whole else {})


def _name(transaction: TransactionFact) -> str:
    return f"{transaction.reference}:{transaction.gateway_transaction_id}"


def _of_payment(transaction: TransactionFact, returned: int) -> dict[str, Balances]:
    amount, name = transaction.amount_idr, _name(transaction)
    books: dict[str, Balances] = {
        f"payment:{name}": {Account.GATEWAY: amount, Account.SALES: -amount}
    }
    if transaction.stage is Seen.CHARGED_BACK:
        # Of a chargeback in part the gateway does not tell the amount: a person looks at it.
        left = amount - returned
        books[f"chargeback:{name}"] = {Account.CHARGEBACKS: left, Account.GATEWAY: -left}
    if transaction.fee_idr is not None:
        fee = transaction.fee_idr
        books[f"fee:{name}"] = {Account.FEES: fee, Account.GATEWAY: -fee}
    return books


def _subject_of(refund: RefundFact) -> str:
    purpose = _VOID if refund.route is RefundRoute.VOID else "refund"
    return f"{purpose}:{refund.key}"


def _of_refund(refund: RefundFact, returned: int, reserved: int) -> Balances:
    by_hand = refund.route is RefundRoute.MANUAL
    # A transfer by hand has left our bank whatever became of the payment since.
    lost = refund.amount_idr - returned if by_hand and refund.state in RETURNED else 0
    return {
        Account.RETURNS: returned + reserved,
        Account.REFUNDS_PAYABLE: -reserved,
        Account.BANK if by_hand else Account.GATEWAY: -returned - lost,
        Account.LOSSES: lost,
    }


def books_after(postings: Iterable[Posting]) -> Books:
    """Fold postings into what the books show."""
    books: dict[str, dict[Account, int]] = defaultdict(lambda: defaultdict(int))
    for posting in postings:
        books[posting.subject][posting.debit] += posting.amount_idr
        books[posting.subject][posting.credit] -= posting.amount_idr
    return books


def post(before: Books, after: Books) -> tuple[Posting, ...]:
    """Return the postings that bring the books from ``before`` to ``after``; none if they agree."""
    found = [
        posting
        for subject in sorted({*before, *after})
        for posting in _bring(subject, before.get(subject, {}), after.get(subject, {}))
    ]
    return tuple(sorted(found, key=lambda posting: _WRITTEN[posting.kind]))


def _bring(subject: str, before: Balances, after: Balances) -> Iterator[Posting]:
    """Pair what an account gains with what another loses, by the first kind that fits."""
    open_idr = {a: after.get(a, 0) - before.get(a, 0) for a in Account}
    for kind in _TRIED:
        debit, credit = LEGS[kind]
        amount = min(open_idr[debit], -open_idr[credit])
        if kind is PostingKind.REFUND_RESERVED:
            # Also where the money for it comes from a refund that is undone by the same step.
            amount = -open_idr[credit]
        if amount > 0:
            open_idr[debit] -= amount
            open_idr[credit] += amount
            yield Posting(_told_as(kind, subject), subject, Rupiah(amount))


def _told_as(kind: PostingKind, subject: str) -> PostingKind:
    is_void = subject.startswith(f"{_VOID}:") and kind is PostingKind.REFUND_SETTLED
    return PostingKind.VOID if is_void else kind


def sum_up(books: Books) -> Sums:
    """Return what the books come to; an order's amounts are these sums."""
    totals: dict[Account, int] = defaultdict(int)
    for balances in books.values():
        for account, amount in balances.items():
            totals[account] += amount
    reserved = -totals[Account.REFUNDS_PAYABLE]
    return Sums(
        captured_idr=Rupiah(-totals[Account.SALES]),
        refunded_idr=Rupiah(totals[Account.RETURNS] - reserved),
        reserved_idr=Rupiah(reserved),
        charged_back_idr=Rupiah(totals[Account.CHARGEBACKS]),
        fees_idr=Rupiah(totals[Account.FEES]),
        losses_idr=Rupiah(totals[Account.LOSSES]),
    )
