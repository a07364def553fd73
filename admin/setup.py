"""Putting the back office into a Flask application."""

from flask import Flask, request
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme
from flask_babel import lazy_gettext
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

from admin.desk_looks import desk_looks
from admin.formats import add_filters, add_formats
from admin.gate import second_factor
from admin.gate.cookies import AgelessCookies
from admin.gate.desk_sessions import LASTS, find_session, see_session
from admin.gate.devices import device_name
from admin.gate.front_door import desk_pages
from admin.gate.step_up import ask_for_proof
from admin.languages import LANGUAGES, language, speak_languages
from admin.lists.filter_words import OPERATOR_WORDS
from admin.order.note_text import mention_of, note_text
from admin.order.verdicts import read_chain
from admin.pages import answer_errors
from admin.people.person import Person, current_person, person_in
from admin.people.role_words import role_words
from admin.reading import current_desk, keep_desk, reads
from admin.security import csp_nonce, guard_pages
from admin.views.account import AccountView
from admin.views.bulk import BulkRowsView, BulkRunsView
from admin.views.checks import ChecksView
from admin.views.findings import FindingsView
from admin.views.lists import ListToolsView
from admin.views.notes import NotesView
from admin.views.notifications import NotificationsView
from admin.views.orders import OrdersView
from admin.views.overview import OverviewView
from admin.views.queue_attention import AttentionView
from admin.views.queue_stuck import StuckView
from admin.views.queues import ApprovalsView, TransfersView, UnknownRefundsView
from admin.views.records import AuditView, JobsView, ProductsView
from admin.views.refunds import RefundsView
from admin.views.self_test import SelfTestView
from admin.views.staff import StaffView
from admin.views.tools import ToolsView
from app.db.models import (
    AttentionCall,
    AuditEntry,
    BulkRow,
    BulkRun,
    Finding,
    JobRun,
    NoteMention,
    Notification,
    Order,
    Product,
    Refund,
    SessionStage,
    Staff,
    StatusCheck,
)
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
    add_formats(app)
    add_filters(
        app,
        device=device_name,
        mention_of=mention_of,
        note_text=note_text,
        role_words=role_words,
        steps=read_chain,
    )
    app.register_blueprint(desk_pages)
    desk_menu = _add_pages(app, db)
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
        ApprovalsView(
            Refund,
            db,
            name=lazy_gettext("Approvals"),
            endpoint="approvals",
            menu_icon_value="people",
        ),
        AttentionView(
            AttentionCall,
            db,
            name=lazy_gettext("Needs attention"),
            endpoint="attention",
            menu_icon_value="alert",
        ),
        UnknownRefundsView(
            Refund,
            db,
            name=lazy_gettext("Unknown refunds"),
            endpoint="unknown_refunds",
            menu_icon_value="question",
        ),
        TransfersView(
            Refund,
            db,
            name=lazy_gettext("Bank transfers"),
            endpoint="transfers",
            menu_icon_value="bank",
        ),
        StuckView(
            Order,
            db,
            name=lazy_gettext("Stuck orders"),
            endpoint="stuck",
            menu_icon_value="hourglass",
        ),
        OrdersView(
            Order, db, name=lazy_gettext("Orders"), endpoint="orders", menu_icon_value="list"
        ),
        RefundsView(
            Refund, db, name=lazy_gettext("Refunds"), endpoint="refunds", menu_icon_value="back"
        ),
        BulkRunsView(
            BulkRun, db, name=lazy_gettext("Bulk runs"), endpoint="bulk", menu_icon_value="layers"
        ),
        BulkRowsView(BulkRow, db, name=lazy_gettext("Rows of bulk runs"), endpoint="bulk_rows"),
        NotesView(
            NoteMention,
            db,
            name=lazy_gettext("Notes for me"),
            endpoint="notes",
            menu_icon_value="note",
        ),
        NotificationsView(
            Notification,
            db,
            name=lazy_gettext("Notifications"),
            endpoint="notifications",
            menu_icon_value="bell",
        ),
        ChecksView(
            StatusCheck,
            db,
            name=lazy_gettext("Status checks"),
            endpoint="status_checks",
            menu_icon_value="refresh",
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
        ListToolsView(endpoint="lists"),
        SelfTestView(endpoint="self_test"),
        ToolsView(endpoint="tools"),
    )
    pages.add_view(AccountView(endpoint="account"))
    return pages
