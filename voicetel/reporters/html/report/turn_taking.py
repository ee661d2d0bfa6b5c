"""Who spoke over whom, talk and silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.html import figures
from voicetel.reporters.html.charts.bars import Share, shares
from voicetel.reporters.html.frame import captioned, heading, table
from voicetel.reporters.html.markup import Markup, element

if TYPE_CHECKING:
    from voicetel.analyzers.report.results import CallsReport
    from voicetel.analyzers.turn_taking.results import Overlaps, TurnTaking
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.words import Words

_KINDS = (
    ("caller_over_agent", "Caller over agent"),
    ("agent_over_caller", "Agent over caller"),
    ("false_interruptions", "False interruptions"),
)


def turn_taking(report: CallsReport, options: PageOptions) -> Markup:
    """The section."""
    say, found = options.say, report.turn_taking
    parts = [_overlaps(found, say), _talk(found, say)]
    return element(
        "section", element("h2", say("Interruptions")), element("div", parts, class_="grid"), id="interruptions"
    )


def _overlaps(found: TurnTaking, say: Words) -> Markup:
    rows = [_overlap_row(say(title), getattr(found, name)) for name, title in _KINDS]
    head = [
        heading(say("who"), is_hidden=True),
        heading(say("count"), is_number=True),
        heading(say("of agent turns"), is_number=True, is_minor=True),
        *(heading(say(each), is_number=True) for each in ("share", "a minute")),
    ]
    overrun = found.overrun_ms
    note = say(
        "The agent spoke on for {p50} ms (p95 {p95}) after the caller began, n {n}.",
        p50=figures.ms(overrun.p50), p95=figures.ms(overrun.p95), n=figures.count(overrun.n),
    )  # fmt: skip
    title = say("Who spoke over whom")
    return captioned(title, note if overrun.n else "", table(head, rows, label=title))


def _overlap_row(title: str, each: Overlaps) -> Markup:
    minute = formatting.NOT_AVAILABLE if each.per_minute is None else formatting.rounded(each.per_minute, 2)
    cells = (figures.count(each.count), figures.count(each.agent_turns), figures.share(each.per_turn), minute)
    return element(
        "tr",
        element("th", title, scope="row"),
        (figures.number_cell(cell, is_minor=place == 1) for place, cell in enumerate(cells)),
    )


def _talk(found: TurnTaking, say: Words) -> Markup:
    agent_s, caller_s = found.agent_talk_s or 0.0, found.caller_talk_s or 0.0
    parts = [
        Share(name, amount, f"{say(title)} {figures.share_of(amount, agent_s + caller_s)}")
        for name, title, amount in (("agent", "Agent", agent_s), ("caller", "Caller", caller_s))
    ]
    legend = element(
        "ul",
        (element("li", element("span", class_=f"swatch c-{each.name}"), each.title) for each in parts),
        class_="legend",
    )
    air = found.dead_air
    silence = say(
        "Dead air, silence over {above} s: {n} times, {share} of the time, the longest {longest} s.",
        above=figures.seconds(air.above_s), n=figures.count(air.count), share=figures.share(air.share), longest=figures.seconds(air.longest_s),
    )  # fmt: skip
    monologue = say(
        "Longest speech without a word of the other side: agent {agent} s, caller {caller} s.",
        agent=figures.seconds(found.longest_agent_s), caller=figures.seconds(found.longest_caller_s),
    )  # fmt: skip
    note = say(
        "{part} of {whole} calls, those in which the time of all speech is known.",
        part=figures.count(found.timed_calls),
        whole=figures.count(found.calls),
    )
    return captioned(
        say("Talk and silence"),
        note,
        legend,
        shares(parts),
        element("p", silence, class_="of"),
        element("p", monologue, class_="of"),
    )
