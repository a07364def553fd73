"""What people read of the reasons for which a note is not taken."""

from collections.abc import Mapping
from typing import Final

from app.core.reasons import Why
from app.core.words import Words

NOTE_WORDS: Final[Mapping[Why, Words]] = {
    Why.NOTE_EMPTY: Words("The note is empty.", "Catatan masih kosong."),
    Why.NOTE_TOO_LONG: Words(
        "The note is longer than 2,000 characters; nothing was stored.",
        "Catatan lebih dari 2.000 karakter; belum ada yang disimpan.",
    ),
}
