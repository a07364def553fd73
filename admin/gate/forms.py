"""The forms by which staff sign in and act; what is typed is cleaned before anybody sees it."""

import unicodedata
from typing import Final

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField, TextAreaField
from wtforms.validators import Regexp

_LONGEST_TEXT: Final = 500


def cleaned(text: str | None) -> str:
    """Return typed text without control characters (lines stay), trimmed, at most 500 long."""
    kept = (c for c in text or "" if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs"})
    return "".join(kept).strip()[:_LONGEST_TEXT]


class SignInForm(FlaskForm):
    """E-mail and password."""

    email = StringField(filters=[cleaned])
    password = PasswordField()
    next = HiddenField()


class ReasonForm(FlaskForm):
    """Why a person decides something."""

    reason = TextAreaField(filters=[cleaned])


class TransactionForm(FlaskForm):
    """The id under which a gateway's dashboard shows a payment."""

    # Midtrans: a UUID, or for DANA letters and digits (docs, "Transaction ID").
    transaction_id = StringField(filters=[cleaned], validators=[Regexp(r"[A-Za-z0-9-]{10,80}\Z")])


class ApprovalForm(FlaskForm):
    """Agreement to exactly the request that was shown."""

    approval_hash = HiddenField()


class ProofForm(FlaskForm):
    """What shows that a bank transfer was made."""

    proof = StringField(filters=[cleaned])


class AccountForm(FlaskForm):
    """The customer's bank account, for a transfer by hand; ``form_key`` names the intent."""

    bank = StringField(filters=[cleaned])
    account_number = StringField(filters=[cleaned])
    account_holder = StringField(filters=[cleaned])
    form_key = HiddenField()


class RefundEntryForm(AccountForm):
    """A refund as it is typed; the hidden fields were born with the form.

    Sending the form twice is one refund. ``expected_idr`` is what was left to refund when the form
    was shown; ``typed_amount`` repeats a large sum by hand.
    """

    amount = StringField(filters=[cleaned])
    reason_code = StringField(filters=[cleaned])
    reason = TextAreaField(filters=[cleaned])
    typed_amount = StringField(filters=[cleaned])
    expected_idr = HiddenField()
    route = HiddenField()
