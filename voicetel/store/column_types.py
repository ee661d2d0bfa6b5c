"""From the table of event fields to the structure the reader transforms each line into."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from voicetel.events.fields import ENVELOPE, EVENTS, OPERATION, QUANTITIES
from voicetel.pricing.units import BILLABLES, billed_sql, is_additive

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicetel.events.fields import Field
    from voicetel.pricing.units import Billable

UNSTORED_FIELDS = frozenset({"tags", "text", "redacted", "text_cut", "error", "request_id"})
"""Fields that the store does not keep. Transcripts are read again from the log where they are needed; an error's text can quote one."""

RAW_JSON_FIELDS = ("v", "event", "ts", "call_id", "seq")
"""Fields whose type decides whether a line counts, or how often: read as the JSON that stands there."""


def _column_types(fields: Iterable[Field]) -> dict[str, Any]:
    return {field.name: _column_type(field) for field in fields if field.name not in UNSTORED_FIELDS}


def _column_type(field: Field) -> Any:
    match field.kind:
        case "object":
            return _column_types(field.fields)
        case "list":
            return [_column_types(field.fields)]
        case "integer" | "number":
            return "DOUBLE"
        case _:
            return "VARCHAR"


@cache
def line_structure() -> str:
    """The structure of any event's line, as ``json_transform`` wants it.

    Every number is read as DOUBLE, which takes a third of the time of DECIMAL, and cast where it is known what for.
    """
    fields = {field.name: field for event in EVENTS.values() for field in event}
    return json.dumps(_column_types((*ENVELOPE, *fields.values())) | dict.fromkeys(RAW_JSON_FIELDS, "JSON"))


def operation_fields() -> tuple[Field, ...]:
    """The fields of an operation that the store keeps, in the order of the column ``operations``."""
    return tuple(field for field in OPERATION if field.name not in UNSTORED_FIELDS)


@cache
def quantity_names() -> tuple[str, ...]:
    """The names of what an operation used, in the order of the columns of ``usage``."""
    return tuple(field.name for field in QUANTITIES)


def billed_columns_sql() -> dict[str, str]:
    """Column of ``usage`` → SQL for what is billed of a quantity of one operation, where that is not what was logged."""
    return {f"billed_{billable.quantity}": billed_sql(billable) for billable in BILLABLES if is_logged(billable)}


UNREADABLE_AMOUNT_BIT = 1 << len(BILLABLES)
"""In ``quantity_bits``: an operation says a quantity or a cost that cannot be read, so that what it costs is not known."""


def quantity_bits_sql() -> str:
    """SQL for the number whose bit n says that the n-th of ``BILLABLES`` is billed, the next one that an amount is unreadable."""
    bits = {f"billed_{billable.quantity} > 0": 1 << n for n, billable in enumerate(BILLABLES) if is_logged(billable)}
    bits["unreadable"] = UNREADABLE_AMOUNT_BIT
    return " + ".join(f"CASE WHEN {condition} THEN {bit} ELSE 0 END" for condition, bit in bits.items())


def usage_column_names() -> tuple[str, ...]:
    """The columns of ``usage`` that add up: what was logged, and what of it is billed."""
    return (*quantity_names(), *billed_columns_sql())


def stored_usage_columns() -> tuple[str, ...]:
    """Those of them that are kept; the others can be told from these."""
    derived = derived_usage_columns()
    return tuple(name for name in usage_column_names() if name not in derived)


def derived_usage_columns() -> dict[str, str]:
    """Column of ``usage`` → SQL over what is kept, for those that are not."""
    return {
        f"billed_{billable.quantity}": billed_sql(billable)
        for billable in BILLABLES
        if is_logged(billable) and is_additive(billable)
    }


def is_logged(billable: Billable) -> bool:
    """Whether the log has it: ``calls`` is counted when prices are known."""
    return billable.quantity in quantity_names()
