"""The story of an order, page by page: every line once, in few statements."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from admin.order.story import EVENTS_ON_A_PAGE, load_story
from app.core.observations import Evidence, Seen, Source
from app.core.reasons import Why
from app.core.states import GatewayName, PaymentStatus
from app.db.locks import lock_order
from app.db.models import Actor, Attempt, OrderEvent, StoredObservation
from app.services.payment_pages import PaymentPage
from app.services.timeline import Happening, record_event
from tests.http.back_office import Browser, office
from tests.http.test_order_page import HTML_502, address_of
from tests.statements import statements_on
from tests.world import World

__all__ = ["office"]


def add_events(shop: World, page: PaymentPage, count: int, at_once: int = 1) -> None:
    """Write events to the timeline, so many of them at each moment."""
    shop.damaged = True
    start = shop.clock() + timedelta(minutes=1)
    with shop.desk.sessions.begin() as session:
        order = lock_order(session, shop.order(page).id)
        for number in range(count):
            at = start + timedelta(minutes=number // at_once)
            record_event(session, order, Happening(Why.NEW_ATTEMPT, Actor.SHOPPER, at))


def heard(attempt: Attempt, at: datetime, why: Why = Why.STILL_WAITING) -> StoredObservation:
    return StoredObservation(
        order_id=attempt.order_id,
        attempt_id=attempt.id,
        source=Source.JOB,
        gateway=GatewayName.MIDTRANS,
        reference=attempt.reference,
        seen=Seen.PENDING,
        raw_status="pending",
        details={},
        evidence=Evidence.CONFIRMED,
        why=why,
        before=PaymentStatus.PENDING,
        after=PaymentStatus.PENDING,
        observed_at=at,
        recorded_at=at,
    )


def add_polls(shop: World, page: PaymentPage, count: int) -> None:
    """Write what an automatic check hears again and again, half a minute after each event."""
    start, attempt = shop.clock() + timedelta(minutes=1, seconds=30), shop.attempt(page)
    with shop.desk.sessions.begin() as session:
        session.add_all(heard(attempt, start + timedelta(minutes=n)) for n in range(count))


def walk(shop: World, page: PaymentPage) -> list[list[str]]:
    """Return the names of all lines of the story, page by page, the newest first."""
    pages: list[list[str]] = []
    before: int | None = None
    with shop.session() as session:
        while True:
            story = load_story(session, shop.order(page).id, before)
            pages.append([line.key for line in story.lines])
            assert story.is_latest is (before is None)
            assert not story.is_cut
            if story.older is None:
                return pages
            before = story.older


@pytest.mark.parametrize("at_once", [1, 7, 100])
def test_every_line_of_a_long_story_is_on_exactly_one_page(
    office: Flask, shop: World, at_once: int
) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    add_events(shop, page, 300, at_once)
    add_polls(shop, page, 310)

    pages = walk(shop, page)

    lines = [key for lines in pages for key in lines]
    events = [key for key in lines if key.startswith("event-")]
    written = len(shop.reasons(page))
    assert events == [f"event-{seq}" for seq in range(written, 0, -1)]
    assert len(lines) == len(set(lines))
    assert len(pages) == -(-written // EVENTS_ON_A_PAGE)


def test_polls_between_two_events_are_counted_once_over_all_pages(
    office: Flask, shop: World
) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    add_events(shop, page, 90)
    add_polls(shop, page, 120)
    staff = Browser(office, "viewer")

    counts: list[int] = []
    address: str | None = address_of(shop, page)
    while address:
        html = staff.get(address).text
        counts += [int(text) for text in re.findall(r"(\d+) times, last", html)]
        singles = html.count('id="heard-') - len(re.findall(r"\d+ times, last", html))
        counts += [1] * singles
        link = re.search(r'href="([^"]*before=\d+[^"]*)"', html)
        address = link.group(1).replace("&amp;", "&") if link else None

    assert sum(counts) == 120


def test_what_was_heard_and_became_an_event_is_told_once(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    add_events(shop, page, 1)
    with shop.desk.sessions.begin() as session:
        event = session.scalars(select(OrderEvent).order_by(OrderEvent.id.desc())).first()
        assert event is not None
        at = event.at
        session.add(heard(shop.attempt(page), at, Why.NEW_ATTEMPT))
        session.add(heard(shop.attempt(page), at, Why.STALE))

    with shop.session() as session:
        lines = load_story(session, shop.order(page).id).lines

    assert [line.why for line in lines if line.at == at] == [Why.STALE, Why.NEW_ATTEMPT]


def test_more_than_can_be_shown_between_two_events_is_said_so(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    add_polls(shop, page, 12)
    shop.damaged = True

    with shop.session() as session:
        whole = load_story(session, shop.order(page).id, most=13)
        part = load_story(session, shop.order(page).id, most=12)

    assert [whole.is_cut, part.is_cut] == [False, True]


def test_a_page_asks_as_often_for_300_events_as_for_two(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    staff, address = Browser(office, "finance"), address_of(shop, page)
    staff.get(address)

    def asked(url: str) -> int:
        with statements_on(office.extensions["lunas_desk"].sessions) as statements:
            assert staff.get(url).status_code == 200
        return len(statements)

    few = [asked(address), asked(f"{address}/live")]
    add_events(shop, page, 300)
    add_polls(shop, page, 400)
    for number in range(20):
        staff.post(f"{address}/note", text=f"@support catatan {number}")
    many = [asked(address), asked(f"{address}/live")]

    assert few[0] <= 30
    # One more: the people whom the notes name.
    assert many[0] <= few[0] + 1
    assert many[1] <= few[1] + 1


@pytest.mark.parametrize(
    "query",
    [
        "before=0",
        "before=-1",
        "before=abc",
        "before=%00",
        "before=99999999999999999999",
        "before=2147483647",
        "before=1",
        "checked=1",
        "checked=0-99999999999",
        "checked=9999999999-1",
        "checked=%00-1",
        "before=1&before=2&checked=-",
    ],
)
def test_odd_places_in_the_story_never_break_the_page(
    office: Flask, shop: World, query: str
) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)

    answer = Browser(office, "viewer").get(f"{address_of(shop, page)}?{query}")

    assert answer.status_code == 200


def test_an_earlier_page_of_the_story_does_not_follow(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    add_events(shop, page, 60)
    staff, address = Browser(office, "viewer"), address_of(shop, page)

    assert 'data-live="on"' in staff.get(address).text
    earlier = staff.get(f"{address}?before=30").text
    assert 'data-live="off"' in earlier
    assert "Back to the latest" in earlier
    assert "The shopper placed the order" in earlier


def test_a_question_that_nobody_answered_stands_in_the_story(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.program.control("PUT", "faults", HTML_502)
    staff = Browser(office, "support")

    staff.submit(staff.page(address_of(shop, page)).form("/check"))

    text = staff.page(address_of(shop, page)).text
    assert "Support" in text
    assert "The gateway was asked and did not answer. Nothing changed." in text
