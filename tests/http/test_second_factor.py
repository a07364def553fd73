"""The second door: nobody but demo staff comes in with a password alone."""

from dataclasses import replace

import pytest
from flask import Flask

from admin.gate.throttle import LINK_BY_ADDRESS, PASSWORD_BY_ADDRESS
from app.db.models import Staff
from tests.http.back_office import Browser, Page, audit, office
from tests.http.newcomer import EMAIL, SECRET_WORDS, Newcomer
from tests.world import PASSWORD, PEOPLE, World

__all__ = ["office"]


@pytest.fixture
def ani(office: Flask, shop: World) -> Newcomer:
    return Newcomer(office, shop)


def test_the_first_day_leads_from_the_link_over_the_app_to_the_desk(
    ani: Newcomer, shop: World
) -> None:
    assert ani.choose_password().location == "/admin/login"
    assert ani.give_password().location.startswith("/admin/second-factor")
    assert not ani.is_in()

    shown = Page(ani.set_up_app().text)

    assert len(ani.codes) == 10
    assert "They are shown only now." in shown.text
    assert ani.is_in()
    assert audit(shop, EMAIL) == [
        ("choose_password", True, ""),
        ("password", True, ""),
        ("set_up_factor", True, ""),
        ("sign_in", True, ""),
    ]


def test_before_the_second_factor_no_page_opens_whatever_the_address(
    ani: Newcomer, office: Flask
) -> None:
    ani.choose_password()
    ani.give_password()
    rules = [r for r in office.url_map.iter_rules() if r.rule.startswith("/admin/")]
    pages = [r.rule for r in rules if "GET" in (r.methods or set()) and not r.arguments]
    open_to_all = {"/admin/login", "/admin/second-factor", "/admin/set-up"}

    answers = {page: ani.client.get(page) for page in pages if page not in open_to_all}

    assert len(answers) >= 8
    assert {a.status_code for a in answers.values()} == {302}
    assert all(a.location.startswith("/admin/login") for a in answers.values())


def test_the_next_sign_in_asks_for_a_code_and_leads_to_the_page_wanted(ani: Newcomer) -> None:
    ani.arrive()
    ani.other_browser()
    gate = ani.page(ani.client.get("/admin/refunds/?state=open").location).form("/admin/login")

    halfway = ani.send(gate, email=EMAIL, password=SECRET_WORDS)
    page = ani.page(halfway.location)
    answer = ani.send(ani.form_with(page, "proof_code"), proof_code=ani.now_code())

    assert answer.location == "/admin/refunds/?state=open"
    assert ani.is_in()


def test_a_code_opens_one_browser_and_no_second_one(ani: Newcomer, shop: World) -> None:
    ani.arrive()
    code = ani.now_code()
    for browser, (location, comes_in) in enumerate([("/admin/", True), (None, False)]):
        ani.other_browser()
        ani.give_password()
        answer = ani.prove(proof_code=code)
        assert (answer.location, ani.is_in()) == (location, comes_in), browser

    assert audit(shop, EMAIL)[-1] == ("sign_in", False, "wrong_proof")


def test_a_recovery_code_opens_once_and_the_next_one_again(ani: Newcomer) -> None:
    ani.arrive()
    outcomes = []
    for code in (ani.codes[0], ani.codes[0], ani.codes[1].lower()):
        ani.other_browser()
        ani.give_password()
        outcomes.append(ani.prove(proof_recovery=code).status_code)

    assert outcomes == [302, 401, 302]
    assert "8 codes are left" in _second_factor(ani)


def _second_factor(ani: Newcomer) -> str:
    ani.other_browser()
    ani.give_password()
    return ani.page("/admin/second-factor").text


def test_wrong_codes_lock_the_second_door_and_an_administrator_opens_it(
    ani: Newcomer, office: Flask
) -> None:
    ani.arrive()
    ani.other_browser()
    ani.give_password()
    wrong = "000000" if ani.now_code() != "000000" else "000001"

    answers = [ani.prove(proof_code=wrong) for _ in range(5)]
    locked = ani.prove(proof_code=ani.now_code())
    Browser(office, "admin").post(f"/admin/staff/{ani.staff_id}/unlock")
    unlocked = ani.prove(proof_code=ani.now_code())

    assert [a.status_code for a in answers] == [401] * 5
    assert (locked.status_code, unlocked.status_code) == (401, 302)
    assert "Too many wrong tries." in locked.text


def test_whoever_knows_only_the_password_cannot_set_up_another_factor(ani: Newcomer) -> None:
    ani.arrive()
    sealed = ani.row().totp_sealed
    ani.other_browser()
    ani.give_password()

    shown = ani.client.get("/admin/set-up")
    forced = ani.post("/admin/set-up", code="123456")

    assert (shown.location, forced.location) == ("/admin/second-factor",) * 2
    assert ani.row().totp_sealed == sealed
    assert ani.question("make") == 400


