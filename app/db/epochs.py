"""Seconds since 1970 of a stored time, on every database: for durations and for spans of time."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class epoch_s(FunctionElement[int]):  # noqa: N801 - Named as the function that it is in a query.
    """The whole seconds since 1970 of one time column."""

    type = BigInteger()
    inherit_cache = True
    name = "epoch_s"


@compiles(epoch_s, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    inner = compiler.process(element.clauses, **options)
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {inner})) AS BIGINT)"


@compiles(epoch_s, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER)"
