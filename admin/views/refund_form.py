"""Asking for a refund: dry run and form, then what exactly will be sent, then the sending."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from admin.acts import Act, carry_out, insist
from admin.gate.forms import AccountForm, RefundEntryForm
from admin.lists.finding import order_number
from admin.order.order_page import load_order
from admin.order.refund_words import REFUND_REASONS
from admin.pages import PageMissingError
from admin.person import Person, signed_in_person
from admin.reading import current_desk, desk_to_act, reads
from admin.wording import why_words
from app.core.errors import RefusedError
from app.core.money import format_rupiah, parse_typed_amount
from app.core.reasons import Why
from app.core.refund_limits import Allowance
from app.core.refund_lines import Line, price_of_lines
from app.core.refund_reasons import RefundReason
from app.core.refunds import RefundVerdict
from app.core.rights import Right
from app.core.states import RefundRoute
from app.core.transfers import BankAccount, read_account
from app.db.models import Order
from app.services.paying_method import paying_method
from app.services.refund_limits import refund_allowance
from app.services.refund_lines import read_sold
from app.services.refunds import RefundForm, RefundResult, dry_run_refund, request_refund

# What a form may say of the way back: chosen by hand, or as the confirmation showed it.
_ROUTES: Final[Mapping[str, RefundRoute]] = {
    route.value: route for route in (RefundRoute.MANUAL, RefundRoute.REFUND, RefundRoute.VOID)
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person typed, read: an amount in rupiah, or the error to show beside the field."""

    amount_idr: int
    reason: str
    form_key: str
    expected_idr: int
    route: RefundRoute | None
    account: BankAccount | None = None
    reason_code: RefundReason | None = None
    lines: tuple[Line, ...] = ()
    amount_error: str = ""
    code_error: str = ""
    reason_error: str = ""
    account_error: str = ""

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing is missing or unreadable."""
        errors = (self.amount_error, self.code_error, self.reason_error, self.account_error)
        return not any(errors)

    def pieces(self, order_item_id: int) -> int:
        """Return how many pieces of a line were chosen."""
        return next((x.quantity for x in self.lines if x.order_item_id == order_item_id), 0)


@dataclass(frozen=True, slots=True)
class _Refused:
    """Why this amount cannot be asked for, and whether a bank transfer could do it."""

    words: str
    by_hand: bool


class RefundPages:
    """The three steps of a refund, part of the orders' pages."""

    # Given by Flask-Admin's view, which this is mixed into.
    render: Any

    @expose("/<number>/refund")
    def refund_form(self, number: str) -> str:
        """Show the dry run and the form; a fresh form is a fresh intent with a key of its own."""
        order = _order(number, "open_refund_form")
        verdict = dry_run_refund(desk_to_act(), order.id, None)
        manual = request.args.get("route") == RefundRoute.MANUAL
        form = RefundEntryForm(formdata=None)
        form.amount.data = format_rupiah(verdict.refundable_idr).removeprefix("Rp ")
        form.form_key.data = secrets.token_urlsafe(24)
        form.expected_idr.data = str(verdict.refundable_idr)
        form.route.data = RefundRoute.MANUAL.value if manual else ""
        return self._show_form(order, verdict, form)

    @expose("/<number>/refund/confirm", methods=("POST",))
    def refund_confirm(self, number: str) -> str:
        """Show exactly what would be sent; back to the form if it cannot be."""
        order, form = _order(number, "request_refund"), RefundEntryForm()
        entry = _read(form, order)
        desk = desk_to_act()
        if request.form.get("step") == "edit" or not entry.is_complete:
            verdict = dry_run_refund(desk, order.id, None)
            return self._show_form(order, verdict, form, entry)
        verdict = dry_run_refund(desk, order.id, entry.amount_idr)
        refusal = _refusal(entry, verdict) or _over_limit(entry)
        if refusal:
            whole = dry_run_refund(desk, order.id, None)
            by_hand = verdict.allows(RefundRoute.MANUAL)
            return self._show_form(order, whole, form, entry, _Refused(refusal, by_hand))
        return self._show_confirmation(order, verdict, form, entry)

    @expose("/<number>/refund", methods=("POST",))
    def refund_send(self, number: str) -> str | Response:
        """Ask for the refund and show where it stands; the same form again shows the first.

        A large sum that was not repeated by hand, or not rightly, is asked for once more.
        """
        order, form = _order(number, "request_refund"), RefundEntryForm()
        entry = _read(form, order)
        if _is_large(entry.amount_idr) and _amount(form.typed_amount.data or "") != (
            entry.amount_idr,
            "",
        ):
            verdict = dry_run_refund(desk_to_act(), order.id, entry.amount_idr)
            return self._show_confirmation(order, verdict, form, entry)
        act = Act(Right.REFUND, "request_refund", order.number)
        result = carry_out(act, lambda person: _request(order.id, entry, person))
        if result is None:
            return redirect(url_for(".refund_form", number=order.number))
        return redirect(url_for("refunds.details", refund_id=result.refund_id))

    def _show_confirmation(
        self, order: Order, verdict: RefundVerdict, form: RefundEntryForm, entry: Entry
    ) -> str:
        return self.render(
            "lunas/refund_confirm.html",
            order=order,
            method=paying_method(order),
            entry=entry,
            verdict=verdict,
            form=form,
            route=verdict.route or RefundRoute.MANUAL,
            allowance=_allowance(),
            is_large=_is_large(entry.amount_idr),
            is_mistyped=(request.endpoint or "").endswith(".refund_send"),
        )

    def _show_form(
        self,
        order: Order,
        verdict: RefundVerdict,
        form: RefundEntryForm,
        entry: Entry | None = None,
        refused: _Refused | None = None,
    ) -> str:
        by_hand = form.route.data == RefundRoute.MANUAL
        return self.render(
            "lunas/refund_form.html",
            order=order,
            method=paying_method(order),
            verdict=verdict,
            form=form,
            entry=entry,
            refused=refused,
            by_hand=by_hand,
            threshold_idr=current_desk().policy.approval_threshold_idr,
            allowance=_allowance(),
            sold={line.order_item_id: line for line in read_sold(reads(), order.id)},
            reasons=RefundReason,
        )


