import pytest

from app.core.contact import mask_email, mask_phone


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("rina@contoh.example", "r•••@contoh.example"),
        ("r@contoh.example", "r•••@contoh.example"),
        ('"a@b"@contoh.example', '"•••@contoh.example'),
        ("no address", "•••"),
        ("", "•••"),
    ],
)
def test_an_email_shows_its_first_letter_and_its_domain(email: str, shown: str) -> None:
    assert mask_email(email) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+6281234567890", "+62•••7890"),
        ("+628123456", "+62•••3456"),
        ("+62812345", "•••"),
        ("", "•••"),
    ],
)
def test_a_phone_shows_its_country_and_its_last_digits(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown
