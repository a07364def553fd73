"""Signing in, being locked out, signing out."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin.gate.passwords import hash_password
from admin.gate.sign_in import fits_password
from app.db.models import Staff
from tests.http.back_office import Browser, Page, audit, office
from tests.world import PASSWORD, PEOPLE, World

__all__ = ["office"]

BUDI, RIGHT = PEOPLE["refunder"], PASSWORD
DEWI = PEOPLE["finance"]


def sign_in(client: FlaskClient, email: str, password: str, **more: str) -> TestResponse:
    form = Page(client.get("/admin/login").text).form("/admin/login")
    return client.post(
        "/admin/login", data=form.fields | {"email": email, "password": password, **more}
    )


def assert_only_post(app: Flask, endpoint: str) -> None:
    methods = [rule.methods for rule in app.url_map.iter_rules(endpoint)]
    assert methods == [{"POST", "OPTIONS"}]


def budi(shop: World) -> Staff:
    with shop.session() as session:
        return session.scalars(select(Staff).where(Staff.email == BUDI)).one()


def test_the_right_password_opens_the_back_office(office: Flask, shop: World) -> None:
    client = office.test_client()

    answer = sign_in(client, f" {BUDI.upper()} ", RIGHT)

    assert (answer.status_code, answer.location) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200
    assert audit(shop, BUDI) == [("sign_in", True, "")]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(office: Flask) -> None:
    answer = sign_in(office.test_client(), BUDI, RIGHT)

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_wrong_unknown_and_closed_are_answered_alike(office: Flask, shop: World) -> None:
    with shop.desk.sessions.begin() as session:
        closed = session.scalars(select(Staff).where(Staff.email == DEWI)).one()
        closed.active = False

    client = office.test_client()
    answers = [
        sign_in(client, BUDI, "salah"),
        sign_in(client, "nobody@t.example", RIGHT),
        sign_in(client, DEWI, RIGHT),
    ]

    words = {Page(answer.text).text for answer in answers}
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert len(words) == 1
    assert client.get("/admin/").status_code == 302
    assert audit(shop, "nobody@t.example") == [("sign_in", False, "wrong_or_locked")]


def test_five_wrong_tries_lock_the_account_for_fifteen_minutes(office: Flask, shop: World) -> None:
    client = office.test_client()
    for _ in range(5):
        assert sign_in(client, BUDI, "salah").status_code == 401

    assert sign_in(client, BUDI, RIGHT).status_code == 401
    locked_until = budi(shop).locked_until
    assert locked_until is not None
    assert timedelta(minutes=14) < locked_until - shop.clock() <= timedelta(minutes=15)

    shop.clock.advance(15 * 60)
    assert sign_in(client, BUDI, RIGHT).status_code == 302
    assert (budi(shop).failed_sign_ins, budi(shop).locked_until) == (0, None)


def test_a_lock_that_ended_gives_five_new_tries(office: Flask, shop: World) -> None:
    client = office.test_client()
    for _ in range(5):
        sign_in(client, BUDI, "salah")
    shop.clock.advance(15 * 60)

    assert sign_in(client, BUDI, "salah").status_code == 401

    assert (budi(shop).failed_sign_ins, budi(shop).locked_until) == (1, None)


def test_signing_out_takes_a_post_and_ends_the_session(office: Flask) -> None:
    staff = Browser(office, "viewer")

    assert_only_post(office, "desk.sign_out")
    staff.send(staff.page("/admin/").form("/admin/logout"))

    assert staff.get("/admin/").location.startswith("/admin/login")


def test_a_closed_account_is_out_at_the_next_click(office: Flask, shop: World) -> None:
    staff = Browser(office, "viewer")
    with shop.desk.sessions.begin() as session:
        session.get_one(Staff, staff.staff_id).active = False

    assert staff.get("/admin/orders/").location.startswith("/admin/login")


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/admin\\..//evil",
        "/cart",
        "",
    ],
)
def test_signing_in_never_leads_away_from_the_back_office(office: Flask, target: str) -> None:
    answer = sign_in(office.test_client(), BUDI, RIGHT, next=target)

    assert answer.location == "/admin/"


def test_whoever_was_sent_to_sign_in_comes_back_to_the_page_they_wanted(office: Flask) -> None:
    client = office.test_client()
    gate = client.get(client.get("/admin/refunds/?state=open").location)
    form = Page(gate.text).form("/admin/login")

    answer = client.post("/admin/login", data=form.fields | {"email": BUDI, "password": RIGHT})

    assert answer.location == "/admin/refunds/?state=open"


def test_a_form_without_its_token_does_nothing(office: Flask) -> None:
    answer = office.test_client().post("/admin/login", data={"email": BUDI, "password": RIGHT})

    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers or "_user_id" not in answer.headers["Set-Cookie"]


def test_the_language_is_kept_for_the_person(office: Flask, shop: World) -> None:
    staff = Browser(office, "viewer", language="en")
    assert "Latest orders" in staff.page("/admin/").text

    token = staff.token()
    staff.client.post("/admin/language", data={"csrf_token": token, "language": "id"})

    assert "Pesanan terbaru" in staff.page("/admin/").text
    with shop.session() as session:
        assert session.get_one(Staff, staff.staff_id).locale == "id"


@pytest.mark.parametrize("length", [12, 200])
def test_what_only_begins_with_the_password_is_not_the_password(shop: World, length: int) -> None:
    right, email = "kuda nil jantan".ljust(length, "x")[:length], PEOPLE["viewer"]
    with shop.desk.sessions.begin() as session:
        staff = session.scalars(select(Staff).where(Staff.email == email)).one()
        staff.password_hash = hash_password(right)

    assert not fits_password(shop.desk.sessions, email, right + "y", shop.clock())
    assert not fits_password(shop.desk.sessions, email, right[:-1], shop.clock())
    assert fits_password(shop.desk.sessions, email, right, shop.clock())
