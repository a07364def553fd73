"""The API's page for people, in a browser: under its own policy, and for everybody."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.harness import Stack


def test_the_page_works_under_its_policy(stack: Stack, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{stack.url}/api/docs")
    page.get_by_role("link", name="GET /api/orders/{order_id}", exact=True).click()

    expect(page.locator("#getOrder")).to_be_in_viewport()
    assert asked == [f"{stack.url}/api/docs", f"{stack.url}/api/docs.css"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(
    stack: Stack, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    # The checker is a script, which the page's policy would not let in.
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{stack.url}/api/docs")

    found = Axe().run(page).response["violations"]

    context.close()
    assert [one["id"] for one in found] == []
