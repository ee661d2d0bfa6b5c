"""Who spoke over whom, talk and silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.html import number_text
from voicetel.reporters.html.charts.bars import Share, shares
from voicetel.reporters.html.markup import Markup, element
from voicetel.reporters.html.page_shell import captioned, heading, table

if TYPE_CHECKING:
    from voicetel.analyzers.report.results import CallsReport
    from voicetel.analyzers.turn_taking.results import Overlaps, TurnTaking
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.translator import Translator

_KINDS = (
    ("caller_over_agent", "Caller over agent"),
    ("agent_over_caller", "Agent over caller"),
    ("false_interruptions", "False interruptions"),
)


def turn_taking(report: CallsReport, options: PageOptions) -> Markup:
    """The section."""
    translate, found = options.translate, report.turn_taking
    parts = [_overlaps(found, translate), _talk(found, translate)]
    return element(
        "section", element("h2", translate("Interruptions")), element("div", parts, class_="grid"), id="interruptions"
    )


def _overlaps(found: TurnTaking, translate: Translator) -> Markup:
    rows = [_overlap_row(translate(title), getattr(found, name)) for name, title in _KINDS]
    head = [
        heading(translate("who"), is_hidden=True),
        heading(translate("count"), is_number=True),
        heading(translate("of agent turns"), is_number=True, is_minor=True),
        *(heading(translate(each), is_number=True) for each in ("share", "a minute")),
    ]
    overrun = found.overrun_ms
    note = translate(
        "The agent spoke on for {p50} ms (p95 {p95}) after the caller began, n {n}.",
        p50=number_text.whole(overrun.p50), p95=number_text.whole(overrun.p95), n=number_text.count(overrun.n),
    )  # fmt: skip
    title = translate("Who spoke over whom")
    return captioned(title, note if overrun.n else "", table(head, rows, label=title))


def _overlap_row(title: str, each: Overlaps) -> Markup:
    minute = formatting.NOT_AVAILABLE if each.per_minute is None else formatting.rounded(each.per_minute, 2)
    cells = (
        number_text.count(each.count),
        number_text.count(each.agent_turns),
        number_text.share(each.per_turn),
        minute,
    )
    return element(
        "tr",
        element("th", title, scope="row"),
        (number_text.number_cell(cell, is_minor=place == 1) for place, cell in enumerate(cells)),
    )


def _talk(found: TurnTaking, translate: Translator) -> Markup:
    agent_s, caller_s = found.agent_talk_s or 0.0, found.caller_talk_s or 0.0
    parts = [
        Share(name, amount, f"{translate(title)} {number_text.share_of(amount, agent_s + caller_s)}")
        for name, title, amount in (("agent", "Agent", agent_s), ("caller", "Caller", caller_s))
    ]
    legend = element(
        "ul",
        (element("li", element("span", class_=f"swatch c-{each.name}"), each.title) for each in parts),
        class_="legend",
    )
    air = found.dead_air
    silence = translate(
        "Dead air, silence over {above} s: {n} times, {share} of the time, the longest {longest} s.",
        above=number_text.seconds(air.above_s), n=number_text.count(air.count), share=number_text.share(air.share), longest=number_text.seconds(air.longest_s),
    )  # fmt: skip
    monologue = translate(
        "Longest speech without a word of the other side: agent {agent} s, caller {caller} s.",
        agent=number_text.seconds(found.longest_agent_s), caller=number_text.seconds(found.longest_caller_s),
    )  # fmt: skip
    note = translate(
        "{part} of {whole} calls, those in which the time of all speech is known.",
        part=number_text.count(found.timed_calls),
        whole=number_text.count(found.calls),
    )
    return captioned(
        translate("Talk and silence"),
        note,
        legend,
        shares(parts),
        element("p", silence, class_="of"),
        element("p", monologue, class_="of"),
    )
