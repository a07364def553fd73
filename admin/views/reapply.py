"""Applying again what notifications were about: the dry run, and then the deed."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from flask import redirect, request, url_for
from flask_admin import expose
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, raiseload
from werkzeug.wrappers import Response

from admin.acts import Act, carry_out, insist
from admin.lists.paging import LARGEST_ID
from admin.pages import PageMissingError
from admin.person import Person
from admin.reading import desk_to_act, reads
from admin.views.base import ListView
from app.core.rights import Right
from app.db.models import Attempt, Notification, ReapplyRow, ReapplyRun, ReapplyStep
from app.services.reapply import MOST_ROWS, Chosen, apply_further, begin_reapply, look_further

_ONE_RUN: Final = "/again/<int:run_id>"
_LATEST: Final = 5


class ReapplyPages(ListView):
    """The part of the notification log by which somebody acts on what is listed."""

    def latest_runs(self) -> Sequence[ReapplyRun]:
        """Return the runs that were begun last, so that a person finds theirs again."""
        query = select(ReapplyRun).order_by(ReapplyRun.id.desc()).limit(_LATEST)
        return reads().scalars(query.options(joinedload(ReapplyRun.staff), raiseload("*"))).all()

    @expose("/again", methods=("POST",))
    def again(self) -> Response:
        """Keep the set that is filtered, or one notification, and look at the first few."""
        act = Act(Right.CHECK_STATUS, "reapply_begin", "notifications")
        insist(act)
        chosen = self._chosen_messages(request.form.get("query", "")[:4000])
        run_id = carry_out(act, lambda person: _begin(chosen, person))
        return redirect(url_for(".again_run", run_id=run_id))

    @expose(_ONE_RUN)
    def again_run(self, run_id: int) -> str:
        """Show how many would change and how many not, and why."""
        run = _run(run_id)
        rows = _rows(run_id)
        return self.render(
            "lunas/reapply.html",
            run=run,
            rows=rows,
            counts={step: sum(row.step is step for row in rows) for step in ReapplyStep},
            steps=ReapplyStep,
        )

    @expose(f"{_ONE_RUN}/look", methods=("POST",))
    def again_look(self, run_id: int) -> Response:
        """Ask about the next few, without changing anything."""
        return _go_on(run_id, "reapply_look", lambda _person: look_further(desk_to_act(), run_id))

    @expose(f"{_ONE_RUN}/apply", methods=("POST",))
    def again_apply(self, run_id: int) -> Response:
        """Apply the answers about the next few that would change."""
        return _go_on(
            run_id,
            "reapply_apply",
            lambda person: apply_further(desk_to_act(), run_id, staff_id=person.staff_id),
        )

    def _chosen_messages(self, query: str) -> Chosen:
        """Return what a kept query of this list means now; a query in error means nothing."""
        chosen = self.chosen_of(query)
        where = self.conditions(chosen) if not chosen.asked.errors else [Notification.id < 0]
        count = func.count(Notification.id)
        with_order = func.count(Notification.attempt_id)
        total, known = reads().execute(select(count, with_order).where(*where)).one()
        return Chosen(self.query_of(chosen), total, total - known, _attempts(where))


def _attempts(where: list[ColumnElement[bool]]) -> list[int]:
    """Return the payments of the newest notifications first, each once."""
    query = select(Notification.attempt_id).where(*where, Notification.attempt_id.is_not(None))
    grouped = query.group_by(Notification.attempt_id)
    found = reads().scalars(grouped.order_by(func.max(Notification.id).desc()).limit(MOST_ROWS + 1))
    return [one for one in found if one is not None]


def _begin(chosen: Chosen, person: Person) -> int:
    desk = desk_to_act()
    run_id = begin_reapply(desk, chosen, staff_id=person.staff_id)
    look_further(desk, run_id)
    return run_id


def _go_on(run_id: int, name: str, work: Callable[[Person], object]) -> Response:
    act = Act(Right.CHECK_STATUS, name, f"run {run_id}"[:40])
    insist(act)
    run = _run(run_id)
    carry_out(act, work)
    return redirect(url_for(".again_run", run_id=run.id))


def _run(run_id: int) -> ReapplyRun:
    query = select(ReapplyRun).where(ReapplyRun.id == run_id)
    query = query.options(joinedload(ReapplyRun.staff), raiseload("*"))
    run = reads().scalars(query).one_or_none() if run_id <= LARGEST_ID else None
    if run is None:
        raise PageMissingError
    return run


def _rows(run_id: int) -> list[ReapplyRow]:
    attempt: Any = joinedload(ReapplyRow.attempt)
    query = select(ReapplyRow).where(ReapplyRow.run_id == run_id)
    query = query.options(attempt.joinedload(Attempt.order), raiseload("*"))
    return list(reads().scalars(query.order_by(ReapplyRow.id).limit(MOST_ROWS)))
