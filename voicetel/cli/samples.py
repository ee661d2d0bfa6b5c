"""Samples of calls for ``check`` and ``compare``: from the store of this machine, or from a cluster."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicetel.cli import cluster, logs, transcript

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.analyzers.core.selection import Selection
    from voicetel.cli.options.groups import EngineOptions, ReadOptions, SentimentOptions
    from voicetel.gate.metric import Measure
    from voicetel.gate.samples.sample import Sample
    from voicetel.outcomes import Rules
    from voicetel.pricing import RateCard


@dataclass(frozen=True, slots=True)
class SampleOptions:
    """Which calls are wanted, and what is known of them. ``dimensions``: what they can be filtered and split by later.

    ``measures``: what will be asked of them.
    """

    selection: Selection
    card: RateCard
    rules: Rules
    dimensions: Sequence[str]
    measures: Sequence[Measure]
    read: ReadOptions
    sentiment: SentimentOptions


@dataclass(frozen=True, slots=True)
class TakenSample:
    """A sample of one call at least, with what was passed over while reading."""

    sample: Sample
    warnings: tuple[str, ...]


@contextlib.contextmanager
def sampling(options: EngineOptions) -> Iterator[cluster.StartEngine | None]:
    """The cluster that takes samples, None for this machine. It takes several in one session, which ends here."""
    if not cluster.is_asked_for(options):
        yield None
        return
    with cluster.running(options) as start_engine:
        yield start_engine


@contextlib.contextmanager
def sample_of(
    paths: tuple[str, ...], wanted: SampleOptions, start_engine: cluster.StartEngine | None
) -> Iterator[TakenSample]:
    """The sample of some logs. Raises NoDataError where no call is wanted; as ``logs.opened`` at the end under ``--strict``."""
    if start_engine is not None:
        from voicetel.cluster.sample import SAMPLE  # noqa: PLC0415  --help does without the engine

        cluster.check_transcript(wanted.sentiment)
        cluster.check_measures(wanted.measures)
        selection = replace(wanted.selection, by=tuple(dict.fromkeys(wanted.dimensions)))
        request = cluster.ClusterRequest(paths, selection, wanted.card, wanted.rules, {}, strict=wanted.read.strict)
        with cluster.answered_by(start_engine, SAMPLE, request) as answer:
            yield TakenSample(answer.result, answer.totals.warnings)
        return
    from voicetel.analyzers.core.no_calls import no_calls_error  # noqa: PLC0415  --help does without the engine
    from voicetel.gate.samples.take import sample  # noqa: PLC0415

    with (
        transcript.options(sentiment=wanted.sentiment) as transcript_options,
        logs.opened(paths, wanted.rules, no_cache=wanted.read.no_cache, strict=wanted.read.strict) as store,
    ):
        found = sample(
            store,
            wanted.card,
            wanted.selection,
            transcript_options,
            dimensions=wanted.dimensions,
            measures=wanted.measures,
        )
        if not len(found):
            raise no_calls_error(store, wanted.selection)
        yield TakenSample(found, tuple(store.warnings))
