"""Calls as a sample: what each one adds to every metric of the gate, apart from the store that it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voicetel.analyzers.core.dimensions import Level, check_dimensions
from voicetel.events.metrics import RESPONSE_LATENCY
from voicetel.gate.metric import KNOWN_RESPONSES, SLOW_RESPONSES
from voicetel.outcomes import CallOutcome
from voicetel.pricing.money import NINTHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from decimal import Decimal

    from numpy.typing import NDArray

    from voicetel.gate.metric import Measure
    from voicetel.gate.samples.stored_columns import Columns

    Numbers = NDArray[np.float64]
    Mask = NDArray[np.bool_]

PER_MS = 1000
"""Latencies of a sample are whole thousandths of a ms."""

AMOUNT = "amount_"
"""What names of columns begin with that are amounts of requests."""


@dataclass(frozen=True, slots=True)
class TurnValues:
    """One latency, turn by turn: the call that a turn belongs to, and the value in thousandths of its unit.

    What is measured once in a call has one value of each call that has it.
    """

    calls: NDArray[np.int32]
    values: NDArray[Any]

    def of_calls(self, kept: Mask) -> TurnValues:
        """Those of the calls that are kept, which are numbered anew."""
        numbers = np.cumsum(kept, dtype=np.int32) - np.int32(1)
        positions = kept[self.calls]
        return TurnValues(numbers[self.calls[positions]], self.values[positions])


class StoredTurns(Mapping[str, TurnValues]):
    """Latency → its values, loaded when they are asked for: those of the one that was asked for last are kept."""

    def __init__(self, loads: Mapping[str, Callable[[], TurnValues]]) -> None:
        self._loads = dict(loads)
        self._last: tuple[str, TurnValues] | None = None

    def __getitem__(self, name: str) -> TurnValues:
        """The values of one latency. Raises KeyError for one that the sample was not taken with."""
        load = self._loads[name]
        if self._last is None or self._last[0] != name:
            self._last = None  # two at once would be twice the memory
            self._last = name, load()
        return self._last[1]

    def joined(self, loads: Mapping[str, Callable[[], TurnValues]]) -> StoredTurns:
        """These latencies and more."""
        return StoredTurns({**self._loads, **loads})

    def __iter__(self) -> Iterator[str]:
        """The names of the latencies."""
        return iter(self._loads)

    def __len__(self) -> int:
        """How many latencies there are."""
        return len(self._loads)


def map_turns(turns: Mapping[str, TurnValues], change: Callable[[TurnValues], TurnValues]) -> StoredTurns:
    """The same latencies with what ``change`` makes of the values of each, when they are asked for."""

    def load(name: str) -> TurnValues:
        return change(turns[name])

    return StoredTurns({name: partial(load, name) for name in turns})


@dataclass(frozen=True, slots=True)
class Sample:
    """Calls, one row each (sample.sql names the columns), with their turns' latencies.

    A column, or the values of a latency, may be in a file until it is asked for.

    ``lines`` are the lines of the input, of all its calls, that are an event or should be one; ``refused_lines`` those
    that could not be read. ``unlogged`` are the columns of marks that none of the calls it was taken of has: whether such marks
    are logged at all is not known. ``notes_on_rates`` makes ``rate_notes``: list prices are looked up only where these are asked for.
    """

    calls: Columns
    turns: Mapping[str, TurnValues]
    currency: str
    lines: int = 0
    refused_lines: int = 0
    unlogged: frozenset[str] = frozenset()
    notes_on_rates: Callable[[], tuple[str, ...]] = tuple

    def __len__(self) -> int:
        return int(self.calls.num_rows)

    def where(self, conditions: Mapping[str, tuple[str, ...]]) -> Sample:
        """The calls for which every named dimension, which the sample was taken with, has one of the values.

        Raises UsageError for an unknown dimension.
        """
        check_dimensions(tuple(conditions), Level.CALL, what="calls")
        kept = np.ones(len(self), dtype=np.bool_)
        for name, values in conditions.items():
            kept &= mask_of(pc.is_in(self.calls.column(name), value_set=pa.array(values, pa.string())))
        return self.only(kept) if conditions else self

    def split_at(self, moment: datetime) -> tuple[Sample, Sample]:
        """The calls that started before ``moment`` (UTC, without a zone), and those from then on."""
        before = mask_of(pc.less(self.calls.column("started_at"), pa.scalar(moment, pa.timestamp("us"))))
        return self.only(before), self.only(~before)

    def only(self, kept: Mask) -> Sample:
        """The calls at whose place ``kept`` is true."""
        turns = map_turns(self.turns, lambda values: values.of_calls(kept))
        return replace(self, calls=self.calls.filter(pa.array(kept)), turns=turns)

    def timed(self) -> Sample:
        """The calls whose length is known, without their turns."""
        return replace(self, calls=self.calls.filter(pc.is_valid(self.calls.column("duration_s"))), turns={})

    @property
    def rate_notes(self) -> tuple[str, ...]:
        """Sentences on the rates by which the calls were priced that it was taken of and that lie far off their list price."""
        return self.notes_on_rates()

    def rate_notes_on(self, measures: Iterable[Measure]) -> tuple[str, ...]:
        """What makes these figures doubtful: ``rate_notes`` where one of them is money, else nothing."""
        return self.rate_notes if any(measure.metric.unit == "money" for measure in measures) else ()

    def total(self, column: str) -> int | Decimal | Fraction | None:
        """The exact sum of a column over all calls; None where no call has a value. Costs are fractions.

        Beside the columns of sample.sql there are ``calls``, ``<column>_known``, ``outcome_<outcome>``, ``cost_<component>_timed``
        (of the calls whose length is known), ``outcomes`` (calls whose outcome is known) and ``answered_outcomes`` (those of them
        that somebody answered).
        """
        if column.startswith(AMOUNT):
            return self._amount(column.removeprefix(AMOUNT))
        if "." in column:
            total_of_one: int | Decimal | None = pc.sum(self.calls.column(column)).as_py()
            return total_of_one
        match column:
            case "outcomes" | "answered_outcomes":
                return int(np.count_nonzero(self.per_call(column)))
            case "calls":
                return len(self)
            case "lines":
                return self.lines
            case "refused_lines":
                return self.refused_lines
            case "contained" if self.total("transferred") is None:
                return None
            case _ if column in self.unlogged:
                return None
        if (turns := self._turns_of_calls(column)) is not None:
            return int(turns.sum())
        if name := _known_of(column):
            return len(self) - int(self.calls.column(name).null_count)
        if outcome := _outcome_of(column):
            return int(pc.sum(pc.equal(self.calls.column("outcome"), outcome)).as_py() or 0)
        if column.startswith("cost_"):
            name = column.removeprefix("cost_")
            return self.timed().total(column.removesuffix("_timed")) if name.endswith("_timed") else self._cost(name)
        total: int | Decimal | None = pc.sum(self.calls.column(column)).as_py()
        return total

    def _cost(self, component: str) -> Fraction | None:
        """What has no price is unknown, and so is all where nothing billable was logged; beside what was used, the rest cost nothing."""
        ninths = pc.sum(self.calls.column(f"ninths_{component}")).as_py()
        if ninths is not None:
            return Fraction(ninths) / NINTHS
        is_unused = component != "total" and not self.total(f"billable_{component}")
        return Fraction(0) if is_unused and self.total("billable") else None

    def _amount(self, name: str) -> Fraction | None:
        """What ``errors`` or ``cancelled`` cost, of one model or all: 0 where there were none, unknown where none has a price."""
        ninths = pc.sum(self.calls.column(f"ninths_{name}")).as_py()
        if ninths is not None:
            return Fraction(ninths) / NINTHS
        return None if self.total(f"request_{name}") else Fraction(0)

    def _turns_of_calls(self, column: str) -> NDArray[np.int64] | None:
        """Call by call, the turns whose response is known, or took longer than the ms in the name; None for other columns."""
        if column == KNOWN_RESPONSES:
            above = None
        elif column.startswith(SLOW_RESPONSES):
            above = int(column.removeprefix(SLOW_RESPONSES)) * PER_MS
        else:
            return None
        response = self.turns[RESPONSE_LATENCY.name]
        calls = response.calls if above is None else response.calls[response.values > above]
        return np.bincount(calls, minlength=len(self)).astype(np.int64)

    def per_call(self, column: str) -> Numbers:
        """A column call by call, NaN where unknown."""
        if column == "calls":
            return np.ones(len(self))
        if column.startswith(AMOUNT):
            return _numbers(self.calls.column(f"ninths_{column.removeprefix(AMOUNT)}")) / NINTHS
        if "." in column:
            return _numbers(self.calls.column(column))
        if (turns := self._turns_of_calls(column)) is not None:
            return turns.astype(np.float64)
        if name := _known_of(column):
            return _numbers(pc.is_valid(self.calls.column(name)))
        if outcome := _outcome_of(column):
            return _numbers(pc.equal(self.calls.column("outcome"), outcome))
        if column in {"outcomes", "answered_outcomes"}:
            known = _numbers(pc.not_equal(self.calls.column("outcome"), CallOutcome.UNKNOWN.value))
            return known if column == "outcomes" else known * _numbers(self.calls.column("answered"))
        if column.endswith("_timed"):
            timed = mask_of(pc.is_valid(self.calls.column("duration_s")))
            return np.where(timed, _numbers(self.calls.column(column.removesuffix("_timed"))), np.nan)
        return _numbers(self.calls.column(column))


def _known_of(column: str) -> str | None:
    return column.removesuffix("_known") if column.endswith("_known") else None


def _outcome_of(column: str) -> str | None:
    return column.removeprefix("outcome_") if column.startswith("outcome_") else None


def mask_of(column: pa.ChunkedArray) -> Mask:
    """A column of booleans as an array, false where unknown."""
    mask: Mask = pc.fill_null(column, False).to_numpy()
    return mask


def _numbers(column: pa.ChunkedArray) -> Numbers:
    numbers: Numbers = pc.cast(column, pa.float64()).to_numpy()
    return numbers
