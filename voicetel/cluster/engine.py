"""A run on a cluster, from paths to an answer: the part that no engine does its own way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

from voicetel.analyzers.core.dimensions import Level, check_dimensions
from voicetel.cluster.driver import InputTotals, calls_of, report_of, sample_of
from voicetel.cluster.packed_tables import decode
from voicetel.cluster.routing.line_findings import VALIDATE
from voicetel.cluster.routing.splits import list_splits
from voicetel.cluster.sample import SAMPLE
from voicetel.cluster.validation import check_findings, validation_of
from voicetel.errors import UsageError
from voicetel.gate.trend.trend import asked_metrics, trend
from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from voicetel.cluster.job import Job
    from voicetel.cluster.packed_tables import PackedTable
    from voicetel.cluster.routing.splits import Split
    from voicetel.cluster.second_pass import SecondPass
    from voicetel.errors import NoDataError
    from voicetel.gate.trend.results import Trend

MAX_CALLS = 2_000_000
"""Calls of which each is brought to the driver, some 2 GB; more are a data set, and no list or sample."""

BUCKET_BYTES = 512 << 20
"""Logs that one bucket takes, about: an ordinary run, of which a worker has to have the disk."""

SMALL_BUCKET_BYTES = 32 << 20
"""Fewer are not worth a bucket of their own."""


class Partitions(Protocol):
    """The partitions of the calls, each where its lines came together, until they are let go of."""

    def aggregates(self) -> bytes:
        """What all partitions add up to (``encode``), with what was found in lines on their way to them."""

    def run_second_pass(self, second_pass: SecondPass) -> bytes:
        """Run a query over all partitions: the merged rows of its result."""

    def rows(self) -> Sequence[bytes]:
        """The rows of calls of each partition, or of lines (``encode``)."""

    def __enter__(self) -> Self:
        """Route the lines, and run every bucket."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of them."""


class Engine(Protocol):
    """What moves bytes between the steps of a run."""

    @property
    def cores(self) -> int:
        """How many tasks run at a time."""

    def inspect_files(self, files: Sequence[tuple[bytes, int]]) -> Sequence[bytes]:
        """What ``inspections_of`` says of files, given by their paths and sizes."""

    def partitions(self, job: Job, splits: Sequence[Split]) -> Partitions:
        """The partitions of the calls of ``splits``."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a report, and what was read for it."""

    result: Any
    totals: InputTotals


def answer(
    engine: Engine,
    paths: Sequence[str],
    job_of: Callable[[int], Job],
    why_none: Callable[[Sequence[str]], NoDataError | None] | None = None,
) -> Answer:
    """The answer of a report over the logs under ``paths``, as one machine gives it; ``job_of`` takes how many buckets there are.

    ``why_none`` may know what else is under ``paths``, where not one call is.

    Raises NoDataError where there are no logs, or no calls in them, UsageError as ``check_job`` does, and for what is made of single
    calls where there are more than MAX_CALLS.
    """
    check_job(job_of(1))
    listing = list_splits(paths, engine.inspect_files)
    job = job_of(buckets_for(listing.bytes, engine.cores))
    with engine.partitions(job, listing.splits) as partitions:
        aggregates = decode(partitions.aggregates())
        totals = InputTotals.of(aggregates, paths, listing)
        if not totals.calls and why_none and (error := why_none(paths)):
            raise error
        if job.kind == VALIDATE:
            check_findings(aggregates)
            return Answer(validation_of(aggregates, [decode(each) for each in partitions.rows()], totals), totals)
        if job.kind in _OF_ROWS:
            if totals.calls > MAX_CALLS:
                raise UsageError(
                    f"{job.kind}: {totals.calls:,} calls are too many to be brought together",
                    hint=f"read the logs of some days, with fewer than {MAX_CALLS:,} calls",
                )
            return Answer(_OF_ROWS[job.kind](job, [decode(each) for each in partitions.rows()], totals), totals)
        return Answer(report_of(job, aggregates, totals, partitions.run_second_pass), totals)


def check_job(job: Job) -> None:
    """Raise UsageError for a report, a dimension or an option that there is not on a cluster."""
    if job.kind == VALIDATE:
        return
    if job.kind == SAMPLE:
        check_dimensions(job.selection.by, Level.CALL, what="calls")
        return
    report = find_report(job.kind)
    if "engine" not in report.takes or not report.can_be_asked:
        raise UsageError(f"{job.kind} is not computed on a cluster", hint="ask it of the logs on one machine")
    report.check_dimensions(job.selection.by)
    options = report.option_values(job.options)
    if job.kind == "trend":
        for measure in (each for asked in asked_metrics(options["metric"]) for each in asked.measures):
            if measure.metric.needs_rows_of:
                raise UsageError(
                    f"the metric {measure.metric.name} is not computed on a cluster: it is made of single operations,"
                    " and rows of calls and turns are all that is brought together",
                    hint="leave it out, or ask `voicetel tools`, `models` or `dropoff` with --engine spark",
                )
    if job.selection.where is not None and "state" in job.selection.where.columns:
        raise UsageError(
            "on a cluster no condition can ask for the state of calls: whether one is in progress hangs on the newest of all",
            hint="leave it out, or look at it in the answer of `voicetel calls --json`",
        )


def _trend(job: Job, partitions: Sequence[Mapping[str, PackedTable]], totals: InputTotals) -> Trend:
    return trend(sample_of(job, partitions, totals), job.selection, **job.options)


_OF_ROWS: Mapping[str, Callable[[Job, Sequence[Mapping[str, PackedTable]], InputTotals], Any]] = {
    "calls": calls_of,
    SAMPLE: sample_of,
    "trend": _trend,
}
"""Reports that are made of single calls → what makes them."""


def buckets_for(total_bytes: int, cores: int) -> int:
    """How many buckets: none larger than BUCKET_BYTES, and one for every core as long as none is smaller than SMALL_BUCKET_BYTES.

    Calls are spread evenly over them by a hash, and each costs most of a second by itself, however little is in it.
    """
    return max(-(-total_bytes // BUCKET_BYTES), min(cores, -(-total_bytes // SMALL_BUCKET_BYTES)), 1)
