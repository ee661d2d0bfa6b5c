"""The figures of the last minutes on a terminal's screen: what fits into its width and height, the newest at the right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from voicetel.reporters import formatting
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.analyzers.live.results import LiveFigures, SlowTurn

_NO_TURNS = "·"
_GAP = 2
_MIN_ID_WIDTH = 12
"""Characters of a call's id that are always shown."""

_STAGES = (
    ("endpointing_ms", "end of turn", "eot"),
    ("stt_ttfb_ms", "STT", "stt"),
    ("llm_ttft_ms", "LLM", "llm"),
    ("tts_ttfb_ms", "TTS", "tts"),
    ("realtime_ttfb_ms", "realtime", "rt"),
)
"""(latency, its name in a line, above a column)."""

_OUTCOME_STYLES = {"success": "green", "fail": "red"}


@dataclass(frozen=True, slots=True)
class Screen:
    """What the figures are shown on. ``title`` says what is watched, ``notes`` stand at the foot."""

    width: int
    height: int
    title: str
    zone: tzinfo = UTC
    notes: tuple[str, ...] = ()


def live_screen(figures: LiveFigures, screen: Screen) -> list[Text]:
    """Lines, none wider than the screen and no more than it has."""
    lines = [_head(figures, screen), Text(), *_headline(figures, screen.width), Text()]
    lines += [_minutes(figures, screen.width), *_stages(figures, screen.width), _outcomes(figures), Text()]
    foot = [
        Text(f"! {visible(note)}", "yellow") for note in (*_broken(figures), *figures.rate_notes, *figures.warnings[:1])
    ]
    foot.append(Text(" · ".join(_foot(figures, screen)), "dim"))
    room = screen.height - len(lines) - len(foot) - 2
    if room > 0:
        lines += [*_slow_turns(figures.slow[:room], figures, screen), Text()]
    shown = [*lines, *foot][: screen.height]
    for line in shown:
        line.no_wrap = True
        line.truncate(screen.width, overflow="ellipsis")
    return shown


def _head(figures: LiveFigures, screen: Screen) -> Text:
    at = formatting.in_zone(figures.at, screen.zone)
    right = f"last {figures.minutes} min · {at:%H:%M:%S} {at.tzname()}"
    left = Text(f"voicetel watch {visible(screen.title)}", "bold")
    left.truncate(max(screen.width - len(right) - _GAP, 0), overflow="ellipsis")
    return left.append(" " * max(screen.width - left.cell_len - cell_len(right), 1)).append(right, "dim")


@dataclass(frozen=True, slots=True)
class _Cell:
    """A figure with its name above and what it is of below."""

    title: str
    value: str
    below: str
    is_broken: bool = False

    @property
    def width(self) -> int:
        return max(map(cell_len, (self.title, self.value, self.below)))


def _headline(figures: LiveFigures, width: int) -> Iterator[Text]:
    """The figures that matter most, as many beside each other as fit."""
    row: list[_Cell] = []
    for cell in _cells(figures):
        if row and sum(each.width + _GAP for each in (*row, cell)) - _GAP > width:
            yield from _three_lines(row)
            row = []
        row.append(cell)
    yield from _three_lines(row)


def _three_lines(row: Sequence[_Cell]) -> Iterator[Text]:
    for name, style in (("title", "dim"), ("value", "bold"), ("below", "dim")):
        line = Text()
        for cell in row:
            text: str = getattr(cell, name)
            line.append(text, "bold yellow" if name == "value" and cell.is_broken else style)
            line.append(" " * (cell.width - cell_len(text) + _GAP))
        line.rstrip()
        yield line


def _cells(figures: LiveFigures) -> Iterator[_Cell]:
    broken = {(each.metric, each.statistic) for each in figures.broken_limits}
    p50, p95 = _whole(figures.eou_latency_ms_p50), _whole(figures.eou_latency_ms_p95)
    slowest = f"n {formatting.count(figures.eou_latency_ms_n)}, max {_whole(figures.eou_latency_ms_max)}"
    is_slow = bool(broken & {("eou_latency_ms", name) for name in ("p50", "p95", "max")})
    yield _Cell("Response p50 / p95", f"{p50} / {p95} ms", slowest, is_slow)
    slow = figures.slow_turns / figures.eou_latency_ms_n if figures.eou_latency_ms_n else None
    yield _Cell(
        f"over {_whole(figures.slow_ms)} ms",
        _percent(slow),
        f"{formatting.count(figures.slow_turns)} of {formatting.count(figures.eou_latency_ms_n)}",
    )
    yield _Cell(
        "active calls", formatting.count(figures.active_calls), f"{formatting.count(figures.ended_calls)} ended"
    )
    yield _Cell(
        "caller broke in",
        _percent(figures.interruption_rate),
        f"{_count(figures.interruptions)} of {formatting.count(figures.agent_turns)}",
        ("interruption_rate", "rate") in broken,
    )
    per_minute, priced = figures.cost_per_minute, figures.coverage
    yield _Cell(
        "cost a minute",
        formatting.NOT_AVAILABLE
        if per_minute is None
        else f"{formatting.money(per_minute)} {visible(figures.currency)}",
        f"{_percent(priced)} priced"
        if priced is not None
        else "no call ended"
        if not figures.ended_calls
        else "no use",
        ("cost", "per_minute") in broken,
    )


