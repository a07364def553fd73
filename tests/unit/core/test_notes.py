"""Notes: what is kept of a text, and whom it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.notes import clean_note, handles_of, mentions_in, shortest_handle


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  halo \r\n dunia\r", "halo \n dunia"),
        ("a\x00b\x1bc\td", "abcd"),
        ("nomor \u202e321\u202c", "nomor 321"),
        ("👩\u200d💻 ok", "👩\u200d💻 ok"),
        (" \n\t\u2066 ", ""),
    ],
)
def test_a_note_is_kept_as_plain_lines(typed: str, kept: str) -> None:
    assert clean_note(typed) == kept


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean_note(clean_note(text)) == clean_note(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@budi tolong cek", ("budi",)),
        ("cek @Budi, @dewi. lalu @budi!", ("budi", "dewi")),
        ("(@sari.putri) @dewi@toko.example.", ("sari.putri", "dewi@toko.example")),
        ("rina@contoh.example bukan petugas", ()),
        ("@ sendirian, @@dua, a.@b", ()),
        ("\n@budi\n", ("budi",)),
    ],
)
def test_a_name_after_an_at_means_somebody_and_an_address_does_not(
    text: str, names: tuple[str, ...]
) -> None:
    assert mentions_in(text) == names


@given(st.text(alphabet="@ab.-+_ \n", max_size=40))
def test_reading_mentions_never_fails_and_never_repeats(text: str) -> None:
    names = mentions_in(text)

    assert len(set(names)) == len(names)
    assert all(names)


def test_a_short_name_that_two_people_share_means_neither() -> None:
    emails = ["Budi@toko.example", "budi@cabang.example", "dewi@toko.example"]

    handles = handles_of(emails)

    assert "budi" not in handles
    assert handles["dewi"] == "dewi@toko.example"
    assert handles["budi@cabang.example"] == "budi@cabang.example"
    assert shortest_handle("Budi@toko.example", handles) == "budi@toko.example"
    assert shortest_handle("dewi@toko.example", handles) == "dewi"
