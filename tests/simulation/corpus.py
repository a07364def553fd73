"""A database full of simulated lives, for trying new rules on old observations.

It is the shop's own SQLite file, as the product makes it, compressed with xz: one world that sees
one plot after the other, with new goods and new shoppers each time.
"""

from __future__ import annotations

import lzma
from pathlib import Path

from sqlalchemy import text

from tests.simulation.databank import GOODS, SqliteBank
from tests.simulation.ending import settle_down
from tests.simulation.stage import START, on_stage
from tests.simulation.steps import plot, weather_of
from tests.simulation.story import play

_RESTOCK = text("UPDATE products SET on_hand = reserved + :pieces WHERE sku = :sku")


def corpus(seed: int, chapters: int, length: int) -> bytes:
    """Return the compressed database of ``chapters`` plots, told from this seed on."""
    bank = SqliteBank(START)
    with on_stage(seed, bank) as stage:
        for chapter in range(chapters):
            stage.chapter = chapter
            stage.purchases.clear()
            _refill(bank)
            play(stage, plot(seed + chapter, length), weather_of(chapter))
            settle_down(stage)
    return lzma.compress(bank.image(), preset=9)


def write_corpus(file: Path, seed: int, chapters: int, length: int) -> None:
    """Write the corpus to a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(corpus(seed, chapters, length))


def _refill(bank: SqliteBank) -> None:
    with bank.engine.begin() as connection:
        for sku, _, pieces in GOODS:
            connection.execute(_RESTOCK, {"sku": sku, "pieces": pieces})
