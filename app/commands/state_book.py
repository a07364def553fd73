"""The book of states as Markdown, rendered from the tables that decide."""

from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Final, TypeAlias

from app.commands.state_examples import LIVES, OTHER, SAME, an_order, news
from app.core.edges import ASKED, EDGES, Cause, Edge
from app.core.hearing import hear
from app.core.observations import SAYS, Evidence, Seen
from app.core.reason_words import WORDS
from app.core.refunds import MOVES
from app.core.states import UNPAID_CLOSED, GatewayName, PaymentStatus, RefundState
from app.core.transitions import Decision
from app.gateways import midtrans_reading, xendit_reading

Step: TypeAlias = tuple[PaymentStatus, PaymentStatus]

_CLOSED: Final = "closed"
# Where a refund begins: by whether a second person and a bank transfer are needed.
_FIRST: Final = (
    RefundState.AWAITING_APPROVAL,
    RefundState.APPROVED,
    RefundState.TO_TRANSFER,
)
_WHO: Final[Mapping[Cause, str]] = {
    Cause.NOTIFICATION: "a notification",
    Cause.STATUS_CHECK: "a status check by staff",
    Cause.JOB: "the jobs",
    Cause.API_ANSWER: "the gateway's answer to a call of ours",
    Cause.STAFF: "a person who records a transfer",
    Cause.SHOPPER: "a shopper who tries again",
}
_EVIDENCE: Final[Mapping[Evidence, str]] = {
    Evidence.CONFIRMED: "confirmed",
    Evidence.PROVES: "a signature that covers it",
    Evidence.CLAIMS: "a mere claim",
}
_MEANING: Final[Mapping[Seen, str]] = {
    Seen.NOTHING: "no payment under this reference (yet)",
    Seen.PENDING: "waits for the shopper",
    Seen.AUTHORIZED: "amount held on the card, not taken",
    Seen.IN_REVIEW: "held by the fraud check",
    Seen.FAILED: "could not be processed",
    Seen.EXPIRED: "not paid in time",
    Seen.CAPTURED: "card charged, settles the next day",
    Seen.CANCELLED: "called off",
    Seen.PAID: "paid",
    Seen.DENIED: "refused, or taken back after it was paid",
    Seen.PARTIALLY_REFUNDED: "part was given back",
    Seen.REFUNDED: "all was given back",
    Seen.PARTIALLY_CHARGED_BACK: "the card holder's bank took part back",
    Seen.CHARGED_BACK: "the card holder's bank took it back",
    Seen.UNRECOGNISED: "a word that we do not know",
}
_NAME: Final[Mapping[GatewayName, str]] = {
    GatewayName.MIDTRANS: "Midtrans",
    GatewayName.XENDIT: "Xendit",
}

_TEMPLATE: Final = Path(__file__).with_suffix(".md")


def render_book() -> str:
    """Return docs/states.md: the template with every mark replaced by what the tables say."""
    book = _TEMPLATE.read_text(encoding="utf-8")
    for mark, text in _chapters().items():
        book = book.replace(f"@@{mark}@@\n", text)
    return book


def _chapters() -> Mapping[str, str]:
    quiet = {step: edge for step, edge in _steps().items() if edge.attention is None}
    calling = {step: edge for step, edge in _steps().items() if edge.attention is not None}
    return {
        "the ordinary course": _order_diagram(quiet, "[*] --> pending : order placed"),
        "steps that call a person": _order_diagram(calling),
        "every step": _edge_table(),
        "outcomes at midtrans": _outcome_tables(GatewayName.MIDTRANS),
        "outcomes at xendit": _outcome_tables(GatewayName.XENDIT),
        "words of midtrans": _midtrans_words(),
        "words of xendit": _xendit_words(),
        "refund words of xendit": _xendit_refund_words(),
        "the moves of a refund": _refund_diagram(),
        "every move of a refund": _refund_table(),
    }


def _steps() -> dict[Step, Edge]:
    """Return the edges in the order of the states; sets have none of their own."""
    return {step: EDGES[step] for step in product(PaymentStatus, PaymentStatus) if step in EDGES}


