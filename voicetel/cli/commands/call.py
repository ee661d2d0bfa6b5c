"""``voicetel call``."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from voicetel.cli import completion, logs, output
from voicetel.cli.commands.report import limits_of, page_language
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import OutputOptions, with_option_groups
from voicetel.errors import UsageError
from voicetel.registry import find_report
from voicetel.service import times

CallId = Annotated[
    str,
    typer.Argument(metavar="CALL_ID", help="The call, or the beginning of its id.", autocompletion=completion.call_ids),
]

Turns = Annotated[
    str | None,
    typer.Option(
        "--turns",
        metavar="A-B",
        help="Only these turns, counted from 1: 8, 501-1000, 501-. Else the first 1,000; at most 5,000 at once.",
    ),
]

FORMATS = (output.Format.TABLE, output.Format.JSON, output.Format.MD, output.Format.HTML)


@with_option_groups
def call(
    call_id: CallId,
    paths: options.Paths = None,
    *,
    turns: Turns = None,
    tz: options.Zone = "UTC",
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    redact: options.Redact = False,
    redact_pattern: options.RedactPatterns = None,
    no_text: options.NoText = False,
    with_text: options.WithText = False,
    slo: options.PageLimits = None,
    lang: options.PageLanguage = "en",
    output_options: OutputOptions,
    no_cache: options.NoCache = False,
) -> None:
    """Show one conversation, turn by turn, with a waterfall of what took how long.

    Who spoke when, what each provider did and cost, the transcript, and why the call ended as it did. As HTML it is a page
    with a picture of each turn, and without what was said unless --with-text asks for it.
    """
    from voicetel.analyzers.conversation.conversation import conversation, find_call, without_text  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.conversation.turn_range import parse_turns  # noqa: PLC0415
    from voicetel.analyzers.core.no_calls import require_calls  # noqa: PLC0415
    from voicetel.redaction import Redactor  # noqa: PLC0415
    from voicetel.reporters.html.call.page import call_page  # noqa: PLC0415
    from voicetel.reporters.html.options import PageOptions  # noqa: PLC0415

    if no_text and with_text:
        raise UsageError("--no-text and --with-text contradict each other")
    logs.refuse_swapped("call", call_id, paths or (), what="the call")
    language, limits, shown_turns = page_language(lang), limits_of(slo), parse_turns(turns)
    log_paths = logs.log_paths(paths)
    zone = times.time_zone(tz)
    card = logs.card_of(pricing)
    rules = logs.rules_of(outcomes)
    target = output_options.target(formats=FORMATS, what="one call")
    with logs.opened(log_paths, rules, no_cache=no_cache) as store:
        require_calls(store)
        redactor = Redactor(redact_pattern or ()) if redact or redact_pattern else None
        talk = conversation(store, card, find_call(store, call_id, names_logs=True), redactor, shown_turns)
        if target.format is not output.Format.HTML:
            shown = without_text(talk) if no_text else talk
            output.write_report(find_report("call"), shown, replace(target, is_private=not no_text), zone)
        else:
            page = PageOptions(language, zone, datetime.now(UTC), limits, with_text=with_text)
            output.write([call_page(talk, page, log_paths)], replace(target, is_private=with_text))
