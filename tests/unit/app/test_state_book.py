import re
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from flask.cli import AppGroup

from app.commands import states as command
from app.commands.state_book import render_book
from app.commands.states import BOOK, add_states_command
from app.core.edges import EDGES
from app.core.observations import SAYS, Seen
from app.core.reason_words import WORDS
from app.core.refunds import MOVES
from app.core.states import GatewayName, PaymentStatus, RefundState
from app.gateways import midtrans_reading, xendit_reading

_NAMES: Final = {*PaymentStatus, *RefundState, "closed"}
_ARROW: Final = re.compile(r"    (\[\*\]|\w+) --> (\w+)(?: : [a-z ]+)?")
_COMPOSITE: Final = re.compile(r"    state closed \{\n((?:        \w+\n)+)    \}")


def _diagrams(book: str) -> list[str]:
    return re.findall(r"```mermaid\nstateDiagram-v2\n(.*?)```\n", book, flags=re.DOTALL)


def _arrows(diagram: str) -> list[tuple[str, str]]:
    return [(m[1], m[2]) for line in diagram.splitlines() if (m := _ARROW.fullmatch(line))]


def _run(*arguments: str) -> str:
    group = AppGroup("lunas")
    add_states_command(group)
    result = CliRunner().invoke(group, ["states", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_the_book_of_states_is_the_newest() -> None:
    is_newest = BOOK.read_text(encoding="utf-8") == render_book()

    assert is_newest, "run: flask --app app.factory lunas states --write"


def test_the_command_prints_the_book_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "BOOK", tmp_path / "docs" / "states.md")

    assert _run() == render_book()
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_the_book_where_it_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = tmp_path / "docs" / "states.md"
    book.parent.mkdir()
    book.write_text("old")
    monkeypatch.setattr(command, "BOOK", book)

    assert _run("--write") == "wrote docs/states.md\n"
    assert book.read_text(encoding="utf-8") == render_book()


def test_every_mark_of_the_template_is_filled() -> None:
    assert "@@" not in render_book()


def test_every_line_of_every_diagram_is_one_that_mermaid_knows() -> None:
    diagrams = _diagrams(render_book())

    assert len(diagrams) == 3
    for diagram in diagrams:
        rest = _COMPOSITE.sub("", diagram)
        named = {name for arrow in _arrows(diagram) for name in arrow} - {"[*]"}
        assert all(_ARROW.fullmatch(line) for line in rest.splitlines() if line)
        assert named <= _NAMES


def test_the_diagrams_show_every_step_between_states_that_are_not_both_closed() -> None:
    closed = {"failed", "expired", "cancelled"}
    orders = _diagrams(render_book())[:2]
    drawn = {arrow for diagram in orders for arrow in _arrows(diagram)} - {("[*]", "pending")}
    spread = {
        (before, after) for a, after in drawn for before in (closed if a == "closed" else {a})
    }

    assert spread == {step for step in EDGES if not set(step) <= closed}


def test_the_refund_diagram_shows_every_move() -> None:
    drawn = _arrows(_diagrams(render_book())[2])

    assert {arrow for arrow in drawn if arrow[0] != "[*]"} == {
        (state, after) for (state, _), after in MOVES.items()
    }


@pytest.mark.parametrize(("before", "after"), sorted(EDGES))
def test_every_step_is_in_the_table_with_its_reason_in_both_languages(
    before: PaymentStatus, after: PaymentStatus
) -> None:
    edge = EDGES[before, after]
    words = WORDS[edge.why]
    queue = f"`{edge.attention}`" if edge.attention else ""

    (row,) = re.findall(rf"^\| `{before}` \| `{after}` \| (asked.*)$", render_book(), re.MULTILINE)

    assert row.endswith(f" | {words.en} | {words.id} | {queue} |")


def test_the_words_of_both_gateways_are_listed() -> None:
    book = render_book()

    assert all(f"| `{word}` | " in book for word in midtrans_reading.SEEN_FOR)
    assert all(f"| `{word.upper()}` | " in book for word in xendit_reading.SEEN_FOR)
    assert all(f"| `{word.upper()}` | `" in book for word in xendit_reading.REFUND_STATE_FOR)
    assert "| `capture` | challenge | in review |" in book
    assert "| `capture` | anything else | unrecognised |" in book


def test_what_the_gateways_words_can_mean_is_what_the_core_lets_them_say() -> None:
    midtrans = {*midtrans_reading.SEEN_FOR.values(), Seen.NOTHING, Seen.IN_REVIEW}
    told_by_refunds = {Seen.PARTIALLY_REFUNDED, Seen.REFUNDED}
    xendit = {*xendit_reading.SEEN_FOR.values(), Seen.NOTHING, *told_by_refunds}

    assert {GatewayName.MIDTRANS: midtrans, GatewayName.XENDIT: xendit} == SAYS
