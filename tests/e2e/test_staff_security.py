"""A person's way in, in a real browser: link, app, recovery code, passkey, and the question."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, expect
from pyotp.totp import TOTP
from sqlalchemy import create_engine, text

from admin.people.staff_accounts import NewPerson, add_person
from app.db.session import make_engine, make_sessions
from tests.e2e.books import Books
from tests.e2e.harness import Stack
from tests.e2e.shopper import COFFEE_IDR, Shopper
from tests.e2e.staff_member import StaffMember
from tests.e2e.watch import PageProblems

PASSWORD = "kuda baterai staples benar"
_HALF_MINUTE_S = 30


@pytest.fixture(scope="module")
def stack(prepared_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Provide a stack whose address has a name: no browser makes a passkey for a number."""
    folder = tmp_path_factory.mktemp("named")
    made = Stack(folder, prepared=prepared_database, host="localhost")
    try:
        made.start_all()
        yield made
    finally:
        made.close()


@pytest.fixture
def desk(stack: Stack) -> str:
    """Provide the address of the back office by its name."""
    return stack.admin_url.replace("127.0.0.1", "localhost")


@pytest.fixture
def newcomer(stack: Stack, desk: str) -> Callable[[str], str]:
    """Provide a way to open accounts; it returns the one-time link."""

    def add(email: str) -> str:
        engine = make_engine(stack.database_url)
        new = NewPerson(email, "Ani Lestari", "finance")
        _, token = add_person(make_sessions(engine), new, datetime.now(UTC))
        engine.dispose()
        return f"{desk}/welcome/{token}"

    return add


def choose_password(page: Page, link: str, email: str) -> None:
    page.goto(link)
    page.locator('.languages button[value="en"]').click()
    page.goto(link)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_role("button", name="Keep this password").click()
    give_password(page, email)


def give_password(page: Page, email: str) -> None:
    page.locator("#email").fill(email)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def in_english(stack: Stack, email: str) -> None:
    """Let the person read English from the first page on."""
    _write(stack, "UPDATE staff SET locale = 'en' WHERE email = :email", email=email)


def code_for(secret: str, stack: Stack, email: str) -> str:
    """Return a code that was not used: the next half minute's if the present one was."""
    used = _read(stack, "SELECT totp_counter FROM staff WHERE email = :email", email=email)
    now = datetime.now(UTC)
    fresh = now if int(now.timestamp()) // _HALF_MINUTE_S > used else now + timedelta(seconds=30)
    return TOTP(secret).at(fresh)


def _write(stack: Stack, statement: str, **values: object) -> None:
    engine = make_engine(stack.database_url)
    with engine.begin() as connection:
        connection.execute(text(statement), values)
    engine.dispose()


def _read(stack: Stack, query: str, **values: object) -> int:
    engine = create_engine(stack.database_url)
    with engine.connect() as connection:
        found = connection.execute(text(query), values).scalar_one()
    engine.dispose()
    return int(found)


def test_the_first_day_with_an_app_and_the_second_with_its_code_and_a_recovery_code(
    stack: Stack, page: Page, desk: str, newcomer: Callable[[str], str], tmp_path: Path
) -> None:
    email = "ani@toko.example"
    link = newcomer(email)
    in_english(stack, email)
    choose_password(page, link, email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Protect your account")
    page.goto(desk)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    give_password(page, email)

    expect(page.get_by_role("img", name="QR picture")).to_be_visible()
    page.get_by_text("I cannot scan it").click()
    secret = page.locator("p.key").inner_text().replace(" ", "")
    page.get_by_label("Code from your app").fill(code_for(secret, stack, email))
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    codes = page.locator(".codes li").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    download.value.save_as(tmp_path / "codes.txt")
    assert (tmp_path / "codes.txt").read_text().split() == codes
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")

    page.get_by_role("button", name="Sign out").click()
    give_password(page, email)
    page.get_by_label("Code from your app").fill(code_for(secret, stack, email))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")

    page.get_by_role("button", name="Sign out").click()
    give_password(page, email)
    page.get_by_text("Use a recovery code instead").click()
    page.get_by_label("Recovery code", exact=True).fill(codes[0].lower())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


@contextmanager
def fingerprint_reader(page: Page) -> Iterator[CDPSession]:
    """Give the browser a device with a lock of its own, built in as in a laptop."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield session
    session.detach()


def test_a_laptops_own_passkey_is_made_and_then_opens_the_desk_alone_and_after_the_password(
    stack: Stack, page: Page, desk: str, newcomer: Callable[[str], str]
) -> None:
    email = "rini@toko.example"
    link = newcomer(email)
    in_english(stack, email)
    with fingerprint_reader(page):
        choose_password(page, link, email)
        page.get_by_label("Name of this device").fill("Laptop")
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
        page.get_by_role("link", name="I have kept them").click()

        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Overview")

        page.get_by_role("button", name="Sign out").click()
        give_password(page, email)
        page.get_by_role("button", name="Use your passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
        page.get_by_title("My account").click()
        expect(page.get_by_role("main")).to_contain_text("Laptop")


def test_a_passkey_that_the_person_does_not_use_says_so_and_can_be_tried_again(
    page: Page, desk: str
) -> None:
    with fingerprint_reader(page):
        page.goto(desk)
        page.locator('.languages button[value="en"]').click()
        button = page.get_by_role("button", name="Sign in with a passkey")
        button.click()
        expect(page.get_by_text("The passkey was not used.")).to_be_visible()
        expect(button).to_be_enabled()


def test_the_question_during_a_refund_keeps_the_form_and_refunds_once(
    shopper: Shopper, staff: StaffMember, books: Books, stack: Stack, problems: PageProblems
) -> None:
    # The page that asks is the answer to a request that was not allowed yet.
    problems.expect("status of 401")
    number = shopper.buy("gopay")
    staff.sign_in()
    staff.open_order(number)
    staff.press("Check status now")
    staff.ask_for_refund(COFFEE_IDR, 'Retak, kata pembeli: "dua cangkir"')
    key = staff.page.locator('input[name="form_key"]').get_attribute("value")
    long_ago = (datetime.now(UTC) - timedelta(minutes=6)).strftime("%Y-%m-%d %H:%M:%S.%f")
    _write(stack, "UPDATE staff_sessions SET verified_at = :at", at=long_ago)

    staff.press("Refund Rp 98.000 now")
    expect(staff.heading).to_have_text("Is it still you?")
    assert books.keys(number) == []
    staff.page.get_by_label("Your password").fill("lunas-demo-budi")
    staff.press("Confirm and go on")

    expect(staff.heading).to_contain_text("Refunded")
    staff.expect_text('Retak, kata pembeli: "dua cangkir"')
    assert len(books.keys(number)) == 1
    found = "SELECT count(*) FROM refunds WHERE form_key = :key"
    assert _read(stack, found, key=key) == 1
