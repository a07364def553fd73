"""The pictures of the staff handbook: every page that a member of staff meets, in one language."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, Page
from pyotp.totp import TOTP
from sqlalchemy import update

from admin.people.staff_accounts import NewPerson, add_person
from app.db.models import Staff, StaffSession
from app.services.desk import Desk
from scripts.pictures.camera import PICTURES, Camera, new_context
from scripts.pictures.day import Day
from tests.e2e.staff_member import StaffMember

Language = Literal["en", "id"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "id")
_HIGH_PX: Final = 1500
_LIST_PX: Final = 700
# Enough for text and marks; with a hundred pictures each kilobyte counts.
_COLOURS: Final = 96
_PASSWORD: Final = "kuda baterai staples benar"  # noqa: S105 - of an account that ends with the run.
_NEWCOMERS: Final[Mapping[Language, str]] = {
    "en": "ani@toko.example",
    "id": "putu@toko.example",
}
_WAITS_FOR_A_PROOF: Final = timedelta(minutes=6)


def folder_of(language: Language) -> Path:
    """Return where the handbook's pictures of a language are kept."""
    return PICTURES / "staff" / language


@dataclass(frozen=True, slots=True)
class Shot:
    """One page: its picture's name, its address, and how high it may be."""

    name: str
    address: str
    most_px: int = 1000


