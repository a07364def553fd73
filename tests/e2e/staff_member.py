"""A member of staff in a browser: what they click in the back office."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

PATIENCE_MS = 20_000


@dataclass(frozen=True)
class StaffMember:
    """One person with one browser page; `desk` is the address of the stack's back office."""

    page: Page
    desk: str

    def sign_in(self, name: str = "budi", language: str = "en") -> None:
        """Sign in as one of the demo staff, and read the pages in this language."""
        self.page.goto(self.desk)
        self.page.locator("#email").fill(f"{name}@toko.example")
        self.page.locator("#password").fill(f"lunas-demo-{name}")
        self.page.locator("form.fields button.primary").click()
        self.page.locator(f'.languages button[value="{language}"]').click()
        expect(self.page.locator("html")).to_have_attribute("lang", language)

    def find(self, text: str) -> None:
        """Paste something into the search box at the top, and go."""
        self.page.locator("#find").fill(text)
        self.page.locator("#find").press("Enter")

    def open_order(self, number: str) -> None:
        """Open the page of an order by its number."""
        self.find(number)
        expect(self.heading).to_contain_text(number)

    @property
    def heading(self) -> Locator:
        """The title of the page."""
        return self.page.get_by_role("heading", level=1)

    def press(self, button: str) -> None:
        """Press a button, or follow a link that looks like one, by its words."""
        words = self.page.get_by_role("button", name=button, exact=True)
        words.or_(self.page.get_by_role("link", name=button, exact=True)).click()

    def ask_for_refund(self, amount_idr: int, reason: str) -> None:
        """Fill in the refund form of the open order, up to the page that asks for confirmation."""
        self.press("Refund…")
        self.page.get_by_label("Amount").fill(str(amount_idr))
        self.page.get_by_label("Reason").fill(reason)
        self.press("Continue")

    def expect_text(self, text: str) -> None:
        """Wait until the page says this, by itself."""
        expect(self.page.get_by_role("main")).to_contain_text(text, timeout=PATIENCE_MS)
