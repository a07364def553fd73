"""The check of the set-up: which part is missing, and what to do about it."""

from flask_admin import BaseView, expose

from admin.acts import Act, carry_out, insist
from admin.figures.self_test import run_self_test
from admin.reading import desk_to_act
from admin.views.base import Guarded
from app.core.rights import Right


class SelfTestView(Guarded, BaseView):
    """Tells what is checked, and checks it when asked to."""

    def is_visible(self) -> bool:
        """Keep it out of the menu: it is opened from the notification log."""
        return False

    @expose("/")
    def index(self) -> str:
        """Show what is checked."""
        return self.render("lunas/self_test.html", parts=None)

    @expose("/", methods=("POST",))
    def run(self) -> str:
        """Check every part and show how it stands."""
        act = Act(Right.CHECK_STATUS, "self_test", "set-up")
        insist(act)
        parts = carry_out(act, lambda _person: run_self_test(desk_to_act()))
        return self.render("lunas/self_test.html", parts=parts)