def test_a_wrong_code_sets_nothing_up_and_the_picture_stays_the_same(ani: Newcomer) -> None:
    ani.choose_password()
    ani.give_password()
    first = ani.page("/admin/second-factor").text
    form = ani.form_with(ani.page("/admin/second-factor"), "code")

    answer = ani.send(form, code="12345")

    assert answer.status_code == 422
    assert "The code does not fit." in answer.text
    assert ani.row().totp_sealed is None
    assert first.split("Type this key")[1][:80] in Page(answer.text).text


def test_the_second_factor_without_the_first_leads_to_the_sign_in_page(ani: Newcomer) -> None:
    for url in ("/admin/second-factor", "/admin/set-up"):
        assert ani.page(url).text == ani.page("/admin/login").text
        assert ani.post(url, proof_code="123456", code="123456").status_code == 302
    assert not ani.is_in()


def test_the_way_between_the_two_doors_is_open_for_a_quarter_of_an_hour(
    ani: Newcomer, shop: World
) -> None:
    ani.arrive()
    ani.other_browser()
    ani.give_password()
    form = ani.form_with(ani.page("/admin/second-factor"), "proof_code")

    shop.clock.advance(15 * 60)
    answer = ani.send(form, proof_code=ani.now_code())

    assert answer.location == "/admin/login"
    assert not ani.is_in()


def test_recovery_codes_are_saved_as_a_file_and_nothing_else_is(ani: Newcomer) -> None:
    ani.arrive()

    saved = ani.post("/admin/recovery-codes.txt", codes=ani.codes[0])
    forged = ani.post("/admin/recovery-codes.txt", codes="<script>alert(1)</script>")
    ani.other_browser()
    stranger = ani.post("/admin/recovery-codes.txt", codes=ani.codes[0])

    assert (saved.status_code, saved.text) == (200, f"{ani.codes[0]}\r\n")
    assert "attachment" in saved.headers["Content-Disposition"]
    assert (saved.mimetype, saved.headers["Cache-Control"]) == ("text/plain", "no-store")
    assert (forged.status_code, stranger.status_code) == (400, 400)


# The one-time link.


@pytest.mark.parametrize(
    ("words", "again", "error"),
    [
        ("short", None, "Choose a password of 12 to 128 characters"),
        ("kuda nil " * 14 + "abc", None, "Choose a password of 12 to 128 characters"),
        ("ani ani ani ani", None, "too easy to guess"),
        (SECRET_WORDS, "another", "The two passwords differ."),
    ],
)
def test_a_password_that_cannot_be_is_sent_back_and_the_link_still_works(
    ani: Newcomer, words: str, again: str | None, error: str
) -> None:
    answer = ani.choose_password(words, again)

    assert answer.status_code == 422
    assert error in answer.text
    assert ani.row().password_hash == "!"
    assert ani.choose_password().status_code == 302


def test_a_link_works_once_and_then_says_so(ani: Newcomer) -> None:
    ani.choose_password()

    answer = ani.client.get(f"/admin/welcome/{ani.link}", headers={"Accept-Language": "en"})

    assert answer.status_code == 410
    assert "This link does not work any more" in answer.text
    assert ani.post(f"/admin/welcome/{ani.link}", password="x").status_code == 410


def test_links_cannot_be_guessed_at_will(ani: Newcomer) -> None:
    for n in range(LINK_BY_ADDRESS.most):
        assert ani.client.get(f"/admin/welcome/{n}").status_code == 410

    assert ani.client.get(f"/admin/welcome/{ani.link}").status_code == 410


def test_one_address_cannot_try_password_after_password(office: Flask, ani: Newcomer) -> None:
    ani.choose_password()
    for n in range(PASSWORD_BY_ADDRESS.most):
        form = ani.page("/admin/login").form("/admin/login")
        ani.send(form, email=f"nobody{n}@toko.example", password="x")

    assert ani.give_password().status_code == 401
    ani.shop.clock.advance(PASSWORD_BY_ADDRESS.lasts.total_seconds())
    assert ani.give_password().status_code == 302


# Demo staff.


def test_demo_staff_are_nobody_where_there_is_no_demonstration(office: Flask, shop: World) -> None:
    staff = Browser(office, "finance")
    desk = office.extensions["lunas_desk"]
    assert staff.get("/admin/").status_code == 200

    office.extensions["lunas_desk"] = replace(
        desk, policy=replace(desk.policy, admits_demo_staff=False)
    )

    assert staff.get("/admin/").status_code == 302
    client = office.test_client()
    form = Page(client.get("/admin/login").text).form("/admin/login")
    typed = {"email": PEOPLE["finance"], "password": PASSWORD}
    assert client.post("/admin/login", data=form.fields | typed).status_code == 401


def test_a_demo_person_who_set_up_a_factor_is_asked_for_it(office: Flask, shop: World) -> None:
    ani = Newcomer(office, shop)
    ani.arrive()
    with shop.desk.sessions.begin() as session:
        session.get_one(Staff, ani.staff_id).is_demo = True
    ani.other_browser()

    assert ani.give_password().location.startswith("/admin/second-factor")
