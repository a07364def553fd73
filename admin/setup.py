"""Putting the back office into a Flask application."""

from datetime import timedelta
from typing import Final

from flask import Flask
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme
from flask_babel import lazy_gettext
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

from admin.formats import add_formats
from admin.gate import desk_pages
from admin.languages import LANGUAGES, language, speak_languages
from admin.pages import answer_errors
from admin.people import current_person, load_person
from admin.reading import keep_desk, reads
from admin.security import csp_nonce, guard_pages
from admin.verdicts import read_chain
from admin.views.findings import FindingsView
from admin.views.notifications import NotificationsView
from admin.views.orders import OrdersView
from admin.views.overview import OverviewView
from admin.views.records import AuditView, JobsView, ProductsView, StaffView
from admin.views.refunds import RefundsView
from app.db.models import AuditEntry, Finding, JobRun, Notification, Order, Product, Refund, Staff
from app.services.desk import Desk

# A working day; a forgotten browser is signed out by the next morning.
_SESSION_LASTS: Final = timedelta(hours=10)


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
    add_formats(app)
    app.jinja_env.filters["steps"] = read_chain
    app.register_blueprint(desk_pages)
    desk_menu = _add_pages(app, db)
    app.jinja_env.globals.update(
        csp_nonce=csp_nonce,
        current_person=current_person,
        desk_menu=desk_menu,
        page_language=language,
        page_languages=LANGUAGES,
    )


def _keep_sessions_safe(app: Flask, desk: Desk) -> None:
    app.config["SESSION_COOKIE_NAME"] = "lunas_desk"
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_COOKIE_SECURE"] = desk.policy.public_url.startswith("https://")
    app.config["PERMANENT_SESSION_LIFETIME"] = _SESSION_LASTS
    # Tokens live as long as the session; a refund form left open over lunch still works.
    app.config["WTF_CSRF_TIME_LIMIT"] = None


def _let_people_in(app: Flask) -> None:
    manager = LoginManager(app)
    manager.user_loader(lambda staff_id: load_person(reads(), staff_id))


def _add_pages(app: Flask, db: SQLAlchemy) -> Admin:
    pages = Admin(
        app,
        name="Lunas",
        index_view=OverviewView(
            name=lazy_gettext("Overview"),  # pyright: ignore[reportArgumentType]
            menu_icon_value="home",
        ),
        theme=Bootstrap4Theme(base_template="lunas/base.html", swatch="default"),
        csp_nonce_generator=csp_nonce,
    )
    pages.add_views(
        OrdersView(
            Order, db, name=lazy_gettext("Orders"), endpoint="orders", menu_icon_value="list"
        ),
        RefundsView(
            Refund, db, name=lazy_gettext("Refunds"), endpoint="refunds", menu_icon_value="back"
        ),
        NotificationsView(
            Notification,
            db,
            name=lazy_gettext("Notifications"),
            endpoint="notifications",
            menu_icon_value="bell",
        ),
        FindingsView(
            Finding,
            db,
            name=lazy_gettext("Findings"),
            endpoint="findings",
            menu_icon_value="alert",
        ),
        ProductsView(
            Product, db, name=lazy_gettext("Products"), endpoint="products", menu_icon_value="box"
        ),
        JobsView(
            JobRun, db, name=lazy_gettext("Jobs"), endpoint="job_runs", menu_icon_value="clock"
        ),
        AuditView(
            AuditEntry, db, name=lazy_gettext("Audit log"), endpoint="audit", menu_icon_value="book"
        ),
        StaffView(
            Staff, db, name=lazy_gettext("Staff"), endpoint="staff", menu_icon_value="people"
        ),
    )
    return pages