def _table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(titles)
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _code(name: str) -> str:
    return f"`{name}`"


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _order_diagram(edges: Mapping[Step, Edge], *first: str) -> str:
    """Draw the steps; those that all closed states share are drawn once."""
    arrows = {
        f"{_drawn(before, after)} --> {after} : {_spoken(edge.why)}": None
        for (before, after), edge in edges.items()
        if not {before, after} <= UNPAID_CLOSED
    }
    closed = [f"    {status}" for status in PaymentStatus if status in UNPAID_CLOSED]
    return _mermaid([*first, *arrows, f"state {_CLOSED} {{", *closed, "}"])


def _drawn(before: PaymentStatus, after: PaymentStatus) -> str:
    shared = {EDGES.get((closed, after)) for closed in UNPAID_CLOSED}
    return _CLOSED if before in UNPAID_CLOSED and len(shared) == 1 else before


def _mermaid(lines: Iterable[str]) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"```mermaid\nstateDiagram-v2\n{body}```\n"


def _edge_table() -> str:
    rows = (
        (
            _code(before),
            _code(after),
            _who(edge),
            _EVIDENCE[edge.needs],
            WORDS[edge.why].en,
            WORDS[edge.why].id,
            _code(edge.attention) if edge.attention else "",
        )
        for (before, after), edge in _steps().items()
    )
    return _table(("from", "to", "who", "evidence", "reason", "alasan", "queue"), rows)


def _who(edge: Edge) -> str:
    others = [_WHO[cause] for cause in Cause if cause in edge.causes - ASKED]
    return ", or ".join(["asked", *others])


def _outcome_tables(gateway: GatewayName) -> str:
    return "\n".join(
        f"### {_NAME[gateway]}: an order that is {label}\n\n{_block(gateway, label)}"
        for label in LIVES[gateway]
    )


def _block(gateway: GatewayName, label: str) -> str:
    rows = [
        (name, ", ".join(seen), _code(after), _spoken(why), _code(queue) if queue else "")
        for name, payment in (("this payment", SAME), ("another", OTHER))
        for (after, why, queue), seen in _grouped(gateway, label, payment).items()
    ]
    return _table(("", "the gateway says", "the order is then", "because", "queue"), rows)


def _grouped(
    gateway: GatewayName, label: str, payment: str
) -> dict[tuple[str, str, str | None], list[str]]:
    groups: dict[tuple[str, str, str | None], list[str]] = {}
    for seen in Seen:
        if seen in SAYS[gateway] | {Seen.UNRECOGNISED}:
            decision = _decision(gateway, label, seen, payment)
            key = (decision.after.value, decision.why.value, decision.attention)
            groups.setdefault(key, []).append(_spoken(seen))
    return groups


def _decision(gateway: GatewayName, label: str, seen: Seen, payment: str) -> Decision:
    _, decision = hear(an_order(gateway, label), news(gateway, label, seen, payment))
    return decision


def _midtrans_words() -> str:
    rows = [
        (_code(word), fraud, _spoken(seen), _MEANING[seen])
        for word in midtrans_reading.SEEN_FOR
        for fraud, seen in _by_fraud_check(word).items()
    ]
    return _table(("`transaction_status`", "`fraud_status`", "read as", "meaning"), rows)


def _by_fraud_check(word: str) -> dict[str, Seen]:
    verdicts = {"accept": "accept, or none", "challenge": "challenge", "deny": "anything else"}
    read = {
        told: midtrans_reading.seen_in({"transaction_status": word, "fraud_status": verdict})
        for verdict, told in verdicts.items()
    }
    same = set(read.values())
    return read if len(same) > 1 else {"any": same.pop()}


def _xendit_words() -> str:
    rows = [
        (_code(word.upper()), _spoken(seen), _MEANING[seen])
        for word, seen in xendit_reading.SEEN_FOR.items()
    ]
    return _table(("invoice `status`", "read as", "meaning"), rows)


def _xendit_refund_words() -> str:
    rows = [
        (_code(word.upper()), _code(state))
        for word, state in xendit_reading.REFUND_STATE_FOR.items()
    ]
    return _table(("refund `status`", "the refund is then"), rows)


def _refund_diagram() -> str:
    moves = (f"{a} --> {b} : {_spoken(event)}" for (a, event), b in MOVES.items())
    return _mermaid([f"[*] --> {state}" for state in _FIRST] + list(moves))


def _refund_table() -> str:
    rows = [(_code(a), _spoken(event), _code(b)) for (a, event), b in MOVES.items()]
    return _table(("from", "what happens", "to"), rows)