def _is_large(amount_idr: int) -> bool:
    """Tell whether a sum is so large that it is typed twice."""
    return amount_idr > current_desk().policy.approval_threshold_idr


def _order(number: str, action: str) -> Order:
    """Return the order for a person who may refund; others are refused, on record."""
    known = order_number(number)
    insist(Act(Right.REFUND, action, known or ""))
    order = load_order(reads(), known) if known else None
    if order is None:
        raise PageMissingError
    return order


def _read(form: RefundEntryForm, order: Order) -> Entry:
    lines = _lines(order)
    typed = _amount(form.amount.data or "")
    amount_idr, amount_error = _price(order, lines) if lines else typed
    reason_code = REFUND_REASONS.get(form.reason_code.data or "")
    reason = form.reason.data or ""
    by_hand = form.route.data == RefundRoute.MANUAL
    account, account_error = _account(form) if by_hand else (None, "")
    return Entry(
        amount_idr=amount_idr,
        reason=reason,
        form_key=(form.form_key.data or "")[:80],
        expected_idr=_whole_number(form.expected_idr.data or ""),
        route=_ROUTES.get(form.route.data or ""),
        account=account,
        reason_code=reason_code,
        lines=lines,
        amount_error=amount_error,
        code_error="" if reason_code else gettext("Choose a reason."),
        reason_error="" if reason else why_words(Why.REASON_MISSING),
        account_error=account_error,
    )


def _lines(order: Order) -> tuple[Line, ...]:
    """Return the pieces that were chosen; a field that is no number chooses none that exist."""
    typed = ((item.id, request.form.get(f"line_{item.id}", "").strip()) for item in order.items)
    lines = (Line(item_id, _whole_number(text)) for item_id, text in typed if text)
    return tuple(line for line in lines if line.quantity)


def _price(order: Order, lines: tuple[Line, ...]) -> tuple[int, str]:
    try:
        return price_of_lines(lines, read_sold(reads(), order.id)), ""
    except RefusedError as refusal:
        return 0, why_words(refusal.why)


def _account(form: RefundEntryForm) -> tuple[BankAccount | None, str]:
    try:
        return typed_account(form), ""
    except RefusedError as refusal:
        return None, why_words(refusal.why)


def typed_account(form: AccountForm) -> BankAccount:
    """Return the account that was typed; RefusedError if no transfer could reach it."""
    return read_account(
        form.bank.data or "", form.account_number.data or "", form.account_holder.data or ""
    )


def _amount(text: str) -> tuple[int, str]:
    try:
        return parse_typed_amount(text), ""
    except ValueError:
        return 0, gettext("Write the amount in rupiah, for example 75.000 or Rp 75.000.")


def _whole_number(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(10**12))
    # An altered field matches no amount, so the request is refused as "changed".
    return int(text) if is_number else -1


def _refusal(entry: Entry, verdict: RefundVerdict) -> str:
    """Return why the refund of this amount cannot be asked for, if so.

    The manual way is open exactly where the gateway's is not; its amount is checked here, because
    the verdict is about the gateway.
    """
    if entry.expected_idr != verdict.refundable_idr:
        return why_words(Why.AMOUNT_CHANGED)
    by_hand = entry.route is RefundRoute.MANUAL and verdict.allows(RefundRoute.MANUAL)
    return "" if by_hand or verdict.allowed else why_words(verdict.why)


def _allowance() -> Allowance:
    return refund_allowance(current_desk(), signed_in_person().staff_id)


def _over_limit(entry: Entry) -> str:
    """Return why the amount is more than the person may still refund today, if it is."""
    is_covered = _allowance().covers(entry.amount_idr)
    return "" if is_covered else why_words(Why.DAILY_LIMIT_REACHED)


def _request(order_id: int, entry: Entry, person: Person) -> RefundResult:
    if entry.reason_code is None:
        raise RefusedError(Why.REASON_MISSING)
    return request_refund(
        desk_to_act(),
        RefundForm(
            order_id=order_id,
            amount_idr=entry.amount_idr,
            reason=entry.reason,
            staff_id=person.staff_id,
            form_key=entry.form_key,
            expected_refundable_idr=entry.expected_idr,
            route=entry.route,
            account=entry.account,
            reason_code=entry.reason_code,
            lines=entry.lines,
        ),
    )
