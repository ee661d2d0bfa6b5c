"""How calls ended, and how far those of each direction came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.html import figures
from voicetel.reporters.html.charts.bars import bar
from voicetel.reporters.html.frame import captioned, heading, table
from voicetel.reporters.html.markup import Markup, element

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.analyzers.report.results import CallsReport, Direction
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.words import Words

MAX_REASONS = 12
"""Of more reasons the others are one line."""

OUTCOME_TITLES = {
    "success": "success", "fail": "fail", "unknown": "unknown", "voicemail": "voicemail", "no_answer": "no answer", "busy": "busy",
}  # fmt: skip


def outcomes(report: CallsReport, options: PageOptions) -> Markup:
    """The section."""
    say = options.say
    funnels = captioned(
        say("From call to success"),
        say("Share of the step before. Voicemail, no answer and busy are not answered."),
        (_funnel(each, say) for each in report.directions),
    )
    ends = captioned(
        say("How calls ended"),
        say("{n} calls; the last column is how sure that is, 0 to 1.", n=figures.count(report.analysis.total.calls)),
        _outcome_table(report, say),
        _reason_table(report, say),
    )
    return element(
        "section", element("h2", say("Outcomes")), element("div", funnels, ends, class_="grid"), id="outcomes"
    )


def _funnel(each: Direction, say: Words) -> Iterator[Markup]:
    first = say("Attempts") if each.direction == "outbound" else say("Calls")
    steps = (
        (first, each.calls, None, "plain"),
        (say("Answered"), each.answered, each.calls, "plain"),
        (say("Success"), each.success, each.answered, "success"),
    )
    rows = [
        element(
            "tr",
            element("th", title, scope="row"),
            element("td", bar(value or 0, each.calls, fill), class_="pic"),
            figures.number_cell(figures.count(value)),
            figures.number_cell("" if before is None else figures.share_of(value, before)),
        )
        for title, value, before, fill in steps
    ]
    name = (
        say(DIRECTIONS[each.direction])
        if each.direction in DIRECTIONS
        else each.direction or say("Direction not logged")
    )
    yield table([], rows, class_="funnel", caption=name, label=name)
    yield element(
        "p",
        say(
            "Transferred to a person: {part} of {whole} answered ({share})",
            part=figures.count(each.transferred),
            whole=figures.count(each.answered),
            share=figures.share_of(each.transferred, each.answered),
        ),
        class_="of",
    )


DIRECTIONS = {"inbound": "Inbound", "outbound": "Outbound", "web": "Web"}


def _outcome_table(report: CallsReport, say: Words) -> Markup:
    found = report.analysis.total.outcomes
    rows = [
        element(
            "tr",
            element(
                "th", element("span", class_=f"swatch c-{each.outcome}"), say(OUTCOME_TITLES[each.outcome]), scope="row"
            ),
            element("td", bar(each.calls, report.analysis.total.calls, each.outcome), class_="pic"),
            figures.number_cell(figures.count(each.calls), f"outcomes.{each.outcome}"),
            figures.number_cell(figures.share(each.share)),
            figures.number_cell(
                formatting.NOT_AVAILABLE if each.confidence_avg is None else formatting.rounded(each.confidence_avg, 2)
            ),
        )
        for each in found.shares
        if each.calls
    ]
    head = [
        heading(say("outcome"), is_hidden=True),
        heading(say("share, as a bar"), is_picture=True, is_hidden=True),
        *(heading(say(name), is_number=True) for name in ("calls", "share", "sure")),
    ]
    return table(head, rows, class_="kinds", label=say("How calls ended"))


def _reason_table(report: CallsReport, say: Words) -> Markup:
    total = report.analysis.total.calls
    shown = [
        (say((each.end_reason or "not logged").replace("_", " ")), each.calls)
        for each in report.end_reasons[:MAX_REASONS]
    ]
    others = report.end_reasons[MAX_REASONS:]
    if others:
        shown.append((say("{n} other reasons", n=str(len(others))), sum(each.calls for each in others)))
    rows = [
        element(
            "tr",
            element("th", name, scope="row", dir="auto"),
            element("td", bar(calls, total, "plain"), class_="pic"),
            figures.number_cell(figures.count(calls)),
            figures.number_cell(figures.share_of(calls, total)),
            element("td"),
        )
        for name, calls in shown
    ]
    return table([], rows, class_="kinds", caption=say("What ended them"), label=say("What ended them"))
