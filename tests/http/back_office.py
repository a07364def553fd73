"""A member of staff at a browser: signs in, reads pages, fills in forms as they were served."""

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin.gate.desk_sessions import Browser as Device
from admin.gate.desk_sessions import open_session
from app.core.rights import ROLES
from app.db.models import AuditEntry, SessionStage, Staff
from tests.world import PEOPLE, World


@dataclass
class Form:
    """A form as served: where it goes and what it holds."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """What a test wants to know of a page: its forms, its text and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._words: list[str] = []
        self._textarea = ""
        self.feed(html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._words).split())

    def form(self, end_of_action: str) -> Form:
        return next(form for form in self.forms if form.action.endswith(end_of_action))

    def has_form(self, end_of_action: str) -> bool:
        return any(form.action.endswith(end_of_action) for form in self.forms)

    def links(self) -> list[str]:
        return [str(values.get("href")) for tag, values in self.tags if tag == "a"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append((tag, values))
        if tag == "form":
            self.forms.append(Form(values.get("action") or ""))
        elif tag in {"input", "textarea"} and self.forms and values.get("name"):
            self.forms[-1].fields[str(values["name"])] = values.get("value") or ""
            self._textarea = str(values["name"]) if tag == "textarea" else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.forms[-1].fields[self._textarea] += data
        else:
            self._words.append(data)


class Browser:
    """One person's browser. ``language`` is fixed, so that tests can read the pages."""

    def __init__(self, app: Flask, role: str, language: str = "en") -> None:
        self.client = app.test_client()
        self.email = PEOPLE[role]
        desk = app.extensions["lunas_desk"]
        with desk.sessions.begin() as session:
            staff = session.scalars(select(Staff).where(Staff.email == self.email)).one()
            staff.locale = language
            self.staff_id = staff.id
            where = Device("127.0.0.1", "tests")
            token = open_session(session, staff.id, SessionStage.FULL, where, desk.clock())
        with self.client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True

    def get(self, url: str) -> TestResponse:
        return self.client.get(url)

    def page(self, url: str) -> Page:
        """Open a page, following to where it leads, and expect it to be there."""
        answer = self.client.get(url, follow_redirects=True)
        assert answer.status_code == 200, (url, answer.status_code)
        return Page(answer.text)

    def send(self, form: Form, **typed: str) -> TestResponse:
        """Send a form that was served, with what was typed into it."""
        return self.client.post(form.action, data=form.fields | typed)

    def submit(self, form: Form, **typed: str) -> Page:
        """Send a form and open the page that answers it."""
        answer = self.client.post(form.action, data=form.fields | typed, follow_redirects=True)
        assert answer.status_code == 200, (form.action, answer.status_code)
        return Page(answer.text)

    def submit_raw(self, url: str) -> TestResponse:
        """Ask for a file, as its button does."""
        answer = self.post(url)
        assert (answer.status_code, answer.mimetype) == (200, "text/csv")
        return answer

    def token(self) -> str:
        return self.page("/admin/").form("/admin/logout").fields["csrf_token"]

    def post(self, url: str, **fields: str) -> TestResponse:
        """Post without having been offered a form, as an attacker or a script would."""
        return self.client.post(url, data={"csrf_token": self.token(), **fields})


@pytest.fixture
def office(app: Flask, shop: World) -> Flask:
    """Provide the web application, its clock the one of the sandbox."""
    desk = app.extensions["lunas_desk"]
    app.extensions["lunas_desk"] = replace(desk, clock=shop.clock)
    return app


def audit(shop: World, email: str) -> list[tuple[str, bool, str]]:
    """Return what a person did and was refused, oldest first: action, done, why."""
    with shop.session() as session:
        query = select(AuditEntry).where(AuditEntry.who == email).order_by(AuditEntry.id)
        return [(entry.action, entry.done, entry.why) for entry in session.scalars(query)]


def every_role() -> Any:
    return pytest.mark.parametrize("role", sorted(ROLES))
