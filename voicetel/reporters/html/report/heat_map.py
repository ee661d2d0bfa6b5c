"""How long callers waited, by the hour of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters.html import number_text
from voicetel.reporters.html.markup import Markup, element
from voicetel.reporters.html.page_shell import captioned, heading, table
from voicetel.reporters.html.report.days import MAX_HOURLY_DAYS, every_day, weekday_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.analyzers.report.results import CallsReport, ResponseBucket
    from voicetel.reporters.html.translator import Translator

MIN_TURNS = 20
"""A bucket of fewer turns says nothing about its p95: it is left out."""

_STEPS_MS = (1000, 1250, 1500, 1750, 2000, 2500)
"""From where on a cell is of the next colour."""


def heat_map(report: CallsReport, translate: Translator) -> Markup:
    """p95 of the response, a row for each day and a column for each hour."""
    found = {each.bucket: each for each in report.response.by_hour}
    days = every_day([each[:10] for each in found])[-MAX_HOURLY_DAYS:]
    hours = [f"{hour:02}" for hour in range(24)]
    # A narrow screen leaves out the hours of which no day says anything.
    shown = {name[11:13] for name, each in found.items() if name[:10] in days and _known_p95(each) is not None}
    title = translate("p95 of the response by hour of the day")
    if not shown:
        few = translate("No hour of a day has {least} turns: its p95 would say nothing.", least=str(MIN_TURNS))
        return captioned(title, few, is_wide=True)
    rows = [
        element(
            "tr",
            element("th", weekday_name(day, translate), scope="row"),
            (_cell(found.get(f"{day} {hour}:00"), translate, is_empty=hour not in shown) for hour in hours),
        )
        for day in days
    ]
    head = [
        heading(translate("day"), is_hidden=True),
        *(element("th", hour, scope="col", class_="num" if hour in shown else "num empty-hour") for hour in hours),
    ]
    scale = element("span", _scale(translate), class_="scale")
    return captioned(
        title,
        [
            translate(
                "ms, by the hour in which the call began; a dot: fewer than {least} turns.", least=str(MIN_TURNS)
            ),
            " ",
            scale,
        ],
        table(head, rows, class_="heat", label=title),
        is_wide=True,
    )


def _scale(translate: Translator) -> Iterator[Markup]:
    for number, step in enumerate((*_STEPS_MS, None)):
        words = (
            translate("over")
            if step is None
            else translate("under {ms}", ms=number_text.whole(step))
            if not number
            else translate("to {ms}", ms=number_text.whole(step))
        )
        yield element("span", element("span", class_=f"swatch q{number}"), words)


def _known_p95(each: ResponseBucket) -> float | None:
    """The figure, where there are enough turns for one."""
    return each.p95 if each.n >= MIN_TURNS else None


def _cell(each: ResponseBucket | None, translate: Translator, *, is_empty: bool) -> Markup:
    """``is_empty``: no day has a figure for this hour."""
    hour = "empty-hour" if is_empty else None
    if each is None:
        return element("td", class_=hour)
    p95 = _known_p95(each)
    if p95 is None:
        return element("td", "·", title=translate("n {n}, too few", n=number_text.count(each.n)), class_=hour)
    step = next((number for number, bound in enumerate(_STEPS_MS) if p95 < bound), len(_STEPS_MS))
    return element(
        "td", number_text.whole(p95), class_=f"q{step}", title=translate("n {n}", n=number_text.count(each.n))
    )
