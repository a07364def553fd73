"""Mails to shoppers: written with what they tell of, sent once, tried again, never in the way."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core.errors import PostRefusedError, PostUnavailableError
from app.core.letters import Letter
from app.core.mails import MailState
from app.core.reasons import Why
from app.core.states import GatewayName, PaymentStatus, RefundRoute
from app.db.claims import LEASE
from app.db.locks import lock_order
from app.db.models import Actor, Mail, Order
from app.post.mailman import MailmanPost
from app.services.checkout import retry_payment
from app.services.mail_delivery import deliver_mails
from app.services.order_reading import read_order
from app.services.paying_method import method_column
from app.services.payment_pages import PaymentPage
from app.services.reconciliation import RunReport
from app.services.refunds import mark_transferred
from app.services.timeline import Happening, record_event
from tests.world import CREW, CUSTOMER, World

LETTER = Letter(
    "id",
    "Bukti \u2013 pembayaran",
    "Halo <b>Rina</b>,",
    ("Terima kasih.",),
    (("A", "1"),),
    "L",
    "u",
    "F",
)


class Postbox:
    """A post of a test's own: keeps letters, or fails as it is told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.letters: list[tuple[Letter, str, str]] = []

    def send(self, letter: Letter, *, to: str, message_id: str) -> None:
        self.letters.append((letter, to, message_id))
        if self.failures:
            raise self.failures.pop(0)


def with_post(world: World, post: Postbox | MailmanPost) -> Postbox | MailmanPost:
    world.desk = replace(world.desk, post=post)
    return post


def paid(world: World, method: str = "gopay") -> PaymentPage:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, method)
    world.deliver_all(page)
    world.confirm()
    return page


def mails(world: World) -> list[Mail]:
    with world.session() as session:
        return list(session.scalars(select(Mail).order_by(Mail.id)))


def events(world: World) -> list[tuple[str, str]]:
    return [(mail.kind.value, mail.event) for mail in mails(world)]


def states(world: World) -> list[MailState]:
    return [mail.state for mail in mails(world)]


