"""Staff at the back office, through the proxy: refunds by the forms as they are served.

A form whose answer did not come is sent again as it was, with its key, as a browser does that is
told to; now and then it is sent twice at once, as an impatient hand does.
"""

import random
import threading
from typing import Final

import requests

from tests.hosts.machines import SHOP
from tests.hosts.records import Caller, Ledger, Wanted, Working
from tests.http.back_office import Form, Page

_TRIES: Final = 30
_TWICE_AT_ONCE: Final = 0.3
_TOUCHES_AGAIN: Final = 0.25


class Person:
    """One member of staff, who refunds what was paid."""

    def __init__(self, name: str, ledger: Ledger, working: Working, dice: random.Random) -> None:
        self._name = name
        self._ledger = ledger
        self._working = working
        self._dice = dice
        self._office = Caller(ledger, "proxy", f"http://{SHOP}")
        self._is_in = False

    def go_on(self, most: int, pause_s: float) -> None:
        """Refund again and again, at most so often."""
        for _ in range(most):
            if self._working.is_over.wait(self._dice.uniform(0.5, 1.5) * pause_s):
                return
            paid = list(self._ledger.paid)
            if not paid:
                continue
            # Those paid lately, so that notifications about them are still on their way; or one
            # that was refunded in part already.
            again = self._ledger.wanted and self._dice.random() < _TOUCHES_AGAIN
            known = self._dice.choice(self._ledger.wanted).number if again else ""
            self._refund(known or self._dice.choice(paid[-40:]).number)

    def _refund(self, number: str) -> None:
        if not self._is_in and not self._sign_in():
            return
        path = f"/admin/orders/{number}/refund"
        offered = self._page(self._office.ask("refund form", "GET", path))
        if offered is None or not offered.has_form("/refund/confirm"):
            return
        form = offered.form("/refund/confirm")
        amount = self._amount(int(form.fields["expected_idr"]))
        typed = {"amount": str(amount), "reason": "Salah ukuran", "reason_code": "damaged"}
        shown = self._page(self._send("refund confirm", form, **typed))
        if shown is not None and shown.has_form("/refund"):
            confirmed = shown.form("/refund")
            wanted = Wanted(number, amount, confirmed.fields["form_key"])
            self._ledger.wanted.append(wanted)
            self._insist(confirmed)

    def _amount(self, most_idr: int) -> int:
        whole = self._dice.random() < 0.3
        return most_idr if whole else max(1, self._dice.randint(1, 9) * most_idr // 10)

    def _insist(self, form: Form) -> None:
        """Send the form until it is answered."""
        if self._dice.random() < _TWICE_AT_ONCE:
            twin = threading.Thread(target=self._send, args=("refund", form))
            twin.start()
            self._send("refund", form)
            twin.join()
        for _ in range(_TRIES):
            answer = self._send("refund", form)
            if answer is not None and answer.status_code < 500:
                self._is_in = answer.status_code == 302 and "/login" not in answer.headers.get(
                    "Location", ""
                )
                return
            if self._working.is_over.wait(self._dice.uniform(0.3, 1.0)):
                return

    def _send(self, what: str, form: Form, **typed: str) -> requests.Response | None:
        return self._office.ask(what, "POST", form.action, data=form.fields | typed)

    def _page(self, answer: requests.Response | None) -> Page | None:
        """Return a page that was served; whoever is led away has to sign in again."""
        if answer is not None and answer.status_code in {302, 401}:
            self._is_in = False
        return Page(answer.text) if answer is not None and answer.ok else None

    def _sign_in(self) -> bool:
        self._office.http.cookies.clear()
        answer = self._office.ask("sign in", "GET", "/admin/login")
        page = self._page(answer)
        if page is None or not page.has_form("/login"):
            return False
        words = {"email": f"{self._name}@toko.example", "password": f"lunas-demo-{self._name}"}
        entered = self._send("sign in", page.form("/login"), **words)
        self._is_in = entered is not None and entered.status_code == 302
        return self._is_in
