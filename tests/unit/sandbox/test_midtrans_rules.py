"""Pure rules of the Midtrans half: methods, cards, telephone numbers, waits, lengths."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from sandbox.ids import Ids
from sandbox.midtrans.cards import CARD_FOR_OUTCOME, CardOutcome, is_card_number, look_up_card
from sandbox.midtrans.charge_request import ChargeProblem, read_charge
from sandbox.midtrans.details import details_of, new_pay_number, new_transaction_id
from sandbox.midtrans.expiry import custom_duration_of, method_expiry
from sandbox.midtrans.method_record import Kind
from sandbox.midtrans.methods import CONTROL_ALIASES, METHODS, core_method, find_method
from sandbox.midtrans.notifications import carrier, retry_after_s
from sandbox.midtrans.ovo import Answer, answer_of, international, is_phone
from sandbox.midtrans.pdf import text_pdf
from sandbox.wire import JsonObject

NOW = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("payment_type", "bank", "key"),
    [
        *(("bank_transfer", bank, f"{bank}_va") for bank in ("bca", "bni", "bri", "cimb")),
        ("bank_transfer", "permata", "permata_va"),
        ("echannel", "", "echannel"),
        *(("cstore", store, store) for store in ("indomaret", "alfamart")),
        *((name, "", name) for name in ("gopay", "qris", "shopeepay", "akulaku", "kredivo")),
        *((name, "", name) for name in ("dana", "ovo", "credit_card", "cimb_clicks", "bri_epay")),
    ],
)
def test_core_names_every_method(payment_type: str, bank: str, key: str) -> None:
    found = core_method(payment_type, bank)

    assert found is METHODS[key]


def test_unknown_names_are_no_method() -> None:
    assert core_method("bank_transfer", "") is None
    assert core_method("gopay", "bca") is None
    assert find_method("cash") is None


def test_every_control_alias_leads_to_a_method() -> None:
    assert [name for name, key in CONTROL_ALIASES.items() if key not in METHODS] == []


@pytest.mark.parametrize("key", METHODS)
def test_a_method_makes_every_field_that_its_bodies_show(key: str) -> None:
    method, ids = METHODS[key], Ids("fields")
    number = new_pay_number(method, {}, ids, lambda _: True)
    details = details_of(method, {"qris": {"acquirer": "airpay shopee"}}, number, ids)
    shown = {*method.fields.waiting, *method.fields.paid, *method.fields.closed}

    assert (number is not None) == (method.kind in {Kind.VA, Kind.BILL, Kind.CODE})
    if method.kind is not Kind.CARD:
        assert shown - set(details) == set()


def test_two_payers_never_get_the_same_number() -> None:
    ids, method = Ids("numbers"), METHODS["bca_va"]
    first = new_pay_number(method, {}, Ids("numbers"), lambda _: True)

    second = new_pay_number(method, {}, ids, lambda number: number != first)

    assert first != second


def test_danas_ids_carry_the_jakarta_time() -> None:
    dana_id = new_transaction_id(METHODS["dana"], NOW, Ids("dana"))

    assert dana_id.startswith("A120260105090000")
    assert len(dana_id) == 28
    assert len(new_transaction_id(METHODS["gopay"], NOW, Ids("gopay"))) == 36


# Outcome and whether a code is asked for, by Midtrans docs, "Testing payment on sandbox".
CARDS = {
    (CardOutcome.ACCEPT, True): (
        *("4811111111111114", "5211111111111117", "3528203324564357", "370192169722458"),
        "4916994064252017",
    ),
    (CardOutcome.BANK_DENY, True): (
        *("4911111111111113", "5111111111111118", "3528512944932269", "374296354400881"),
        "4604633194219929",
    ),
    (CardOutcome.ACCEPT, False): (
        *("4411111111111118", "5410111111111116", "3528868047864225", "373747726661940"),
        *("4556557955726624", "4024007176265022", "5487971631330522", "345197771649926"),
    ),
    (CardOutcome.FRAUD_DENY, False): (
        *("4611111111111116", "5411111111111115", "3528185267171623", "378096218340018"),
    ),
    (CardOutcome.BANK_DENY, False): (
        *("4711111111111115", "5511111111111114", "3528909779837631", "370356097975856"),
        *("4485436455354151", "4705859510984866", "5597518926561951"),
    ),
    (CardOutcome.CHALLENGE, False): (
        *("4511111111111117", "5510111111111115", "3528673112809398", "370665684049309"),
    ),
    (CardOutcome.NO_FUNDS, False): ("4472429869996670", "4806000000000081"),
}


@pytest.mark.parametrize(
    ("number", "outcome", "asks_otp"),
    [(number, *answer) for answer, numbers in CARDS.items() for number in numbers],
)
def test_every_documented_card_is_known(number: str, outcome: CardOutcome, asks_otp: bool) -> None:
    card = look_up_card(number, 50_000)

    assert card is not None
    assert (card.outcome, card.asks_otp) == (outcome, asks_otp)


@pytest.mark.parametrize("number", CARD_FOR_OUTCOME.values())
def test_the_documented_cards_pass_the_check_digit(number: str) -> None:
    assert is_card_number(number)


@pytest.mark.parametrize("number", ["4811111111111115", "4811", "", "٤٨١١١١١١١١١١١١١٤"])
def test_what_is_no_card_number(number: str) -> None:
    assert not is_card_number(number)


@pytest.mark.parametrize("written", ["08249134000", "628249134000", "+62 824-9134-000"])
def test_a_number_is_one_in_every_spelling(written: str) -> None:
    assert international(written) == "+628249134000"
    assert answer_of(written) is Answer.UNKNOWN_USER
    assert is_phone(written)


@pytest.mark.parametrize("written", ["", "12", "abc", "0812", "021555555", "+1 202 555 0100"])
def test_what_is_no_indonesian_mobile_number(written: str) -> None:
    assert not is_phone(written)


@pytest.mark.parametrize(
    ("expiry", "length"),
    [
        ({"expiry_duration": 60}, timedelta(hours=1)),
        ({"expiry_duration": 90, "unit": "second"}, timedelta(seconds=90)),
        ({"expiry_duration": 10_000, "unit": "day"}, timedelta(days=180)),
        ({"expiry_duration": 0}, None),
        ({"expiry_duration": 1, "unit": "week"}, None),
        ({}, None),
    ],
)
def test_custom_expiry_is_read(expiry: JsonObject, length: timedelta | None) -> None:
    assert custom_duration_of(expiry) == length


@pytest.mark.parametrize(("key", "longest"), [("dana", 1), ("shopeepay", 5), ("bca_va", 7)])
def test_no_method_waits_longer_than_it_can(key: str, longest: int) -> None:
    request: JsonObject = {"expiry": {"unit": "day", "duration": 30}}

    assert method_expiry(request, METHODS[key], NOW) == NOW + timedelta(days=longest)


def test_all_reasons_are_told_at_once() -> None:
    problem = read_charge({"payment_type": "echannel", "transaction_details": {}})

    assert isinstance(problem, ChargeProblem)
    assert problem.messages == [
        "transaction_details.order_id is required",
        "transaction_details.gross_amount is required",
        "echannel.bill_info1 is required",
        "echannel.bill_info2 is required",
    ]


def test_waits_are_exact_unless_jitter_is_asked_for() -> None:
    exact, shifted = carrier(Ids("a"), has_jitter=False), carrier(Ids("a"), has_jitter=True)

    waits = [shifted.retry_after_s(None, 1) or 0.0 for _ in range(200)]

    assert exact.retry_after_s(None, 1) == retry_after_s(None, 1) == 120.0
    assert min(waits) >= 33.0
    assert max(waits) <= 120.0
    assert len(set(waits)) > 20
    assert shifted.retry_after_s(302, 1) is None


def test_a_seed_repeats_the_shifted_waits() -> None:
    one, other = (carrier(Ids("s"), has_jitter=True) for _ in range(2))

    assert [one.retry_after_s(500, 1) for _ in range(9)] == [
        other.retry_after_s(500, 1) for _ in range(9)
    ]


def test_a_pdf_points_at_each_of_its_objects() -> None:
    document = text_pdf(["Toko (Lunas)", "Rp 150.000"])
    start = int(document.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    rows = document[start:].splitlines()[3:8]

    places = [int(row[:10]) for row in rows]

    assert [document[place : place + 7] for place in places] == [
        f"{number} 0 obj".encode() for number in range(1, 6)
    ]
    assert all(a < b for a, b in pairwise(places))
    assert rb"(Toko \(Lunas\)) Tj" in document
