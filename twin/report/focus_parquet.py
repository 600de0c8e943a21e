"""FOCUS rows as Parquet, typed by column: decimals, instants in UTC, text; an empty field is null."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from twin.errors import UsageError
from twin.report.focus import COLUMNS, NUMBERS, TIMES, Row

DIGITS, PLACES = 38, 18


def focus_parquet(rows: Iterator[Row]) -> bytes:
    """Return rows as a Parquet file; UsageError where the extra that writes it is not installed."""
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError("Parquet needs the extra `parquet`: pip install 'twin[parquet]'") from error
    types = {
        **dict.fromkeys(COLUMNS, arrow.string()),
        **dict.fromkeys(NUMBERS, arrow.decimal128(DIGITS, PLACES)),
        **dict.fromkeys(TIMES, arrow.timestamp("us", tz="UTC")),
    }
    table = arrow.Table.from_pylist([_typed(row) for row in rows], arrow.schema(list(types.items())))
    file = BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()


def _typed(row: Row) -> dict[str, Any]:
    return {name: _value(name, text) if text else None for name, text in row.items()}


def _value(name: str, text: str) -> Any:
    if name in NUMBERS:
        return round(Decimal(text), PLACES)
    return datetime.fromisoformat(text) if name in TIMES else text
