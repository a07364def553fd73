"""The running stack itself: everything answers, and a program that was killed comes back."""

import requests
from playwright.sync_api import Page, expect

from tests.e2e.harness import Stack


def test_the_shop_opens_with_its_catalogue_and_without_a_problem(stack: Stack, page: Page) -> None:
    page.goto(stack.url)

    expect(page.get_by_test_id("product-card")).to_have_count(10)


def test_the_web_process_answers_again_after_it_was_killed(stack: Stack) -> None:
    stack.kill("web")
    try:
        requests.get(f"{stack.url}/api/config", timeout=5)
    except requests.ConnectionError:
        answered = False
    else:
        answered = True
    stack.start("web")

    assert not answered
    assert requests.get(f"{stack.url}/api/config", timeout=5).json()["demo"] is True


def test_jobs_stop_in_good_order(stack: Stack) -> None:
    stack.stop_jobs()
    stack.start("jobs")

    stack.eventually(lambda: stack.log().count("jobs are running") == 2)


def test_the_sandbox_can_be_steered(stack: Stack) -> None:
    before = stack.sandbox.state()["clock_offset_s"]

    stack.sandbox.advance_clock(60)

    assert stack.sandbox.state()["clock_offset_s"] == before + 60
    assert stack.sandbox.deliveries()["deliveries"] == []
