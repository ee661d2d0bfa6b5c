"""What ``voicetel sql`` answers: rows of a query, and the relations that there are."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from voicetel.results import digits, figure, number, result, rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from voicetel.results import Cell
    from voicetel.sql.relations import Relation
    from voicetel.sql.run import QueryResult

EXACT_PLACES = 9
"""A DECIMAL with more places than this is an amount of money: in JSON a string, which loses no digit."""


@result
class SqlColumn:
    """A column of an answer."""

    name: str = figure("Its name; of two that are called alike the second has _1 behind it.")
    type: str = figure("Its Arrow type.")


@result
class SqlAnswer:
    """Rows of a query."""

    columns: tuple[SqlColumn, ...] = figure("In the order of the query.", rows=False)
    rows: tuple[Mapping[str, Any], ...] = figure(
        "Each with its values by column. A DECIMAL with more than nine places is a string of digits.",
        schema={"type": "array", "items": {"type": "object"}},
    )
    cut: str = figure(
        "Which limit left out the rest: rows, bytes; empty: nothing is left out.", choices=("", "rows", "bytes")
    )
    rate_notes: tuple[str, ...] = figure(
        "Rates far off their list price, where the query names amounts.", default=(), omit_if_empty=True
    )


@result
class SqlRelationColumn:
    """A column of a relation."""

    relation: str = figure("calls, turns, operations or usage.")
    column: str = figure("Its name.")
    unit: str = figure("ms, s, share (0 to 1), money; empty where it has none.")
    meaning: str = figure("What it is.")


@result
class SqlRelations:
    """What can be asked."""

    columns: tuple[SqlRelationColumn, ...] = figure("The columns of all relations.", rows=True)


def answer_of(found: QueryResult) -> SqlAnswer:
    """Rows as JSON has them."""
    names = column_names(found.table)
    columns = tuple(
        SqlColumn(name=name, type=str(field.type)) for name, field in zip(names, found.table.schema, strict=True)
    )
    rows = tuple(dict(zip(names, map(_json_value, row), strict=True)) for row in _rows(found.table))
    return SqlAnswer(columns=columns, rows=rows, cut=found.cut, rate_notes=found.rate_notes)


def relations_of(relations: Iterable[Relation]) -> SqlRelations:
    """Every column of every relation."""
    return SqlRelations(
        columns=tuple(
            SqlRelationColumn(relation=relation.name, column=column.name, unit=column.unit, meaning=column.doc)
            for relation in relations
            for column in relation.columns
        )
    )


def column_names(table: pa.Table) -> list[str]:
    """The names of the columns, each once."""
    names: list[str] = []
    for name in table.schema.names:
        unique, count = name, 0
        while unique in names:
            count += 1
            unique = f"{name}_{count}"
        names.append(unique)
    return names


def cells(table: pa.Table) -> Iterator[list[Cell]]:
    """Rows of cells for tables and CSV: numbers, texts and times as they are, anything else as JSON."""
    for row in _rows(table):
        yield [_cell(value) for value in row]


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in table.to_batches():
        columns = [column.to_pylist() for column in batch.columns]
        yield from zip(*columns, strict=True) if columns else ()


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float, Decimal, datetime)) or value is None:
        return value
    plain = _json_value(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _json_value(value: Any) -> Any:
    """A value as JSON can hold it. What is no number (NaN, infinity) is a text there."""
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return digits(value) if isinstance(exponent, int) and -exponent > EXACT_PLACES else number(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(key): _json_value(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json_value(each) for each in value]
    return value if value is None or isinstance(value, (str, int)) else str(value)
