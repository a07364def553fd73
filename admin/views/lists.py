"""What a person does with a list: add a filter, choose columns, save a view, take it out."""

import re
from typing import Any, Final
from urllib.parse import parse_qsl

from flask import Response as FlaskResponse
from flask import flash, jsonify, redirect, request
from flask_admin import BaseView, expose
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from admin.acts import Act, carry_out, insist, note
from admin.gate.forms import cleaned
from admin.lists.exporting import MEDIA_TYPES, Shipment, stream_shipment
from admin.lists.filters import Op
from admin.lists.listing import PAGE_SIZES, Chosen
from admin.lists.paging import LARGEST_ID
from admin.lists.questions import one_question
from admin.pages import PageForbiddenError, PageMissingError
from admin.person import signed_in_person
from admin.reading import current_desk, desk_to_act, reads
from admin.views.base import Guarded, ListView, list_named
from app.core.rights import Right
from app.core.wib import WIB
from app.db.models import FileFormat
from app.services.desk import Desk
from app.services.desk_settings import (
    NewView,
    choose_default_view,
    delete_view,
    forget_columns,
    keep_columns,
    save_view,
)
from app.services.exports import NewExport, begin_export, read_progress, running_exports

_MOST_AT_ONCE: Final = 2
_MOST_COUNTED: Final = 2**31 - 2
_LONGEST_NAME: Final = 60
_LONGEST_QUERY: Final = 4000
_KEY: Final = re.compile(r"[0-9A-Za-z_-]{16,40}\Z")


class ListToolsView(Guarded, BaseView):
    """The forms around every list; the list itself says who may see what."""

    def is_visible(self) -> bool:
        """Stay out of the menu: these are parts of lists."""
        return False

    @expose("/")
    def index_view(self) -> str:
        """Say that there is no page here: Flask-Admin asks every part for one."""
        raise PageMissingError

    @expose("/<list_name>/filter")
    def filter(self, list_name: str) -> Response:
        """Go to the list with one filter more, as typed into the form."""
        found = self._list(list_name)
        field = next((f for f in found.list_filters if f.name == request.args.get("field")), None)
        if field is None:
            return redirect(found.list_address(_chosen(found, request.args).pairs))
        pair = one_question(field, _op(request.args.get("op", "")), request.args.getlist("value"))
        return redirect(found.list_address([pair, *_chosen(found, request.args).pairs]))

    @expose("/<list_name>/columns", methods=("POST",))
    def columns(self, list_name: str) -> Response:
        """Keep which columns the person wants, in which order, and how many rows on a page."""
        found, person = self._list(list_name), signed_in_person()
        if "reset" in request.form:
            forget_columns(desk_to_act().sessions, person.staff_id, list_name)
        else:
            allowed = found.columns_for(person)
            wanted = [column for column in request.form.getlist("column") if column in allowed]
            size = _page_size(request.form.get("size", ""))
            keep_columns(desk_to_act().sessions, person.staff_id, list_name, wanted, size)
        # A saved view brings its own columns; what was just chosen is what the person wants to see.
        chosen = _chosen(found, request.form)
        return redirect(found.list_address([p for p in chosen.pairs if p[0] != "view"]))

    @expose("/<list_name>/views", methods=("POST",))
    def views(self, list_name: str) -> Response:
        """Save what the list shows now under a name, and open it."""
        found, person = self._list(list_name), signed_in_person()
        title = cleaned(request.form.get("name"))[:_LONGEST_NAME].replace("\n", " ").strip()
        chosen = _chosen(found, request.form)
        if not title or chosen.asked.errors:
            flash(
                gettext("Give the view a name. Filters that cannot be read are not saved."),
                "refused",
            )
            return redirect(found.list_address(chosen.pairs))
        view = NewView(
            staff_id=person.staff_id,
            list_name=list_name,
            name=title,
            is_shared="shared" in request.form,
            query=found.query_of(chosen),
            columns=[c for c in request.form.getlist("column") if c in found.columns],
        )
        deed = "share_view" if view.is_shared else "save_view"
        act = Act(Right.VIEW, deed, f"{list_name}: {title}")
        view_id = carry_out(
            act, lambda _: save_view(current_desk().sessions, view, current_desk().clock())
        )
        return redirect(found.list_address([*found.pairs_of(view.query), ("view", str(view_id))]))

    @expose("/<list_name>/views/<int:view_id>/delete", methods=("POST",))
    def forget(self, list_name: str, view_id: int) -> Response:
        """Delete a view of the person's own."""
        found, person = self._list(list_name), signed_in_person()
        act = Act(Right.VIEW, "delete_view", f"{list_name}: {view_id}")
        sessions = desk_to_act().sessions
        if view_id > LARGEST_ID or not delete_view(sessions, view_id, person.staff_id):
            note(act, done=False, why="not_yours")
            raise PageMissingError
        note(act, done=True, why="")
        return redirect(found.all_url())

    @expose("/<list_name>/default", methods=("POST",))
    def default(self, list_name: str) -> Response:
        """Let the list open with a view, or with everything."""
        found, person = self._list(list_name), signed_in_person()
        text = request.form.get("view", "")
        view_id = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
        sessions = desk_to_act().sessions
        if not choose_default_view(sessions, person.staff_id, list_name, view_id):
            raise PageMissingError
        return redirect(found.list_address(_chosen(found, request.form).pairs))

    @expose("/<list_name>/export", methods=("POST",))
    def export(self, list_name: str) -> Response:
        """Send the rows of the list, in its order, with the chosen columns."""
        found, chosen = self._list(list_name), _chosen(self._list(list_name), request.form)
        act = Act(Right.EXPORT, f"export_{list_name}"[:60], found.query_of(chosen)[:80])
        insist(act)
        refusal = self._refusal(found, chosen)
        if refusal:
            note(act, done=False, why=refusal)
            flash(refusal, "refused")
            return redirect(found.list_address(chosen.pairs))
        return _send(found, chosen, act)

    @expose("/exports/<key>")
    def progress(self, key: str) -> FlaskResponse:
        """Say how far an export of the person's own is."""
        person = signed_in_person()
        found = read_progress(reads(), key, person.staff_id) if _KEY.match(key) else None
        if found is None:
            raise PageMissingError
        done, total = found.rows_done, found.rows_total
        words = gettext("%(done)s of %(total)s rows", done=f"{done:,}", total=f"{total:,}")
        return jsonify(state=found.state.value, done=done, total=total, words=words)

    def _list(self, list_name: str) -> ListView:
        found = list_named(self.admin, list_name)
        if not found.is_accessible():
            raise PageForbiddenError
        return found

    def _refusal(self, found: ListView, chosen: Chosen) -> str:
        """Return why this cannot be exported now; empty if it can."""
        person, now = signed_in_person(), current_desk().clock()
        if not found.export_columns(request.form.getlist("column"), person):
            return gettext("None of the shown columns can be exported.")
        if chosen.asked.errors:
            return gettext("A filter cannot be read, so nothing was exported.")
        if running_exports(reads(), person.staff_id, now) >= _MOST_AT_ONCE:
            return gettext("Two of your exports are under way. Wait until one has ended.")
        return ""


