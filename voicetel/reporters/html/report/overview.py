"""The six figures at the top, each with what it is a share of, its line by day, its limit and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.gate.results import Finding, LimitStatus
from voicetel.reporters.html import number_text
from voicetel.reporters.html.charts.bars import spark
from voicetel.reporters.html.markup import Markup, element
from voicetel.reporters.html.report.limits import bound_of, other_limits, what_became
from voicetel.reporters.layouts.gate import gate_formatting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.analyzers.outcomes.results import Outcomes
    from voicetel.analyzers.report.results import CallsReport
    from voicetel.gate.results import CheckedLimit
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.translator import Translator

_OF_CALLS = ("per_call", "per_minute", "per_answered", "per_conversation", "total")
_WHOLE = 0.9995
"""A coverage above this is shown as 100.0 %."""


@dataclass(frozen=True, slots=True)
class _Figure:
    """One of the figures. ``metric`` and ``statistic``: as comparisons call it. ``limits``: of which limits it speaks."""

    name: str
    value: str
    unit: str
    of: tuple[str, ...]
    line: Markup
    path: str
    metric: str = ""
    statistic: str = ""
    limits: tuple[CheckedLimit, ...] = ()
    is_partial: bool = False


def overview(report: CallsReport, options: PageOptions) -> Markup:
    """The section."""
    found = [*_response(report, options), *_ends(report, options), *_costs(report, options)]
    spoken_of = {id(each.limit) for figure in found for each in figure.limits}
    return element(
        "section",
        element("h2", options.translate("Overview"), class_="unseen"),
        element("div", (_cell(each, report, options) for each in found), class_="kpis"),
        other_limits([limit for limit in options.limits if id(limit) not in spoken_of], report, options),
        id="overview",
    )


def _response(report: CallsReport, options: PageOptions) -> Iterator[_Figure]:
    translate, found = options.translate, report.analysis.total.latency["eou_latency_ms"].statistics
    slow = next(each for each in report.response.slow if each.above_ms == report.response.slow_ms)
    by_day = {each.bucket: each for each in report.response.by_day}
    days = [by_day.get(each.day) for each in report.days]
    yield _Figure(
        translate("Response, median"), number_text.whole(found.p50), translate("ms"),
        (translate("p95 {p95} · p99 {p99} ms", p95=number_text.whole(found.p95), p99=number_text.whole(found.p99)), translate("n {n} turns", n=number_text.count(found.n))),
        spark([each.p50 if each else None for each in days]), "latency.eou_latency_ms.p50", "eou_latency_ms", "p50",
        options.checked_on("eou_latency_ms"),
    )  # fmt: skip
    yield _Figure(
        translate("Turns over {ms} ms", ms=number_text.whole(slow.above_ms)), *_split(number_text.share(slow.share)),
        (
            translate("{part} of {whole} turns", part=number_text.count(slow.turns), whole=number_text.count(slow.n)),
            *(
                translate("over {ms} ms: {share}", ms=number_text.whole(each.above_ms), share=number_text.share(each.share))
                for each in report.response.slow
                if each is not slow
            ),
        ),
        spark([each.slow / each.n if each else None for each in days]), "response.slow", "slow_turns", f"over_{slow.above_ms:.0f}",
        options.checked_on("slow_turns"),
    )  # fmt: skip


def _ends(report: CallsReport, options: PageOptions) -> Iterator[_Figure]:
    translate, total = options.translate, report.analysis.total
    ended, cut = total.outcomes, total.interruptions
    air = report.turn_taking.dead_air
    yield _Figure(
        translate("Success"), *_split(number_text.share(ended.success_rate)),
        (
            translate("{part} of {whole} answered calls", part=_successes(ended), whole=number_text.count(ended.answered)),
            translate("{n} calls in all", n=number_text.count(total.calls)),
        ),
        spark([number_text.ratio(day.success, day.answered) for day in report.days]),
        "outcomes.success_rate", "success_rate", "rate",
        options.checked_on("success_rate"),
    )  # fmt: skip
    yield _Figure(
        translate("Interrupted"), *_split(number_text.share(cut.rate)),
        (
            translate("{part} of {whole} agent turns", part=number_text.count(cut.count), whole=number_text.count(cut.agent_turns)),
            translate("dead air {share} of the time", share=number_text.share(air.share)),
        ),
        spark([number_text.ratio(day.interruptions, day.agent_turns) for day in report.days]),
        "interruptions.rate", "interruption_rate", "rate",
        options.checked_on("interruption_rate"),
    )  # fmt: skip


def _costs(report: CallsReport, options: PageOptions) -> Iterator[_Figure]:
    translate, cost = options.translate, report.analysis.total.cost
    is_partial = cost.coverage is not None and cost.coverage < _WHOLE
    yield _Figure(
        translate("Cost per call"), number_text.money(cost.per_call_avg), cost.currency,
        (
            translate("{total} in all · {minute} a minute", total=number_text.money(cost.total, 2), minute=number_text.money(cost.per_minute)),
            translate("{share} of operations have a price", share=number_text.share(cost.coverage)),
        ),
        spark([float(day.cost) / day.calls if day.cost is not None else None for day in report.days]),
        "cost.per_call_avg", "cost", "per_call",
        (*options.checked_on("cost", _OF_CALLS), *options.checked_on("coverage")), is_partial,
    )  # fmt: skip
    successes = _successes(report.analysis.total.outcomes)
    yield _Figure(
        translate("Cost per success"), number_text.money(cost.per_success), cost.currency,
        (
            translate("{total} ÷ {n} successful calls", total=number_text.money(cost.total, 2), n=successes),
            translate("what has no price is left out") if is_partial else "",
        ),
        spark([float(day.cost) / day.success if day.cost is not None and day.success else None for day in report.days]),
        "cost.per_success", "cost", "per_success",
        options.checked_on("cost", ("per_success",)), is_partial,
    )  # fmt: skip


def _successes(found: Outcomes) -> str:
    """How many calls succeeded; not known where some were answered, and of none it is known how it ended."""
    is_unknown = found.answered and found.success_rate is None
    return number_text.count(None if is_unknown else found.calls["success"])


def _cell(figure: _Figure, report: CallsReport, options: PageOptions) -> Markup:
    limits = list(_limit_lines(figure, report, options))
    own = options.checked_on(figure.metric, (figure.statistic,))
    is_broken = any(each.status is LimitStatus.BROKEN for each in own)
    value = element("span", figure.value, data_figure=figure.path)
    return element(
        "article",
        element("h3", figure.name),
        element("p", value, element("span", figure.unit, class_="unit"), class_="big"),
        (element("p", each, class_="of") for each in figure.of if each),
        (element("p", words, class_="of verdict bad" if broken else "of verdict") for broken, words in limits),
        _change_line(figure, options),
        figure.line,
        class_="kpi broken" if is_broken else "kpi partial" if figure.is_partial else "kpi",
    )


def _limit_lines(figure: _Figure, report: CallsReport, options: PageOptions) -> Iterator[tuple[bool, str]]:
    """Whether each limit is broken, and that in words that name the statistic."""
    for each in figure.limits:
        metric, statistic = each.limit.measure.metric, each.limit.measure.statistic
        bound = bound_of(each.limit, report, options)
        named = f"{_statistic(metric.name, statistic, options.translate)} {bound}"
        yield each.status is LimitStatus.BROKEN, what_became(each, named, options.translate)


def _statistic(metric: str, statistic: str, translate: Translator) -> str:
    """What of the figure a limit is about; percentiles have their name in every language."""
    if metric == "slow_turns":
        return translate("over {ms} ms", ms=number_text.whole(float(statistic.removeprefix("over_"))))
    if metric == "coverage":
        return translate("with a price")
    names = {
        "avg": translate("avg"),
        "max": translate("highest"),
        "min": translate("lowest"),
        "rate": translate("rate"),
        "total": translate("in all"),
        "per_call": translate("per call"),
        "per_minute": translate("per minute"),
        "per_answered": translate("per answered call"),
        "per_conversation": translate("per conversation"),
        "per_success": translate("per success"),
    }
    return names.get(statistic, statistic)


def _change_line(figure: _Figure, options: PageOptions) -> Markup | None:
    """What the comparison says; only a difference that is sure has a colour."""
    found = options.difference_of(figure.metric, figure.statistic)
    if found is None:
        return None
    metric = found.measure.metric
    change = options.translate.units(gate_formatting.change(found.change, metric, relative=found.relative))
    finding = options.translate(FINDINGS[found.finding])
    words = options.translate(
        "before {base}: {change}, {finding}",
        base=gate_formatting.figure(found.base.value, metric),
        change=change,
        finding=finding,
    )
    return element("p", words, class_=" ".join(["of", "verdict", *finding_class(found.finding)]))


FINDINGS = {
    Finding.WORSE: "worse",
    Finding.BETTER: "better",
    Finding.CHANGED: "changed",
    Finding.UNCLEAR: "not sure",
    Finding.TOO_FEW: "too few calls",
}
"""What is said of a difference."""


def finding_class(finding: Finding) -> list[str]:
    """The class that colours a difference: only of one that is sure."""
    return {Finding.WORSE: ["bad"], Finding.BETTER: ["good"]}.get(finding, [])


def _split(share: str) -> tuple[str, str]:
    """A share as its figure and its sign."""
    value, _, sign = share.partition(" ")
    return (value, sign) if sign else (share, "")
