"""Logs that a cluster reads, in a session that is there already: what ``voicetel.load`` gives with an ``engine``."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn, Self

import polars as pl

from voicetel.cluster.engine import answer
from voicetel.cluster.job import Job
from voicetel.cluster.spark import SparkEngine
from voicetel.errors import UsageError
from voicetel.pricing import RateCard, load_card
from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from voicetel.analyzers.core.selection import Selection
    from voicetel.cluster.spark import Session
    from voicetel.outcomes import Rules

    PathLike = str | os.PathLike[str]


class ClusterLogs:
    """Logs that every worker sees. Each answer reads them anew; the session stays open, as whoever made it wants.

    What comes back is what ``voicetel.api.Logs`` gives.
    """

    def __init__(self, paths: Sequence[str], rules: Rules, selection: Selection, spark: Session) -> None:
        self._paths = tuple(paths)
        self._rules = rules
        self._selection = selection
        self._engine = SparkEngine(spark)
        self._warnings: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was passed over while reading for the last answer."""
        return self._warnings

    def calls(self, *, pricing: PathLike | RateCard | None = None) -> pl.DataFrame:
        """One row per call, oldest first. Raises UsageError for more of them than a driver should hold."""
        return self.frame("calls", pricing=pricing)

    def answer(
        self, report: str, *, by: str | Sequence[str] = (), pricing: PathLike | RateCard | None = None, **options: Any
    ) -> Any:
        """The answer of a report, as the command of that name has it with ``--engine spark``: a frozen result.

        Raises UsageError for a report that a cluster does not compute, a dimension or an option that there is not, NoDataError where
        there are no calls.
        """
        names = (by,) if isinstance(by, str) else tuple(by)
        card = pricing if isinstance(pricing, RateCard) else load_card(None if pricing is None else os.fspath(pricing))
        selection = replace(self._selection, by=names)
        found = answer(
            self._engine, self._paths, lambda buckets: Job(report, selection, card, self._rules, buckets, options)
        )
        self._warnings = found.totals.warnings
        return found.result

    def frame(
        self, report: str, *, by: str | Sequence[str] = (), pricing: PathLike | RateCard | None = None, **options: Any
    ) -> pl.DataFrame:
        """The same as a frame with the columns of the command's CSV."""
        return pl.DataFrame(find_report(report).arrow(self.answer(report, by=by, pricing=pricing, **options)))

    def close(self) -> None:
        """Nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        raise UsageError(f"{name} is not computed on a cluster", hint="load the logs without engine, or ask answer()")
