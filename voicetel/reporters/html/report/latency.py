"""How long callers waited: by stage, over time, over the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.events.metrics import TURN_LATENCIES
from voicetel.reporters import formatting
from voicetel.reporters.html import number_text
from voicetel.reporters.html.charts.bars import span
from voicetel.reporters.html.charts.histogram import Bin, Mark, histogram
from voicetel.reporters.html.charts.trend import Bound, TrendPoint, trend
from voicetel.reporters.html.markup import Markup, element, embedded_json
from voicetel.reporters.html.page_shell import captioned, figures_table, heading, table
from voicetel.reporters.html.report.days import MAX_HOURLY_DAYS, day_name, every_day, every_hour
from voicetel.reporters.html.report.heat_map import MIN_TURNS, heat_map
from voicetel.reporters.layouts.gate import gate_formatting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.core.statistics import Statistics
    from voicetel.analyzers.report.results import (
        CallsReport,
        HistogramBin,
        ResponseBucket,
        ResponseTimes,
        SlowResponses,
    )
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.translator import Translator

_FILLS = {
    "eou_latency_ms": "resp", "endpointing_ms": "eot", "stt_ttfb_ms": "stt", "llm_ttft_ms": "llm", "llm_latency_ms": "llm",
    "tts_ttfb_ms": "tts", "realtime_ttfb_ms": "realtime", "unattributed_ms": "gap",
}  # fmt: skip
_MINOR = ("p99", "max")
"""Not shown on narrow screens: the bar has to do."""
_NAMED_MS = (250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000)


def latency(report: CallsReport, options: PageOptions) -> Markup:
    """The section."""
    translate = options.translate
    parts = (
        [
            _stages(report, translate),
            _first_words(report, translate),
            _over_time(report, options),
            _distribution(report, translate),
            _over_the_call(report, options),
            heat_map(report, translate),
        ]
        if report.response.by_day
        else [_stages(report, translate), _first_words(report, translate)]
    )
    return element("section", element("h2", translate("Latency")), element("div", parts, class_="grid"), id="latency")


def _stages(report: CallsReport, translate: Translator) -> Markup:
    found = report.analysis.total.latency
    known = [(each, found[each.name].statistics) for each in TURN_LATENCIES if found[each.name].statistics.n]
    if not known:
        return captioned(translate("Where the time goes"), translate("No latency was logged."), is_wide=True)
    rows = [
        (translate(each.title), f"latency.{each.name}", statistics, _FILLS.get(each.name, "other"))
        for each, statistics in known
    ]
    note = translate(
        "Per turn, ms. The bar ends at p95, the stroke in it is the median, the line ends at p99; one scale for all. Stages overlap and do not add up."
    )
    return captioned(
        translate("Where the time goes"),
        note,
        _spans(rows, translate("Stage"), translate("Where the time goes"), translate),
        is_wide=True,
    )


def _first_words(report: CallsReport, translate: Translator) -> Markup | None:
    """How long the two sides waited for each other at the beginning of the call; None where no call says it."""
    handled, title = report.analysis.total.handling, translate("To the first word")
    rows = [
        (translate(name), path, statistics, fill)
        for name, path, statistics, fill in (
            ("Agent, from the answer", "first_word_ms", handled.first_word_ms, "agent"),
            ("Caller, after the agent", "caller_silence_ms", handled.caller_silence_ms, "caller"),
        )
        if statistics.n
    ]
    if not rows:
        return None
    note = translate("Per call, ms: until the agent is first heard, and then until the caller is.")
    return captioned(title, note, _spans(rows, translate("who"), title, translate), is_wide=True)


def _spans(rows: Sequence[tuple[str, str, Statistics, str]], first: str, label: str, translate: Translator) -> Markup:
    """A table with a bar for each row, all on one scale: its title, the path of its figures, these, and the colour."""
    top = max(statistics.p99 or 0 for _, _, statistics, _ in rows)
    body = []
    for title, path, statistics, fill in rows:
        cells = [number_text.number_cell(number_text.count(statistics.n), f"{path}.n")]
        cells += [
            number_text.number_cell(
                number_text.whole(getattr(statistics, name)), f"{path}.{name}", is_minor=name in _MINOR
            )
            for name in ("p50", "p95", "p99", "max")
        ]
        bar = span(statistics.p50 or 0, statistics.p95 or 0, statistics.p99 or 0, top, fill)
        body.append(element("tr", element("th", title, scope="row"), cells, element("td", bar, class_="pic")))
    head = [heading(first), heading("n", is_number=True)]
    head += [heading(name, is_number=True, is_minor=name in _MINOR) for name in ("p50", "p95", "p99", "max")]
    head.append(heading(translate("0 to {ms} ms", ms=number_text.whole(top)), is_picture=True))
    return table(head, body, class_="stages", label=label)


def _over_time(report: CallsReport, options: PageOptions) -> Markup:
    translate, found = options.translate, report.response
    of_day = {each.bucket: each for each in found.by_day}
    of_hour = {each.bucket: each for each in found.by_hour}
    days = [(day, of_day.get(day)) for day in every_day(list(of_day))]
    hours = [(hour, of_hour.get(hour)) for hour in every_hour(of_hour)]
    by_day = [_point(day_name(day, translate), each) for day, each in days]
    by_hour = [_point(day_name(hour[:10], translate) if hour.endswith("00:00") else "", each) for hour, each in hours]
    bounds = _bounds(report, options)
    note = [
        element("span", "p95", class_="key upper"), " ", element("span", "p50", class_="key lower"), " ",
        translate("ms; grey: turns. Buckets of fewer than {least} turns are left out.", least=str(MIN_TURNS)),
    ]  # fmt: skip
    rows = [_row(day_name(day, translate), each) for day, each in days]
    hourly = translate("By hour, the last {n} days", n=str(MAX_HOURLY_DAYS))

    def pane(name: str, points: list[TrendPoint], label: str) -> Markup:
        return _pane(name, trend(points, label=label, write=number_text.whole, bounds=bounds, least=MIN_TURNS))

    panes = element(
        "div",
        _tab("t-day", translate("By day"), is_first=True),
        _tab("t-hour", translate("By hour") if len(days) <= MAX_HOURLY_DAYS else hourly),
        pane("day", by_day, translate("Response by day: p50 and p95")),
        pane("hour", by_hour, translate("Response by hour: p50 and p95")),
        class_="tabs",
    )
    data = [
        embedded_json("points-day", rows),
        embedded_json(
            "points-hour", [_row(f"{day_name(hour[:10], translate)} {hour[11:]}", each) for hour, each in hours]
        ),
    ]
    return captioned(
        translate("Response over time"),
        note,
        panes,
        data,
        figures_table(_head(translate("day")), rows, translate),
        is_wide=True,
    )


def _distribution(report: CallsReport, translate: Translator) -> Markup:
    found, all_turns = report.response, report.analysis.total.latency["eou_latency_ms"].statistics
    slow = next(each for each in found.slow if each.above_ms == found.slow_ms)
    bins = [
        _bin(each, n_slow, slow, translate)
        for each, n_slow in zip(found.histogram, _slow_counts(found, slow), strict=True)
    ]
    marks = [
        Mark(all_turns.p50 or 0, f"p50 {number_text.whole(all_turns.p50)}", "lower"),
        Mark(
            found.slow_ms,
            translate("{ms}: {share} slower", ms=number_text.whole(found.slow_ms), share=number_text.share(slow.share)),
            "limit",
        ),
        Mark(all_turns.p95 or 0, f"p95 {number_text.whole(all_turns.p95)}", "upper"),
    ]
    label = translate(
        "How responses are distributed: median {p50} ms, p95 {p95} ms, n {n}",
        p50=number_text.whole(all_turns.p50),
        p95=number_text.whole(all_turns.p95),
        n=number_text.count(all_turns.n),
    )
    note = translate(
        "{n} turns, each step a tenth wider than the last; ochre: over {ms} ms.",
        n=number_text.count(all_turns.n),
        ms=number_text.whole(found.slow_ms),
    )
    rows = [
        [f"{number_text.whole(each.low)} – {number_text.whole(each.high)}", number_text.count(each.n)] for each in bins
    ]
    return captioned(
        translate("Response times"),
        note,
        histogram(bins, marks, label=label, write=number_text.whole, named=_NAMED_MS),
        figures_table(["ms", translate("turns")], rows, translate),
    )


def _slow_counts(found: ResponseTimes, slow: SlowResponses) -> list[int]:
    """How many turns of each bin of the histogram are slow: of the one that the bound lies in those that no later bin has."""
    later = sum(each.n for each in found.histogram if each.low_ms > slow.above_ms)
    return [
        each.n if each.low_ms > slow.above_ms else slow.turns - later if each.high_ms > slow.above_ms else 0
        for each in found.histogram
    ]


def _bin(each: HistogramBin, n_slow: int, slow: SlowResponses, translate: Translator) -> Bin:
    low, high, n = number_text.whole(each.low_ms), number_text.whole(each.high_ms), number_text.count(each.n)
    title = translate("{low} to {high} ms: {n} turns", low=low, high=high, n=n)
    if 0 < n_slow < each.n:
        title = f"{title}; {translate('{n} over {ms} ms', n=number_text.count(n_slow), ms=number_text.whole(slow.above_ms))}"
    return Bin(each.low_ms, each.high_ms, each.n, title, n_slow)


def _over_the_call(report: CallsReport, options: PageOptions) -> Markup:
    translate = options.translate
    points = [TrendPoint(each.bucket, each.n, each.p50, each.p95) for each in report.response.by_turn]
    note = translate(
        "By the place of the turn in its call. A line that rises: prompts that grow. A high first point: a cold start."
    )
    picture = trend(
        points,
        label=translate("Response by place in the call: p50 and p95"),
        write=number_text.whole,
        bounds=_bounds(report, options),
        least=MIN_TURNS,
    )
    rows = [_row(each.bucket, each) for each in report.response.by_turn]
    return captioned(
        translate("Response by place in the call"),
        note,
        picture,
        figures_table(_head(translate("turn")), rows, translate),
    )


def _bounds(report: CallsReport, options: PageOptions) -> list[Bound]:
    """The limits of slo.toml on the response; where there are none, what counts as slow."""
    limits = [each for name in ("p50", "p95") for each in options.limits_on("eou_latency_ms", name)]
    drawn = [
        Bound(
            float(each.bound),
            options.translate(
                "limit {bound}",
                bound=options.translate.units(
                    f"{each.measure.statistic} {gate_formatting.bound(each.operator, each.bound, each.measure.metric, '')}"
                ),
            ),
        )
        for each in limits
    ]
    return drawn or [
        Bound(report.response.slow_ms, options.translate.units(f"{number_text.whole(report.response.slow_ms)} ms"))
    ]


def _point(name: str, each: ResponseBucket | None) -> TrendPoint:
    return TrendPoint(name, 0, None, None) if each is None else TrendPoint(name, each.n, each.p50, each.p95)


def _head(first: str) -> list[str]:
    return [first, "n", "p50, ms", "p95, ms"]


def _row(name: str, each: ResponseBucket | None) -> list[str]:
    if each is None:
        return [name, "0", formatting.NOT_AVAILABLE, formatting.NOT_AVAILABLE]
    return [name, number_text.count(each.n), number_text.whole(each.p50), number_text.whole(each.p95)]


def _tab(name: str, title: str, *, is_first: bool = False) -> Sequence[Markup]:
    return [
        element("input", type="radio", name="trend", id=name, checked=is_first),
        element("label", title, for_=name),
    ]


def _pane(kind: str, picture: Markup) -> Markup:
    return element(
        "div",
        picture,
        element("p", class_="reading", aria_live="polite"),
        class_=f"pane of-{kind}",
        data_points=f"points-{kind}",
    )