def test_an_order_that_is_not_paid_brings_no_mail(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.act(page, "pay", "bca_va", outcome="pending")
    world.act(page, "expire")
    world.deliver_all(page)
    world.confirm()

    assert world.status(page) == "expired"
    assert mails(world) == []


@pytest.mark.parametrize("gateway", GatewayName)
def test_a_payment_brings_one_receipt_however_often_it_is_learnt(
    world: World, gateway: GatewayName
) -> None:
    page = world.checkout(gateway)
    world.pay(page)
    world.deliver_all(page)
    world.deliver_all(page)
    world.confirm()
    world.poll()

    assert world.status(page) == "paid"
    assert events(world) == [("receipt", "paid")]


def test_each_refund_that_is_done_brings_one_mail(world: World) -> None:
    page = paid(world)
    world.refund(page, 50_000)
    world.deliver_all(page)
    world.confirm()
    world.refund(page, 60_000)

    assert events(world) == [
        ("receipt", "paid"),
        ("refund_done", "refund-1"),
        ("refund_done", "refund-2"),
    ]


def test_a_refund_by_hand_is_told_when_it_was_transferred(world: World) -> None:
    page = paid(world, "bca_va")
    asked = world.refund(page, 50_000, route=RefundRoute.MANUAL)
    assert events(world) == [("receipt", "paid")]

    mark_transferred(
        world.desk, asked.refund_id, staff_id=world.staff_id("finance"), proof="BCA 123"
    )

    assert events(world)[1:] == [("refund_done", "refund-1")]


class _PowerCutError(Exception):
    pass


def _pay_and_die(world: World, page: PaymentPage) -> None:
    with world.desk.sessions.begin() as session:
        order = lock_order(session, world.order(page).id)
        told = Happening(Why.CHARGE_CREATED, Actor.GATEWAY, world.clock())
        record_event(
            session, order, replace(told, before=PaymentStatus.PENDING, after=PaymentStatus.PAID)
        )
        assert session.scalars(select(Mail.event)).all() == ["paid"]
        raise _PowerCutError


def test_a_mail_is_gone_with_the_transaction_that_wrote_it(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    before = world.reasons(page)

    with pytest.raises(_PowerCutError):
        _pay_and_die(world, page)

    assert (mails(world), world.reasons(page)) == ([], before)


def test_money_that_went_and_came_again_brings_no_second_receipt(world: World) -> None:
    page = paid(world)
    again = Happening(
        Why.CHARGE_CREATED,
        Actor.GATEWAY,
        world.clock(),
        before=PaymentStatus.FAILED,
        after=PaymentStatus.PAID,
    )

    with world.desk.sessions.begin() as session:
        record_event(session, lock_order(session, world.order(page).id), again)

    world.damaged = True
    assert events(world) == [("receipt", "paid")]


def test_the_database_refuses_a_second_mail_of_one_event(world: World) -> None:
    page = paid(world)
    (first,) = mails(world)

    with pytest.raises(IntegrityError), world.desk.sessions.begin() as session:
        session.add(
            Mail(
                order_id=world.order(page).id,
                kind=first.kind,
                event=first.event,
                state=MailState.WAITING,
                message_id="another",
                created_at=world.clock(),
                tries=0,
            )
        )

    assert events(world) == [("receipt", "paid")]


def test_a_receipt_is_sent_once_to_the_shopper_with_the_orders_link(world: World) -> None:
    post = Postbox()
    with_post(world, post)
    page = paid(world)

    assert deliver_mails(world.desk, CREW) == RunReport(1, 1, 0)
    assert deliver_mails(world.desk, CREW) == RunReport()

    ((letter, to, _),) = post.letters
    assert to == CUSTOMER.email
    assert letter.link.endswith(f"/orders/{page.order_id}")
    assert dict(letter.rows)["2 x KOPI id"] == "Rp 200.000"
    assert dict(letter.rows)["Cara bayar"] == "GoPay"
    assert states(world) == [MailState.SENT]


def test_a_receipt_names_the_method_of_the_try_that_paid(world: World) -> None:
    post = Postbox()
    with_post(world, post)
    page = world.checkout(GatewayName.XENDIT)
    world.clock.advance(24 * 3600 + 120)
    world.poll()
    again = retry_payment(world.desk, page.order_id, GatewayName.MIDTRANS)
    world.act(again, "pay", "bca_va", outcome="pending")
    first, _ = world.attempts(page)
    paying = {"channel": "QRIS", "late": True}
    world.program.control("POST", f"xendit/{first.reference}/pay", paying)
    world.deliver_all(page)
    world.confirm()

    deliver_mails(world.desk, CREW)

    assert [attempt.method for attempt in world.attempts(page)] == ["qris", "bca_va"]
    ((letter, _, _),) = post.letters
    assert dict(letter.rows)["Cara bayar"] == "QRIS"
    view = read_order(world.desk, page.order_id)
    assert view.method == "qris"
    with world.session() as session:
        assert session.execute(select(method_column()).select_from(Order)).all() == [("qris",)]


def test_a_refund_mail_names_the_sum_of_its_own_refund(world: World) -> None:
    post = Postbox()
    with_post(world, post)
    page = paid(world)
    world.refund(page, 50_000)
    world.refund(page, 60_000)
    deliver_mails(world.desk, CREW)

    amounts = [dict(letter.rows).get("Jumlah yang dikembalikan") for letter, _, _ in post.letters]
    assert amounts == [None, "Rp 50.000", "Rp 60.000"]


def test_without_a_post_mails_wait(world: World) -> None:
    world.desk = replace(world.desk, post=None)
    paid(world)

    assert deliver_mails(world.desk, CREW) == RunReport()
    assert states(world) == [MailState.WAITING]


def test_a_server_that_is_away_is_asked_again_later_under_the_same_name(world: World) -> None:
    post = Postbox(PostUnavailableError("smtp_451"))
    with_post(world, post)
    page = paid(world)

    assert deliver_mails(world.desk, CREW) == RunReport(1, 0, 1)
    (waiting,) = mails(world)
    assert (waiting.state, waiting.tries, waiting.error) == (MailState.WAITING, 1, "smtp_451")
    assert deliver_mails(world.desk, CREW) == RunReport()
    world.clock.advance(61)
    assert deliver_mails(world.desk, CREW) == RunReport(1, 1, 0)

    assert states(world) == [MailState.SENT]
    assert len({message_id for _, _, message_id in post.letters}) == 1
    assert world.status(page) == "paid"


def test_a_mail_that_will_never_be_taken_is_given_up_and_the_next_one_is_sent(
    world: World,
) -> None:
    post = Postbox(PostRefusedError("smtp_550"))
    with_post(world, post)
    paid(world)
    paid(world)

    assert deliver_mails(world.desk, CREW) == RunReport(2, 1, 1)
    assert states(world) == [MailState.GIVEN_UP, MailState.SENT]
    world.clock.advance(timedelta(days=1).total_seconds())
    assert deliver_mails(world.desk, CREW) == RunReport()


def test_a_mail_that_is_days_late_is_not_sent_any_more(world: World) -> None:
    post = Postbox()
    with_post(world, post)
    paid(world)
    world.clock.advance(timedelta(days=3, seconds=1).total_seconds())

    deliver_mails(world.desk, CREW)

    (mail,) = mails(world)
    assert (mail.state, mail.error, post.letters) == (MailState.GIVEN_UP, "too_late", [])


def test_a_process_that_died_while_sending_is_followed_by_another_after_its_lease(
    world: World,
) -> None:
    class Death(BaseException):
        pass

    class DeadlyPost(Postbox):
        def send(self, letter: Letter, *, to: str, message_id: str) -> None:
            super().send(letter, to=to, message_id=message_id)
            raise Death

    dead = DeadlyPost()
    with_post(world, dead)
    paid(world)
    with pytest.raises(Death):
        deliver_mails(world.desk, CREW)
    post = Postbox()
    with_post(world, post)
    other = replace(CREW, owner="another")

    assert deliver_mails(world.desk, other) == RunReport()
    world.clock.advance(LEASE.total_seconds() + 1)
    assert deliver_mails(world.desk, other) == RunReport(1, 1, 0)

    assert post.letters[0][2] == dead.letters[0][2]


def test_a_batch_that_takes_longer_than_its_lease_sends_no_mail_twice(world: World) -> None:
    others = Postbox()

    class SlowPost(Postbox):
        def send(self, letter: Letter, *, to: str, message_id: str) -> None:
            super().send(letter, to=to, message_id=message_id)
            world.clock.advance(LEASE.total_seconds() * 0.7)
            meanwhile = replace(world.desk, post=others)
            deliver_mails(meanwhile, replace(CREW, owner="another"))

    slow = SlowPost()
    with_post(world, slow)
    for _ in range(3):
        paid(world)

    deliver_mails(world.desk, CREW)

    assert states(world) == [MailState.SENT] * 3
    names = [message_id for _, _, message_id in (*slow.letters, *others.letters)]
    assert len(names) == len(set(names)) == 3
    # The third's lease had run out when its turn came, and another process had sent it.
    assert len(others.letters) == 1


def test_a_mail_that_fails_in_our_own_code_is_put_off_and_the_next_one_is_sent(
    world: World,
) -> None:
    post = Postbox(KeyError("a fault of ours"))
    with_post(world, post)
    paid(world)
    paid(world)

    assert deliver_mails(world.desk, CREW) == RunReport(2, 1, 1)
    first, second = mails(world)
    assert (first.state, first.error, first.tries) == (MailState.WAITING, "error_of_ours", 1)
    assert (first.lease_owner, second.state) == (None, MailState.SENT)
    world.clock.advance(61)
    assert deliver_mails(world.desk, CREW) == RunReport(1, 1, 0)
    assert states(world) == [MailState.SENT, MailState.SENT]


def test_who_lost_the_lease_notes_nothing(world: World) -> None:
    class SlowPost(Postbox):
        def send(self, letter: Letter, *, to: str, message_id: str) -> None:
            super().send(letter, to=to, message_id=message_id)
            world.clock.advance(LEASE.total_seconds() + 1)
            world.desk = replace(world.desk, post=Postbox(PostRefusedError("smtp_550")))
            deliver_mails(world.desk, replace(CREW, owner="another"))

    with_post(world, SlowPost())
    paid(world)
    deliver_mails(world.desk, CREW)

    (mail,) = mails(world)
    assert (mail.state, mail.tries) == (MailState.GIVEN_UP, 1)
