"""A person of flesh and blood, not a demo: comes in by a link and needs a second factor."""

from typing import Any

from flask import Flask
from pyotp.totp import TOTP
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin.people.staff_accounts import NewPerson, add_person
from app.db.models import Staff
from tests.http.back_office import Form, Page
from tests.world import World

EMAIL = "ani@toko.example"
SECRET_WORDS = "kuda baterai staples benar"


class Newcomer:
    """Ani, and her browser and telephone."""

    def __init__(self, app: Flask, shop: World, role: str = "finance") -> None:
        self.app, self.shop = app, shop
        self.client = app.test_client()
        new = NewPerson(EMAIL, "Ani Lestari", role)
        self.staff_id, self.link = add_person(shop.desk.sessions, new, shop.clock())
        with shop.desk.sessions.begin() as session:
            session.get_one(Staff, self.staff_id).locale = "en"
        self.secret = ""
        self.codes: list[str] = []

    def other_browser(self) -> None:
        """Go on in a browser that has never been here."""
        self.client = self.app.test_client()

    def page(self, url: str) -> Page:
        answer = self.client.get(url, headers={"Accept-Language": "en"}, follow_redirects=True)
        assert answer.status_code == 200, (url, answer.status_code)
        return Page(answer.text)

    def send(self, form: Form, **typed: str) -> TestResponse:
        return self.client.post(
            form.action, data=form.fields | typed, headers={"Accept-Language": "en"}
        )

    def choose_password(self, words: str = SECRET_WORDS, again: str | None = None) -> TestResponse:
        address = f"/admin/welcome/{self.link}"
        form = self.page(address).forms[-1]
        form.action = address
        return self.send(form, password=words, again=words if again is None else again)

    def give_password(self, words: str = SECRET_WORDS) -> TestResponse:
        form = self.page("/admin/login").form("/admin/login")
        return self.send(form, email=EMAIL, password=words)

    def now_code(self) -> str:
        """Return what the app shows; a minute later than before, so that it is a new code."""
        self.shop.clock.advance(60)
        return TOTP(self.secret).at(self.shop.clock())

    def set_up_app(self) -> TestResponse:
        page = self.page("/admin/second-factor")
        self.secret = page.text.split("Type this key into the app: ")[1].split(" Type the")[0]
        self.secret = self.secret.replace(" ", "").strip()
        answer = self.send(self.form_with(page, "code"), code=self.now_code())
        form = Page(answer.text)
        self.codes = [v["value"] or "" for t, v in form.tags if v.get("name") == "codes"]
        return answer

    def prove(self, **proof: str) -> TestResponse:
        """Answer the page of the second factor."""
        return self.send(
            self.form_with(self.page("/admin/second-factor"), "proof_passkey"), **proof
        )

    def arrive(self) -> None:
        """Do everything of the first day: password, sign-in, app."""
        self.choose_password()
        self.give_password()
        assert self.set_up_app().status_code == 200

    def sign_in(self) -> TestResponse:
        self.give_password()
        return self.prove(proof_code=self.now_code())

    def question(self, kind: str) -> Any:
        """Ask for a passkey's question, as the page's script does."""
        fields = {"csrf_token": self.token(), "for": kind}
        answer = self.client.post("/admin/passkey/question", data=fields)
        return answer.get_json() if answer.status_code == 200 else answer.status_code

    def post(self, url: str, **fields: str) -> TestResponse:
        return self.client.post(url, data={"csrf_token": self.token(), **fields})

    def token(self) -> str:
        return self.form_with(self.page("/admin/login"), "csrf_token").fields["csrf_token"]

    def is_in(self) -> bool:
        return self.client.get("/admin/").status_code == 200

    def row(self) -> Staff:
        with self.shop.session() as session:
            return session.scalars(select(Staff).where(Staff.email == EMAIL)).one()

    @staticmethod
    def form_with(page: Page, field: str) -> Form:
        return next(form for form in page.forms if field in form.fields)
