import re
from pathlib import Path
from typing import Final

import pytest

from app.core import reason_words, reasons, refund_words
from app.core.reason_words import WORDS, Words
from app.core.reasons import Why

_LISTS: Final = {
    Path(reasons.__file__).resolve(),
    Path(reason_words.__file__).resolve(),
    Path(refund_words.__file__).resolve(),
}
_PROGRAM: Final = Path(reasons.__file__).resolve().parents[2]
_PARTS: Final = ("app", "admin", "webhooks", "jobs")


def _named_in_the_program() -> set[str]:
    files = (
        file for part in _PARTS for file in (_PROGRAM / part).rglob("*.py") if file not in _LISTS
    )
    return {name for file in files for name in re.findall(r"\bWhy\.([A-Z_]+)", file.read_text())}


@pytest.mark.parametrize("why", Why)
def test_every_reason_is_a_sentence_in_english_and_another_in_indonesian(why: Why):
    words = WORDS[why]

    assert words.en != words.id
    for sentence in (words.en, words.id):
        assert sentence == sentence.strip()
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert len(sentence) >= 10


def test_no_words_are_left_without_a_reason():
    assert set(WORDS) == set(Why)


def test_no_two_reasons_share_their_words():
    assert len({words.en for words in WORDS.values()}) == len(Why)
    assert len({words.id for words in WORDS.values()}) == len(Why)
    assert all(isinstance(words, Words) for words in WORDS.values())


def test_every_reason_is_given_somewhere():
    unused = {why.name for why in Why} - _named_in_the_program()

    assert unused == set()
