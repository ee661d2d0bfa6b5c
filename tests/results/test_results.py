"""Results: what JSON, its schema, the columns of CSV and the reference make of the fields of one, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from voicetel.results import (
    CellFormat,
    Group,
    Grouped,
    ResultRow,
    ResultTable,
    digits,
    encode,
    figure,
    list_schema,
    object_schema,
    reference,
    result,
    row_columns,
    rows_of,
    schema_of,
    to_json,
    value_schema,
)


class End(StrEnum):
    """How a visit ended."""

    WELL = "well"
    BADLY = "badly"


@result
class Wait:
    """How long somebody waited."""

    n: int = figure("Visits.", default=0)
    p50: float | None = figure("Half waited less.", unit="ms", default=None)


@result
class LongWait(Wait):
    """With what was left out."""

    impossible: int = figure("Left out.", default=0)
    bars: tuple[int, ...] = figure(hidden=True, default=())


@result
class Bill:
    """What it cost."""

    total: Decimal | None = figure("The sum.", unit="money")
    parts: Mapping[str, Decimal | None] = figure("A part.", unit="money", keys=("food", "room"), inline=True)
    other: Mapping[str, Decimal] = figure("In other currencies.", unit="money", in_rows=False)


@result
class Visit:
    """All of it."""

    visitor: str | None = figure("Who.")
    at: datetime = figure("When.")
    length_s: Decimal | None = figure("How long.", unit="s")
    end: End = figure("How it ended.")
    paid: bool = figure("Whether.")
    waits: Mapping[str, LongWait] = figure("By place.", keys={"door": "At the door.", "desk": ""}, prefix="")
    bill: Bill = figure("The bill.")
    notes: tuple[str, ...] = figure("What else.", default=())
    next: Wait | None = figure("If asked.", default=None, omit_if_empty=True, in_rows=False)
    span: tuple[float, float] | None = figure("From and to.", default=None, hidden=True)


VISIT = Visit(
    visitor=None,
    at=datetime(2026, 11, 2, 10, 0, tzinfo=timezone(timedelta(hours=1))),
    length_s=Decimal("90.500"),
    end=End.BADLY,
    paid=True,
    waits={"door": LongWait(2, 1.5, 1, (3, 4)), "desk": LongWait()},
    bill=Bill(Decimal("1.20000"), {"food": Decimal("1.2"), "room": None}, {"EUR": Decimal("3E+1")}),
    notes=("a", "b"),
)
IN_JSON = {
    "visitor": None,
    "at": "2026-11-02T09:00:00.000Z",
    "length_s": 90.5,
    "end": "badly",
    "paid": True,
    "waits": {"door": {"n": 2, "p50": 1.5, "impossible": 1}, "desk": {"n": 0, "p50": None, "impossible": 0}},
    "bill": {"total": "1.2", "food": "1.2", "room": None, "other": {"EUR": "30"}},
    "notes": ["a", "b"],
}


def test_json_has_every_member_under_its_name_in_order() -> None:
    """Money as digits, other decimals as numbers, times in UTC; hidden ones never, optional ones where there is one."""
    assert encode(VISIT) == IN_JSON
    assert list(encode(VISIT)) == list(IN_JSON)
    assert to_json(VISIT) == {"schema_version": 1, **IN_JSON}


def test_the_schema_fits_the_json_and_nothing_else() -> None:
    """A member too many, one too few and money as a number are found."""
    validator = Draft202012Validator(schema_of(Visit, "visit"))
    right = to_json(VISIT)
    validator.validate(right)
    validator.validate({**right, "next": {"n": 1, "p50": None}})
    for wrong in ({"extra": 1}, {"paid": "yes"}, {"end": "so so"}, {"length_s": -1}, {"notes": [1]}):
        assert not validator.is_valid({**right, **wrong})
    assert not validator.is_valid({**right, "bill": {**right["bill"], "total": 1.2}})
    assert not validator.is_valid({name: value for name, value in right.items() if name != "at"})


def test_a_schema_says_type_bounds_unit_and_meaning() -> None:
    """Of each kind of value."""
    members = object_schema(Visit)["properties"]
    assert members["visitor"] == {"type": ["string", "null"], "description": "Who."}
    assert members["length_s"] == {"type": ["number", "null"], "minimum": 0, "description": "How long, s."}
    assert members["at"] == {"type": "string", "format": "date-time", "description": "When."}
    assert members["end"] == {"enum": ["well", "badly"], "description": "How it ended."}
    assert members["waits"]["required"] == ["door", "desk"]
    assert members["waits"]["properties"]["door"]["description"] == "At the door."
    assert members["waits"]["properties"]["desk"]["description"] == "By place."
    assert list(members["bill"]["properties"]) == ["total", "food", "room", "other"]
    assert object_schema(Visit)["required"] == [*IN_JSON]


def test_schemas_of_other_types() -> None:
    """Days, pairs, choices that may be none, signed values, and a schema of one's own."""
    assert value_schema(date | None) == {"type": ["string", "null"], "format": "date"}
    pair = value_schema(tuple[float, float])
    assert pair["prefixItems"] == [{"type": "number"}, {"type": "number"}]
    assert value_schema(End | None)["enum"] == ["well", "badly", None]

    @result
    class Odd:
        change: float = figure(unit="ms", signed=True)
        less: Decimal = figure(unit="money", signed=True)
        own: object = figure("Its own.", schema={"const": 3})
        again: str = figure(member="from")

    assert object_schema(Odd)["properties"] == {
        "change": {"type": "number", "description": "ms"},
        "less": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
        "own": {"const": 3, "description": "Its own."},
        "from": {"type": "string"},
    }
    assert encode(Odd(-1.5, Decimal("-2.50"), 3, "here")) == {"change": -1.5, "less": "-2.5", "own": 3, "from": "here"}


def test_a_row_has_a_column_for_each_single_figure() -> None:
    """Prefixed by what they belong to; lists and what is kept out of rows are not there."""
    columns = {column.name: column.format for column in row_columns(Visit)}
    assert columns == {
        "visitor": CellFormat.TEXT,
        "at": CellFormat.TIME,
        "length_s": CellFormat.SECONDS,
        "end": CellFormat.QUANTITY,
        "paid": CellFormat.QUANTITY,
        "door_n": CellFormat.COUNT,
        "door_p50": CellFormat.MS,
        "door_impossible": CellFormat.COUNT,
        "desk_n": CellFormat.COUNT,
        "desk_p50": CellFormat.MS,
        "desk_impossible": CellFormat.COUNT,
        "bill_total": CellFormat.MONEY,
        "bill_food": CellFormat.MONEY,
        "bill_room": CellFormat.MONEY,
    }
    (row,) = rows_of(VISIT, Visit).cells()
    cells = dict(zip(columns, row, strict=True))
    assert cells["door_p50"] == 1.5
    assert cells["paid"] == "true"
    assert (cells["bill_total"], cells["bill_room"], cells["visitor"]) == (Decimal("1.2"), None, None)


def test_groups_stand_beside_the_total() -> None:
    """Left out where none were asked for; each with its values."""
    found = Grouped(Wait(3, 2.0), (Group({"day": "2026-11-02", "agent": None}, Wait(1)),))
    schema = Draft202012Validator(schema_of(Grouped[Wait], "waits"))
    assert to_json(found) == {
        "schema_version": 1,
        "n": 3,
        "p50": 2.0,
        "groups": [{"group": {"day": "2026-11-02", "agent": None}, "n": 1, "p50": None}],
    }
    for each in (found, Grouped(Wait())):
        schema.validate(to_json(each))
    assert "groups" not in to_json(Grouped(Wait()))


def test_lines_have_their_keys_among_their_figures() -> None:
    """One member per key, and no others but texts."""
    found = ResultTable(("day",), (ResultRow({"day": None}, Wait(1, 0.5)),))
    schema = Draft202012Validator(schema_of(ResultTable[Wait], "lines"))
    assert encode(found) == {"by": ["day"], "lines": [{"day": None, "n": 1, "p50": 0.5}]}
    schema.validate(to_json(found))
    wrong = to_json(found)
    wrong["lines"][0]["day"] = 3
    assert not schema.is_valid(wrong)


def test_rows_begin_with_what_they_are_grouped_by() -> None:
    """A row per group or line; one over all where there are no groups."""
    grouped = Grouped(Wait(3), (Group({"day": "2026-11-02"}, Wait(1)), Group({"day": None}, Wait(2))))
    found = rows_of(grouped, Grouped[Wait])
    assert [column.name for column in found.columns] == ["day", "n", "p50"]
    assert list(found.cells()) == [["2026-11-02", 1, None], [None, 2, None]]
    assert list(rows_of(Grouped(Wait(3)), Grouped[Wait]).cells()) == [[3, None]]
    lines = rows_of(ResultTable(("day",), (ResultRow({"day": None}, Wait(1, 0.5)),)), ResultTable[Wait])
    assert [column.name for column in lines.columns] == ["day", "n", "p50"]
    assert list(lines.cells()) == [[None, 1, 0.5]]


def test_a_list_has_a_schema_of_its_items() -> None:
    """For answers that are written one by one."""
    Draft202012Validator(list_schema(Wait, "waits")).validate([encode(Wait(1)), encode(Wait())])


def test_the_reference_has_a_line_for_each_member() -> None:
    """With the path to it, its unit and its meaning."""
    lines = [(each.path, each.unit, each.doc) for each in reference(Visit)]
    assert ("length_s", "s", "How long.") in lines
    assert ("waits.NAME.p50", "ms", "Half waited less.") in lines
    assert ("bill.NAME", "money", "A part.") in lines
    assert ("notes[]", "", "What else.") in lines
    assert [each.path for each in reference(Grouped[Wait])] == [
        "n",
        "p50",
        "groups[]",
        "groups[].group.NAME",
        "groups[].n",
        "groups[].p50",
    ]


def test_a_result_does_not_change() -> None:
    """It is frozen, and has no room for other fields."""
    with pytest.raises(FrozenInstanceError):
        cast("Any", VISIT).paid = False


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**9), max_value=10**9))
def test_digits_are_the_number(value: Decimal) -> None:
    """No exponent, no zero at the end, the same value."""
    text = digits(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert "." not in text or not text.endswith("0")
    assert not text.startswith("-0") or Decimal(text)


@result
class OfLanguage:
    """A row that is found by its language."""

    language: str | None = figure("The language.", format=CellFormat.KEY)
    calls: int = figure("How many.")


def test_what_rows_are_found_by_is_one_column_also_where_they_are_grouped_by_it() -> None:
    """A table by agent and language has the language once; what a name stands for is the same in both."""
    line = ResultRow({"agent_name": "a", "language": "en"}, OfLanguage("en", 2))
    found = rows_of(ResultTable(("agent_name", "language"), (line,)), ResultTable[OfLanguage])
    assert [column.name for column in found.columns] == ["agent_name", "language", "calls"]
    assert list(found.cells()) == [["a", "en", 2]]
