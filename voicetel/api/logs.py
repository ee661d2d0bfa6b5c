"""Logs that were read, and their figures as Polars frames."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import polars as pl

from voicetel.analyzers.calls import calls as call_figures
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.cost.bill import cost_table, group_dimensions_of_bill
from voicetel.analyzers.latency.model_latency import MODEL_DIMENSIONS
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.analyzers.request import Request
from voicetel.analyzers.turns import turn_rows
from voicetel.api.frames import cost_frame, latency_frame
from voicetel.gate.budget import budget_spent, parse_budget
from voicetel.pricing import RateCard, load_card
from voicetel.reconcile import InvoiceOptions, read_invoices, reconcile
from voicetel.reconcile.providers.columns import parse_columns
from voicetel.registry import find_report
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.selection import Selection
    from voicetel.gate.budget import BudgetReport
    from voicetel.outcomes import Rules
    from voicetel.reconcile import Reconciliation
    from voicetel.registry import Report
    from voicetel.store import Store

PathLike = str | os.PathLike[str]


class Logs:
    """Logs that were read. Close them, or use them in a ``with`` block.

    Times in frames are UTC without a zone, latencies ms and quantities numbers as float, money exact decimals in the
    rate card's currency. What is unknown is null, never 0.
    """

    def __init__(self, paths: Sequence[str], rules: Rules, selection: Selection, *, cache: bool) -> None:
        self._selection = selection
        self._stack = contextlib.ExitStack()
        self._folder: Path | None = None
        # The store makes its files private by the umask of the process, which is not ours to change for longer.
        umask = os.umask(0o077)
        os.umask(umask)
        try:
            self._store: Store = self._stack.enter_context(open_store(paths, rules, cache=cache))
        finally:
            os.umask(umask)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was passed over while reading: files that could not be read, a cache that was in use."""
        return tuple(self._store.warnings)

    def calls(self, *, pricing: PathLike | RateCard | None = None) -> pl.DataFrame:
        """One row per call, oldest first, with the columns of ``voicetel calls --json``.

        ``pricing`` is a rate card, the path of one, or "list"; None is what the command would use.
        """
        return pl.DataFrame(call_figures.calls(self._store, _card(pricing), self._selection))

    def turns(self) -> pl.DataFrame:
        """One row per turn: when, who spoke, whether interrupted, and each latency in ms.

        ``operations`` says how many calls to providers it took. The texts stay in the log.
        """
        return self.scan_turns().collect()

    def operations(self) -> pl.DataFrame:
        """One row per call to a provider: stage, provider, model, times in ms, quantities, what the provider charged."""
        return self.scan_operations().collect()

    def scan_turns(self) -> pl.LazyFrame:
        """The rows of ``turns``, read as they are needed: for more of them than memory holds. Good until the logs are closed."""
        return self._scan("turns")

    def scan_operations(self) -> pl.LazyFrame:
        """The rows of ``operations``, read as they are needed: as ``scan_turns``."""
        return self._scan("operations")

    def latency(self, by: str | Sequence[str] = ()) -> pl.DataFrame:
        """Latencies over turns, in ms: one row per group and latency, with n, avg, min, p50, p90, p95, p99, max, impossible.

        ``by`` names dimensions of calls and turns (such as agent_name, day, state_id; docs/metrics.md lists them) and, for
        the latencies of single stages, ``stage``, ``provider`` and ``model`` of the operation that took the time; the
        response as a whole is no model's and is then left out.

        Raises UsageError for an unknown dimension.
        """
        names = [by] if isinstance(by, str) else list(by)
        of_models = [name for name in names if name in MODEL_DIMENSIONS]
        context = self._context([name for name in names if name not in MODEL_DIMENSIONS])
        return latency_frame(context, names, of_models)

    def cost(
        self,
        pricing: PathLike | RateCard | None = None,
        by: str | Sequence[str] = ("component", "provider", "model"),
    ) -> pl.DataFrame:
        """The bill: one row per group with its exact amount, dearest first, as ``voicetel cost`` has it.

        ``by`` names component and any dimensions, which docs/metrics.md lists. ``amount`` is null where nothing of the
        group has a price, and the sum of all amounts is the total. ``pricing`` as for ``calls``.

        Raises UsageError for an unknown dimension, PricingError for a card that means nothing.
        """
        names = (by,) if isinstance(by, str) else tuple(by)
        card = _card(pricing)
        context = self._context(group_dimensions_of_bill(names), card)
        price_usage(context, card)
        return cost_frame(cost_table(context, card, names), names)

    def budget(
        self, budget: str, *, pricing: PathLike | RateCard | None = None, now: datetime | None = None
    ) -> BudgetReport:
        """Where a budget such as "500/month" stands at ``now`` (None: this moment), as ``voicetel cost --budget`` has it.

        ``now`` without a zone is UTC; days are those of the zone given to ``load``. ``pricing`` as for ``calls``.

        Raises UsageError for what is no budget.
        """
        request = Request(self._store, self._selection, _card(pricing))
        moment = datetime.now(UTC) if now is None else now if now.tzinfo else now.replace(tzinfo=UTC)
        return budget_spent(request, parse_budget(budget), moment)

    def reconcile(
        self,
        invoices: PathLike | Sequence[PathLike],
        *,
        pricing: PathLike | RateCard | None = None,
        provider: str | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> Reconciliation:
        """Providers' invoices held against the calls, as ``voicetel reconcile`` has it.

        ``columns`` says which column of a CSV has what ({"day": "Date", "unit": "=minutes", …}), ``provider`` whose invoice it is
        where it does not say. Days are those of the zone given to ``load``. ``pricing`` as for ``calls``.

        Raises InvoiceError for an invoice that cannot be read.
        """
        named = [invoices] if isinstance(invoices, (str, os.PathLike)) else list(invoices)
        read_by = None if columns is None else parse_columns(columns, "columns")
        zone = self._selection.tz
        sums = read_invoices([Path(each) for each in named], InvoiceOptions(zone, provider, read_by))
        return reconcile(self._context(()), _card(pricing), sums, zone=zone)

    def answer(
        self, report: str, *, by: str | Sequence[str] = (), pricing: PathLike | RateCard | None = None, **options: Any
    ) -> Any:
        """The answer of a report, as the command of that name has it: a frozen result.

        ``voicetel.registry.REPORTS`` lists them; ``voicetel.results.to_json`` makes of a result what ``--json`` writes.
        ``options`` are those of the report alone, such as ``dead_air`` of interruptions. ``pricing`` as for ``calls``.

        Raises UsageError for a report, a dimension or an option that there is not, NoDataError where there are no calls.
        """
        return self._answer(report, by, pricing, options)[1]

    def frame(
        self, report: str, *, by: str | Sequence[str] = (), pricing: PathLike | RateCard | None = None, **options: Any
    ) -> pl.DataFrame:
        """The same as a frame with the columns of the command's CSV: one row per group, per line, or one over all calls."""
        found, result = self._answer(report, by, pricing, options)
        return pl.DataFrame(found.arrow(result))

    def _answer(
        self, name: str, by: str | Sequence[str], pricing: PathLike | RateCard | None, options: dict[str, Any]
    ) -> tuple[Report, Any]:
        report = find_report(name)
        names = (by,) if isinstance(by, str) else tuple(by)
        selection = replace(self._selection, by=names)
        return report, report.ask(Request(self._store, selection, _card(pricing)), options)

    def close(self) -> None:
        """Let go of the store. Frames that were made live on."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _context(self, by: Sequence[str], card: RateCard | None = None) -> AnalysisContext:
        return analysis_context(self._store, replace(self._selection, by=tuple(by)), card=card)

    def _scan(self, name: str) -> pl.LazyFrame:
        """The rows of one of the .sql files of frames, in a private file; decimals as floats.

        DuckDB sorts and writes them with the memory it is allowed, where an Arrow table takes several times that of a frame.
        """
        context = self._context(())
        if self._folder is None:
            self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="voicetel-")))
        path = self._folder / f"{name}.parquet"
        rows = context.connection.sql(load_sql(turn_rows.__name__, f"dataframe_{name}.sql"))
        rows.write_parquet(str(path))
        return pl.scan_parquet(path).with_columns(pl.selectors.decimal().cast(pl.Float64))


def _card(pricing: PathLike | RateCard | None) -> RateCard:
    if isinstance(pricing, RateCard):
        return pricing
    return load_card(None if pricing is None else os.fspath(pricing))
