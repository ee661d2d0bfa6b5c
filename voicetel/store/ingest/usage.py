"""What operations used, added up per call, UTC day, model and kinds of quantities, in whole millionths.

What is billed of a quantity is taken per operation, before anything is added (voicetel/pricing/units.py): a part that is larger
than its whole leaves nothing of the whole, and that does not add up.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from voicetel.pricing import charged_cost
from voicetel.pricing.units import AUDIO_STAGES, BILLABLES
from voicetel.store.column_types import UNREADABLE_AMOUNT_BIT, is_logged, stored_usage_columns
from voicetel.store.ingest.operations import STAGES
from voicetel.store.segments.arrays import MISSING, column, group_rows
from voicetel.store.segments.schemas import USAGE, USAGE_SUM_TYPE

if TYPE_CHECKING:
    from voicetel.store.ingest.operations import OperationColumns, OperationDictionary
    from voicetel.store.segments.arrays import Integers

_MAX_SUM = 10**18
"""Millionths that a sum may have; what would be more stays in rows of its own, since rows of usage add up."""
_EXACT_BELOW = 2.0**53


def billed_quantities(ops: OperationColumns) -> dict[str, Integers]:
    """Quantity → what is billed of it per operation, MISSING where it was not logged."""
    is_audio_stage = np.isin(ops.stage, [STAGES[name] for name in AUDIO_STAGES])
    found: dict[str, Integers] = {}
    for each in filter(is_logged, BILLABLES):  # a part stands before its whole
        logged = ops.quantities.get(each.quantity)
        if logged is None:
            continue
        if each.quantity == "audio_s":
            found[each.quantity] = np.where(is_audio_stage, logged, MISSING)
        elif each.quantity == "session_s" and "audio_s" in ops.quantities:
            found[each.quantity] = np.where(is_audio_stage & (ops.quantities["audio_s"] != MISSING), MISSING, logged)
        elif parts := [found[part] for part in each.parts if part in found]:
            parts_sum = np.sum([np.maximum(part, 0) for part in parts], axis=0)
            found[each.quantity] = np.where(logged == MISSING, MISSING, logged - np.minimum(logged, parts_sum))
        else:
            found[each.quantity] = logged
    return found


def usage_sums(
    ops: OperationColumns, names: OperationDictionary, *, call_id: Any, stream_id: Integers, day: Integers
) -> dict[str, Any]:
    """The columns of ``usage`` but the segment, of some operations. ``call_id``, ``stream_id`` and ``day`` by the rows of ``ops``."""
    call_id = call_id.dictionary_encode()
    billed = billed_quantities(ops)
    quantity_bits = ops.unreadable * np.int64(UNREADABLE_AMOUNT_BIT)
    for bit, each in enumerate(BILLABLES):
        if each.quantity in billed:
            quantity_bits += (billed[each.quantity] > 0).astype(np.int64) << bit
    charges = {
        index: charge
        for index, (cost, name) in ops.logged_charges.items()
        if (charge := charged_cost({"cost": cost, "currency": name}))
    }
    currencies = ["", *sorted({name for _, name in charges.values()})]
    currency = np.zeros(len(ops), np.int64)
    for index, (_, name) in charges.items():
        currency[index] = currencies.index(name)
    row = ops.row
    call = np.asarray(call_id.indices)[row].astype(np.int64)
    group_keys = [
        call,
        stream_id[row],
        day[row],
        names.model_number[ops.name_number] if len(names) else ops.name_number,
        quantity_bits,
        currency,
    ]
    first, group = group_rows(group_keys)
    sums = {name: _sums(each, group, len(first)) for name, each in _stored_quantities(ops, billed).items()}
    if any(sum_ is None for sum_ in sums.values()):
        first = group = np.arange(len(ops))
        sums = {name: _sums(each, group, len(first)) for name, each in _stored_quantities(ops, billed).items()}
    models = [key for key, _ in sorted(names.model_keys.items(), key=lambda item: item[1])]
    model = group_keys[3][first]
    columns: dict[str, Any] = {
        "stream_id": pa.array(group_keys[1][first].astype(np.int32)),
        "call_id": call_id.dictionary.take(pa.array(call[first])),
        "day": pa.array(group_keys[2][first].astype(np.int32)).view(pa.date32()),
        **{
            name: pa.array([key[nth] for key in models], pa.string()).take(pa.array(model))
            for nth, name in enumerate(("stage", "provider", "model"))
        },
        "currency": pa.array([None, *currencies[1:]], pa.string()).take(pa.array(currency[first])),
        "quantity_bits": pa.array(quantity_bits[first].astype(np.int32)),
        "operations": pa.array(np.bincount(group, minlength=len(first))),
        "charged": _charged_column(charges, group, len(first)),
    }
    for name in stored_usage_columns():
        sum_ = sums.get(name)
        columns[name] = pa.nulls(len(first), USAGE_SUM_TYPE) if sum_ is None else column(sum_, USAGE_SUM_TYPE)
    return columns


def _stored_quantities(ops: OperationColumns, billed: dict[str, Integers]) -> dict[str, Integers]:
    kept = set(stored_usage_columns())
    columns = {**ops.quantities, **{f"billed_{name}": each for name, each in billed.items()}}
    return {name: each for name, each in columns.items() if name in kept}


def _sums(values: Integers, group: Integers, group_count: int) -> Integers | None:
    """Sums by group, MISSING where nothing was logged; None: one is larger than a sum may be."""
    there = np.flatnonzero(values != MISSING)
    some, at = values[there], group[there]
    sums = np.bincount(at, some, group_count)
    if sums.max(initial=0) >= _MAX_SUM:
        return None
    exact = sums.astype(np.int64)
    if sums.max(initial=0) >= _EXACT_BELOW:
        exact = np.zeros(group_count, np.int64)
        np.add.at(exact, at, some)
    logged = np.zeros(group_count, np.bool_)
    logged[at] = True
    return np.where(logged, exact, MISSING)


def _charged_column(charges: dict[int, tuple[Decimal, str]], group: Integers, group_count: int) -> Any:
    type_ = USAGE.field("charged").type
    if not charges:
        return pa.nulls(group_count, type_)
    amounts: dict[int, Decimal] = {}
    for index, (amount, _) in charges.items():
        at = int(group[index])
        amounts[at] = amounts.get(at, Decimal(0)) + amount
    return pa.array([amounts.get(at) for at in range(group_count)], type_)


def days(ts: Integers) -> Integers:
    """UTC days since 1970 of µs since then."""
    return ts // (dt.timedelta(days=1) // dt.timedelta(microseconds=1))