def _send(found: ListView, chosen: Chosen, act: Act) -> Response:
    person, columns = signed_in_person(), request.form.getlist("column")
    outs, until_now = found.export_columns(columns, person), found.until_now()
    key, file_format = request.form.get("key", ""), _format(request.form.get("format", ""))
    new = NewExport(
        key=key,
        staff_id=person.staff_id,
        list_name=act.name.removeprefix("export_"),
        file_format=file_format,
        query=found.query_of(chosen),
        columns=[column for column in columns if column in found.exports],
        rows_total=found.count(chosen, _MOST_COUNTED, until_now),
    )
    query = found.export_query(chosen, outs, until_now)
    shipment = Shipment(key, file_format, [str(out.heading) for out in outs], outs, query)
    desk = desk_to_act()
    if not _KEY.match(key) or not begin_export(desk.sessions, new, desk.clock()):
        note(act, done=False, why="export_repeated")
        flash(gettext("This export was sent already. Choose it again for a new one."), "refused")
        return redirect(found.list_address(chosen.pairs))
    # On record before the first row leaves: nobody takes data out by breaking off in time.
    note(act, done=True, why=f"{new.rows_total} rows, {file_format}: {', '.join(new.columns)}")
    name = f"lunas-{new.list_name}-{desk.clock().astimezone(WIB):%Y%m%d-%H%M}.{file_format}"
    return _as_file(desk, shipment, name)


def _as_file(desk: Desk, shipment: Shipment, name: str) -> Response:
    return FlaskResponse(
        stream_shipment(desk, shipment),
        mimetype=MEDIA_TYPES[shipment.file_format],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            # A proxy that gathers the file first would undo the streaming.
            "X-Accel-Buffering": "no",
        },
    )


def _chosen(found: ListView, arguments: Any) -> Chosen:
    """Return what the list showed when the form was served."""
    return found.chosen(MultiDict(parse_qsl(arguments.get("query", "")[:_LONGEST_QUERY])))


def _op(text: str) -> Op:
    try:
        return Op(text)
    except ValueError:
        return Op.IS


def _format(text: str) -> FileFormat:
    return FileFormat.XLSX if text == FileFormat.XLSX.value else FileFormat.CSV


def _page_size(text: str) -> int:
    sizes = {str(size): size for size in PAGE_SIZES}
    return sizes.get(text, PAGE_SIZES[1])
