"""The Indonesian catalogue is complete and in step with the texts of the back office."""

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from admin import wording

ADMIN = Path(wording.__file__).parent
CATALOGUE = ADMIN / "translations" / "id" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
PLACE = re.compile(r"%\(\w+\)s")


def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file)


def texts(message: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else tuple(message or ())


def translated() -> list[Message]:
    return [message for message in catalogue() if message.id]


def extracted() -> set[str]:
    with (ADMIN / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ADMIN, methods, options, KEYWORDS)
    return {texts(message)[0] for _, _, message, _, _ in found}


def test_every_text_of_the_back_office_is_in_the_catalogue_and_no_other() -> None:
    known = {texts(message.id)[0] for message in translated()}

    assert known == extracted()
    assert len(known) > 200


def test_every_text_is_translated_and_none_is_doubtful() -> None:
    missing = [m.id for m in translated() if not all(texts(m.string)) or m.fuzzy]

    assert missing == []


@pytest.mark.parametrize("message", translated(), ids=lambda m: texts(m.id)[0][:40])
def test_a_translation_fills_in_the_same_places(message: Message) -> None:
    # The last form: in English a plural may name the number where "one" does not.
    wanted = Counter(PLACE.findall(texts(message.id)[-1]))

    assert all(Counter(PLACE.findall(text)) == wanted for text in texts(message.string))
