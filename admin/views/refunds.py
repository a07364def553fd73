"""Refunds: the list, the page of one, and what a second person or the bank does with it."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from flask import redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, raiseload, selectinload
from werkzeug.wrappers import Response

from admin.acts import Act, carry_out
from admin.gate.forms import AccountForm, ApprovalForm, ProofForm, ReasonForm
from admin.lists.exports import REFUND_EXPORTS
from admin.lists.filters import ChoiceFilter, Filter, TextFilter, TimeFilter, equals, money
from admin.lists.finding import find_orders
from admin.lists.names import read_names
from admin.lists.paging import LARGEST_ID, Sort
from admin.order.refund_words import reason_options
from admin.pages import PageMissingError
from admin.person import Person, signed_in_person
from admin.reading import current_desk, desk_to_act, reads
from admin.views.base import ListView
from admin.views.refund_form import typed_account
from admin.wording import options
from app.core.gateway_words import explain_refund_code
from app.core.refund_changes import Change, what_changed
from app.core.refund_reasons import RefundReason
from app.core.refunds import APPROVAL_LIFETIME, UNDER_WAY
from app.core.rights import Right
from app.core.states import GatewayName, RefundRoute, RefundState, StockState
from app.core.transitions import RETURNED
from app.db.models import Order, Refund, RefundItem
from app.services.facts import load_facts
from app.services.findings import is_frozen
from app.services.refund_facts import WHY_OF
from app.services.refund_sending import resolve_refund, verdict_now
from app.services.refunds import (
    MAY_BE_REROUTED,
    RefundResult,
    RerouteForm,
    approve_refund,
    mark_transferred,
    reject_refund,
    reroute_refund,
    withdraw_refund,
)
from app.services.restocking import restock_refund, restockable

_ONE: Final = "<int:refund_id>"
_OPEN: Final = UNDER_WAY | {RefundState.AWAITING_APPROVAL, RefundState.TO_TRANSFER}
_SMALL_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_MAY_WITHDRAW: Final = frozenset(
    {RefundState.AWAITING_APPROVAL, RefundState.APPROVED, RefundState.TO_TRANSFER}
)


def _in_state(value: str) -> ColumnElement[bool]:
    return Refund.state.in_(_OPEN) if value == "open" else Refund.state == RefundState(value)


class RefundsView(ListView):
    """The list of refunds and the page of each."""

    list_template = "lunas/refunds.html"
    columns: ClassVar = {
        "refund": lazy_gettext("Refund"),
        "requested_at": lazy_gettext("Requested (WIB)"),
        "order": lazy_gettext("Order"),
        "amount": lazy_gettext("Amount"),
        "route": lazy_gettext("Way back"),
        "state": lazy_gettext("State"),
        "key": lazy_gettext("Refund key"),
        "who": lazy_gettext("Requested by"),
        "reason": lazy_gettext("Reason"),
        "provider_id": lazy_gettext("Gateway's refund id"),
        "finished_at": lazy_gettext("Finished (WIB)"),
    }
    column_classes: ClassVar = {
        "amount": "money",
        "key": "id",
        "order": "id",
        "provider_id": "id",
        "reason": "words",
    }
    optional_columns: ClassVar = frozenset({"reason", "provider_id", "finished_at"})
    column_sorts: ClassVar = {
        "refund": "id",
        "requested_at": "requested",
        "amount": "amount",
        "state": "state",
    }
    sorts: ClassVar = (
        Sort("requested", lazy_gettext("Requested"), Refund.requested_at, "requested_at"),
        Sort("amount", lazy_gettext("Amount"), Refund.amount_idr, "amount_idr"),
        Sort("state", lazy_gettext("State"), Refund.state, "state"),
    )
    exports: ClassVar = REFUND_EXPORTS
    can_search = True
    search_hint = lazy_gettext("Order, refund key or the gateway's refund id")
    empty_text = lazy_gettext("No refunds yet.")
    list_filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(
            "state",
            lazy_gettext("State"),
            [("open", lazy_gettext("Not finished")), *options(RefundState)],
            _in_state,
        ),
        ChoiceFilter(
            "route",
            lazy_gettext("Way back"),
            options(RefundRoute),
            equals(Refund.route, RefundRoute),
        ),
        ChoiceFilter(
            "gateway",
            lazy_gettext("Gateway"),
            options(GatewayName),
            equals(Refund.gateway, GatewayName),
        ),
        money("amount", lazy_gettext("Amount"), Refund.amount_idr),
        TimeFilter("requested", lazy_gettext("Requested"), Refund.requested_at),
        TimeFilter("finished", lazy_gettext("Finished"), Refund.finished_at, may_be_empty=True),
        ChoiceFilter(
            "code",
            lazy_gettext("Reason"),
            reason_options(),
            equals(Refund.reason_code, RefundReason),
            empty=Refund.reason_code,
        ),
        TextFilter("reason", lazy_gettext("Words of the reason"), Refund.reason),
    )

    def loads(self) -> Sequence[Any]:
        """Return what the cells show besides the refund itself."""
        return joinedload(Refund.order), joinedload(Refund.requested_by)

    def search_condition(self, text: str) -> ColumnElement[bool]:
        """Return the refunds that the text names, or those of the orders that it names."""
        exact = read_names(text).exact
        return or_(
            Refund.key.in_(exact),
            Refund.provider_refund_id.in_(exact),
            Refund.order_id.in_(find_orders(reads(), text)),
        )

    @expose(f"/{_ONE}")
    def details(self, refund_id: int) -> str:
        """Show one refund: where it stands, the gateway's words, and the next step."""
        return self.render("lunas/refund.html", **_page(refund_id))

    @expose(f"/{_ONE}/live")
    def live(self, refund_id: int) -> Response:
        """Return the changing part of the page; ``X-Lunas-Live`` tells whether to ask again."""
        page = _page(refund_id)
        live = "on" if page["in_flight"] else "off"
        body = render_template("lunas/refund_body.html", **page)
        return Response(body, mimetype="text/html", headers={"X-Lunas-Live": live})

    @expose(f"/{_ONE}/approve", methods=("POST",))
    def approve(self, refund_id: int) -> Response:
        """Agree to the request that was shown, and send it."""
        shown = ApprovalForm().approval_hash.data or ""
        return _act(
            refund_id,
            (Right.APPROVE_REFUND, "approve_refund"),
            lambda person: approve_refund(
                desk_to_act(), refund_id, staff_id=person.staff_id, approval_hash=shown
            ),
        )

    @expose(f"/{_ONE}/reject", methods=("POST",))
    def reject(self, refund_id: int) -> Response:
        """Turn the request down."""
        reason = ReasonForm().reason.data or ""
        return _act(
            refund_id,
            (Right.APPROVE_REFUND, "reject_refund"),
            lambda person: reject_refund(
                desk_to_act(), refund_id, staff_id=person.staff_id, reason=reason
            ),
        )

    @expose(f"/{_ONE}/withdraw", methods=("POST",))
    def withdraw(self, refund_id: int) -> Response:
        """Take the request back before anything was sent."""
        reason = ReasonForm().reason.data or ""
        return _act(
            refund_id,
            (Right.REFUND, "withdraw_refund"),
            lambda person: withdraw_refund(
                desk_to_act(), refund_id, staff_id=person.staff_id, reason=reason
            ),
        )

    @expose(f"/{_ONE}/transferred", methods=("POST",))
    def transferred(self, refund_id: int) -> Response:
        """Record that the bank transfer was made."""
        proof = ProofForm().proof.data or ""
        return _act(
            refund_id,
            (Right.TRANSFER, "mark_transferred"),
            lambda person: mark_transferred(
                desk_to_act(), refund_id, staff_id=person.staff_id, proof=proof
            ),
        )

    @expose(f"/{_ONE}/reroute", methods=("POST",))
    def reroute(self, refund_id: int) -> Response:
        """Go on with the refund by bank transfer, and show the new one."""
        refund, form = _refund(refund_id), AccountForm()
        act = Act(Right.REFUND, "reroute_refund", _name(refund))
        result = carry_out(act, lambda person: _reroute(refund_id, form, person))
        shown = refund_id if result is None else result.refund_id
        return redirect(url_for("refunds.details", refund_id=shown))

    @expose(f"/{_ONE}/restock", methods=("POST",))
    def restock(self, refund_id: int) -> Response:
        """Put the chosen pieces back in stock, each once."""
        pieces = typed_pieces(request.form)
        return _act(
            refund_id,
            (Right.REFUND, "restock_refund"),
            lambda person: restock_refund(
                desk_to_act(),
                refund_id,
                staff_id=person.staff_id,
                pieces=pieces,
            ),
        )

    @expose(f"/{_ONE}/resolve", methods=("POST",))
    def resolve(self, refund_id: int) -> Response:
        """Ask the gateway about the refund now."""
        return _act(
            refund_id,
            (Right.CHECK_STATUS, "resolve_refund"),
            lambda _person: resolve_refund(desk_to_act(), refund_id),
        )


def _refund(refund_id: int) -> Refund:
    query = select(Refund).where(Refund.id == refund_id)
    query = query.options(
        joinedload(Refund.order).selectinload(Order.items),
        selectinload(Refund.items).joinedload(RefundItem.order_item),
        joinedload(Refund.attempt),
        joinedload(Refund.requested_by),
        joinedload(Refund.approved_by),
        joinedload(Refund.transferred_by),
        joinedload(Refund.replaces),
        raiseload("*"),
    )
    refund = reads().scalars(query).one_or_none() if refund_id <= LARGEST_ID else None
    if refund is None:
        raise PageMissingError
    return refund


def _act(refund_id: int, named: tuple[Right, str], work: Callable[[Person], object]) -> Response:
    refund, (right, name) = _refund(refund_id), named
    carry_out(Act(right, name, _name(refund)), work)
    return redirect(url_for("refunds.details", refund_id=refund_id))


def _name(refund: Refund) -> str:
    return f"{refund.order.number} R{refund.number}"


def _reroute(refund_id: int, form: AccountForm, person: Person) -> RefundResult:
    return reroute_refund(
        desk_to_act(),
        RerouteForm(
            refund_id=refund_id,
            account=typed_account(form),
            staff_id=person.staff_id,
            form_key=(form.form_key.data or "")[:80],
        ),
    )


