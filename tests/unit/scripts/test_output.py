"""Log lines of several programs on one terminal."""

import io

from scripts.output import LinePrinter


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class ClosedTerminal(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(5, "Input/output error")


def test_lines_stand_behind_the_name_in_one_column() -> None:
    stream = io.StringIO()
    printer = LinePrinter(["web", "sandbox"], stream)

    printer.line("web", "GET / 200\n")
    printer.line("sandbox", "delivered")

    assert stream.getvalue() == "web     | GET / 200\nsandbox | delivered\n"


def test_a_terminal_shows_each_program_in_its_own_colour() -> None:
    stream = Terminal()
    printer = LinePrinter(["web", "jobs"], stream)

    printer.line("web", "a")
    printer.line("jobs", "b")

    assert stream.getvalue() == "\x1b[36mweb  |\x1b[0m a\n\x1b[33mjobs |\x1b[0m b\n"


def test_our_own_text_has_no_prefix() -> None:
    stream = Terminal()

    LinePrinter(["web"], stream).plain("Lunas is running.")

    assert stream.getvalue() == "Lunas is running.\n"


def test_a_terminal_that_was_closed_is_no_error() -> None:
    LinePrinter(["web"], ClosedTerminal()).line("web", "nobody reads this")
