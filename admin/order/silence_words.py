"""What it means for staff that a gateway gave no answer, and what to do then."""

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString, lazy_gettext

from app.core.silences import Silence

_WORDS: Final[Mapping[Silence | None, LazyString]] = {
    Silence.UNREACHABLE: lazy_gettext(
        "Nobody could be reached at the gateway, so nothing was asked. Try again in a minute; if "
        "it stays so, tell whoever looks after the server."
    ),
    Silence.BROKEN_OFF: lazy_gettext(
        "The question was sent and the answer did not arrive in time. Asking changes nothing at "
        "the gateway: simply ask again."
    ),
    Silence.UNREADABLE: lazy_gettext(
        "The answer was none that the gateway documents; often it is being repaired. Ask again in "
        "a few minutes."
    ),
    Silence.LIMITED: lazy_gettext(
        "The gateway limits how often we ask. Wait a minute; Lunas also goes on asking by itself."
    ),
    Silence.KEYS_REFUSED: lazy_gettext(
        "The gateway refuses our keys, for every order. Tell an administrator: the server key or "
        "API key is wrong or was replaced."
    ),
    Silence.REFUSED: lazy_gettext(
        "The gateway refuses to tell about this payment. Look for it in the gateway's own "
        "dashboard by the reference."
    ),
    Silence.TROUBLE: lazy_gettext(
        "The gateway says that it has a problem of its own. Ask again in a few minutes."
    ),
    None: lazy_gettext("It is not known why. Ask again in a few minutes."),
}


def silence_words(silence: Silence | None) -> str:
    """Return what a silence means and the next step, in the language of the page."""
    return str(_WORDS[silence])
