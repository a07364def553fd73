"""Test cards and what they do (Midtrans docs, "Testing payment on sandbox")."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

OTP: Final = "112233"
_PAN_LENGTHS: Final = range(13, 20)


class CardOutcome(StrEnum):
    """How the bank and the fraud system will answer."""

    ACCEPT = "accept"
    BANK_DENY = "bank_deny"
    FRAUD_DENY = "fraud_deny"
    CHALLENGE = "challenge"
    NO_FUNDS = "no_funds"


@dataclass(frozen=True, slots=True)
class TestCard:
    """One documented card.

    ``asks_otp`` means the full 3-D Secure page appears; ``answers_after_s`` is how long
    the bank thinks, in virtual seconds, before it answers.
    """

    __test__ = False  # The name is the field's word, not a test class.

    outcome: CardOutcome
    asks_otp: bool
    answers_after_s: int = 0


_ACCEPT_3DS: Final = ("4811111111111114", "5211111111111117", "3528203324564357", "370192169722458")
_TABLE: Final[tuple[tuple[CardOutcome, bool, tuple[str, ...]], ...]] = (
    (CardOutcome.ACCEPT, True, _ACCEPT_3DS),
    (
        CardOutcome.BANK_DENY,
        True,
        ("4911111111111113", "5111111111111118", "3528512944932269", "374296354400881"),
    ),
    (
        CardOutcome.ACCEPT,
        False,
        ("4411111111111118", "5410111111111116", "3528868047864225", "373747726661940"),
    ),
    (
        CardOutcome.FRAUD_DENY,
        False,
        ("4611111111111116", "5411111111111115", "3528185267171623", "378096218340018"),
    ),
    (
        CardOutcome.BANK_DENY,
        False,
        ("4711111111111115", "5511111111111114", "3528909779837631", "370356097975856"),
    ),
    (
        CardOutcome.CHALLENGE,
        False,
        ("4511111111111117", "5510111111111115", "3528673112809398", "370665684049309"),
    ),
    (CardOutcome.NO_FUNDS, False, ("4472429869996670",)),
    (CardOutcome.BANK_DENY, False, ("4705859510984866", "5597518926561951")),
    (CardOutcome.ACCEPT, False, ("4556557955726624",)),
    (CardOutcome.BANK_DENY, False, ("4485436455354151",)),
    (CardOutcome.ACCEPT, True, ("4916994064252017",)),
    (CardOutcome.BANK_DENY, True, ("4604633194219929",)),
)
_CARDS: Final = {
    number: TestCard(outcome, asks_otp)
    for outcome, asks_otp, numbers in _TABLE
    for number in numbers
}
_SLOW: Final = ("4024007176265022", "5487971631330522", "345197771649926")
_SLOW_CARD: Final = TestCard(CardOutcome.ACCEPT, asks_otp=False, answers_after_s=60)
_LITTLE_MONEY: Final = "4806000000000081"
_LITTLE_MONEY_IDR: Final = 30_000
# A card for each outcome, for payments that are made through the control API.
CARD_FOR_OUTCOME: Final = {
    CardOutcome.ACCEPT: "4811111111111114",
    CardOutcome.BANK_DENY: "4711111111111115",
    CardOutcome.FRAUD_DENY: "4611111111111116",
    CardOutcome.CHALLENGE: "4511111111111117",
}


def look_up_card(number: str, amount: int) -> TestCard | None:
    """Return how a card answers to ``amount`` rupiah; None for no card number at all.

    A well-formed number outside the documented list is refused by the bank.
    """
    if not _is_pan(number):
        return None
    if number in _SLOW:
        return _SLOW_CARD
    if number == _LITTLE_MONEY:
        enough = amount <= _LITTLE_MONEY_IDR
        outcome = CardOutcome.ACCEPT if enough else CardOutcome.NO_FUNDS
        return TestCard(outcome, asks_otp=False)
    return _CARDS.get(number, TestCard(CardOutcome.BANK_DENY, asks_otp=False))


def is_card_number(number: str) -> bool:
    """Whether the digits are a card number: right length, right check digit (Luhn)."""
    if not _is_pan(number):
        return False
    doubled = [int(digit) * 2 for digit in number[-2::-2]]
    kept = [int(digit) for digit in number[::-2]]
    return (sum(kept) + sum(each - 9 if each > 9 else each for each in doubled)) % 10 == 0  # noqa: PLR2004 - Luhn


def _is_pan(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) in _PAN_LENGTHS


def mask_card(number: str) -> str:
    """Return the number as bodies show it: eight digits, a hyphen, the last four."""
    return f"{number[:8]}-{number[-4:]}"
