"""``voicetel campaigns`` for people: campaigns side by side, step by step, or a row for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.campaigns.results import CampaignReport
from voicetel.reporters import formatting
from voicetel.reporters.document import PLAIN_VIEW, Document, Section, View
from voicetel.reporters.layouts.notes import far_off_notes, rate_warnings
from voicetel.reporters.table import Column, Table, column_of
from voicetel.results import CellFormat, rows_of
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.analyzers.campaigns.results import Campaign, ShareInterval
    from voicetel.results import Cell

SIDE_BY_SIDE = 2
"""So many campaigns stand side by side; of more, each has a row."""

_STEPS = (
    ("Attempts", "attempts", None),
    ("Connects, of attempts", "connects", "connect_rate"),
    ("Answered, of connects", "answered", "answer_rate"),
    ("Answered, of attempts", "answered", "attempt_answer_rate"),
    ("Conversations, of answered", "conversations", "conversation_rate"),
    ("Successes, of conversations", "successes", "conversation_success_rate"),
    ("Short successes", "short_successes", None),
    ("Voicemails, of attempts", "voicemails", "voicemail_rate"),
)
"""What stands before a row, the count in it, and its share."""

_COSTS = (
    ("Cost", "cost"),
    ("Cost per attempt", "cost_per_attempt"),
    ("Cost per conversation", "cost_per_conversation"),
    ("Cost per success", "cost_per_success"),
)

_INTERVALS = (
    "95 %: where the share before it lies 19 times out of 20 in other such calls. Whether two campaigns differ by more than"
    " chance: voicetel compare --split campaign=A:B"
)


def campaigns_document(report: CampaignReport, view: View = PLAIN_VIEW) -> Document:
    """At most two campaigns side by side with intervals; with groups or more campaigns a row for each; then contacts, if they are known."""
    lines = [line.figures for line in report.lines]
    is_few = not report.by and len(lines) <= SIDE_BY_SIDE
    tables = [_side_by_side(lines) if is_few else _row_for_each(report, view)]
    if any(each.contacts for each in lines):
        tables.append(_contacts(report))
    notes = (*map(visible, report.notes), *_short_successes(lines), _INTERVALS, *far_off_notes(report.rate_notes))
    warnings = tuple(rate_warnings(report.rate_notes))
    return Document((), tuple(Section(table=table) for table in tables), notes, warnings)


def _short_successes(lines: Sequence[Campaign]) -> Iterator[str]:
    short, successes = sum(line.short_successes for line in lines), sum(line.successes for line in lines)
    if short:
        one = formatting.plural(short, "call that succeeded was", "calls that succeeded were")
        conversations = "no conversation (fewer than two turns of the caller)"
        yield f"{one} {conversations}: not among the successes, which are {formatting.count(successes)}, but in their cost."


def _name(campaign: str | None) -> str:
    return "(not logged)" if campaign is None else visible(campaign)


def _side_by_side(lines: Sequence[Campaign]) -> Table:
    """A row per step; of each campaign the count, its share, and where that lies."""
    columns = [Column("step", "Step", CellFormat.WHOLE)]
    for index, line in enumerate(lines):
        columns += [
            Column(f"count_{index}", _name(line.campaign), CellFormat.COUNT),
            Column(f"share_{index}", "share", CellFormat.SHARE),
            Column(f"interval_{index}", "95 %", drop_priority=1),
        ]
    rows: list[list[Cell]] = []
    for title, count, rate in _STEPS:
        cells = [_step(line, count, rate) for line in lines]
        rows.append([title, *(cell for some in cells for cell in some)])
    for title, name in _COSTS:
        amounts = [getattr(line, name) for line in lines]
        rows.append([title, *(cell for each in amounts for cell in (_money(each), "", ""))])
    return Table(tuple(columns), rows)


def _step(line: Campaign, count: str, rate: str | None) -> tuple[Cell, Cell, Cell]:
    if rate is None:
        return getattr(line, count), "", ""
    return getattr(line, count), getattr(line, rate), _interval(line.intervals[rate])


def _money(amount: Cell) -> str:
    return formatting.NOT_AVAILABLE if amount is None else formatting.money(amount)  # type: ignore[arg-type]  # costs are Decimals


def _interval(ends: ShareInterval | None) -> str:
    """As one reads a range of percents."""
    return (
        "" if ends is None else f"{formatting.percent(ends.low).removesuffix(' %')} to {formatting.percent(ends.high)}"
    )


def _row_for_each(report: CampaignReport, view: View) -> Table:
    """Groups first; the share of attempts that were answered, which hours are compared by, with its interval last."""
    rows = rows_of(report, CampaignReport)
    shown = [column for column in rows.columns if column.path[1:2] not in {("intervals",), ("contacts",)}]
    columns = (*(column_of(column) for column in shown), Column("interval", "95 %", drop_priority=1))
    cells: list[list[Cell]] = [
        [*(column.cell(line) for column in shown), _interval(line.figures.intervals["attempt_answer_rate"])]
        for line in report.lines
    ]
    return Table(columns, cells, zone=view.zone)


def _contacts(report: CampaignReport) -> Table:
    columns = (
        *(Column(name, name, CellFormat.KEY) for name in report.by),
        Column("campaign", "Contacts of campaign", CellFormat.KEY),
        Column("count", "contacts", CellFormat.COUNT),
        Column("attempts", "attempts", CellFormat.COUNT),
        Column("retries_per_contact", "retries per contact", CellFormat.SCORE),
        Column("reached", "reached", CellFormat.COUNT),
        Column("reach_rate", "of contacts", CellFormat.SHARE),
    )
    return Table(columns, list(_contact_rows(report)))


def _contact_rows(report: CampaignReport) -> Iterator[list[Cell]]:
    for line in report.lines:
        found = line.figures.contacts
        if found is not None:
            figures = (found.count, found.attempts, found.retries_per_contact, found.reached, found.reach_rate)
            yield [*line.key.values(), line.figures.campaign, *figures]
