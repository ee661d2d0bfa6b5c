"""What each model and each tool did: how long it took, how often it failed, what was thrown away and what that cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.html import number_text
from voicetel.reporters.html.charts.bars import span
from voicetel.reporters.html.markup import Markup, element
from voicetel.reporters.html.page_shell import captioned, heading, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.report.results import CallsReport, ModelFigures
    from voicetel.analyzers.tools.tools import ToolUse
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.translator import Translator

MAX_ROWS = 40
"""Models, and tools, with the most requests; the rest is said."""

_STAGE_TITLES = {"stt": "STT", "llm": "LLM", "tts": "TTS", "realtime": "Realtime", "eot": "End of turn"}


def providers(report: CallsReport, options: PageOptions) -> Markup:
    """The section; tools only where any was called."""
    translate = options.translate
    parts = [_models([each for each in report.models if each.use.stage in _STAGE_TITLES], report, translate)]
    if report.tools:
        parts.append(_tools(report.tools, translate))
    return element(
        "section", element("h2", translate("Models and tools")), element("div", parts, class_="grid"), id="models"
    )


def _models(found: Sequence[ModelFigures], report: CallsReport, translate: Translator) -> Markup:
    title = translate("Models")
    if not found:
        return captioned(title, translate("No model was logged."), is_wide=True)
    busiest = {id(each) for each in sorted(found, key=lambda each: -each.use.requests)[:MAX_ROWS]}
    shown = [each for each in found if id(each) in busiest]
    top = max((each.wait.p95 or 0 for each in shown if each.wait), default=0)
    head = [
        heading(translate("model")),
        heading(translate("requests"), is_number=True),
        heading("p50", is_number=True, is_minor=True),  # the stroke in the bar shows it where there is no room
        heading("p95", is_number=True),
        heading(translate("0 to {ms} ms", ms=number_text.whole(top)), is_picture=True),
        heading(translate("failed"), is_number=True),
        heading(translate("cancelled"), is_number=True, is_minor=True),
        heading(translate("cache hits"), is_number=True, is_minor=True),
        heading(translate("cost, {currency}", currency=report.analysis.total.cost.currency), is_number=True),
        heading(translate("of it cancelled"), is_number=True, is_minor=True),
    ]
    note = translate(
        "To the first byte, for the end of turn to the decision, ms: what callers waited for. The bar ends at p95, the stroke in it is the median."
    )
    rows = [_model_row(each, top, translate) for each in shown]
    return _table(title, note, head, rows, found=len(found), translate=translate)


def _model_row(each: ModelFigures, top: float, translate: Translator) -> Markup:
    use, wait = each.use, each.wait
    name = " ".join(part for part in (use.provider, use.model) if part) or translate("not logged")
    bar = None if wait is None else span(wait.p50 or 0, wait.p95 or 0, wait.p95 or 0, top, use.stage)
    cells = (
        number_text.number_cell(number_text.count(use.requests)),
        number_text.number_cell(number_text.whole(wait.p50 if wait else None), is_minor=True),
        number_text.number_cell(number_text.whole(wait.p95 if wait else None)),
        element("td", bar, class_="pic"),
        number_text.number_cell(number_text.share(use.error_rate)),
        number_text.number_cell(number_text.share(use.cancelled_rate), is_minor=True),
        number_text.number_cell(number_text.share(use.cache_hit_rate), is_minor=True),
        number_text.number_cell(number_text.money(use.cost)),
        number_text.number_cell(number_text.money(use.cancelled_cost), is_minor=True),
    )
    return element(
        "tr",
        element("th", translate(_STAGE_TITLES[use.stage]), " ", element("b", name), scope="row", dir="auto"),
        cells,
    )


def _tools(found: Sequence[ToolUse], translate: Translator) -> Markup:
    title, shown = translate("Tools"), found[:MAX_ROWS]
    top = max((each.duration_ms_p95 or 0 for each in shown), default=0)
    head = [
        heading(translate("tool")),
        heading(translate("called"), is_number=True),
        heading("p50", is_number=True),
        heading("p95", is_number=True),
        heading(translate("0 to {ms} ms", ms=number_text.whole(top)), is_picture=True),
        heading("max", is_number=True, is_minor=True),
        heading(translate("failed"), is_number=True),
        heading(translate("cancelled"), is_number=True, is_minor=True),
    ]
    rows = [_tool_row(each, top, translate) for each in shown]
    note = translate(
        "From the request to the end of the answer, ms. The bar ends at p95, the stroke in it is the median."
    )
    return _table(title, note, head, rows, found=len(found), translate=translate)


def _tool_row(each: ToolUse, top: float, translate: Translator) -> Markup:
    p50, p95 = each.duration_ms_p50, each.duration_ms_p95
    bar = None if p95 is None else span(p50 or 0, p95, p95, top, "tool")
    cells = (
        number_text.number_cell(number_text.count(each.tool_calls)),
        number_text.number_cell(number_text.whole(p50)),
        number_text.number_cell(number_text.whole(p95)),
        element("td", bar, class_="pic"),
        number_text.number_cell(number_text.whole(each.duration_ms_max), is_minor=True),
        number_text.number_cell(number_text.share(each.error_rate)),
        number_text.number_cell(formatting.count(each.cancelled), is_minor=True),
    )
    name = each.tool if each.tool is not None else translate("not logged")
    return element("tr", element("th", element("b", name), scope="row", dir="auto"), cells)


def _table(
    title: str, note: str, head: Sequence[Markup], rows: Sequence[Markup], *, found: int, translate: Translator
) -> Markup:
    """A table under its note, which says where rows were left out of so many."""
    if len(rows) < found:
        most = translate("The {n} with the most requests, of {all}.", n=str(len(rows)), all=number_text.count(found))
        note = f"{note} {most}"
    return captioned(title, note, table(head, rows, class_="models", label=title), is_wide=True)
