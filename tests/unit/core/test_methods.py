import pytest

from app.core.methods import CARD, LABELS, is_virtual_account, label


@pytest.mark.parametrize(("method", "is_va"), [
    ("bca_va", True),
    ("permata_va", True),
    ("echannel", False),
    ("credit_card", False),
    ("vault", False),
])  # fmt: skip
def test_virtual_accounts_are_told_by_their_ending(method: str, *, is_va: bool):
    assert is_virtual_account(method) is is_va


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("bca_va", "BCA Virtual Account"),
        ("permata_va", "Permata Virtual Account"),
        (CARD, "Card"),
        ("dd_bri", "BRI Direct Debit"),
        ("new_wallet", "new_wallet"),
        ("", ""),
        (None, ""),
    ],
)
def test_methods_are_named_for_people(method: str | None, name: str):
    assert label(method) == name


def test_every_known_method_has_a_name_of_its_own():
    assert len(set(LABELS.values())) == len(LABELS)
    assert all(label(method) == name and name for method, name in LABELS.items())
