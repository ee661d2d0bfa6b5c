"""Every option that several commands have, declared once. ``option_groups`` says which go together."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from voicetel.analyzers.core.dimensions import Level, dimension_help
from voicetel.cli import completion

Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH", help="Log files or folders of them, or their URIs; - is stdin.", show_default=False),
]


def _by(finest: Level, *more: str, unless: str = "") -> Any:
    """The option ``--by`` of a report whose finest figures are of a level; ``unless``: what it is grouped by otherwise."""
    words = f"Group by {dimension_help(finest, *more)}; several with commas.{unless and f' Else {unless}.'}"
    complete = completion.dimensions(finest, *more)
    return typer.Option("--by", metavar="NAME", help=words, autocompletion=complete)


By = Annotated[list[str] | None, _by(Level.CALL)]
TurnBy = Annotated[list[str] | None, _by(Level.TURN)]
OperationBy = Annotated[list[str] | None, _by(Level.OPERATION)]
CostBy = Annotated[list[str] | None, _by(Level.OPERATION, "component", unless="component,provider,model")]
Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="TIME", help="Calls that started at this date or time, or later; also today, yesterday."
    ),
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="Calls that started before this time, or on this day.")
]
Last = Annotated[str | None, typer.Option("--last", metavar="7d", help="Calls of the last 90m, 24h, 7d, 2w.")]
Agent = Annotated[list[str] | None, typer.Option("--agent", metavar="NAME", help="Calls of this agent_name only.")]
Campaign = Annotated[list[str] | None, typer.Option("--campaign", metavar="NAME", help="Calls of this campaign only.")]
Language = Annotated[list[str] | None, typer.Option("--language", metavar="CODE", help="Calls in this language only.")]
Where = Annotated[
    str | None,
    typer.Option(
        "--where",
        metavar="CONDITION",
        help="Calls that match, by the columns of calls --json: 'outcome = \"fail\" and duration_s > 180'.",
    ),
]
Zone = Annotated[str, typer.Option("--tz", metavar="ZONE", help="Time zone of dates and days, such as Europe/Berlin.")]
Pricing = Annotated[
    str | None,
    typer.Option(
        "--pricing",
        metavar="FILE",
        help="Rate card; `list` for list prices. Else $VOICETEL_PRICING, ./pricing.toml, the packaged one.",
    ),
]
OutcomeRules = Annotated[
    str | None, typer.Option("--outcomes", metavar="FILE", help="Rules on how calls end, laid over the packaged ones.")
]
Sentiment = Annotated[
    bool, typer.Option("--sentiment", help="Score callers' sentiment by what they said, where the log does not say.")
]
ScorerName = Annotated[
    str | None,
    typer.Option("--scorer", metavar="NAME", help="With an installed scorer of your own; says --sentiment too."),
]
ClassifyWith = Annotated[
    str | None,
    typer.Option("--classify-with", metavar="BASE_URL", help="Ask a model of this endpoint about calls left unknown."),
]
Model = Annotated[str | None, typer.Option("--model", metavar="NAME", help="The model that --classify-with asks.")]
ClassifyBelow = Annotated[
    float,
    typer.Option(
        "--classify-below", metavar="X", min=0, max=1, help="Also about calls classified less surely than this."
    ),
]
MaxLlmCalls = Annotated[
    int | None, typer.Option("--max-llm-calls", metavar="N", min=0, help="Ask about so many calls at most.")
]
MaxLlmCost = Annotated[
    str | None,
    typer.Option("--max-llm-cost", metavar="AMOUNT", help="Spend so much at most, in the rate card's currency."),
]
Redact = Annotated[
    bool, typer.Option("--redact", help="Take phone numbers, e-mail addresses and card numbers out of the transcript.")
]
NoText = Annotated[bool, typer.Option("--no-text", help="Leave the transcript out.")]
RedactPatterns = Annotated[
    list[str] | None,
    typer.Option(
        "--redact-pattern",
        metavar="REGEX",
        help="Take this out of texts, with phone numbers, e-mail addresses and card numbers; may be repeated.",
    ),
]
WithText = Annotated[bool, typer.Option("--with-text", help="Put what callers and agents said on the page.")]
PageLimits = Annotated[
    str | None, typer.Option("--slo", metavar="FILE", help="Draw the limits of this file; else of ./slo.toml.")
]
PageLanguage = Annotated[str, typer.Option("--lang", metavar="CODE", help="Language of the page: en or ru.")]
FormatName = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        metavar="NAME",
        help="table, json, csv, md, html or parquet; else what -o's name says, else table.",
        autocompletion=completion.formats,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
OutputFile = Annotated[
    str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file, at once or not at all.")
]
Engine = Annotated[
    Literal["spark"] | None,
    typer.Option("--engine", help="Where it is computed. Else here; spark is a cluster: see docs/cluster.md."),
]
Master = Annotated[
    str | None,
    typer.Option(
        "--master", metavar="URL", help="With --engine: spark://HOST:7077, local[8], yarn. Else as Spark is set up."
    ),
]
Conf = Annotated[
    list[str] | None,
    typer.Option("--conf", metavar="NAME=VALUE", help="With --engine: a setting of Spark; repeatable."),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Read everything anew and keep nothing.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 5 if a line was refused.")]
