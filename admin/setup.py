"""Putting the back office into a Flask application."""

from flask import Flask, request
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

from admin.desk_looks import desk_looks
from admin.filters_of_pages import add_filters
from admin.gate import second_factor
from admin.gate.cookies import AgelessCookies
from admin.gate.desk_sessions import LASTS, find_session, see_session
from admin.gate.front_door import desk_pages
from admin.gate.step_up import ask_for_proof
from admin.languages import LANGUAGES, language, speak_languages
from admin.lists.filter_words import OPERATOR_WORDS
from admin.menu import add_pages
from admin.pages import answer_errors
from admin.person import Person, current_person, person_in
from admin.reading import current_desk, keep_desk, reads
from admin.security import csp_nonce, guard_pages
from app.db.models import SessionStage
from app.services.desk import Desk

# Routes of the gate that a module adds to the blueprint when it is imported.
_GATE = (second_factor,)


def install(app: Flask, db: SQLAlchemy, desk: Desk) -> None:
    """Add the back office under ``/admin``: sign-in, pages, languages and security headers.

    Protects every form of the application against forged requests (``app.extensions["csrf"]``);
    blueprints that take no forms must be exempted by the caller.
    """
    keep_desk(app, desk)
    _keep_sessions_safe(app, desk)
    CSRFProtect(app)
    _let_people_in(app)
    speak_languages(app)
    guard_pages(app)
    answer_errors(app)
    ask_for_proof(app)
    add_filters(app)
    app.register_blueprint(desk_pages)
    desk_menu = add_pages(app, db)
    app.jinja_env.globals.update(
        csp_nonce=csp_nonce,
        current_person=current_person,
        desk_looks=desk_looks,
        desk_menu=desk_menu,
        filter_operators=OPERATOR_WORDS,
        page_language=language,
        page_languages=LANGUAGES,
    )


def _keep_sessions_safe(app: Flask, desk: Desk) -> None:
    is_https = desk.policy.public_url.startswith("https://")
    # A browser takes the prefix only from https, for this very host and every path: no
    # neighbouring subdomain can plant a session.
    app.config["SESSION_COOKIE_NAME"] = "__Host-lunas_desk" if is_https else "lunas_desk"
    app.config["SESSION_COOKIE_PATH"] = "/"
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_COOKIE_SECURE"] = is_https
    app.config["PERMANENT_SESSION_LIFETIME"] = LASTS
    app.session_interface = AgelessCookies()
    # Tokens live as long as the session; a refund form left open over lunch still works.
    app.config["WTF_CSRF_TIME_LIMIT"] = None


def _let_people_in(app: Flask) -> None:
    manager = LoginManager(app)
    manager.user_loader(_person_of)


def _person_of(token: str) -> Person | None:
    """Return who is signed in by this token; None once the session or the account has ended."""
    desk = current_desk()
    now = desk.clock()
    row = find_session(reads(), token, SessionStage.FULL, now)
    if row is None or (row.staff.is_demo and not desk.policy.admits_demo_staff):
        return None
    # A page that follows money by itself does not mean that somebody sits before it.
    if not (request.endpoint or "").endswith(".live"):
        see_session(desk.sessions, row, now)
    return person_in(row, token)
