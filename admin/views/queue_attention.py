"""What needs a person: every open call with advice, to be claimed, given back and settled."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, raiseload
from werkzeug.wrappers import Response

from admin.acts import Act, carry_out
from admin.figures.queue_counts import queue_counts
from admin.gate.entering import safe_target
from admin.gate.forms import ReasonForm
from admin.lists.exports import CALL_EXPORTS
from admin.lists.filters import ChoiceFilter, Filter, TimeFilter, equals
from admin.lists.finding import find_orders
from admin.lists.listing import Chosen
from admin.lists.paging import LARGEST_ID, Sort
from admin.pages import PageMissingError
from admin.person import Person, signed_in_person
from admin.reading import current_desk, desk_to_act, reads
from admin.views.base import ListView
from admin.wording import options
from app.core.rights import Right
from app.core.states import Attention
from app.db.attention import urgency_in_order
from app.db.models import AttentionCall
from app.services.attention import CLAIM_LASTS, claim_call, is_held, release_call, resolve_call
from app.services.queues import is_called

_ONE: Final = "<int:call_id>"


def _claimed(value: str) -> ColumnElement[bool]:
    held = AttentionCall.claimed_at > current_desk().clock() - CLAIM_LASTS
    if value == "mine":
        return held & (AttentionCall.claimed_by_id == signed_in_person().staff_id)
    return AttentionCall.claimed_at.is_(None) | ~held


class AttentionView(ListView):
    """The queue of orders that need a person; an order waits here once for each reason."""

    list_template = "lunas/queue_attention.html"
    group = "queues"
    columns: ClassVar = {
        "order": lazy_gettext("Order"),
        "what": lazy_gettext("Needs attention"),
        "advice": lazy_gettext("What to do"),
        "raised_at": lazy_gettext("Since (WIB)"),
        "claim": lazy_gettext("Who works on it"),
        "settle": lazy_gettext("Settle"),
    }
    column_classes: ClassVar = {"order": "id", "what": "words", "advice": "words"}
    column_sorts: ClassVar = {"order": "id", "what": "urgency", "raised_at": "raised"}
    sorts: ClassVar = (
        # Of the same urgency, the call that was raised first has the smaller id.
        Sort("urgency", lazy_gettext("Needs attention"), urgency_in_order(), "urgency"),
        Sort("raised", lazy_gettext("Since"), AttentionCall.raised_at, "raised_at"),
    )
    opening_order: ClassVar = "urgency"
    exports: ClassVar = CALL_EXPORTS
    can_search = True
    search_hint = lazy_gettext("Order")
    empty_text = lazy_gettext("Nothing needs a person now.")
    list_filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(
            "code",
            lazy_gettext("Needs attention"),
            options(Attention),
            equals(AttentionCall.code, Attention),
        ),
        ChoiceFilter(
            "claimed",
            lazy_gettext("Who works on it"),
            [("nobody", lazy_gettext("nobody yet")), ("mine", lazy_gettext("me"))],
            _claimed,
        ),
        TimeFilter("raised", lazy_gettext("Since"), AttentionCall.raised_at),
    )

    def waiting(self) -> int | None:
        """Return how many calls are open."""
        return queue_counts().attention

    def loads(self) -> Sequence[Any]:
        """Return what the cells show besides the call itself."""
        return joinedload(AttentionCall.order), joinedload(AttentionCall.claimed_by)

    def conditions(self, chosen: Chosen) -> list[ColumnElement[bool]]:
        """Return which open calls an address means."""
        return [is_called(), *super().conditions(chosen)]

    def search_condition(self, text: str) -> ColumnElement[bool]:
        """Return the calls about the orders that the text names."""
        return AttentionCall.order_id.in_(find_orders(reads(), text))

    def get_list(self, *args: Any, **kwargs: Any) -> tuple[None, list[Any]]:
        """Return one page, with who holds what."""
        count, rows = super().get_list(*args, **kwargs)
        now = current_desk().clock()
        held = {row.id for row in rows if is_held(row, now)}
        self.give(held=held, me=signed_in_person())
        return count, rows

    @expose(f"/{_ONE}/claim", methods=("POST",))
    def claim(self, call_id: int) -> Response:
        """Take the call up, so that nobody else works on it."""
        return _act(
            call_id,
            "claim_call",
            lambda person: claim_call(desk_to_act(), call_id, staff_id=person.staff_id),
            gettext("It is yours for two hours; colleagues see your name."),
        )

    @expose(f"/{_ONE}/release", methods=("POST",))
    def release(self, call_id: int) -> Response:
        """Give the call back to everybody."""
        return _act(
            call_id,
            "release_call",
            lambda person: release_call(desk_to_act(), call_id, staff_id=person.staff_id),
            gettext("Given back: colleagues can take it up."),
        )

    @expose(f"/{_ONE}/settle", methods=("POST",))
    def settle(self, call_id: int) -> Response:
        """Take the call out of the queue, with what was found and decided."""
        reason = ReasonForm().reason.data or ""
        return _act(
            call_id,
            "resolve_attention",
            lambda person: resolve_call(
                desk_to_act(), call_id, staff_id=person.staff_id, reason=reason
            ),
            gettext("Settled. The order's timeline keeps your words."),
        )


def _act(call_id: int, name: str, work: Callable[[Person], object], said: str) -> Response:
    call = _call(call_id)
    act = Act(Right.RESOLVE_ATTENTION, name, f"{call.order.number} {call.code.value}")
    if carry_out(act, lambda person: (work(person),)) is not None:
        flash(said, "done")
    return redirect(safe_target(request.form.get("next"), url_for("attention.index_view")))


def _call(call_id: int) -> AttentionCall:
    query = select(AttentionCall).where(AttentionCall.id == call_id)
    query = query.options(joinedload(AttentionCall.order), raiseload("*"))
    call = reads().scalars(query).one_or_none() if call_id <= LARGEST_ID else None
    if call is None:
        raise PageMissingError
    return call
