"""Options that go together, declared once for every command that has them: a command takes the group, users its options."""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from voicetel.cli import output
from voicetel.cli.options import declared as options
from voicetel.errors import UsageError
from voicetel.service import times

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import tzinfo

    from voicetel.analyzers.core.selection import Selection

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which calls are asked for, as typed."""

    since: options.Since = None
    until: options.Until = None
    last: options.Last = None
    agent: options.Agent = None
    campaign: options.Campaign = None
    language: options.Language = None
    tz: options.Zone = "UTC"
    where: options.Where = None

    @property
    def zone(self) -> tzinfo:
        """The zone of dates and days. Raises UsageError for one that there is not."""
        return times.time_zone(self.tz)

    def selection(self, by: Sequence[str] | None = None) -> Selection:
        """The same as analyzers understand it. Raises UsageError for a date, length or zone that means nothing."""
        from voicetel.service.filters import selection  # noqa: PLC0415  --help does without the engine

        return selection(
            since=self.since,
            until=self.until,
            last=self.last,
            agent=self.agent,
            campaign=self.campaign,
            language=self.language,
            where=self.where,
            tz=self.tz,
            by=by,
        )


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """How the answer is written, and where."""

    format_name: options.FormatName = None
    json: options.Json = False
    output_file: options.OutputFile = None

    def target(
        self,
        format_: output.Format | None = None,
        *,
        formats: Sequence[output.Format] = output.FORMATS,
        what: str = "this answer",
    ) -> output.Target:
        """What they say together. Raises UsageError for an unknown format, and for a file that must not be written to.

        ``format_``: what another option asks for. ``formats`` are those that ``what`` is written as. What the command reads
        has to be known by then.
        """
        if format_ and (self.json or self.format_name not in {None, format_}):
            raise UsageError(f"--json-lines and --format {self.format_name or 'json'} contradict each other")
        return output.target(
            format_ or self.format_name, as_json=self.json, path=self.output_file, formats=formats, what=what
        )


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How the logs are read."""

    no_cache: options.NoCache = False
    strict: options.Strict = False


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Where the answer is computed, as typed."""

    engine: options.Engine = None
    master: options.Master = None
    conf: options.Conf = None


@dataclass(frozen=True, slots=True)
class SentimentOptions:
    """Whether callers' words are scored, and by what."""

    sentiment: options.Sentiment = False
    scorer: options.ScorerName = None


@dataclass(frozen=True, slots=True)
class LlmOptions:
    """Which model is asked about calls that the rules cannot tell, as typed."""

    classify_with: options.ClassifyWith = None
    model: options.Model = None
    classify_below: options.ClassifyBelow = 0.0
    max_llm_calls: options.MaxLlmCalls = None
    max_llm_cost: options.MaxLlmCost = None
    redact_pattern: options.RedactPatterns = None


def with_option_groups(command: Callable[..., Result]) -> Callable[..., Result]:
    """Give a command the options of the groups among its parameters, each in the place of its group."""
    signature = inspect.signature(command)
    hints = get_type_hints(command, command.__globals__, include_extras=True)
    groups = {name: hints[name] for name in signature.parameters if is_dataclass(hints[name])}

    @functools.wraps(command)
    def run(**values: Any) -> Result:
        for name, group in groups.items():
            values[name] = group(**{field.name: values.pop(field.name) for field in fields(group)})
        return command(**values)

    parameters = [
        each
        for name, parameter in signature.parameters.items()
        for each in (_options(groups[name]) if name in groups else [parameter.replace(annotation=hints[name])])
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
    return run


def _options(group: Any) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    for field in fields(group):
        yield inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
