"""What the shell completes: names of columns, dimensions, metrics, formats, schemas, and the ids of calls."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from typer import Context  # noqa: TC002  typer reads the types of parameters at run time

from voicetel.analyzers.core.dimensions import TAG_PREFIX, dimension_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from voicetel.analyzers.core.dimensions import Level
    from voicetel.registry import Option

MAX_CALL_IDS = 200
"""More than a shell would show."""


def call_columns(incomplete: str) -> list[str]:
    """What ``voicetel calls`` can be sorted by."""
    from voicetel.analyzers.calls.results import CallRow  # noqa: PLC0415  only a shell asks
    from voicetel.results import row_columns  # noqa: PLC0415

    return _beginning(incomplete, (column.name for column in row_columns(CallRow)))


def dimensions(finest: Level, *more: str) -> Callable[[str], list[str]]:
    """What gives the dimensions that figures of a level can be grouped by, after ``more``; of several with commas the last."""
    known = (*more, *dimension_names(finest), TAG_PREFIX)
    return lambda incomplete: _last_of_several(incomplete, known)


def metrics(incomplete: str) -> list[str]:
    """What can be limited and compared."""
    from voicetel.gate.metrics import METRICS  # noqa: PLC0415  only a shell asks

    return _beginning(incomplete, METRICS)


def option_words(option: Option) -> Callable[[str], list[str]]:
    """What gives the words that a report's own option may hold; of several with commas the last."""
    return lambda incomplete: _last_of_several(incomplete, option.known)


def formats(incomplete: str) -> list[str]:
    """What an answer can be written as."""
    from voicetel.cli.output import FORMATS  # noqa: PLC0415  only a shell asks

    return _beginning(incomplete, FORMATS)


def schemas(incomplete: str) -> list[str]:
    """What ``voicetel schema`` knows."""
    from voicetel.registry.reports import SCHEMA_NAMES  # noqa: PLC0415  only a shell asks

    return _beginning(incomplete, SCHEMA_NAMES)


def call_ids(context: Context, incomplete: str) -> list[str]:
    """The calls of the logs that are named, or of ./logs. Quiet where there are none."""
    from voicetel.cli.logs import log_paths  # noqa: PLC0415  only a shell asks
    from voicetel.outcomes import load_rules  # noqa: PLC0415
    from voicetel.store import open_store  # noqa: PLC0415

    with contextlib.suppress(Exception), open_store(log_paths(context.params.get("paths")), load_rules()) as store:
        found = store.connection.execute(
            "SELECT call_id FROM calls WHERE starts_with(call_id, $begin) ORDER BY started_at DESC LIMIT $most",
            {"begin": incomplete, "most": MAX_CALL_IDS},
        ).fetchall()
        return [call_id for (call_id,) in found if call_id.isprintable()]
    return []


def _beginning(incomplete: str, known: Iterable[str]) -> list[str]:
    return [str(word) for word in known if word.startswith(incomplete)]


def _last_of_several(incomplete: str, known: Iterable[str]) -> list[str]:
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{word}" for word in _beginning(last, known) if word not in before.split(",")]
