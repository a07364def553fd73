import pytest

from app.core.errors import RefusedError
from app.core.reasons import Why
from app.core.refunds import ApprovalSubject, approval_hash
from app.core.states import RefundRoute
from app.core.transfers import BankAccount, masked_number, read_account


def test_an_account_is_read_as_a_person_types_it():
    account = read_account("  Bank  BCA ", "123-456 7890", " Rina   Wijaya\n")

    assert account == BankAccount("Bank BCA", "1234567890", "Rina Wijaya")


@pytest.mark.parametrize("number", ["123456", "1" * 20])
def test_the_shortest_and_the_longest_numbers_are_taken(number: str):
    assert read_account("BCA", number, "Rina").number == number


@pytest.mark.parametrize(
    ("bank", "number", "holder"),
    [
        ("", "1234567890", "Rina"),
        ("   ", "1234567890", "Rina"),
        ("BCA", "1234567890", ""),
        ("BCA", "", "Rina"),
        ("BCA", "12345", "Rina"),
        ("BCA", "1" * 21, "Rina"),
        ("BCA", "12345678x", "Rina"),
        ("BCA", "١٢٣٤٥٦٧٨", "Rina"),
        ("B" * 61, "1234567890", "Rina"),
        ("BCA", "1234567890", "R" * 121),
    ],
)
def test_an_account_that_no_transfer_could_reach_is_refused(bank: str, number: str, holder: str):
    with pytest.raises(RefusedError) as refused:
        read_account(bank, number, holder)

    assert refused.value.why is Why.ACCOUNT_INCOMPLETE


@pytest.mark.parametrize(
    "other",
    [
        BankAccount("BNI", "1234567890", "Rina"),
        BankAccount("BCA", "1234567891", "Rina"),
        BankAccount("BCA", "1234567890", "Rini"),
        BankAccount("BCA1", "234567890", "Rina"),
        None,
    ],
)
def test_an_approval_is_bound_to_every_part_of_the_account(other: BankAccount | None):
    def bound(account: BankAccount | None) -> str:
        destination = account.as_destination() if account else ()
        return approval_hash(
            ApprovalSubject("LN-1", "key", 1, RefundRoute.MANUAL, "reason", destination)
        )

    assert bound(BankAccount("BCA", "1234567890", "Rina")) != bound(other)


def test_a_masked_number_shows_four_digits():
    assert masked_number("1234567890") == "•••• 7890"
    assert masked_number("") == ""
