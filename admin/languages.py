"""Indonesian or English: chosen by the person, or by the browser before anybody signed in."""

from pathlib import Path
from typing import Final

from flask import Flask, request, session
from flask_babel import Babel, get_locale

from admin.person import current_person
from admin.security import is_back_office

LANGUAGES: Final = {"id": "Bahasa Indonesia", "en": "English"}
DEFAULT: Final = "id"
_CATALOGUE: Final = Path(__file__).parent / "translations"
_IN_SESSION: Final = "language"


def speak_languages(app: Flask) -> None:
    """Set up translation of the back office's texts."""
    Babel(
        app,
        default_locale="en",  # The language of the texts in the code.
        default_translation_directories=str(_CATALOGUE),
        locale_selector=_choose,
    )


def remember_language(language: str) -> None:
    """Keep the choice in the session, for the sign-in page."""
    session[_IN_SESSION] = language


def language() -> str:
    """Return the language of this page: ``id`` or ``en``."""
    locale = get_locale()
    return locale.language if locale is not None else DEFAULT


def _choose() -> str:
    if not is_back_office(request.path):
        return DEFAULT
    person = current_person()
    chosen = person.locale if person is not None else session.get(_IN_SESSION)
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT
