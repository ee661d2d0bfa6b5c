"""The operations of many lines as one flat table of whole numbers, in the order of their starts within each line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from voicetel.events.fields import QUANTITIES
from voicetel.store.column_types import operation_fields, quantity_names
from voicetel.store.ingest.lines.numbers import doubles, scaled
from voicetel.store.ingest.lines.value_checks import UNREADABLE_FIELD
from voicetel.store.segments.arrays import (
    MISSING,
    Flags,
    Integers,
    column,
    distinct,
    flatten,
    group_rows,
    is_true,
    is_valid,
)
from voicetel.store.segments.schemas import OPERATION_MS_TYPE, QUANTITY_TYPE

TIME_NAMES = tuple(field.name for field in operation_fields() if field.kind == "number" and field not in QUANTITIES)
STAGES = {"stt": 0, "llm": 1, "tts": 2, "realtime": 3, "eot": 4}
"""Stages of which latencies are taken; any other is ``OTHER_STAGE``."""
OTHER_STAGE = 5
OK, FAILED, CANCELLED = 0, 1, 2
_STATUS = {None: OK, "ok": OK, "error": FAILED, "cancelled": CANCELLED}
_NAME_FIELDS = ("stage", "provider", "model", "name", "status")
_AFTER_OTHERS_US = 9_999_999_999_999_000
"""Where an operation without a start stands, in µs: behind the others."""
MAX_NAMES = 50_000

NameValues = tuple[str | None, ...]


class OperationDictionary:
    """What operations are called, (stage, provider, model, name, status), each under a number."""

    def __init__(self) -> None:
        self.model_keys: dict[NameValues, int] = {}
        self._numbers: dict[NameValues, int] = {}
        self.stage = self.status = self.model_number = np.zeros(0, np.int64)

    def __len__(self) -> int:
        return len(self._numbers)

    def numbers(self, names: list[NameValues]) -> Integers:
        """The numbers of some names; those that are new get one."""
        known = len(self._numbers)
        found = np.array([self._numbers.setdefault(each, len(self._numbers)) for each in names], np.int64)
        if len(self._numbers) > known:
            every = list(self._numbers)
            self.stage = np.array([STAGES.get(each[0] or "", OTHER_STAGE) for each in every], np.int64)
            self.status = np.array([_STATUS[each[4]] for each in every], np.int64)
            self.model_number = np.array(
                [self.model_keys.setdefault(each[:3], len(self.model_keys)) for each in every], np.int64
            )
        return found

    def columns(self, numbers: Integers) -> dict[str, Any]:
        """The values of some names, a column for each field."""
        found = {}
        for nth, field in enumerate(_NAME_FIELDS):
            words: dict[str, int] = {}
            codes = [
                -1 if (word := each[nth]) is None else words.setdefault(word, len(words)) for each in self._numbers
            ]
            code = np.array(codes, np.int32)[numbers] if codes else np.zeros(0, np.int32)
            indices = pa.array(code, pa.int32(), mask=code < 0)
            found[field] = pa.DictionaryArray.from_arrays(indices, pa.array(list(words), pa.string()))
        return found


@dataclass(slots=True)
class OperationColumns:
    """The operations of some lines as arrays, one per field: one after the other, those of one line together.

    Times in µs, quantities in millionths, MISSING where unknown. ``row``: which line, from 0; ``name_number``: in an OperationDictionary;
    ``stage``, ``status``: numbers of STAGES, OK, CANCELLED …
    """

    row: Integers
    name_number: Integers
    stage: Integers
    status: Integers
    times: dict[str, Integers]
    quantities: dict[str, Integers]
    logged_charges: dict[int, tuple[str | None, str | None]]
    """Place → (cost, currency) as logged, where either was."""
    unreadable: Flags
    """Whether an amount of it was left out that cannot be read."""

    def __len__(self) -> int:
        return len(self.row)

    @property
    def start(self) -> Integers:
        """When each began, after its line's ts."""
        return self.times["start_ms"]

    @property
    def ttfb(self) -> Integers:
        """Request to first byte."""
        return self.times["ttfb_ms"]

    @property
    def duration(self) -> Integers:
        """From beginning to end."""
        return self.times["duration_ms"]

    def count_column(self, row_count: int) -> Any:
        """The column ``operation_count`` of that many lines."""
        counts = np.bincount(self.row, minlength=row_count)
        return column(counts, pa.int32(), counts > 0)

    def columns(self, first_row: int) -> dict[str, Any]:
        """The columns of ``operations`` but the segment and the names. ``first_row``: where the first of the lines stands in ``events``."""
        charges: list[Any] = [pa.nulls(len(self), pa.string())] * 2
        if self.logged_charges:
            charges = [
                pa.array([self.logged_charges.get(index, (None, None))[nth] for index in range(len(self))], pa.string())
                for nth in (0, 1)
            ]
        position = np.arange(len(self))
        is_first = np.concatenate([[True], self.row[1:] != self.row[:-1]])
        place = position - np.maximum.accumulate(position * is_first) + 1
        found = {
            "event_row": pa.array((self.row + first_row).astype(np.int32)),
            "operation": pa.array(place.astype(np.int32)),
            **{name: column(each, OPERATION_MS_TYPE) for name, each in self.times.items()},
            **dict(zip(("cost", "currency"), charges, strict=True)),
            "unreadable": pa.array(self.unreadable, mask=~self.unreadable),
        }
        for name in quantity_names():
            there = name in self.quantities
            found[name] = column(self.quantities[name], QUANTITY_TYPE) if there else pa.nulls(len(self), QUANTITY_TYPE)
        return found


