"""Card tokens: a browser's card becomes a token, a charge uses it up."""

from datetime import datetime, timedelta
from typing import Final

from sandbox.clock import wib_text
from sandbox.engine import Engine
from sandbox.midtrans.bodies import invalid, refusal
from sandbox.midtrans.book import Book
from sandbox.midtrans.cards import is_card_number, mask_card
from sandbox.midtrans.new_transaction import POINT_BALANCE, POINT_VALUE_IDR, saved_token_id
from sandbox.midtrans.records import CardToken
from sandbox.wire import JsonObject

# Midtrans docs, "Get token": a token_id lives for ten minutes.
_LIFETIME: Final = timedelta(minutes=10)
_MONTHS: Final = range(1, 13)
_YEAR_DIGITS: Final = 4
_CVV_LENGTHS: Final = (3, 4)
NO_TOKEN: Final = refusal(
    "411", "Credit card token is no longer available. Please create a new one."
)


class CardTokens:
    """Issues tokens and finds the card behind them; used under the engine's lock."""

    def __init__(self, engine: Engine, book: Book) -> None:
        """Plan again when the unused tokens of the state file end."""
        self._engine = engine
        self._book = book
        for token in book.card_tokens.values():
            self._plan(token)

    def create(self, query: dict[str, str]) -> JsonObject:
        """Answer ``GET /v2/token``: from a card, or from a saved token and a CVV."""
        saved = self._book.card_tokens.get(query.get("token_id", ""))
        number = saved.number if saved and saved.is_saved else _number_of(query)
        problems = _cvv_problems(query)
        if not saved:
            problems = [*self._card_problems(query), *problems]
        if problems:
            return invalid(problems, self._engine.ids.uuid())
        token = self._keep(f"{mask_card(number)}-{self._engine.ids.uuid()}", number)
        return {
            "status_code": "200",
            "status_message": "Credit card token is created as Token ID.",
            "token_id": token.token_id,
            "hash": f"{mask_card(number)}-mami",
        }

    def register(self, query: dict[str, str]) -> JsonObject:
        """Answer ``GET /v2/card/register``: a token for later payments without the card."""
        if problems := self._card_problems(query):
            return invalid(problems, self._engine.ids.uuid())
        number = _number_of(query)
        token = self._keep(saved_token_id(number, self._engine.ids), number, is_saved=True)
        return {
            "status_code": "200",
            "saved_token_id": token.token_id,
            "transaction_id": self._engine.ids.uuid(),
            "masked_card": mask_card(number),
        }

    def points(self, token_id: str) -> JsonObject:
        """Answer ``GET /v2/point_inquiry/{token}``; every card here owns the same points."""
        if self.card_of(token_id) is None:
            return NO_TOKEN
        return {
            "status_code": "200",
            "status_message": "Success, Point inquiry is successful",
            "point_balance": POINT_BALANCE,
            "point_balance_amount": f"{POINT_BALANCE * POINT_VALUE_IDR}.00",
            "transaction_time": wib_text(self._engine.clock.now()),
        }

    def remember(self, token_id: str, number: str) -> None:
        """Keep a token that a charge with ``save_token_id`` has issued."""
        if token_id not in self._book.card_tokens:
            self._keep(token_id, number, is_saved=True)

    def card_of(self, token_id: str) -> str | None:
        """Return the card number behind a token, None when it is unknown or too old."""
        token = self._book.card_tokens.get(token_id)
        return token.number if token else None

    def use(self, token_id: str) -> None:
        """Note that a charge has used the token; only saved ones stay."""
        token = self._book.card_tokens.get(token_id)
        if token and not token.is_saved:
            self._book.drop_card_token(token_id)

    def _keep(self, token_id: str, number: str, *, is_saved: bool = False) -> CardToken:
        token = CardToken(token_id, number, self._engine.clock.now(), is_saved)
        self._book.save_card_token(token)
        self._plan(token)
        return token

    def _plan(self, token: CardToken) -> None:
        if not token.is_saved:
            end = token.created_at + _LIFETIME
            self._engine.timers.plan(end, lambda _: self._when_over(token))

    def _when_over(self, token: CardToken) -> None:
        if self._book.card_tokens.get(token.token_id) is token:
            self._book.drop_card_token(token.token_id)

    def _card_problems(self, query: dict[str, str]) -> list[str]:
        number = _number_of(query)
        problems: list[str] = []
        if not number:
            problems.append("card_number is required")
        elif not is_card_number(number):
            problems.append("card_number does not match with luhn algorithm")
        return problems + _expiry_problems(query, self._engine.clock.now())


def _number_of(query: dict[str, str]) -> str:
    # Blanks between the digits are allowed (docs, "Get token").
    return query.get("card_number", "").replace(" ", "")


def _expiry_problems(query: dict[str, str], now: datetime) -> list[str]:
    month, year = query.get("card_exp_month", ""), query.get("card_exp_year", "")
    problems: list[str] = []
    if not (month.isascii() and month.isdigit() and int(month[:3]) in _MONTHS):
        problems.append("card_exp_month must be a month between 1 and 12")
    if not (year.isascii() and year.isdigit() and len(year) == _YEAR_DIGITS):
        problems.append("card_exp_year must have four digits")
    if problems:
        return problems
    if int(year) < now.year:
        return ["card_exp_year must be greater than this year"]
    if int(year) == now.year and int(month) < now.month:
        return ["card_exp_month must be greater than this year's month"]
    return []


def _cvv_problems(query: dict[str, str]) -> list[str]:
    cvv = query.get("card_cvv", "")
    if cvv.isascii() and cvv.isdigit() and len(cvv) in _CVV_LENGTHS:
        return []
    return ["card_cvv is required and must have 3 or 4 digits"]
