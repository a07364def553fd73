"""Passkeys: made, used for both doors, and refused for every kind of wrong answer."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from admin.gate.passkeys import MOST_PER_PERSON
from admin.gate.throttle import PASSKEY_BY_ADDRESS
from app.db.models import Passkey, Staff
from tests.http.back_office import audit, office
from tests.http.newcomer import EMAIL, Newcomer
from tests.http.soft_key import PRESENT, SoftKey
from tests.world import World

__all__ = ["office"]


@pytest.fixture
def ani(office: Flask, shop: World) -> Newcomer:
    """Provide Ani at a desk whose address has a name, as passkeys need it."""
    desk = office.extensions["lunas_desk"]
    policy = replace(desk.policy, public_url="http://localhost:8000")
    office.extensions["lunas_desk"] = replace(desk, policy=policy)
    return Newcomer(office, shop)


def with_passkey(ani: Newcomer) -> SoftKey:
    """Let Ani begin with a passkey instead of an app."""
    key = SoftKey()
    ani.choose_password()
    ani.give_password()
    answer = ani.post("/admin/set-up", name="Laptop", answer=key.make(ani.question("make")))
    assert answer.status_code == 200, answer.text
    return key


def passkeys(shop: World) -> list[Passkey]:
    with shop.session() as session:
        return list(session.scalars(select(Passkey).order_by(Passkey.id)))


def passkey_sign_in(ani: Newcomer, key: SoftKey) -> int:
    key.count += 1
    ani.other_browser()
    answer = key.prove(ani.question("prove"))
    return ani.post("/admin/passkey/sign-in", proof_passkey=answer).status_code


def test_a_passkey_is_a_first_factor_that_brings_recovery_codes(ani: Newcomer, shop: World) -> None:
    with_passkey(ani)

    assert ani.is_in()
    [row] = passkeys(shop)
    assert (row.staff_id, row.name, row.last_used_at) == (ani.staff_id, "Laptop", None)
    assert "10 recovery codes are left" in ani.page("/admin/account/").text


def test_the_question_asks_for_the_persons_own_lock_and_any_kind_of_device(ani: Newcomer) -> None:
    ani.choose_password()
    ani.give_password()

    question = ani.question("make")

    wanted = question["authenticatorSelection"]
    assert question["rp"]["id"] == "localhost"
    assert (wanted["userVerification"], wanted["residentKey"]) == ("required", "required")
    assert "authenticatorAttachment" not in wanted
    assert question["user"]["name"] == EMAIL
    assert len(question["user"]["id"]) == 43  # 32 bytes that tell nothing of the person.


def test_it_opens_both_doors_at_once(ani: Newcomer, shop: World) -> None:
    key = with_passkey(ani)

    assert passkey_sign_in(ani, key) == 302

    assert ani.is_in()
    assert audit(shop, EMAIL)[-1] == ("passkey_sign_in", True, "")
    assert passkeys(shop)[0].sign_count == 1
    assert passkeys(shop)[0].last_used_at is not None


def test_it_opens_the_second_door_after_the_password(ani: Newcomer) -> None:
    key = with_passkey(ani)
    ani.other_browser()
    ani.give_password()

    question = ani.question("prove")
    answer = ani.prove(proof_passkey=key.prove(question))

    assert len(question["allowCredentials"]) == 1
    assert answer.location == "/admin/"
    assert ani.is_in()


@pytest.mark.parametrize(
    "flaw",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:9999"},
        {"host": "evil.example"},
        {"flags": PRESENT},
        {"flags": 0},
        {"credential_id": b"another one's key"},
        {"key": SoftKey().key},
        {"count": 0},
    ],
    ids=lambda flaw: str(next(iter(flaw))),
)
def test_an_answer_with_a_flaw_opens_nothing(
    ani: Newcomer, shop: World, flaw: dict[str, object]
) -> None:
    key = with_passkey(ani)
    assert passkey_sign_in(ani, key) == 302
    before = passkeys(shop)[0].sign_count
    bad = replace(key, **{"count": 2, **flaw})
    ani.other_browser()

    answer = ani.post("/admin/passkey/sign-in", proof_passkey=bad.prove(ani.question("prove")))

    assert answer.status_code == 401
    assert not ani.is_in()
    assert passkeys(shop)[0].sign_count == before


@pytest.mark.parametrize(
    "flaw",
    [{"origin": "https://evil.example"}, {"host": "evil.example"}, {"flags": PRESENT}],
    ids=lambda flaw: str(next(iter(flaw))),
)
def test_a_passkey_made_with_a_flaw_is_not_kept(
    ani: Newcomer, shop: World, flaw: dict[str, object]
) -> None:
    ani.choose_password()
    ani.give_password()

    bad = replace(SoftKey(), **flaw)
    answer = ani.post("/admin/set-up", name="x", answer=bad.make(ani.question("make")))

    assert answer.status_code == 422
    assert passkeys(shop) == []
    assert not ani.is_in()


def test_an_answer_is_good_once_in_its_browser_and_for_five_minutes(
    ani: Newcomer, shop: World
) -> None:
    key = with_passkey(ani)
    key.count = 1
    ani.other_browser()
    answer = key.prove(ani.question("prove"))
    asked = ani.client
    codes = []
    # Carried off to another browser, then used at home, then once more.
    ani.other_browser()
    ani.question("prove")
    codes.append(ani.post("/admin/passkey/sign-in", proof_passkey=answer).status_code)
    ani.client = asked
    codes.append(ani.post("/admin/passkey/sign-in", proof_passkey=answer).status_code)
    ani.other_browser()
    codes.append(ani.post("/admin/passkey/sign-in", proof_passkey=answer).status_code)
    late = replace(key, count=5).prove(ani.question("prove"))
    shop.clock.advance(5 * 60)
    codes.append(ani.post("/admin/passkey/sign-in", proof_passkey=late).status_code)

    assert codes == [401, 302, 401, 401]


def test_a_colleagues_passkey_does_not_open_the_second_door(
    ani: Newcomer, office: Flask, shop: World
) -> None:
    key = with_passkey(ani)
    colleague = shop.staff_id("viewer")
    with shop.desk.sessions.begin() as session:
        session.scalars(select(Passkey)).one().staff_id = colleague
        theirs = Passkey(
            staff_id=ani.staff_id,
            credential_id="b3RoZXI",
            public_key=b"x",
            sign_count=0,
            name="x",
            created_at=shop.clock(),
        )
        session.add(theirs)
    ani.other_browser()
    ani.give_password()
    key.count = 1

    assert ani.prove(proof_passkey=key.prove(ani.question("prove"))).status_code == 401
    assert not ani.is_in()


def test_a_closed_account_has_no_passkeys(ani: Newcomer, shop: World) -> None:
    key = with_passkey(ani)
    with shop.desk.sessions.begin() as session:
        session.get_one(Staff, ani.staff_id).active = False

    assert passkey_sign_in(ani, key) == 401


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"id": 1, "response": 2}',
        '{"response": {"clientDataJSON": "x"}}',
        '{"response": {"clientDataJSON": "bnVsbA"}}',
        '{"response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiJcdTAwMDAifQ"}}',
        "[" * 10_000,
        "\x00",
        "x" * 20_000,
    ],
)
def test_what_is_no_answer_is_refused_without_an_error(ani: Newcomer, answer: str) -> None:
    ani.question("prove")

    assert ani.post("/admin/passkey/sign-in", proof_passkey=answer).status_code == 401


def test_an_answer_that_names_the_question_and_nothing_else_is_refused(ani: Newcomer) -> None:
    key = with_passkey(ani)
    ani.other_browser()
    question = ani.question("prove")
    full = key.prove(question)

    cut = full.replace('"signature"', '"sig"')

    assert ani.post("/admin/passkey/sign-in", proof_passkey=cut).status_code == 401


def test_questions_are_not_given_away_without_end_or_without_an_address(
    ani: Newcomer, office: Flask
) -> None:
    asked = [ani.question("prove") for _ in range(PASSKEY_BY_ADDRESS.most + 1)]

    assert asked[-1] == 400
    assert all(isinstance(question, dict) for question in asked[:-1])
    ani.shop.clock.advance(PASSKEY_BY_ADDRESS.lasts.total_seconds())
    assert (ani.question("make"), ani.question("\x00")) == (400, 400)
    desk = office.extensions["lunas_desk"]
    by_number = replace(desk.policy, public_url="http://127.0.0.1:8000")
    office.extensions["lunas_desk"] = replace(desk, policy=by_number)
    assert ani.question("prove") == 400
    assert not ani.page("/admin/login").has_form("/admin/passkey/sign-in")


def test_more_passkeys_are_added_and_removed_but_not_the_last_factor(
    ani: Newcomer, shop: World
) -> None:
    with_passkey(ani)
    second = SoftKey()
    made = second.make(ani.question("make"))

    added = ani.post("/admin/account/passkeys", name="", answer=made)
    again = ani.post("/admin/account/passkeys", name="", answer=made)
    rows = passkeys(shop)
    for row in rows:
        ani.post(f"/admin/account/passkeys/{row.id}/remove")

    assert (added.status_code, again.status_code) == (302, 302)
    assert [row.name for row in rows] == ["Laptop", "Passkey"]
    assert [row.name for row in passkeys(shop)] == ["Passkey"]
    assert ("remove_passkey", False, "last_factor") in audit(shop, EMAIL)
    assert ("add_passkey", False, "passkey_refused") in audit(shop, EMAIL)


def test_ten_passkeys_are_enough(ani: Newcomer, shop: World) -> None:
    with_passkey(ani)
    for _ in range(MOST_PER_PERSON):
        made = SoftKey().make(ani.question("make"))
        ani.post("/admin/account/passkeys", name="x", answer=made)

    assert len(passkeys(shop)) == MOST_PER_PERSON
