"""The lists of what was written down: jobs, notifications, the audit log, products, checks."""

from datetime import datetime, timedelta

from flask import Flask

from app.core.states import GatewayName
from app.db.models import AuditEntry, JobHeartbeat, JobRun
from app.services.payment_pages import PaymentPage
from tests.http.back_office import Browser, office
from tests.http.test_admin_lists import paid, shown
from tests.world import World

__all__ = ["office", "paid"]


def _beat(job: str, instance: str, at: datetime, *, every_s: int) -> JobHeartbeat:
    return JobHeartbeat(job=job, instance=instance, last_run_at=at, every_s=every_s)


def test_jobs_show_their_runs_and_whether_they_live(office: Flask, shop: World) -> None:
    now = shop.clock()
    run = {"instance": "a:1", "started_at": now, "finished_at": now + timedelta(seconds=2)}
    with shop.desk.sessions.begin() as session:
        session.add_all(
            [
                _beat("poll", "a:1", now - timedelta(seconds=5), every_s=5),
                # Stopped on purpose; another process does its work.
                _beat("poll", "b:2", now - timedelta(hours=2), every_s=5),
                _beat("sweep", "a:1", now - timedelta(seconds=60), every_s=5),
                _beat("rare", "a:1", now - timedelta(minutes=20), every_s=600),
                JobRun(job="poll", claimed=3, changed=1, failed=0, **run),
                JobRun(job="sweep", claimed=1, changed=0, failed=1, error="no answer", **run),
            ]
        )
    staff = Browser(office, "viewer")

    page = staff.page("/admin/job_runs/")
    failures = staff.page("/admin/job_runs/?result=failed")

    assert "poll a:1 alive" in page.text
    assert "sweep a:1 silent" in page.text
    assert "rare a:1 alive" in page.text
    assert "b:2" not in page.text
    assert "2.0 s" in page.text
    assert "no answer" in failures.text
    assert "1 0 0" not in failures.text


def test_the_notification_log_is_filtered_by_verdict(
    office: Flask, shop: World, paid: PaymentPage
) -> None:
    shop.receive(shop.sent(paid)[0])
    staff = Browser(office, "viewer")
    ids = {row.verdict: f"/admin/notifications/{row.id}" for row in shop.notifications()}

    page = staff.page("/admin/notifications/?verdict=duplicate")

    assert ids["duplicate"] in page.links()
    assert ids["shopper_paid"] not in page.links()


def test_the_audit_log_tells_refused_from_done(office: Flask, shop: World) -> None:
    entry = {"staff_id": None, "who": "a@t.example", "action": "check_status", "at": shop.clock()}
    with shop.desk.sessions.begin() as session:
        session.add(AuditEntry(**entry, target="LN-1", done=True, why=""))
        session.add(AuditEntry(**entry, target="LN-2", done=False, why="not_allowed"))
    auditor = Browser(office, "auditor")

    refused = auditor.page("/admin/audit/?done=no").text
    by_target = auditor.page("/admin/audit/?search=ln-1").text

    assert "LN-2" in refused
    assert "Your role does not allow this." in refused
    assert "LN-1" not in refused
    assert "LN-1" in by_target
    assert "LN-2" not in by_target


def test_products_show_what_can_be_sold(office: Flask, shop: World) -> None:
    shop.checkout(GatewayName.MIDTRANS, quantity=2)

    text = Browser(office, "viewer").page("/admin/products/?search=kopi").text

    assert "KOPI KOPI en Rp 100.000 10 2 8 yes" in text
    assert "BATIK" not in text


def test_status_checks_tell_who_asked_and_what_came_of_it(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.XENDIT)
    shop.pay(page)
    staff, number = Browser(office, "support"), shop.order(page).number
    staff.submit(staff.page(f"/admin/orders/{number}").form("/check"))

    changed = staff.page("/admin/status_checks/?result=changed&source=status_check")

    assert shown(changed) == [number]
    assert "Waiting for payment → Paid" in changed.text
    assert shown(staff.page("/admin/status_checks/?after=expired")) == []
