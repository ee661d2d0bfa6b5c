"""How long callers waited, by the hour of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters.html import figures
from voicetel.reporters.html.frame import captioned, heading, table
from voicetel.reporters.html.markup import Markup, element
from voicetel.reporters.html.report.days import MAX_HOURLY_DAYS, every_day, weekday_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.analyzers.report.results import CallsReport, ResponseBucket
    from voicetel.reporters.html.words import Words

MIN_TURNS = 20
"""A bucket of fewer turns says nothing about its p95: it is left out."""

_STEPS_MS = (1000, 1250, 1500, 1750, 2000, 2500)
"""From where on a cell is of the next colour."""


def heat_map(report: CallsReport, say: Words) -> Markup:
    """p95 of the response, a row for each day and a column for each hour."""
    found = {each.bucket: each for each in report.response.by_hour}
    days = every_day([each[:10] for each in found])[-MAX_HOURLY_DAYS:]
    hours = [f"{hour:02}" for hour in range(24)]
    # A narrow screen leaves out the hours of which no day says anything.
    shown = {name[11:13] for name, each in found.items() if name[:10] in days and _is_known(each)}
    title = say("p95 of the response by hour of the day")
    if not shown:
        few = say("No hour of a day has {least} turns: its p95 would say nothing.", least=str(MIN_TURNS))
        return captioned(title, few, is_wide=True)
    rows = [
        element(
            "tr",
            element("th", weekday_name(day, say), scope="row"),
            (_cell(found.get(f"{day} {hour}:00"), say, is_empty=hour not in shown) for hour in hours),
        )
        for day in days
    ]
    head = [
        heading(say("day"), is_hidden=True),
        *(element("th", hour, scope="col", class_="num" if hour in shown else "num empty-hour") for hour in hours),
    ]
    scale = element("span", _scale(say), class_="scale")
    return captioned(
        title,
        [
            say("ms, by the hour in which the call began; a dot: fewer than {least} turns.", least=str(MIN_TURNS)),
            " ",
            scale,
        ],
        table(head, rows, class_="heat", label=title),
        is_wide=True,
    )


def _scale(say: Words) -> Iterator[Markup]:
    for number, step in enumerate((*_STEPS_MS, None)):
        words = (
            say("over")
            if step is None
            else say("under {ms}", ms=figures.ms(step))
            if not number
            else say("to {ms}", ms=figures.ms(step))
        )
        yield element("span", element("span", class_=f"swatch q{number}"), words)


def _is_known(each: ResponseBucket) -> bool:
    """Whether there are enough turns for a figure."""
    return each.n >= MIN_TURNS and each.p95 is not None


def _cell(each: ResponseBucket | None, say: Words, *, is_empty: bool) -> Markup:
    """``is_empty``: no day has a figure for this hour."""
    hour = "empty-hour" if is_empty else None
    if each is None:
        return element("td", class_=hour)
    if each.n < MIN_TURNS or each.p95 is None:
        return element("td", "·", title=say("n {n}, too few", n=figures.count(each.n)), class_=hour)
    step = next((number for number, bound in enumerate(_STEPS_MS) if each.p95 < bound), len(_STEPS_MS))
    return element("td", figures.ms(each.p95), class_=f"q{step}", title=say("n {n}", n=figures.count(each.n)))
