"""What calls cost, by day and component, and what has no price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.pricing.units import COMPONENTS
from voicetel.reporters import formatting
from voicetel.reporters.html import figures
from voicetel.reporters.html.charts.stacked import stacked
from voicetel.reporters.html.frame import captioned, figures_table
from voicetel.reporters.html.markup import Markup, element
from voicetel.reporters.html.report.days import day_name, every_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from voicetel.analyzers.cost.results import Cost, Unpriced
    from voicetel.analyzers.report.results import CallsReport
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.words import Words

TITLES = {"stt": "STT", "llm": "LLM", "tts": "TTS", "realtime": "Realtime", "transport": "Transport", "other": "Other"}


def cost(report: CallsReport, options: PageOptions) -> Markup:
    """The section."""
    say, found = options.say, report.analysis.total.cost
    if found.total is None:
        figure = captioned(say("Cost by day"), say("Nothing that was used has a price."), is_wide=True)
    else:
        figure = _by_day(report, found, say)
    return element(
        "section", element("h2", say("Cost")), element("div", figure, class_="grid"), _unpriced(found, say), id="cost"
    )


def _by_day(report: CallsReport, found: Cost, say: Words) -> Markup:
    amounts: dict[tuple[str | None, str | None], Decimal] = {
        (line.key["day"], line.key["component"]): line.amount
        for line in report.cost_by_day.lines
        if line.amount is not None
    }
    days = every_day([each.day for each in report.days])
    parts = [name for name in COMPONENTS if found.components.get(name)]
    names = [day_name(day, say) for day in days]

    def title(column: int, name: str) -> str:
        return f"{names[column]}: {say(TITLES[name])} {figures.money(amounts[days[column], name])}"

    picture = stacked(
        names,
        {name: [float(amounts.get((day, name), 0)) for day in days] for name in parts},
        label=say("Cost by day, in parts"),
        write=figures.amount_tick,
        title=title,
    )
    rows = [
        [name, *(figures.money(amounts.get((day, part))) for part in parts)]
        for name, day in zip(names, days, strict=True)
    ]
    head = [say("day"), *(say(TITLES[part]) for part in parts)]
    note = say("{currency}, by component. In all {total}.", currency=found.currency, total=figures.money(found.total))
    return captioned(
        say("Cost by day"),
        note,
        _legend(found.components, parts, found, say),
        picture,
        figures_table(head, rows, say),
        is_wide=True,
    )


def _legend(components: Mapping[str, Decimal | None], parts: list[str], found: Cost, say: Words) -> Markup:
    items = (
        element(
            "li",
            element("span", class_=f"swatch c-{name}"),
            say(TITLES[name]),
            " ",
            element("b", figures.money(components[name], 2), data_figure=f"cost.{name}"),
            " ",
            element("i", figures.share_of(components[name] or 0, found.total or 0)),
        )
        for name in parts
    )
    return element("ul", items, class_="legend")


def _unpriced(found: Cost, say: Words) -> Markup | None:
    """What has no price and which rates look wrong; None where there is neither."""
    others = [
        say("billed in another currency, not in these figures: {amount}", amount=f"{figures.money(amount)} {currency}")
        for currency, amount in found.billed_in_other_currencies.items()
    ]
    if found.unmetered_user_turns:
        others.append(say("no STT usage logged for {n} turns of callers", n=figures.count(found.unmetered_user_turns)))
    lines = [*(_unpriced_line(each, say) for each in found.unpriced), *others, *found.notes]
    if not lines:
        return None
    share = figures.share(1 - found.coverage) if found.coverage is not None else formatting.NOT_AVAILABLE
    heading = (
        say("{share} of billable operations have no price", share=share)
        if found.unpriced
        else say("What to know about these costs")
    )
    rates = say("They are missing here and do not count as 0.") if found.unpriced else ""
    return element(
        "div",
        element("p", element("b", heading), ". ", rates, " ", say("Rates: {card}.", card=found.card)),
        element(
            "details",
            element("summary", say("Which, and what else to know ({n})", n=str(len(lines)))),
            element("ul", (element("li", line) for line in lines)),
        ),
        class_="note",
    )


def _unpriced_line(each: Unpriced, say: Words) -> str:
    model = "/".join(part for part in (each.provider, each.model) if part) or say("not named")
    return say("{stage} {model}: {n} operations", stage=each.stage, model=model, n=figures.count(each.operations))