def flat_operations(batch: Any, names: OperationDictionary) -> OperationColumns:
    """The operations of some lines as they were read; those without a stage are none."""
    items, row = flatten(batch.column("operations"))
    fields = [items.field(name) for name in _NAME_FIELDS]
    keep = is_valid(items) & is_valid(fields[0])
    first, group = group_rows([distinct(each)[0] for each in fields])
    times = {name: scaled(doubles(items.field(name)), 3, 16) for name in TIME_NAMES}
    quantities = {
        name: _quantity(scaled(doubles(items.field(name)), 6, 15))
        for name in quantity_names()
        if items.field(name).null_count < len(items)
    }
    logged_charges = _logged_charges(items.field("cost"), items.field("currency"), row)
    unreadable = np.zeros(len(row), np.bool_)
    if items.type.get_field_index(UNREADABLE_FIELD) >= 0:  # of lines that were validated by themselves
        unreadable = is_true(items.field(UNREADABLE_FIELD))
    order = _order(row, times["start_ms"], keep)
    if order is not None:
        row, group, unreadable = row[order], group[order], unreadable[order]
        times = {field: each[order] for field, each in times.items()}
        quantities = {field: each[order] for field, each in quantities.items()}
        new_index = {int(old): new for new, old in enumerate(order)} if logged_charges else {}
        logged_charges = {new_index[old]: charge for old, charge in logged_charges.items() if old in new_index}
    name_number = _numbers_of_names(names, fields, first, group)
    stage, status = (names.stage[name_number], names.status[name_number]) if len(names) else (name_number, name_number)
    return OperationColumns(row, name_number, stage, status, times, quantities, logged_charges, unreadable)


def _numbers_of_names(names: OperationDictionary, fields: list[Any], first: Integers, group: Integers) -> Integers:
    """The number that each operation's name has in the dictionary. ``group``: by its fields, ``first``: where each group stands in ``fields``."""
    is_present = np.zeros(len(first), np.bool_)
    is_present[group] = True
    numbers = np.zeros(len(first), np.int64)
    numbers[is_present] = names.numbers(
        [tuple(each[nth].as_py() for each in fields) for nth in first[is_present].tolist()]
    )
    found: Integers = numbers[group]
    return found


def _quantity(values: Integers) -> Integers:
    """What is below zero says nothing."""
    values[values < 0] = MISSING
    return values


def _order(row: Integers, start: Integers, keep: Flags) -> Integers | None:
    """Each line's operations by start; None: they stand so already, as they nearly always do."""
    key = np.where(start == MISSING, _AFTER_OTHERS_US, start)
    late = np.flatnonzero((key[1:] < key[:-1]) & (row[1:] == row[:-1]))
    if not len(late) and keep.all():
        return None
    order = np.arange(len(row))
    if len(late):
        is_late = np.zeros(int(row[-1]) + 1, np.bool_)
        is_late[row[late]] = True
        some = np.flatnonzero(is_late[row])
        order[some] = some[np.lexsort((key[some], row[some]))]
    return order[keep[order]]


def _logged_charges(cost: Any, currency: Any, row: Integers) -> dict[int, tuple[str | None, str | None]]:
    """What was charged, in lines in which any operation has a cost."""
    if cost.null_count == len(cost):
        return {}
    has_cost = is_valid(cost)
    in_line = np.isin(row, row[has_cost]) & (has_cost | is_valid(currency))
    return {nth: (cost[nth].as_py(), currency[nth].as_py()) for nth in np.flatnonzero(in_line).tolist()}
