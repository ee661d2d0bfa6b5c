"""How long callers waited: by stage, over time, over the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.events.metrics import LATENCIES
from voicetel.reporters import formatting
from voicetel.reporters.html import figures
from voicetel.reporters.html.charts.bars import span
from voicetel.reporters.html.charts.histogram import Bin, Mark, histogram
from voicetel.reporters.html.charts.trend import Bound, TrendPoint, trend
from voicetel.reporters.html.frame import captioned, figures_table, heading, table
from voicetel.reporters.html.markup import Markup, element, embedded_json
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
    from voicetel.reporters.html.words import Words

_FILLS = {
    "eou_latency_ms": "resp", "endpointing_ms": "eot", "stt_ttfb_ms": "stt", "llm_ttft_ms": "llm", "llm_latency_ms": "llm",
    "tts_ttfb_ms": "tts", "realtime_ttfb_ms": "realtime", "unattributed_ms": "gap",
}  # fmt: skip
_MINOR = ("p99", "max")
"""Not shown on narrow screens: the bar has to do."""
_NAMED_MS = (250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000)


def latency(report: CallsReport, options: PageOptions) -> Markup:
    """The section."""
    say = options.say
    parts = (
        [
            _stages(report, say),
            _first_words(report, say),
            _over_time(report, options),
            _distribution(report, say),
            _over_the_call(report, options),
            heat_map(report, say),
        ]
        if report.response.by_day
        else [_stages(report, say), _first_words(report, say)]
    )
    return element("section", element("h2", say("Latency")), element("div", parts, class_="grid"), id="latency")


def _stages(report: CallsReport, say: Words) -> Markup:
    found = report.analysis.total.latency
    known = [(each, found[each.name].statistics) for each in LATENCIES if found[each.name].statistics.n]
    if not known:
        return captioned(say("Where the time goes"), say("No latency was logged."), is_wide=True)
    rows = [
        (say(each.title), f"latency.{each.name}", statistics, _FILLS.get(each.name, "other"))
        for each, statistics in known
    ]
    note = say(
        "Per turn, ms. The bar ends at p95, the stroke in it is the median, the line ends at p99; one scale for all. Stages overlap and do not add up."
    )
    return captioned(
        say("Where the time goes"),
        note,
        _spans(rows, say("Stage"), say("Where the time goes"), say),
        is_wide=True,
    )


def _first_words(report: CallsReport, say: Words) -> Markup | None:
    """How long the two sides waited for each other at the beginning of the call; None where no call says it."""
    handled, title = report.analysis.total.handling, say("To the first word")
    rows = [
        (say(name), path, statistics, fill)
        for name, path, statistics, fill in (
            ("Agent, from the answer", "first_word_ms", handled.first_word_ms, "agent"),
            ("Caller, after the agent", "caller_silence_ms", handled.caller_silence_ms, "caller"),
        )
        if statistics.n
    ]
    if not rows:
        return None
    note = say("Per call, ms: until the agent is first heard, and then until the caller is.")
    return captioned(title, note, _spans(rows, say("who"), title, say), is_wide=True)


def _spans(rows: Sequence[tuple[str, str, Statistics, str]], first: str, label: str, say: Words) -> Markup:
    """A table with a bar for each row, all on one scale: its title, the path of its figures, these, and the colour."""
    top = max(statistics.p99 or 0 for _, _, statistics, _ in rows)
    body = []
    for title, path, statistics, fill in rows:
        cells = [figures.number_cell(figures.count(statistics.n), f"{path}.n")]
        cells += [
            figures.number_cell(figures.ms(getattr(statistics, name)), f"{path}.{name}", is_minor=name in _MINOR)
            for name in ("p50", "p95", "p99", "max")
        ]
        bar = span(statistics.p50 or 0, statistics.p95 or 0, statistics.p99 or 0, top, fill)
        body.append(element("tr", element("th", title, scope="row"), cells, element("td", bar, class_="pic")))
    head = [heading(first), heading("n", is_number=True)]
    head += [heading(name, is_number=True, is_minor=name in _MINOR) for name in ("p50", "p95", "p99", "max")]
    head.append(heading(say("0 to {ms} ms", ms=figures.ms(top)), is_picture=True))
    return table(head, body, class_="stages", label=label)


def _over_time(report: CallsReport, options: PageOptions) -> Markup:
    say, found = options.say, report.response
    of_day = {each.bucket: each for each in found.by_day}
    of_hour = {each.bucket: each for each in found.by_hour}
    days = [(day, of_day.get(day)) for day in every_day(list(of_day))]
    hours = [(hour, of_hour.get(hour)) for hour in every_hour(of_hour)]
    by_day = [_point(day_name(day, say), each) for day, each in days]
    by_hour = [_point(day_name(hour[:10], say) if hour.endswith("00:00") else "", each) for hour, each in hours]
    bounds = _bounds(report, options)
    note = [
        element("span", "p95", class_="key upper"), " ", element("span", "p50", class_="key lower"), " ",
        say("ms; grey: turns. Buckets of fewer than {least} turns are left out.", least=str(MIN_TURNS)),
    ]  # fmt: skip
    rows = [_row(day_name(day, say), each) for day, each in days]
    panes = element(
        "div",
        _tab("t-day", say("By day"), is_first=True),
        _tab(
            "t-hour",
            say("By hour")
            if len(days) <= MAX_HOURLY_DAYS
            else say("By hour, the last {n} days", n=str(MAX_HOURLY_DAYS)),
        ),
        _pane(
            "day",
            trend(by_day, label=say("Response by day: p50 and p95"), write=figures.ms, bounds=bounds, least=MIN_TURNS),
        ),
        _pane(
            "hour",
            trend(
                by_hour, label=say("Response by hour: p50 and p95"), write=figures.ms, bounds=bounds, least=MIN_TURNS
            ),
        ),
        class_="tabs",
    )
    data = [
        embedded_json("points-day", rows),
        embedded_json("points-hour", [_row(f"{day_name(hour[:10], say)} {hour[11:]}", each) for hour, each in hours]),
    ]
    return captioned(
        say("Response over time"), note, panes, data, figures_table(_head(say("day")), rows, say), is_wide=True
    )


def _distribution(report: CallsReport, say: Words) -> Markup:
    found, all_turns = report.response, report.analysis.total.latency["eou_latency_ms"].statistics
    slow = next(each for each in found.slow if each.above_ms == found.slow_ms)
    bins = [_bin(each, late, slow, say) for each, late in zip(found.histogram, _late(found, slow), strict=True)]
    marks = [
        Mark(all_turns.p50 or 0, f"p50 {figures.ms(all_turns.p50)}", "lower"),
        Mark(
            found.slow_ms,
            say("{ms}: {share} slower", ms=figures.ms(found.slow_ms), share=figures.share(slow.share)),
            "limit",
        ),
        Mark(all_turns.p95 or 0, f"p95 {figures.ms(all_turns.p95)}", "upper"),
    ]
    label = say(
        "How responses are distributed: median {p50} ms, p95 {p95} ms, n {n}",
        p50=figures.ms(all_turns.p50),
        p95=figures.ms(all_turns.p95),
        n=figures.count(all_turns.n),
    )
    note = say(
        "{n} turns, each step a tenth wider than the last; ochre: over {ms} ms.",
        n=figures.count(all_turns.n),
        ms=figures.ms(found.slow_ms),
    )
    rows = [[f"{figures.ms(each.low)} – {figures.ms(each.high)}", figures.count(each.n)] for each in bins]
    return captioned(
        say("Response times"),
        note,
        histogram(bins, marks, label=label, write=figures.ms, named=_NAMED_MS),
        figures_table(["ms", say("turns")], rows, say),
    )


def _late(found: ResponseTimes, slow: SlowResponses) -> list[int]:
    """How many turns of each bin of the histogram are slow: of the one that the bound lies in those that no later bin has."""
    later = sum(each.n for each in found.histogram if each.low_ms > slow.above_ms)
    return [
        each.n if each.low_ms > slow.above_ms else slow.turns - later if each.high_ms > slow.above_ms else 0
        for each in found.histogram
    ]


def _bin(each: HistogramBin, late: int, slow: SlowResponses, say: Words) -> Bin:
    low, high, n = figures.ms(each.low_ms), figures.ms(each.high_ms), figures.count(each.n)
    title = say("{low} to {high} ms: {n} turns", low=low, high=high, n=n)
    if 0 < late < each.n:
        title = f"{title}; {say('{n} over {ms} ms', n=figures.count(late), ms=figures.ms(slow.above_ms))}"
    return Bin(each.low_ms, each.high_ms, each.n, title, late)


def _over_the_call(report: CallsReport, options: PageOptions) -> Markup:
    say = options.say
    points = [TrendPoint(each.bucket, each.n, each.p50, each.p95) for each in report.response.by_turn]
    note = say(
        "By the place of the turn in its call. A line that rises: prompts that grow. A high first point: a cold start."
    )
    picture = trend(
        points,
        label=say("Response by place in the call: p50 and p95"),
        write=figures.ms,
        bounds=_bounds(report, options),
        least=MIN_TURNS,
    )
    rows = [_row(each.bucket, each) for each in report.response.by_turn]
    return captioned(say("Response by place in the call"), note, picture, figures_table(_head(say("turn")), rows, say))


def _bounds(report: CallsReport, options: PageOptions) -> list[Bound]:
    """The limits of slo.toml on the response; where there are none, what counts as slow."""
    limits = [each for name in ("p50", "p95") for each in options.limits_on("eou_latency_ms", name)]
    drawn = [
        Bound(
            float(each.bound),
            options.say(
                "limit {bound}",
                bound=options.say.units(
                    f"{each.measure.statistic} {gate_formatting.bound(each.operator, each.bound, each.measure.metric, '')}"
                ),
            ),
        )
        for each in limits
    ]
    return drawn or [Bound(report.response.slow_ms, options.say.units(f"{figures.ms(report.response.slow_ms)} ms"))]


def _point(name: str, each: ResponseBucket | None) -> TrendPoint:
    return TrendPoint(name, 0, None, None) if each is None else TrendPoint(name, each.n, each.p50, each.p95)


def _head(first: str) -> list[str]:
    return [first, "n", "p50, ms", "p95, ms"]


def _row(name: str, each: ResponseBucket | None) -> list[str]:
    if each is None:
        return [name, "0", formatting.NOT_AVAILABLE, formatting.NOT_AVAILABLE]
    return [name, figures.count(each.n), figures.ms(each.p50), figures.ms(each.p95)]


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