def _successor(refund: Refund) -> Refund | None:
    """Return the refund that goes on from this one by bank transfer, if any."""
    query = select(Refund).where(Refund.replaces_id == refund.id).options(raiseload("*"))
    return reads().scalars(query).one_or_none()


def _page(refund_id: int) -> dict[str, Any]:
    refund, person = _refund(refund_id), signed_in_person()
    waits = refund.state is RefundState.AWAITING_APPROVAL
    successor = _successor(refund)
    return {
        **_what_they_may(refund, successor, person),
        "refund": refund,
        "order": refund.order,
        "why": WHY_OF[refund.state],
        "in_flight": refund.state in UNDER_WAY,
        "frozen": refund.state in _OPEN and is_frozen(reads(), refund.order_id),
        "approval_ends_at": _approval_end(refund) if waits else None,
        "successor": successor,
        "account_form": AccountForm(formdata=None, form_key=secrets.token_urlsafe(24)),
        "explanation": explain_refund_code(
            refund.gateway, refund.provider_code or "", refund.provider_message or ""
        ),
        "changes": _changes(refund) if waits else (),
        **_restocking(refund, person),
        "approval_form": ApprovalForm(formdata=None, approval_hash=refund.approval_hash),
        "reason_form": ReasonForm(formdata=None),
        "proof_form": ProofForm(formdata=None),
    }


def _what_they_may(refund: Refund, successor: Refund | None, person: Person) -> dict[str, bool]:
    """Decide which buttons this person is offered, and whether they see the account."""
    waits = refund.state is RefundState.AWAITING_APPROVAL
    is_own = refund.requested_by_id == person.staff_id
    to_transfer = refund.state is RefundState.TO_TRANSFER
    return {
        "is_own_request": waits and is_own,
        "may_decide": waits and not is_own and person.may(Right.APPROVE_REFUND),
        "may_withdraw": refund.state in _MAY_WITHDRAW and person.may(Right.REFUND),
        "may_transfer": _can_transfer(refund, person),
        "is_own_transfer": to_transfer and _needs_another(refund, person),
        "may_reroute": _can_reroute(refund, successor) and person.may(Right.REFUND),
        "may_ask": refund.state in UNDER_WAY and person.may(Right.CHECK_STATUS),
        "shows_account": person.may(Right.TRANSFER) or person.may(Right.APPROVE_REFUND),
    }


def _approval_end(refund: Refund) -> datetime:
    return refund.requested_at + APPROVAL_LIFETIME


def _needs_another(refund: Refund, person: Person) -> bool:
    """Tell whether somebody else than this person must record the transfer."""
    return refund.needs_approval and refund.requested_by_id == person.staff_id


def _can_transfer(refund: Refund, person: Person) -> bool:
    waits = refund.state is RefundState.TO_TRANSFER
    return waits and person.may(Right.TRANSFER) and not _needs_another(refund, person)


def _can_reroute(refund: Refund, successor: Refund | None) -> bool:
    by_gateway = refund.route in {RefundRoute.REFUND, RefundRoute.VOID}
    return by_gateway and refund.state in MAY_BE_REROUTED and successor is None


def _restocking(refund: Refund, person: Person) -> dict[str, Any]:
    """Return which pieces may be put back in stock, and whether all of them are proposed."""
    is_possible = refund.state in RETURNED and refund.order.stock_state is StockState.TAKEN
    allowed = restockable(reads(), refund) if is_possible and person.may(Right.REFUND) else {}
    order = refund.order
    return {
        "may_come_back": allowed,
        "may_restock": any(allowed.values()),
        "all_come_back": bool(refund.items) or order.refunded_idr == order.captured_idr,
    }


def _changes(refund: Refund) -> tuple[Change, ...]:
    """Return what the rules say otherwise now than when the refund was asked for."""
    desk, facts = current_desk(), load_facts(reads(), refund.order)
    return what_changed(refund.asked_verdict, verdict_now(desk, facts, refund, desk.clock()))


def typed_pieces(form: Mapping[str, str]) -> dict[int, int]:
    """Return the pieces typed for each line (``line_<id>``); what is no number is no piece."""
    found: dict[int, int] = {}
    for name, text in form.items():
        line = name.removeprefix("line_")
        if line != name and _SMALL_NUMBER.fullmatch(line) and _SMALL_NUMBER.fullmatch(text):
            found[int(line)] = int(text)
    return found
