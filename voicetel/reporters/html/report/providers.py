"""What each model and each tool did: how long it took, how often it failed, what was thrown away and what that cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.html import figures
from voicetel.reporters.html.charts.bars import span
from voicetel.reporters.html.frame import captioned, heading, table
from voicetel.reporters.html.markup import Markup, element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.report.results import CallsReport, ModelFigures
    from voicetel.analyzers.tools.tools import ToolUse
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.words import Words

MAX_ROWS = 40
"""Models, and tools, with the most requests; the rest is said."""

_STAGE_TITLES = {"stt": "STT", "llm": "LLM", "tts": "TTS", "realtime": "Realtime", "eot": "End of turn"}


def providers(report: CallsReport, options: PageOptions) -> Markup:
    """The section; tools only where any was called."""
    say = options.say
    parts = [_models([each for each in report.models if each.use.stage in _STAGE_TITLES], report, say)]
    if report.tools:
        parts.append(_tools(report.tools, say))
    return element("section", element("h2", say("Models and tools")), element("div", parts, class_="grid"), id="models")


def _models(found: Sequence[ModelFigures], report: CallsReport, say: Words) -> Markup:
    title = say("Models")
    if not found:
        return captioned(title, say("No model was logged."), is_wide=True)
    busiest = {id(each) for each in sorted(found, key=lambda each: -each.use.requests)[:MAX_ROWS]}
    shown = [each for each in found if id(each) in busiest]
    top = max((each.wait.p95 or 0 for each in shown if each.wait), default=0)
    head = [
        heading(say("model")),
        heading(say("requests"), is_number=True),
        heading("p50", is_number=True, is_minor=True),  # the stroke in the bar shows it where there is no room
        heading("p95", is_number=True),
        heading(say("0 to {ms} ms", ms=figures.ms(top)), is_picture=True),
        heading(say("failed"), is_number=True),
        heading(say("cancelled"), is_number=True, is_minor=True),
        heading(say("cache hits"), is_number=True, is_minor=True),
        heading(say("cost, {currency}", currency=report.analysis.total.cost.currency), is_number=True),
        heading(say("of it cancelled"), is_number=True, is_minor=True),
    ]
    note = say(
        "To the first byte, for the end of turn to the decision, ms: what callers waited for. The bar ends at p95, the stroke in it is the median."
    )
    rows = [_model_row(each, top, say) for each in shown]
    return _table(title, note, head, rows, found=len(found), say=say)


def _model_row(each: ModelFigures, top: float, say: Words) -> Markup:
    use, wait = each.use, each.wait
    name = " ".join(part for part in (use.provider, use.model) if part) or say("not logged")
    bar = None if wait is None else span(wait.p50 or 0, wait.p95 or 0, wait.p95 or 0, top, use.stage)
    cells = (
        figures.number_cell(figures.count(use.requests)),
        figures.number_cell(figures.ms(wait.p50 if wait else None), is_minor=True),
        figures.number_cell(figures.ms(wait.p95 if wait else None)),
        element("td", bar, class_="pic"),
        figures.number_cell(figures.share(use.error_rate)),
        figures.number_cell(figures.share(use.cancelled_rate), is_minor=True),
        figures.number_cell(figures.share(use.cache_hit_rate), is_minor=True),
        figures.number_cell(figures.money(use.cost)),
        figures.number_cell(figures.money(use.cancelled_cost), is_minor=True),
    )
    return element(
        "tr", element("th", say(_STAGE_TITLES[use.stage]), " ", element("b", name), scope="row", dir="auto"), cells
    )


def _tools(found: Sequence[ToolUse], say: Words) -> Markup:
    title, shown = say("Tools"), found[:MAX_ROWS]
    top = max((each.duration_ms_p95 or 0 for each in shown), default=0)
    head = [
        heading(say("tool")),
        heading(say("called"), is_number=True),
        heading("p50", is_number=True),
        heading("p95", is_number=True),
        heading(say("0 to {ms} ms", ms=figures.ms(top)), is_picture=True),
        heading("max", is_number=True, is_minor=True),
        heading(say("failed"), is_number=True),
        heading(say("cancelled"), is_number=True, is_minor=True),
    ]
    rows = [_tool_row(each, top, say) for each in shown]
    note = say("From the request to the end of the answer, ms. The bar ends at p95, the stroke in it is the median.")
    return _table(title, note, head, rows, found=len(found), say=say)


def _tool_row(each: ToolUse, top: float, say: Words) -> Markup:
    p50, p95 = each.duration_ms_p50, each.duration_ms_p95
    bar = None if p95 is None else span(p50 or 0, p95, p95, top, "tool")
    cells = (
        figures.number_cell(figures.count(each.tool_calls)),
        figures.number_cell(figures.ms(p50)),
        figures.number_cell(figures.ms(p95)),
        element("td", bar, class_="pic"),
        figures.number_cell(figures.ms(each.duration_ms_max), is_minor=True),
        figures.number_cell(figures.share(each.error_rate)),
        figures.number_cell(formatting.count(each.cancelled), is_minor=True),
    )
    name = each.tool if each.tool is not None else say("not logged")
    return element("tr", element("th", element("b", name), scope="row", dir="auto"), cells)


def _table(title: str, note: str, head: Sequence[Markup], rows: Sequence[Markup], *, found: int, say: Words) -> Markup:
    """A table under its note, which says where rows were left out of so many."""
    if len(rows) < found:
        most = say("The {n} with the most requests, of {all}.", n=str(len(rows)), all=figures.count(found))
        note = f"{note} {most}"
    return captioned(title, note, table(head, rows, class_="models", label=title), is_wide=True)