class HandbookPhotographer:
    """Takes the handbook's pictures of one running desk in one language."""

    def __init__(self, browser: Browser, desk: Desk, day: Day, language: Language) -> None:
        self._browser = browser
        self._desk = desk
        self._url = f"{desk.policy.public_url}/admin"
        self._day = day
        self._language: Language = language

    def take_all(self) -> None:
        """Take every picture, as the people whose work it is."""
        self._way_in()
        with self._signed_in("dewi") as camera:
            self._take_pages(camera, self._finance_pages())
            self._lists(camera)
            self._order(camera)
        with self._signed_in("budi") as camera:
            self._take_pages(camera, self._refund_pages())
            self._refund(camera)
        with self._signed_in("agus") as camera:
            asked, run = self._day.refunds["asked"], self._day.runs["asked"]
            pages = (
                Shot("approvals", "/approvals/"),
                Shot("approval", f"/refunds/{asked}"),
                Shot("bulk-approval", f"/bulk/{run}"),
            )
            self._take_pages(camera, pages)
        with self._signed_in("rangga") as camera:
            self._take_pages(camera, _ADMINISTRATION)
            camera.page.goto(f"{self._url}/staff/")
            camera.page.get_by_role("link", name=re.compile("Sari")).first.click()
            camera.take_content("staff-person", _HIGH_PX)

    def _finance_pages(self) -> tuple[Shot, ...]:
        day = self._day
        return (
            Shot("overview", "/?period=month", 1500),
            Shot("find", "/tools/find?q=hendra@pembeli.example", _LIST_PX),
            Shot("needs-attention", "/attention/"),
            Shot("unknown-refunds", "/unknown_refunds/"),
            Shot("bank-transfers", "/transfers/"),
            Shot("bank-transfer", f"/refunds/{day.refunds['transfer']}"),
            Shot("stuck-orders", "/stuck/"),
            Shot("notes-for-me", "/notes/"),
            Shot("notifications", "/notifications/", _LIST_PX),
            Shot("notification", f"/notifications/{day.genuine_id}", 1200),
            Shot("notification-forged", f"/notifications/{day.forged_id}"),
            Shot("apply-again", f"/notifications/again/{day.runs['again']}"),
            Shot("status-checks", "/status_checks/", _LIST_PX),
            Shot("status-check", f"/status_checks/{day.failed_check_id}"),
            Shot("findings", "/findings/"),
            Shot("products", "/products/"),
            Shot("jobs", "/job_runs/", _LIST_PX),
            Shot("order-needs-a-person", f"/orders/{day.attention.number}", 800),
        )

    def _refund_pages(self) -> tuple[Shot, ...]:
        day = self._day
        return (
            Shot("refunds", "/refunds/", _LIST_PX),
            Shot("refund-unknown", f"/refunds/{day.refunds['unknown']}"),
            Shot("refund-done", f"/refunds/{day.refunds['done']}"),
            Shot("refund-waits", f"/refunds/{day.refunds['asked']}"),
            Shot("refund-not-through-gateway", f"/orders/{day.by_hand.number}/refund"),
            Shot("refund-by-transfer", f"/orders/{day.by_hand.number}/refund?route=manual"),
            Shot("bulk-runs", "/bulk/"),
            Shot("bulk-dry-run", f"/bulk/{day.runs['draft']}", _HIGH_PX),
            Shot("bulk-run", f"/bulk/{day.runs['done']}", _HIGH_PX),
            Shot("bulk-rows", f"/bulk_rows/?run={day.runs['done']}"),
            Shot("account", "/account/"),
        )

    def _take_pages(self, camera: Camera, shots: tuple[Shot, ...]) -> None:
        for shot in shots:
            camera.page.goto(f"{self._url}{shot.address}")
            camera.take_content(shot.name, shot.most_px)

    def _way_in(self) -> None:
        """Open an account by its one-time link, up to the recovery codes."""
        email = _NEWCOMERS[self._language]
        new = NewPerson(email, "Ani Lestari", "finance")
        _, token = add_person(self._desk.sessions, new, self._desk.clock())
        with self._desk.sessions.begin() as session:
            theirs = update(Staff).where(Staff.email == email)
            session.execute(theirs.values(locale=self._language))
        with self._window() as camera:
            page = camera.page
            page.goto(f"{self._url}/login")
            self._choose_language(page)
            camera.take_content("sign-in")
            page.goto(f"{self._url}/welcome/{token}")
            camera.take_content("welcome")
            page.locator("#password").fill(_PASSWORD)
            page.locator("#again").fill(_PASSWORD)
            page.locator("form.fields button.primary").click()
            self._give_password(page, email)
            camera.take_content("second-factor-set-up", _HIGH_PX)
            page.locator("#letters > summary").click()
            code = TOTP(page.locator("#letters .key").inner_text().replace(" ", "")).now()
            page.locator("#code").fill(code)
            page.locator("form.way button.primary").last.click()
            page.locator(".codes").wait_for()
            camera.take_content("recovery-codes")
            page.goto(self._url)
            page.locator("header form button.quiet").click()
            self._give_password(page, email)
            camera.take_content("second-factor")

    def _give_password(self, page: Page, email: str) -> None:
        page.locator("#email").fill(email)
        page.locator("#password").fill(_PASSWORD)
        page.locator("form.fields button.primary").last.click()
        page.wait_for_load_state("load")

    def _choose_language(self, page: Page) -> None:
        page.locator(f'.languages button[value="{self._language}"]').click()
        page.locator(f'html[lang="{self._language}"]').wait_for()

    def _lists(self, camera: Camera) -> None:
        page = camera.page
        page.goto(f"{self._url}/orders/")
        camera.take_content("orders", _LIST_PX)
        page.goto(f"{self._url}/orders/?status=paid")
        page.locator("#add-filter > summary").click()
        camera.take_content("orders-filter", _LIST_PX)
        page.goto(f"{self._url}/orders/?status=paid")
        for box in page.locator("table.list tbody input[type=checkbox]").all()[:3]:
            box.check()
        page.locator("#bulk > summary").click()
        camera.take_content("bulk-menu", _LIST_PX)
        page.goto(self._url)
        page.locator("[data-opens=keys]").click()
        camera.take("keys")
        page.goto(f"{self._url}/self_test/")
        page.locator("main form button").first.click()
        page.wait_for_load_state("load")
        camera.take_content("set-up-check", _HIGH_PX)

    def _order(self, camera: Camera) -> None:
        page, day = camera.page, self._day
        page.goto(f"{self._url}/orders/{day.waiting.number}")
        camera.take_content("order-unpaid", 1300)
        page.locator('form[action$="/check"] button').click()
        page.locator("#check-report").wait_for()
        camera.take_content("check-status", 700)
        page.goto(f"{self._url}/orders/{day.partly.number}")
        camera.take_content("order", 1600)

    def _refund(self, camera: Camera) -> None:
        page = camera.page
        page.goto(f"{self._url}/orders/{self._day.waiting.number}")
        page.locator("#cancel > summary").click()
        page.locator("#cancel").scroll_into_view_if_needed()
        camera.take("cancel-order")
        page.goto(f"{self._url}/orders/{self._day.refundable.number}/refund")
        page.locator("details.by-line summary").click()
        page.locator("[data-price]").first.fill("1")
        page.locator("#reason_code").select_option("damaged")
        page.locator("#reason").fill("Tutup botol bocor")
        camera.take_content("refund-dry-run", 1200)
        page.locator("#reason_code").press("Tab")
        page.locator("form.fields button.primary").click()
        page.locator("section.confirm").wait_for()
        camera.take_content("refund-confirm", 1000)
        self._forget_proofs()
        page.locator("section.confirm button.primary").click()
        page.locator("#proof_password").wait_for()
        camera.take_content("is-it-still-you")

    def _forget_proofs(self) -> None:
        """Let everybody's last proof be too old, as after a while at work."""
        long_ago = self._desk.clock() - _WAITS_FOR_A_PROOF
        with self._desk.sessions.begin() as session:
            session.execute(update(StaffSession).values(verified_at=long_ago))

    @contextmanager
    def _signed_in(self, name: str) -> Iterator[Camera]:
        with self._window() as camera:
            StaffMember(camera.page, self._url).sign_in(name, self._language)
            yield camera

    @contextmanager
    def _window(self) -> Iterator[Camera]:
        context = new_context(self._browser)
        try:
            yield Camera(context.new_page(), folder_of(self._language), _COLOURS)
        finally:
            context.close()


_ADMINISTRATION: Final = (
    Shot("staff", "/staff/"),
    Shot("staff-new", "/staff/new"),
    Shot("audit-log", "/audit/", _LIST_PX),
)
