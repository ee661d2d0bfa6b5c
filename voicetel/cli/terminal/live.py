"""Figures that change while somebody looks: on the whole screen, or a line of JSON for every look."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from voicetel.cli import diagnostics, output
from voicetel.cli.terminal.keys import key_within, single_keys
from voicetel.cli.terminal.progress import StepProgress
from voicetel.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from rich.console import ConsoleDimensions, RenderableType

    from voicetel.analyzers.live.results import LiveFigures
    from voicetel.watch.watcher import Watcher

TICK_S = 0.25
"""How soon a key, or another size of the terminal, is noticed."""

QUIT = ("q", "Q", "\x04")
_KEYS = "q quits"


@dataclass(frozen=True, slots=True)
class WatchView:
    """What is watched, as typed, and the zone of its times."""

    title: str
    zone: tzinfo


def write_json(watcher: Watcher, every_s: float, *, once: bool) -> None:
    """A line of JSON for every look. A path that is gone for a while is said on stderr, and looked for again."""
    from voicetel.registry import find_report  # noqa: PLC0415  --help does without
    from voicetel.reporters.json_text import json_lines  # noqa: PLC0415

    report, target = find_report("watch"), output.Target(output.Format.JSON)
    said = None
    output.write(json_lines([report.json(watcher.look(now()))]), target)
    while not once:
        time.sleep(every_s)
        figures, problem = _looked(watcher)
        if figures is not None:
            output.write(json_lines([report.json(figures)]), target)
        elif problem != said:
            diagnostics.warn(problem)
        said = problem


def show(watcher: Watcher, every_s: float, view: WatchView, *, once: bool) -> None:
    """The figures on the whole screen until q is pressed; ``once``: one time, among what else is there."""
    from rich.live import Live  # noqa: PLC0415  only a terminal needs it

    console = output.terminal()
    with StepProgress("Computing"):
        figures = watcher.look(now())
    if once:
        console.print(_rendered(figures, console.size, view, tuple(_old(figures, watcher))))
        return
    note = _KEYS
    with single_keys(), Live(console=console, screen=True, auto_refresh=False) as screen:
        while True:
            until, size = time.monotonic() + every_s, None
            while size is None or time.monotonic() < until:
                if size != console.size:
                    size = console.size
                    screen.update(_rendered(figures, size, view, (*_old(figures, watcher), note)), refresh=True)
                if key_within(TICK_S) in QUIT:
                    return
            newer, problem = _looked(watcher)
            figures, note = newer or figures, problem or _KEYS


def now() -> datetime:
    """Now, UTC without a zone, as analyzers have times."""
    return datetime.now(UTC).replace(tzinfo=None)


def _looked(watcher: Watcher) -> tuple[LiveFigures | None, str]:
    """The figures, or what is in the way: a file that is being rotated comes back."""
    try:
        return watcher.look(now()), ""
    except NoDataError as error:
        return None, str(error)


def _old(figures: LiveFigures, watcher: Watcher) -> Iterator[str]:
    """Where nothing happened in the minutes that are watched: when something last did, and how to see that."""
    if not figures.turns and watcher.newest is not None:
        yield f"newest turn {watcher.newest:%Y-%m-%d %H:%M} UTC: --at-newest ends there"


def _rendered(figures: LiveFigures, size: ConsoleDimensions, view: WatchView, notes: tuple[str, ...]) -> RenderableType:
    from rich.console import Group  # noqa: PLC0415  only a terminal needs it

    from voicetel.reporters.terminal.live import Screen, live_screen  # noqa: PLC0415

    return Group(*live_screen(figures, Screen(size.width, size.height, view.title, view.zone, notes)))
