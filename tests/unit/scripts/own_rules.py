"""Rules of this house that no linter knows, held against the code as Python reads it.

Each rule takes a module and gives the lines that break it.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

Rule: TypeAlias = Callable[[ast.Module], Iterator[int]]

_HTTP: Final = frozenset({"requests", "urllib3", "httpx", "aiohttp"})
_VERBS: Final = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "request", "urlopen"}
)
_NETWORK: Final = frozenset(
    {"create_charge", "find_charge", "fetch_status", "find_refund", "check_keys", "ask_gateway"}
)
# Words that mean other things elsewhere count when they are said to a gateway or to the post.
_SENDING: Final = frozenset({"refund", "close", "send"})
# Names in capitals are constants of the program, and no secrets.
_SECRET: Final = re.compile(r"(?:\A|_)(?:password|secret|token|signature|server_key)\Z")
_LEVELS: Final = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str, str]]:
    """Give every call with what it is called on and its name: ``requests.get`` is both."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node, _name(node.func.value), node.func.attr
            else:
                yield node, "", _name(node.func)


def _name(node: ast.AST) -> str:
    """Return the last word of a name: of ``self._log`` that is ``_log``."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_fixed(node: ast.expr) -> bool:
    """Tell whether a text is written out in full where it stands."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_fixed(node.left) and _is_fixed(node.right)
    return isinstance(node, ast.Constant)


def calls_without_time(tree: ast.Module) -> Iterator[int]:
    """Asking over the network by a library's own function, which waits for ever."""
    for call, on, name in _calls(tree):
        if on in _HTTP and name in _VERBS:
            yield call.lineno


def statements_put_together(tree: ast.Module) -> Iterator[int]:
    """SQL that is not written out in full: what is put in belongs into bound values."""
    for call, on, name in _calls(tree):
        # A method that is called text is somebody else's.
        is_sql = name in {"exec_driver_sql", "literal_column"} or (on, name) == ("", "text")
        if not is_sql or not call.args or _is_fixed(call.args[0]):
            continue
        if isinstance(call.args[0], ast.JoinedStr | ast.BinOp | ast.Call):
            yield call.lineno


def unescaped_pages(tree: ast.Module) -> Iterator[int]:
    """Text that is called safe for a page and is not written out in full."""
    for call, _, name in _calls(tree):
        if name == "Markup" and call.args and not _is_fixed(call.args[0]):
            yield call.lineno


def logged_secrets(tree: ast.Module) -> Iterator[int]:
    """A line of the log that is given something of which the name says that it is secret."""
    for call, on, name in _calls(tree):
        if name in _LEVELS and on in {"_log", "log", "logger", "logging"}:
            words = [_name(one) for part in (*call.args, *call.keywords) for one in ast.walk(part)]
            if any(_SECRET.search(word) for word in words):
                yield call.lineno


def secrets_compared(tree: ast.Module) -> Iterator[int]:
    """A secret compared by ``==``, which takes the longer the more of it is right."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            sides = [node.left, *node.comparators]
            is_asked_for = any(isinstance(side, ast.Constant) for side in sides)
            if not is_asked_for and any(_SECRET.search(_name(side)) for side in sides):
                yield node.lineno


def network_in_a_transaction(tree: ast.Module) -> Iterator[int]:
    """A call to a gateway while a transaction is open: rows stay locked as long as it takes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and any(_opens_session(i.context_expr) for i in node.items):
            for call, on, name in _calls(node):
                is_sending = name in _SENDING and on.strip("_") in {"gateway", "post", "_sdk"}
                if name in _NETWORK or is_sending:
                    yield call.lineno


def _opens_session(expression: ast.expr) -> bool:
    words = {_name(one) for one in ast.walk(expression)}
    return bool(words & {"sessions", "reads"})


def clocks_of_their_own(tree: ast.Module) -> Iterator[int]:
    """The time asked of the system, where a clock is given."""
    for call, on, name in _calls(tree):
        if (on, name) in {("datetime", "now"), ("datetime", "utcnow"), ("time", "time")}:
            yield call.lineno


RULES: Final[Mapping[str, Rule]] = {
    rule.__name__: rule
    for rule in (
        calls_without_time,
        statements_put_together,
        unescaped_pages,
        logged_secrets,
        secrets_compared,
        network_in_a_transaction,
        clocks_of_their_own,
    )
}