def _minutes(figures: LiveFigures, width: int) -> Text:
    """The response minute by minute; the highest of several minutes where not each has room of its own."""
    top = max((each.p95 for each in figures.by_minute), default=None)
    scale = "  no turns" if top is None else f"  0 to {_whole(top)} ms"
    legend = scale if top is None else f"{scale}, newest right"
    line = Text("p95 by minute  ")
    together = 1
    if figures.minutes > width - len(line) - len(legend):
        room = width - len(line) - len(f"{scale}, highest of each {figures.minutes} min")
        together = -(-figures.minutes // max(room, 1))
        legend = f"{scale}, highest of each {together} min"
    highest: dict[int, float] = {}
    for each in figures.by_minute:
        block = each.minutes_ago // together
        highest[block] = max(each.p95, highest.get(block, 0))
    for block in range(-(-figures.minutes // together) - 1, -1, -1):
        if block not in highest or not top:
            line.append(_NO_TURNS, "dim")
        else:
            height = max(-int(-highest[block] * len(formatting.BLOCKS) // top), 1)
            line.append(formatting.BLOCKS[height - 1], "yellow" if highest[block] > figures.slow_ms else "cyan")
    return line.append(legend, "dim")


def _stages(figures: LiveFigures, width: int) -> Iterator[Text]:
    """The 95th percentile of each stage of which anything is known; on more than one line where they do not fit."""
    parts = [
        (name, _whole(getattr(figures, f"{latency}_p95")))
        for latency, name, _ in _STAGES
        if getattr(figures, f"{latency}_n")
    ]
    line = Text("p95 by stage   ")
    indent = line.cell_len
    for name, value in parts:
        if line.cell_len + len(name) + len(value) + 1 > width and line.cell_len > indent:
            yield line
            line = Text(" " * indent)
        line.append(f"{name} ", "dim").append(f"{value}  ")
    yield line if parts else line.append(formatting.NOT_AVAILABLE)


def _outcomes(figures: LiveFigures) -> Text:
    line = Text("ended          ")
    for outcome, calls in sorted(figures.outcomes.items(), key=lambda each: (-each[1], each[0])):
        line.append(f"{visible(outcome)} ", _OUTCOME_STYLES.get(outcome, "dim")).append(f"{formatting.count(calls)}  ")
    return line if figures.outcomes else line.append("no call", "dim")


def _slow_turns(turns: Sequence[SlowTurn], figures: LiveFigures, screen: Screen) -> Iterator[Text]:
    """A line for each slow turn: its stages, without those that nobody measured."""
    if not turns:
        yield Text(f"no turn over {_whole(figures.slow_ms)} ms", "dim")
        return
    columns = [("turn", [str(each.turn) if each.turn is not None else "" for each in turns])]
    columns.append(("ms", [_whole(each.eou_latency_ms) for each in turns]))
    for latency, title in (*((name, short) for name, _, short in _STAGES), ("unattributed_ms", "gap")):
        values = [getattr(each, latency) for each in turns]
        if any(value is not None for value in values):
            columns.append((title, ["" if value is None else _whole(value) for value in values]))
    widths = [max(len(title), *map(len, cells)) for title, cells in columns]
    times = [f"{formatting.in_zone(each.ts, screen.zone):%H:%M:%S}" for each in turns]
    while len(columns) > 2 and _id_width(screen.width, widths) < _MIN_ID_WIDTH:
        columns.pop()
        widths.pop()
    longest = max(cell_len(visible(each.call_id)) for each in turns)
    room = max(min(_id_width(screen.width, widths), longest), 1)
    yield _row("slow at", "call", [title for title, _ in columns], widths, room=room, style="dim")
    for index, turn in enumerate(turns):
        yield _row(times[index], visible(turn.call_id), [cells[index] for _, cells in columns], widths, room=room)


def _id_width(width: int, widths: Sequence[int]) -> int:
    return width - len("00:00:00") - _GAP - sum(each + _GAP for each in widths)


def _row(time: str, call_id: str, cells: Sequence[str], widths: Sequence[int], *, room: int, style: str = "") -> Text:
    shown = Text(call_id)
    shown.truncate(room, overflow="ellipsis", pad=True)
    line = Text(f"{time:<8}{' ' * _GAP}{shown.plain}", style)
    for cell, width in zip(cells, widths, strict=True):
        line.append(" " * _GAP + cell.rjust(width))
    return line


def _broken(figures: LiveFigures) -> Iterator[str]:
    for each in figures.broken_limits:
        yield f"{each.name or f'{each.metric} {each.statistic}'}: {each.value} is not {each.operator} {each.bound}"


def _foot(figures: LiveFigures, screen: Screen) -> Iterator[str]:
    yield from screen.notes
    if figures.refused_lines:
        yield f"{formatting.plural(figures.refused_lines, 'line')} refused"


def _whole(value: float | None) -> str:
    return formatting.NOT_AVAILABLE if value is None else formatting.rounded(value, 0)


def _count(value: int | None) -> str:
    return formatting.NOT_AVAILABLE if value is None else formatting.count(value)


def _percent(value: float | None) -> str:
    return formatting.NOT_AVAILABLE if value is None else formatting.percent(value)
