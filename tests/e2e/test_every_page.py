"""Every page of the back office, found in the URL map: whole, accessible, and without an error.

A page that is in no table here fails a test, so that none can be forgotten.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from werkzeug.routing import Map

from admin import translations_of
from admin.staff_accounts import NewPerson, add_person
from app.core.reason_words import WORDS
from app.db.session import make_engine, make_sessions
from app.factory import create_app
from tests.e2e import axe
from tests.e2e.conftest import new_context
from tests.e2e.full_house import Things, furnish
from tests.e2e.harness import Stack
from tests.e2e.staff_member import StaffMember
from tests.e2e.test_staff_security import choose_password, code_for, give_password, in_english
from tests.e2e.watch import PageProblems
from tests.world import settings_for

# Who opens which pages; what stands in braces is named by the furnished shop.
PAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "dewi": (
        "/admin/",
        "/admin/?period=30d",
        "/admin/?period=nonsense",
        "/admin/account/",
        "/admin/account/app",
        "/admin/approvals/",
        "/admin/attention/",
        "/admin/bulk/",
        "/admin/bulk/{run_draft}",
        "/admin/bulk/{run_asking}",
        "/admin/bulk/{run_rejected}",
        "/admin/bulk/{run_running}",
        "/admin/bulk/{run_paused}",
        "/admin/bulk/{run_stopped}",
        "/admin/bulk/{run_done}",
        "/admin/bulk/{run_checked}",
        "/admin/bulk_rows/",
        "/admin/bulk_rows/?run={run_done}&sort=id",
        "/admin/findings/",
        "/admin/job_runs/",
        "/admin/notes/",
        "/admin/notifications/?view=all",
        "/admin/notifications/{notification}",
        "/admin/notifications/{forged}",
        "/admin/notifications/{nonsense}",
        "/admin/notifications/again/{again}",
        "/admin/orders/?view=all",
        "/admin/orders/?status.in=pending,paid&total.min=1000&sort=-total",
        "/admin/orders/?total.min=nonsense",
        "/admin/orders/{busy}",
        "/admin/orders/{waiting}",
        "/admin/orders/{refunded}",
        "/admin/orders/{charged_back}",
        "/admin/orders/{broken}",
        "/admin/orders/{busy}/refund",
        "/admin/orders/{by_hand}/refund",
        "/admin/products/",
        "/admin/refunds/",
        "/admin/refunds/{refund_asking}",
        "/admin/refunds/{refund_approved}",
        "/admin/refunds/{refund_unknown}",
        "/admin/refunds/{refund_accepted}",
        "/admin/refunds/{refund_succeeded}",
        "/admin/refunds/{refund_failed}",
        "/admin/refunds/{refund_rejected}",
        "/admin/refunds/{refund_withdrawn}",
        "/admin/refunds/{refund_to_transfer}",
        "/admin/refunds/{refund_transferred}",
        "/admin/self_test/",
        "/admin/status_checks/",
        "/admin/status_checks/{check}",
        "/admin/stuck/",
        "/admin/tools/find?q=nothing-has-this-name",
        "/admin/tools/find?q=rina%40contoh.example",
        "/admin/transfers/",
        "/admin/unknown_refunds/",
    ),
    "rangga": (
        "/admin/audit/",
        "/admin/staff/",
        "/admin/staff/new",
        "/admin/staff/{colleague}",
        "/admin/staff/{newcomer}",
        "/admin/staff/{self}",
    ),
}
