"""A gateway that answers every status query after 200 ms that the payment is still awaited."""

import asyncio
import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Final

from tests.benchmarks.filling import PRICE_IDR

ANSWERS_IN_S: Final = 0.2


@contextmanager
def slow_gateway() -> Iterator[str]:
    """Run it as a process of its own; yield its address."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,))
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(told: Connection) -> None:
    asyncio.run(_answer_for_ever(told))


async def _answer_for_ever(told: Connection) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    told.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            await asyncio.sleep(ANSWERS_IN_S)
            reference = head.split(b" ", 2)[1].decode().split("/")[-2]
            body = json.dumps(_still_awaited(reference)).encode()
            kind = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            writer.write(kind + str(len(body)).encode() + b"\r\n\r\n" + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _still_awaited(reference: str) -> dict[str, str]:
    return {
        "status_code": "201",
        "status_message": "Success, transaction is found",
        "transaction_id": f"tx-{reference}",
        "order_id": reference,
        "gross_amount": f"{PRICE_IDR}.00",
        "currency": "IDR",
        "payment_type": "qris",
        "transaction_time": "2026-01-02 10:00:00",
        "transaction_status": "pending",
        "fraud_status": "accept",
    }
