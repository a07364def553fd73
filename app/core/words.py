"""One reason in the two languages of the desk."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What people read, in English and in Indonesian."""

    en: str
    id: str
