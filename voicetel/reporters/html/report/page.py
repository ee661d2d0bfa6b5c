"""``report.html``: figures in, one file out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.html import number_text
from voicetel.reporters.html.call.data import call_data
from voicetel.reporters.html.call.view import call_view
from voicetel.reporters.html.markup import Markup, element, join
from voicetel.reporters.html.options import PageOptions
from voicetel.reporters.html.page_shell import footer, whole_page
from voicetel.reporters.html.report.calls import calls, calls_data, listed_calls
from voicetel.reporters.html.report.comparison import comparison
from voicetel.reporters.html.report.cost import cost
from voicetel.reporters.html.report.groups import VERSIONS, groups
from voicetel.reporters.html.report.latency import latency
from voicetel.reporters.html.report.outcomes import outcomes
from voicetel.reporters.html.report.overview import overview
from voicetel.reporters.html.report.providers import providers
from voicetel.reporters.html.report.turn_taking import turn_taking

if TYPE_CHECKING:
    from voicetel.analyzers.report.results import CallsReport

SCRIPT = "report.js"
DEFAULT_OPTIONS = PageOptions()


def report_page(report: CallsReport, options: PageOptions = DEFAULT_OPTIONS) -> str:
    """The page about many calls as one file: it fetches nothing, and what stands in a log is never obeyed.

    The same figures and options give the same text.
    """
    translate, rows = options.translate, listed_calls(report)
    changes = comparison(options.comparison, options) if options.comparison is not None else None
    body = join(
        element("a", translate("To the figures"), class_="skip", href="#main"),
        _header(report, options),
        element(
            "main",
            overview(report, options),
            changes,
            latency(report, options),
            cost(report, options),
            outcomes(report, options),
            turn_taking(report, options),
            providers(report, options),
            groups(report, options),
            calls(report, rows, options),
            id="main",
        ),
        element("main", id="call", hidden=True),
        footer(options, report.analysis.input.paths),
    )
    data = {
        "calls-data": calls_data(rows, options),
        "details-data": {
            talk.call["call_id"]: call_data(call_view(talk, options, report.response.slow_ms))
            for talk in report.conversations
        },
        "words-data": translate.script_words(),
        "slow-data": report.response.slow_ms,
    }
    return whole_page(f"{_period(report, options)} · voicetel", body, options, script=SCRIPT, data=data)


def _header(report: CallsReport, options: PageOptions) -> Markup:
    translate, total, read = options.translate, report.analysis.total, report.analysis.input
    facts = [
        translate("{n} calls", n=number_text.count(total.calls)),
        translate("{n} turns", n=number_text.count(total.turns)),
        formatting.NOT_AVAILABLE
        if total.duration_s is None
        else translate.units(formatting.length_of_time(total.duration_s)),
        translate("{n} incomplete", n=number_text.count(total.incomplete_calls)),
        translate("{n} lines refused", n=number_text.count(read.refused_lines)),
    ]
    top = element(
        "div",
        element("p", "voicetel", class_="name"),
        element(
            "nav",
            (element("a", title, href=f"#{name}") for name, title in _sections(report, options)),
            aria_label=translate("Sections"),
        ),
        element("button", translate("Dark"), type="button", id="theme", hidden=True),
        class_="top",
    )
    warnings = [element("p", warning, class_="facts") for warning in read.warnings]
    return element(
        "header",
        top,
        element("h1", _period(report, options)),
        element("p", " · ".join(facts), class_="facts"),
        warnings,
    )


def _sections(report: CallsReport, options: PageOptions) -> list[tuple[str, str]]:
    translate = options.translate
    found = [("overview", translate("Overview"))]
    if options.comparison is not None:
        found.append(("changes", translate("What changed")))
    found += [
        (name, translate(title))
        for name, title in (
            ("latency", "Latency"),
            ("cost", "Cost"),
            ("outcomes", "Outcomes"),
            ("interruptions", "Interruptions"),
            ("models", "Models and tools"),
        )
    ]
    found.append(("versions", translate("Versions") if report.by == VERSIONS else translate("Groups")))
    return [*found, ("calls", translate("Calls"))]


def _period(report: CallsReport, options: PageOptions) -> str:
    """The days from the first event to the last: 2 – 15 Nov 2026 UTC."""
    total = report.analysis.total
    if total.first_ts is None or total.last_ts is None:
        return options.translate("Calls")
    first, last = (formatting.in_zone(each, options.zone) for each in (total.first_ts, total.last_ts))
    return options.translate.period(first, last)
