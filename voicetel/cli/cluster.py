"""``--engine spark``: the answer of a report from a cluster."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from voicetel.cli import diagnostics, inputs, logs
from voicetel.errors import UsageError
from voicetel.without_pandas import let_pandas_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from voicetel.analyzers.core.selection import Selection
    from voicetel.cli.options.groups import EngineOptions, LlmOptions, SentimentOptions
    from voicetel.cluster.engine import Answer
    from voicetel.cluster.job import Job
    from voicetel.cluster.spark import SparkEngine
    from voicetel.exporters.summary import ExportSummary
    from voicetel.gate.metric import Measure
    from voicetel.outcomes import Rules
    from voicetel.pricing import RateCard
    from voicetel.registry import Report


StartEngine: TypeAlias = "Callable[[], SparkEngine]"


@dataclass(frozen=True, slots=True)
class ClusterRequest:
    """What is asked: of which logs, which of their calls, and by which prices and rules (None: those of every command)."""

    paths: tuple[str, ...]
    selection: Selection
    card: RateCard | None
    rules: Rules
    options: Mapping[str, Any]
    strict: bool = False


def is_asked_for(engine: EngineOptions | None) -> bool:
    """Whether a cluster is to answer. Raises UsageError for options of one that is not asked for."""
    if engine is None or engine.engine:
        return engine is not None
    if engine.master is not None or engine.conf:
        raise UsageError("--master and --conf go with --engine spark")
    return False


def check_transcript(sentiment: SentimentOptions | None = None, llm: LlmOptions | None = None) -> None:
    """Raise UsageError for what reads transcripts: a cluster does not."""
    given = {
        "--sentiment": sentiment and sentiment.sentiment,
        "--scorer": sentiment and sentiment.scorer,
        "--classify-with": llm and llm.classify_with,
        "--model": llm and llm.model,
    }
    for option, value in given.items():
        if value:
            refuse(option)


def check_measures(measures: Iterable[Measure]) -> None:
    """Raise UsageError for metrics of tools, models, states or words: the samples of a cluster have none of these."""
    names = dict.fromkeys(measure.metric.name for measure in measures if measure.metric.needs_rows_of)
    if names:
        raise UsageError(
            f"metrics of single tools, models, states and words are not computed with --engine spark: {', '.join(names)}",
            hint="leave these out, or check and compare on one machine",
        )


def refuse(option: str) -> None:
    """Raise UsageError: the cluster does not do this."""
    raise UsageError(f"{option} is not computed with --engine spark", hint="leave one of them out")


@contextlib.contextmanager
def answered(report: Report, options: EngineOptions, request: ClusterRequest) -> Iterator[Any]:
    """The answer, to be written while the session is still there; what was passed over is said on stderr.

    Under ``strict`` raises RefusedInputError at the end if a line was refused, as ``logs.opened`` does.
    """
    with running(options) as start_engine, answered_by(start_engine, report.name, request) as answer:
        for warning in answer.totals.warnings:
            diagnostics.warn(warning)
        yield answer.result


@contextlib.contextmanager
def exported(
    options: EngineOptions, request: ClusterRequest, folder: Path | str, *, with_text: bool
) -> Iterator[ExportSummary]:
    """What the executors wrote into ``folder``. Raises as ``answered``, and what ``export_parquet`` raises."""
    from voicetel.cluster.exports.export import export_parquet  # noqa: PLC0415  --help does without the engine

    job_of = _job_of("calls", request)
    with running(options) as start_engine:
        found = export_parquet(start_engine(), request.paths, job_of, folder, with_text=with_text)
        for warning in (*found.totals.warnings, *found.rate_notes):
            diagnostics.warn(warning)
        yield found.summary
    if request.strict and found.totals.summary.rejected_lines:
        raise logs.refused_error(found.totals.summary.rejected_lines)


@contextlib.contextmanager
def running(options: EngineOptions) -> Iterator[StartEngine]:
    """What starts the cluster's session when it is first asked for; the session ends here."""
    with contextlib.ExitStack() as stack:

        @cache
        def start() -> SparkEngine:
            from voicetel.cluster.spark import SparkEngine, session  # noqa: PLC0415  --help does without the engine

            let_pandas_in()  # Spark works with it
            return SparkEngine(stack.enter_context(session(options.master, _settings(options.conf or ()))))

        yield start


@contextlib.contextmanager
def answered_by(start_engine: StartEngine, report: str, request: ClusterRequest) -> Iterator[Answer]:
    """The answer with what was read for it. Raises as ``answered``, and UsageError for what a cluster cannot read."""
    from voicetel.cluster.engine import answer  # noqa: PLC0415  --help does without the engine

    job_of = _job_of(report, request)
    found = answer(start_engine(), request.paths, job_of, logs.import_hint)
    yield found
    if request.strict and found.totals.summary.rejected_lines:
        raise logs.refused_error(found.totals.summary.rejected_lines)


def _job_of(report: str, request: ClusterRequest) -> Callable[[int], Job]:
    """What makes the job for so many buckets. Raises UsageError for what a cluster cannot read or compute."""
    from voicetel.cluster.engine import check_job  # noqa: PLC0415  --help does without the engine
    from voicetel.cluster.job import Job  # noqa: PLC0415
    from voicetel.pricing import load_card  # noqa: PLC0415

    if inputs.STDIN in request.paths:
        raise UsageError("stdin cannot be read by many machines", hint="name files or folders that all of them have")
    card = load_card(None) if request.card is None else request.card

    def job_of(buckets: int) -> Job:
        return Job(report, request.selection, card, request.rules, buckets, dict(request.options))

    check_job(job_of(1))
    return job_of


def _settings(pairs: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE of ``--conf``. Raises UsageError for one that is not."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.startswith("spark."):
            raise UsageError(f"--conf {pair}: not a setting of Spark", hint="write spark.NAME=VALUE")
        found[name] = value
    return found
