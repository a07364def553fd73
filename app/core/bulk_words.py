"""What people read of the reasons that only bulk runs have."""

from collections.abc import Mapping
from typing import Final

from app.core.reasons import Why
from app.core.words import Words

BULK_WORDS: Final[Mapping[Why, Words]] = {
    Why.NOTHING_CHOSEN: Words(
        "No order was chosen, or none of them can be done.",
        "Tidak ada pesanan yang dipilih, atau tidak satu pun bisa dikerjakan.",
    ),
    Why.TOO_MANY_ROWS: Words(
        "A run takes at most 500 orders; narrow the filter and make several runs.",
        "Satu proses paling banyak 500 pesanan; persempit filter dan buat beberapa proses.",
    ),
    Why.TOTAL_MISTYPED: Words(
        "The typed total is not the total of the run; nothing was started.",
        "Total yang diketik tidak sama dengan total proses; tidak ada yang dimulai.",
    ),
    Why.WRONG_RUN_STATE: Words(
        "The run has moved on in the meantime; look at where it stands now.",
        "Proses sudah berubah; lihat dahulu keadaannya sekarang.",
    ),
    Why.MANIFEST_CHANGED: Words(
        "The rows of this run are not the ones that were agreed to; nothing more is done.",
        "Baris proses ini bukan yang disetujui; tidak ada lagi yang dikerjakan.",
    ),
    Why.TOO_MANY_FAILURES: Words(
        "Too many rows in a row did not go as wished; the run waits for a person.",
        "Terlalu banyak baris berturut-turut tidak berhasil; proses menunggu petugas.",
    ),
    Why.RUN_STOPPED: Words(
        "The run was stopped before this row had its turn; nothing was done.",
        "Proses dihentikan sebelum giliran baris ini; tidak ada yang dilakukan.",
    ),
    Why.GATEWAY_SILENT: Words(
        "The gateway did not answer; nothing changed. Ask again later.",
        "Gateway tidak menjawab; tidak ada yang berubah. Tanyakan lagi nanti.",
    ),
    Why.ROW_BROKEN: Words(
        "This row ended in an error of Lunas itself several times; look at the order.",
        "Baris ini beberapa kali berakhir dengan galat Lunas sendiri; periksa pesanannya.",
    ),
}
