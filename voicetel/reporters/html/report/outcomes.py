"""How calls ended, and how far those of each direction came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.html import number_text
from voicetel.reporters.html.charts.bars import bar
from voicetel.reporters.html.markup import Markup, element
from voicetel.reporters.html.page_shell import captioned, heading, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.analyzers.report.results import CallsReport, Direction
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.translator import Translator

MAX_REASONS = 12
"""Of more reasons the others are one line."""

OUTCOME_TITLES = {
    "success": "success", "fail": "fail", "unknown": "unknown", "voicemail": "voicemail", "no_answer": "no answer", "busy": "busy",
}  # fmt: skip


def outcomes(report: CallsReport, options: PageOptions) -> Markup:
    """The section."""
    translate = options.translate
    funnels = captioned(
        translate("From call to success"),
        translate("Share of the step before. Voicemail, no answer and busy are not answered."),
        (_funnel(each, translate) for each in report.directions),
    )
    ends = captioned(
        translate("How calls ended"),
        translate(
            "{n} calls; the last column is how sure that is, 0 to 1.", n=number_text.count(report.analysis.total.calls)
        ),
        _outcome_table(report, translate),
        _reason_table(report, translate),
    )
    return element(
        "section", element("h2", translate("Outcomes")), element("div", funnels, ends, class_="grid"), id="outcomes"
    )


def _funnel(each: Direction, translate: Translator) -> Iterator[Markup]:
    first = translate("Attempts") if each.direction == "outbound" else translate("Calls")
    steps = (
        (first, each.calls, None, "plain"),
        (translate("Answered"), each.answered, each.calls, "plain"),
        (translate("Success"), each.success, each.answered, "success"),
    )
    rows = [
        element(
            "tr",
            element("th", title, scope="row"),
            element("td", bar(value or 0, each.calls, fill), class_="pic"),
            number_text.number_cell(number_text.count(value)),
            number_text.number_cell("" if before is None else number_text.share_of(value, before)),
        )
        for title, value, before, fill in steps
    ]
    name = (
        translate(DIRECTIONS[each.direction])
        if each.direction in DIRECTIONS
        else each.direction or translate("Direction not logged")
    )
    yield table([], rows, class_="funnel", caption=name, label=name)
    yield element(
        "p",
        translate(
            "Transferred to a person: {part} of {whole} answered ({share})",
            part=number_text.count(each.transferred),
            whole=number_text.count(each.answered),
            share=number_text.share_of(each.transferred, each.answered),
        ),
        class_="of",
    )


DIRECTIONS = {"inbound": "Inbound", "outbound": "Outbound", "web": "Web"}


def _outcome_table(report: CallsReport, translate: Translator) -> Markup:
    found = report.analysis.total.outcomes
    rows = [
        element(
            "tr",
            element(
                "th",
                element("span", class_=f"swatch c-{each.outcome}"),
                translate(OUTCOME_TITLES[each.outcome]),
                scope="row",
            ),
            element("td", bar(each.calls, report.analysis.total.calls, each.outcome), class_="pic"),
            number_text.number_cell(number_text.count(each.calls), f"outcomes.{each.outcome}"),
            number_text.number_cell(number_text.share(each.share)),
            number_text.number_cell(
                formatting.NOT_AVAILABLE if each.confidence_avg is None else formatting.rounded(each.confidence_avg, 2)
            ),
        )
        for each in found.shares
        if each.calls
    ]
    head = [
        heading(translate("outcome"), is_hidden=True),
        heading(translate("share, as a bar"), is_picture=True, is_hidden=True),
        *(heading(translate(name), is_number=True) for name in ("calls", "share", "sure")),
    ]
    return table(head, rows, class_="kinds", label=translate("How calls ended"))


def _reason_table(report: CallsReport, translate: Translator) -> Markup:
    total = report.analysis.total.calls
    shown = [
        (translate((each.end_reason or "not logged").replace("_", " ")), each.calls)
        for each in report.end_reasons[:MAX_REASONS]
    ]
    others = report.end_reasons[MAX_REASONS:]
    if others:
        shown.append((translate("{n} other reasons", n=str(len(others))), sum(each.calls for each in others)))
    rows = [
        element(
            "tr",
            element("th", name, scope="row", dir="auto"),
            element("td", bar(calls, total, "plain"), class_="pic"),
            number_text.number_cell(number_text.count(calls)),
            number_text.number_cell(number_text.share_of(calls, total)),
            element("td"),
        )
        for name, calls in shown
    ]
    return table([], rows, class_="kinds", caption=translate("What ended them"), label=translate("What ended them"))
