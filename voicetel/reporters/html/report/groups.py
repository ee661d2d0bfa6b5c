"""The groups of calls side by side: versions of agents, unless something else was asked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from voicetel.analyzers.core.statistics import wilson_interval
from voicetel.reporters import formatting
from voicetel.reporters.html import number_text
from voicetel.reporters.html.charts.bars import Share, interval, shares
from voicetel.reporters.html.markup import Markup, element
from voicetel.reporters.html.page_shell import captioned, heading, table
from voicetel.reporters.html.report.outcomes import OUTCOME_TITLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.analyzers.overview.results import Overview
    from voicetel.analyzers.report.results import CallsReport, SlowResponses
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.translator import Translator
    from voicetel.results import Group

VERSIONS = ("agent_name", "agent_version")
MAX_GROUPS = 60
"""The groups with the most calls; the rest is said."""


def groups(report: CallsReport, options: PageOptions) -> Markup:
    """The section."""
    translate = options.translate
    are_versions = report.by == VERSIONS
    title = translate("Versions") if are_versions else translate("By {names}", names=", ".join(report.by))
    pairs = list(zip(report.analysis.groups, report.response.slow_by_group, strict=True))
    largest = sorted(range(len(pairs)), key=lambda index: -pairs[index][0].figures.calls)[:MAX_GROUPS]
    shown = [pairs[index] for index in sorted(largest)]
    rates = [found for group, _ in shown if (found := _success_interval(group.figures)) is not None]
    floor = math.floor(10 * min((low for low, _, _ in rates), default=0.0)) / 10
    before: dict[str | None, Overview] = {}
    rows = []
    for group, slow in shown:
        name = group.group.get("agent_name") if are_versions else None
        rows.append(_row(group, slow, before.get(name) if are_versions else None, floor, translate))
        before[name] = group.figures
    notes = [translate("The line beside success is its 95 % interval.")]
    if are_versions:
        notes.append(
            translate(
                "Small figures: against the version above of the same agent; voicetel compare says whether that is more than chance."
            )
        )
    if len(shown) < len(pairs):
        notes.append(
            translate("The {n} with the most calls, of {all}.", n=str(len(shown)), all=number_text.count(len(pairs)))
        )
    body = table(_head(title, report, floor, translate), rows, class_="groups", label=title)
    return element(
        "section",
        element("h2", title),
        captioned(translate("Side by side"), " ".join(notes), body, is_wide=True),
        id="versions",
    )


def _head(title: str, report: CallsReport, floor: float, translate: Translator) -> list[Markup]:
    names = ("calls", "p50", "p95")
    return [
        heading(title),
        *(heading(translate(name), is_number=True) for name in names),
        heading(translate("over {ms}", ms=number_text.whole(report.response.slow_ms)), is_number=True),
        heading(translate("interrupted"), is_number=True),
        heading(translate("success"), is_number=True),
        heading(f"{100 * floor:.0f}–100 %", is_picture=True),
        heading(translate("how calls ended"), is_picture=True),
        heading(translate("cost/call"), is_number=True),
        heading(translate("priced"), is_number=True),
    ]


def _row(
    group: Group[Overview], slow: SlowResponses, before: Overview | None, floor: float, translate: Translator
) -> Markup:
    each = group.figures
    response, ended = each.latency["eou_latency_ms"].statistics, each.outcomes
    earlier = before.latency["eou_latency_ms"].statistics if before else None
    rate = None if (found := _success_interval(each)) is None else interval(*found, floor)
    parts = [
        Share(name, calls or 0, f"{translate(OUTCOME_TITLES[name])}: {number_text.count(calls)}")
        for name, calls in ended.calls.items()
    ]
    cells = (
        number_text.number_cell(number_text.count(each.calls)),
        number_text.number_cell(
            [number_text.whole(response.p50), _ms_change(response.p50, earlier.p50 if earlier else None)]
        ),
        number_text.number_cell(
            [number_text.whole(response.p95), _ms_change(response.p95, earlier.p95 if earlier else None)]
        ),
        number_text.number_cell(number_text.share(slow.share)),
        number_text.number_cell(number_text.share(each.interruptions.rate)),
        number_text.number_cell(
            [
                number_text.share(ended.success_rate),
                _point_change(ended.success_rate, before.outcomes.success_rate if before else None),
            ]
        ),
        element("td", rate, class_="pic"),
        element("td", shares(parts), class_="pic"),
        number_text.number_cell(number_text.money(each.cost.per_call_avg)),
        number_text.number_cell(number_text.share(each.cost.coverage)),
    )
    return element("tr", element("th", _name(group.group, translate), scope="row", dir="auto"), cells)


def _name(values: Mapping[str, str | None], translate: Translator) -> list[Markup | str]:
    *first, last = [value if value is not None else translate("not logged") for value in values.values()]
    return [" ".join(first), " ", element("b", last)]


def _ms_change(value: float | None, before: float | None) -> Markup | None:
    if value is None or before is None:
        return None
    return element("small", _signed(value - before, 0))


def _point_change(value: float | None, before: float | None) -> Markup | None:
    if value is None or before is None:
        return None
    return element("small", _signed(100 * (value - before), 1))


def _signed(value: float, places: int) -> str:
    written = formatting.rounded(abs(value), places)
    if not written.strip("0.,"):
        return written
    return f"{'+' if value > 0 else '−'}{written}"


def _success_interval(each: Overview) -> tuple[float, float, float] | None:
    """The success rate between where it may lie, 19 times of 20; None where it is not known."""
    n, rate = each.outcomes.answered, each.outcomes.success_rate
    if rate is None or not n:
        return None
    low, high = wilson_interval(rate, n)
    return low, rate, high
