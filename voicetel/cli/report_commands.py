"""Commands that are made from the registry of reports: their options, their help, and how they answer."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voicetel.analyzers.core.dimensions import Level
from voicetel.cli import cluster, completion, logs, output, transcript
from voicetel.cli.options import declared
from voicetel.cli.options.groups import (
    EngineOptions,
    Filters,
    LlmOptions,
    OutputOptions,
    ReadOptions,
    SentimentOptions,
    with_option_groups,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voicetel.registry import Option, Report

_SHARED: dict[str, tuple[str, Any]] = {
    "by": ("by", None),
    "filters": ("filters", Filters),
    "pricing": ("pricing", declared.Pricing),
    "outcomes": ("outcomes", declared.OutcomeRules),
    "sentiment": ("sentiment_options", SentimentOptions),
    "llm": ("llm_options", LlmOptions),
    "engine": ("engine_options", EngineOptions),
}
"""What a report says that it takes → the parameter of its command."""

_BY = {Level.CALL: declared.By, Level.TURN: declared.TurnBy, Level.OPERATION: declared.OperationBy}


def command_of(report: Report) -> Callable[..., None]:
    """The command that answers ``report``."""

    def run(**values: Any) -> None:
        _answer(report, values)

    run.__name__ = report.name
    run.__doc__ = f"{report.question.removesuffix('.')}.\n\n{report.details}".strip()
    parameters = list(_parameters(report))
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return with_option_groups(run)


def _parameters(report: Report) -> Iterator[inspect.Parameter]:
    paths = inspect.Parameter.POSITIONAL_OR_KEYWORD
    yield inspect.Parameter("paths", paths, default=None, annotation=declared.Paths)
    own = [
        inspect.Parameter(
            each.name, _KEYWORD, default=None if each.default_factory else each.default, annotation=_typed(each)
        )
        for each in report.options
    ]
    for name in report.takes:
        parameter, kind = _SHARED[name]
        if name == "by":
            kind = _BY[report.finest]
        yield inspect.Parameter(parameter, _KEYWORD, default=None, annotation=kind)
        if name == "by":
            yield from own
    if "by" not in report.takes:
        yield from own
    yield inspect.Parameter("output_options", _KEYWORD, annotation=OutputOptions)
    yield inspect.Parameter("read_options", _KEYWORD, annotation=ReadOptions)


_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def _typed(option: Option) -> Any:
    about = typer.Option(
        option.flag,
        metavar=option.metavar,
        min=option.minimum,
        help=option.help,
        show_default=option.default_help or True,
        autocompletion=completion.option_words(option),
    )
    return Annotated[option.type | None if option.default_factory else option.type, about]


def _answer(report: Report, values: dict[str, Any]) -> None:
    from voicetel.analyzers.request import Request  # noqa: PLC0415  --help does without the engine

    log_paths = logs.log_paths(values["paths"])
    filters: Filters = values["filters"]
    read: ReadOptions = values["read_options"]
    selection = filters.selection(values.get("by"))
    report.check_dimensions(selection.by)
    card = logs.card_of(values["pricing"]) if "pricing" in values else None
    rules = logs.rules_of(values.get("outcomes"))
    own = {option.name: option.value(values[option.name]) for option in report.options}
    notes = [
        each.default_note
        for each in report.options
        if each.default_note and values[each.name] is None and own[each.name] != each.default
    ]
    target = values["output_options"].target()
    if cluster.is_asked_for(values.get("engine_options")):
        cluster.check_transcript(values.get("sentiment_options"), values.get("llm_options"))
        for option in report.options:
            if option.reads_logs and own[option.name]:
                cluster.refuse(option.flag)
        cluster_request = cluster.ClusterRequest(log_paths, selection, card, rules, own, strict=read.strict)
        with cluster.answered(report, values["engine_options"], cluster_request) as result:
            output.write_report(report, result, target, filters.zone, notes=notes)
        return
    with (
        transcript.options(
            sentiment=values.get("sentiment_options"),
            llm=values.get("llm_options"),
            card=card,
            keep=not read.no_cache,
        ) as transcript_options,
        logs.opened(log_paths, rules, no_cache=read.no_cache, strict=read.strict) as store,
    ):
        request = Request(store, selection, card, rules, transcript_options)
        result = report.ask(request, own)
        output.write_report(report, result, target, filters.zone, notes=notes)
