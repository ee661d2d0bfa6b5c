"""``voicetel interruptions``: who spoke over whom, talk, dead air."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.turn_taking.results import TurnTaking
from voicetel.reporters import formatting
from voicetel.reporters.document import PLAIN_VIEW, Document, Section, View
from voicetel.reporters.table import Column, Table, column_of
from voicetel.results import CellFormat, Grouped, row_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.analyzers.core.statistics import Statistics
    from voicetel.analyzers.turn_taking.results import Overlaps
    from voicetel.results import Cell

OVERLAPS = {
    "caller_over_agent": "Cut short by the caller",
    "agent_over_caller": "Agent over caller",
    "false_interruptions": "False interruptions",
}

_BY_GROUP = {
    "calls": ("calls", 1),
    "caller_over_agent_count": ("cut short by caller", 0),
    "caller_over_agent_agent_turns": ("of agent turns", 0),
    "caller_over_agent_per_turn": ("rate", 0),
    "caller_over_agent_per_minute": ("per minute", 9),
    "agent_over_caller_count": ("agent over caller", 4),
    "agent_over_caller_per_turn": ("rate", 5),
    "false_interruptions_count": ("false", 6),
    "overrun_ms_p50": ("overrun p50, ms", 3),
    "overrun_ms_p95": ("overrun p95, ms", 7),
    "heard_share": ("heard", 8),
    "talk_ratio": ("agent's talk", 2),
    "dead_air_count": ("dead airs", 4),
    "dead_air_share": ("of the time", 5),
    "longest_agent_s": ("longest, s", 10),
}
"""The figures of a group that its row shows: their titles, and in which order a narrow terminal does without them."""


def interruptions_document(report: Grouped[TurnTaking], view: View = PLAIN_VIEW) -> Document:
    """Tables for people: one of all calls, or one with a row per group and a total."""
    if report.groups:
        return Document((), (Section(table=_group_table(report)),), (_definitions(report.total),))
    return Document((), tuple(_sections(report.total)), (_definitions(report.total),))


def _sections(talk: TurnTaking) -> Iterator[Section]:
    columns = (
        Column("kind", "Interruptions"),
        Column("count", "count", CellFormat.COUNT),
        Column("agent_turns", "of agent turns", CellFormat.COUNT),
        Column("per_turn", "rate", CellFormat.SHARE),
        Column("per_call", "per call", CellFormat.SCORE),
        Column("per_minute", "per minute", CellFormat.SCORE),
    )
    rows: list[list[Cell]] = []
    for name, title in OVERLAPS.items():
        found: Overlaps = getattr(talk, name)
        rows.append([title, found.count, found.agent_turns, found.per_turn, found.per_call, found.per_minute])
    yield Section(table=Table(columns, rows), text=_aftermath(talk))
    yield Section(title="Talk", text=_talk(talk))
    yield Section(title="Dead air", text=_dead_air(talk))
    if talk.timed_calls:
        longest = f"agent {_seconds(talk.longest_agent_s)}, caller {_seconds(talk.longest_caller_s)}"
        yield Section(title="Longest monologue", text=longest)


def _aftermath(talk: TurnTaking) -> str:
    """What the agent did once the caller had begun to speak."""
    overrun: Statistics = talk.overrun_ms
    if not overrun.n:
        return ""
    went_on = (
        f"The agent went on for {_ms(overrun.p50)} (p95 {_ms(overrun.p95)})"
        f" after the caller had begun, over {formatting.plural(overrun.n, 'interruption')}"
    )
    if talk.played.share is None:
        return went_on
    return f"{went_on}; {formatting.percent(talk.played.share)} of the speech made was heard, over {formatting.plural(talk.played.turns, 'turn')}"


def _talk(talk: TurnTaking) -> str:
    known = f"{formatting.count(talk.timed_calls or 0)} of {formatting.plural(talk.calls, 'call')} with known times"
    if talk.talk_ratio is None:
        return f"{formatting.NOT_AVAILABLE}: {known}"
    sides = f"{_seconds(talk.agent_talk_s)} agent, {_seconds(talk.caller_talk_s)} caller"
    return f"{formatting.percent(talk.talk_ratio)} by the agent ({sides}; {known})"


def _dead_air(talk: TurnTaking) -> str:
    dead = talk.dead_air
    if dead.total_s is None:
        return formatting.NOT_AVAILABLE
    above = f"silence above {formatting.rounded(dead.above_s, 1)} s"
    if not dead.count:
        return f"no {above}"
    share = formatting.NOT_AVAILABLE if dead.share is None else formatting.percent(dead.share)
    times = formatting.plural(dead.count, "time")
    return f"{above} {times}, {_seconds(dead.total_s)} in all ({share} of the time), the longest {_seconds(dead.longest_s)}"


def _group_table(report: Grouped[TurnTaking]) -> Table:
    by = list(report.groups[0].group)
    known = {column.name: column for column in row_columns(TurnTaking)}
    figures = [known[name] for name in _BY_GROUP]
    columns = [Column(name, name, CellFormat.KEY) for name in by]
    columns += [column_of(each, *_BY_GROUP[each.name]) for each in figures]
    rows = [[*each.group.values(), *(column.cell(each.figures) for column in figures)] for each in report.groups]
    total = ["Total", *[""] * (len(by) - 1), *(column.cell(report.total) for column in figures)]
    return Table(tuple(columns), rows, total)


def _definitions(talk: TurnTaking) -> str:
    return (
        "Cut short by the caller: playback that the caller stopped. Agent over caller: agent turns of known times that begin while"
        f" the caller speaks. Dead air: both silent for more than {formatting.rounded(talk.dead_air.above_s, 1)} s."
    )


def _ms(value: float | None) -> str:
    return formatting.NOT_AVAILABLE if value is None else f"{formatting.rounded(value, 0)} ms"


def _seconds(value: float | None) -> str:
    return formatting.NOT_AVAILABLE if value is None else f"{formatting.rounded(value, 1)} s"
