"""What calls cost, by day and component, and what has no price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.pricing.units import COMPONENTS
from voicetel.reporters import formatting
from voicetel.reporters.html import number_text
from voicetel.reporters.html.charts.stacked import stacked
from voicetel.reporters.html.markup import Markup, element
from voicetel.reporters.html.page_shell import captioned, figures_table
from voicetel.reporters.html.report.days import day_name, every_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from voicetel.analyzers.cost.results import Cost, Unpriced
    from voicetel.analyzers.report.results import CallsReport
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.translator import Translator

TITLES = {"stt": "STT", "llm": "LLM", "tts": "TTS", "realtime": "Realtime", "transport": "Transport", "other": "Other"}


def cost(report: CallsReport, options: PageOptions) -> Markup:
    """The section."""
    translate, found = options.translate, report.analysis.total.cost
    if found.total is None:
        figure = captioned(translate("Cost by day"), translate("Nothing that was used has a price."), is_wide=True)
    else:
        figure = _by_day(report, found, translate)
    return element(
        "section",
        element("h2", translate("Cost")),
        element("div", figure, class_="grid"),
        _unpriced(found, translate),
        id="cost",
    )


def _by_day(report: CallsReport, found: Cost, translate: Translator) -> Markup:
    amounts: dict[tuple[str | None, str | None], Decimal] = {
        (line.key["day"], line.key["component"]): line.amount
        for line in report.cost_by_day.lines
        if line.amount is not None
    }
    days = every_day([each.day for each in report.days])
    parts = [name for name in COMPONENTS if found.components.get(name)]
    names = [day_name(day, translate) for day in days]

    def title(column: int, name: str) -> str:
        return f"{names[column]}: {translate(TITLES[name])} {number_text.money(amounts[days[column], name])}"

    picture = stacked(
        names,
        {name: [float(amounts.get((day, name), 0)) for day in days] for name in parts},
        label=translate("Cost by day, in parts"),
        write=number_text.amount_tick,
        title=title,
    )
    rows = [
        [name, *(number_text.money(amounts.get((day, part))) for part in parts)]
        for name, day in zip(names, days, strict=True)
    ]
    head = [translate("day"), *(translate(TITLES[part]) for part in parts)]
    note = translate(
        "{currency}, by component. In all {total}.", currency=found.currency, total=number_text.money(found.total)
    )
    return captioned(
        translate("Cost by day"),
        note,
        _legend(found.components, parts, found, translate),
        picture,
        figures_table(head, rows, translate),
        is_wide=True,
    )


def _legend(components: Mapping[str, Decimal | None], parts: list[str], found: Cost, translate: Translator) -> Markup:
    items = (
        element(
            "li",
            element("span", class_=f"swatch c-{name}"),
            translate(TITLES[name]),
            " ",
            element("b", number_text.money(components[name], 2), data_figure=f"cost.{name}"),
            " ",
            element("i", number_text.share_of(components[name] or 0, found.total or 0)),
        )
        for name in parts
    )
    return element("ul", items, class_="legend")


def _unpriced(found: Cost, translate: Translator) -> Markup | None:
    """What has no price and which rates look wrong; None where there is neither."""
    others = [
        translate(
            "billed in another currency, not in these figures: {amount}",
            amount=f"{number_text.money(amount)} {currency}",
        )
        for currency, amount in found.billed_in_other_currencies.items()
    ]
    if found.unmetered_user_turns:
        others.append(
            translate("no STT usage logged for {n} turns of callers", n=number_text.count(found.unmetered_user_turns))
        )
    lines = [*(_unpriced_line(each, translate) for each in found.unpriced), *others, *found.notes]
    if not lines:
        return None
    share = number_text.share(1 - found.coverage) if found.coverage is not None else formatting.NOT_AVAILABLE
    heading = (
        translate("{share} of billable operations have no price", share=share)
        if found.unpriced
        else translate("What to know about these costs")
    )
    rates = translate("They are missing here and do not count as 0.") if found.unpriced else ""
    return element(
        "div",
        element("p", element("b", heading), ". ", rates, " ", translate("Rates: {card}.", card=found.card)),
        element(
            "details",
            element("summary", translate("Which, and what else to know ({n})", n=str(len(lines)))),
            element("ul", (element("li", line) for line in lines)),
        ),
        class_="note",
    )


def _unpriced_line(each: Unpriced, translate: Translator) -> str:
    model = "/".join(part for part in (each.provider, each.model) if part) or translate("not named")
    return translate(
        "{stage} {model}: {n} operations", stage=each.stage, model=model, n=number_text.count(each.operations)
    )
