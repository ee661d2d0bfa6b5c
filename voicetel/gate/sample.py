"""Calls as a sample: what each one adds to every metric of the gate, apart from the store that it was read from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voicetel.analyzers.calls.calls import create_call_figures
from voicetel.analyzers.campaigns.campaigns import create_call_steps
from voicetel.analyzers.core.dimensions import Level, check_dimensions
from voicetel.analyzers.core.selected_views import LATENCY_NAMES
from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import PLACES
from voicetel.analyzers.core.transcript_options import NO_TRANSCRIPTS
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.gate.details.columns import add_details, tool_durations
from voicetel.gate.details.peak import peak
from voicetel.gate.metric import KNOWN_RESPONSES, PEAK, PERCENTILES, SLOW_RESPONSES
from voicetel.outcomes import CallOutcome
from voicetel.pricing.money import NINTHS, RATE_PLACES, amount_of, round_fraction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    import duckdb
    from numpy.typing import NDArray

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.selection import Selection
    from voicetel.analyzers.core.transcript_options import TranscriptOptions
    from voicetel.analyzers.priced_usage.rates import MatchedRate
    from voicetel.gate.metric import Measure
    from voicetel.pricing import RateCard
    from voicetel.store import Store

    Numbers = NDArray[np.float64]
    Mask = NDArray[np.bool_]

PER_MS = 1000
"""Latencies of a sample are whole thousandths of a ms."""

AMOUNT = "amount_"
"""What names of columns begin with that are amounts of requests."""

LENGTHS = ("duration_s", "waited_ms", "audio_s")
"""Columns that a figure is divided by and that count nothing."""

MARKS = ("no_input_calls", "unheard_calls")
"""Columns that say of a call whether it has a mark of some kind."""

MEASURED_CALLS = ("first_word_ms", "caller_silence_ms", "handle_time_s")
"""What is measured once in a call."""


@dataclass(frozen=True, slots=True)
class TurnValues:
    """One latency, turn by turn: the call that a turn belongs to, and the value in thousandths of its unit.

    What is measured once in a call has one value of each call that has it.
    """

    calls: NDArray[np.int32]
    values: NDArray[Any]

    def of_calls(self, kept: Mask) -> TurnValues:
        """Those of the calls that are kept, which are numbered anew."""
        numbers = np.cumsum(kept, dtype=np.int32) - 1
        positions = kept[self.calls]
        return TurnValues(numbers[self.calls[positions]].astype(np.int32), self.values[positions])


@dataclass(frozen=True, slots=True)
class Sample:
    """Calls, one row each (sample.sql names the columns), with their turns' latencies.

    ``lines`` are the lines of the input, of all its calls, that are an event or should be one; ``refused_lines`` those
    that could not be read. ``unlogged`` are the columns of marks that none of the calls it was taken of has: whether such marks
    are logged at all is not known.
    """

    calls: pa.Table
    turns: Mapping[str, TurnValues]
    currency: str
    lines: int = 0
    refused_lines: int = 0
    unlogged: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return int(self.calls.num_rows)

    def where(self, conditions: Mapping[str, tuple[str, ...]]) -> Sample:
        """The calls for which every named dimension, which the sample was taken with, has one of the values.

        Raises UsageError for an unknown dimension.
        """
        check_dimensions(tuple(conditions), Level.CALL, what="calls")
        kept = np.ones(len(self), dtype=np.bool_)
        for name, values in conditions.items():
            kept &= _mask(pc.is_in(self.calls.column(name), value_set=pa.array(values, pa.string())))
        return self.only(kept) if conditions else self

    def split_at(self, moment: datetime) -> tuple[Sample, Sample]:
        """The calls that started before ``moment`` (UTC, without a zone), and those from then on."""
        before = _mask(pc.less(self.calls.column("started_at"), pa.scalar(moment, pa.timestamp("us"))))
        return self.only(before), self.only(~before)

    def only(self, kept: Mask) -> Sample:
        """The calls at whose place ``kept`` is true."""
        turns = {name: values.of_calls(kept) for name, values in self.turns.items()}
        return replace(self, calls=self.calls.filter(pa.array(kept)), turns=turns)

    def timed(self) -> Sample:
        """The calls whose length is known, without their turns."""
        return replace(self, calls=self.calls.filter(pc.is_valid(self.calls.column("duration_s"))), turns={})

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
        """What nobody used cost nothing; what was used and has no price is unknown."""
        ninths = pc.sum(self.calls.column(f"ninths_{component}")).as_py()
        if ninths is not None:
            return Fraction(ninths) / NINTHS
        billable = self.total("billable" if component == "total" else f"billable_{component}")
        return None if billable else Fraction(0)

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
        response = self.turns[LATENCY_NAMES[0]]
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
            timed = _mask(pc.is_valid(self.calls.column("duration_s")))
            return np.where(timed, _numbers(self.calls.column(column.removesuffix("_timed"))), np.nan)
        return _numbers(self.calls.column(column))


def _known_of(column: str) -> str | None:
    return column.removesuffix("_known") if column.endswith("_known") else None


def _outcome_of(column: str) -> str | None:
    return column.removeprefix("outcome_") if column.startswith("outcome_") else None


def _mask(column: pa.ChunkedArray) -> Mask:
    mask: Mask = pc.fill_null(column, False).to_numpy()
    return mask


def _numbers(column: pa.ChunkedArray) -> Numbers:
    numbers: Numbers = pc.cast(column, pa.float64()).to_numpy()
    return numbers


def sample(
    store: Store,
    card: RateCard,
    selection: Selection = ALL_CALLS,
    options: TranscriptOptions = NO_TRANSCRIPTS,
    *,
    dimensions: Sequence[str] = (),
    measures: Iterable[Measure] = (),
) -> Sample:
    """Everything that the selected calls add to the metrics, with the values of ``dimensions`` of calls.

    What metrics of tools, models and states of the dialogue are made of is there for those among ``measures`` alone: it takes a
    look at every operation or turn.
    """
    check_dimensions(dimensions, Level.CALL, what="calls")
    by = tuple(dict.fromkeys(dimensions))
    context, applied = create_sample(store, card, replace(selection, by=by), options)
    refused, unsupported, _ = store.counts()
    events = int(context.rows("SELECT count(*) FROM events")[0][0])
    found = read_sample(store.connection, by, card.currency, events + refused + unsupported, refused)
    metrics = list(dict.fromkeys(measure.metric for measure in measures))
    durations = {name: TurnValues(*values) for name, values in tool_durations(context, metrics).items()}
    return replace(found, calls=add_details(context, found.calls, metrics, applied), turns={**found.turns, **durations})


def create_sample(
    store: Store, card: RateCard, selection: Selection, options: TranscriptOptions = NO_TRANSCRIPTS
) -> tuple[AnalysisContext, list[MatchedRate]]:
    """Make the tables ``sample_calls`` and ``sample_turns`` of the selected calls; their groups are those of ``selection.by``.

    Returns what they were made of: the context, and the rates that were applied.
    """
    context = analysis_context(store, selection, options, card)
    applied = price_usage(context, card)
    create_call_figures(context)
    create_call_steps(context)
    context.rows(load_sql(__name__, "sample.sql"))
    context.rows(load_sql(__name__, "sample_turns.sql"))
    return context, applied


def read_sample(
    connection: duckdb.DuckDBPyConnection, by: Sequence[str], currency: str, lines: int, refused_lines: int
) -> Sample:
    """The sample that ``sample_calls`` and ``sample_turns`` make, with a column for each dimension of ``by``."""
    calls = connection.sql("SELECT * FROM sample_calls ORDER BY number").to_arrow_table()
    for index, name in enumerate(by):
        if name in calls.column_names:
            continue
        calls = calls.append_column(name, pc.list_element(calls.column("group_values"), index))
    calls = calls.drop_columns(["group_values"])
    unlogged = frozenset(name for name in MARKS if not pc.sum(calls.column(name)).as_py())
    return Sample(calls, _turns(connection, calls), currency, lines, refused_lines, unlogged)


def _turns(connection: duckdb.DuckDBPyConnection, calls: pa.Table) -> dict[str, TurnValues]:
    """One latency after the other, since each of them is a number for every turn."""
    found = {}
    for name in LATENCY_NAMES:
        values = connection.sql(f"SELECT number, {name} FROM sample_turns WHERE {name} IS NOT NULL").fetchnumpy()
        found[name] = TurnValues(values["number"], values[name])
    return found | {name: _of_calls(calls, name) for name in MEASURED_CALLS}


def _of_calls(calls: pa.Table, name: str) -> TurnValues:
    """A figure of calls as the one value of each call that has it."""
    column = calls.column(name)
    numbers = np.flatnonzero(_mask(pc.is_valid(column))).astype(np.int32)
    return TurnValues(numbers, pc.drop_null(column).to_numpy())


@dataclass(frozen=True, slots=True)
class Observed:
    """A figure of a sample as the report has it, from ``n`` values of ``calls`` calls. None where there is no value."""

    value: float | Decimal | None
    n: int
    calls: int


def observe(of: Sample, measure: Measure) -> Observed:
    """The figure itself: exact money, latencies in ms, shares from 0 to 1."""
    metric, statistic = measure.metric, measure.statistic
    if not metric.ratios:
        turns = of.turns[metric.name]
        n = len(turns.values)
        calls = int(np.count_nonzero(np.bincount(turns.calls, minlength=1)))
        return Observed(_of_turns(turns.values, statistic) if n else None, n, calls)
    if statistic == PEAK:
        most, timed = peak(of.calls)
        return Observed(most, timed, timed)
    ratio = metric.ratio(statistic)
    above = of.total(ratio.of)
    below = of.total(ratio.per) if ratio.per else 1
    n = int(below or 0) if ratio.per and ratio.per not in LENGTHS else len(of)
    calls = (
        len(of) if ratio.per in {None, "calls", "lines"} else int(np.count_nonzero(of.per_call(ratio.per or "") > 0))
    )
    if ratio.known and not of.total(ratio.known):
        return Observed(None, 0, calls)
    if above is None or not below:
        return Observed(None, n if above is not None else 0, calls)
    if metric.unit == "money":
        exact = Fraction(above) * ratio.factor / Fraction(below)
        return Observed(round_fraction(exact, RATE_PLACES) if ratio.per else amount_of(exact), n, calls)
    return Observed(float(above) / float(below) * ratio.factor, n, calls)


def _of_turns(values: NDArray[Any], statistic: str) -> float:
    match statistic:
        case "avg":
            return round(int(values.sum()) / len(values) / PER_MS, PLACES)
        case "min":
            return int(values.min()) / PER_MS
        case "max":
            return int(values.max()) / PER_MS
        case _:
            return round(float(np.quantile(values, PERCENTILES[statistic])) / PER_MS, PLACES)
