"""Why there is nothing to answer from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.analyzers.core.file_formats import guess_format
from voicetel.errors import NoDataError
from voicetel.suggestion import did_you_mean

if TYPE_CHECKING:
    from datetime import datetime

    from voicetel.analyzers.core.selection import Selection
    from voicetel.store import Store

MAX_NAMES_READ = 2_000
"""So many of the names in a log are looked at for the one that was meant."""


@dataclass(frozen=True, slots=True)
class InputSummary:
    """What an error about missing calls says of the input: lines that do not count, when the first and last call began (None: no calls)."""

    paths: tuple[str, ...]
    rejected_lines: int
    unsupported_lines: int
    first_start: datetime | None
    last_start: datetime | None


def has_calls(store: Store) -> bool:
    """Whether there is anything to answer from."""
    return store.has_calls()


def require_calls(store: Store) -> None:
    """Raise NoDataError where there is nothing to answer from."""
    if not has_calls(store):
        raise no_calls_error(store)


def require_lines(store: Store) -> None:
    """Raise NoDataError where there is no line at all, not even a rejected one."""
    if not any(store.counts()):
        require_calls(store)


def no_calls_error(store: Store, selection: Selection | None = None) -> NoDataError:
    """The error that says why there is nothing to answer from, of all calls or of those of ``selection``."""
    rejected, unsupported, _ = store.counts()
    ((first, last),) = store.connection.execute("SELECT min(started_at), max(started_at) FROM calls").fetchall()
    name_hint = _hint_on_names(store, selection) if selection else None
    return explain_no_calls(InputSummary(store.paths, rejected, unsupported, first, last), selection, name_hint)


def explain_no_calls(
    summary: InputSummary, selection: Selection | None = None, name_hint: str | None = None
) -> NoDataError:
    """The same, of what ``summary`` says was read. ``name_hint``: what to do about a name that no call has; None where that is not known."""
    where = ", ".join(summary.paths)
    if selection and summary.first_start and summary.last_start:
        return NoDataError(
            f"{where}: no call is among those asked for",
            hint=name_hint or _hint_on_times(summary.first_start, summary.last_start, selection),
        )
    if summary.rejected_lines or summary.unsupported_lines:
        number = summary.rejected_lines + summary.unsupported_lines
        lines = "1 line that does not count" if number == 1 else f"{number:,} lines that do not count"
        found = next((what for path in summary.paths if (what := guess_format(path))), None)
        if found:
            what, _, hint = found.partition(": ")
            return NoDataError(f"{where}: no calls, and {lines}; it looks like {what}", hint=hint)
        return NoDataError(f"{where}: no calls, and {lines}", hint="`voicetel validate` says which and why")
    folders = all(Path(path).is_dir() for path in summary.paths)
    hint = (
        "logs are files called *.jsonl or *.ndjson, packed or rotated ones too"
        if folders
        else "`voicetel schema` says what a line looks like"
    )
    return NoDataError(f"{where}: no calls in there", hint=hint)


def _hint_on_times(first: datetime, last: datetime, selection: Selection) -> str:
    """What to do: where a time was asked for, it helps to know when there are calls."""
    if selection.since is None and selection.until is None:
        return "widen the filters"
    return f"the calls began between {first:%Y-%m-%d %H:%M} and {last:%Y-%m-%d %H:%M} UTC"


def _hint_on_names(store: Store, selection: Selection) -> str | None:
    """The hint for the first agent, campaign or language that no call has and one much like it has; None where there is none."""
    asked = {"agent_name": selection.agents, "campaign": selection.campaigns, "language": selection.languages}
    for column, words in asked.items():
        known = _known_names(store, column, words) if words else ()
        hints = (did_you_mean(word, known) for word in words if word not in known)
        if found := next(filter(None, hints), None):
            return found
    return None


def _known_names(store: Store, column: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """What ``column`` of the calls holds: those of ``words`` that are in it, then others, ``MAX_NAMES_READ`` at most."""
    rows = store.connection.execute(
        f"SELECT name FROM (SELECT DISTINCT {column} AS name FROM calls WHERE {column} IS NOT NULL)"
        " ORDER BY list_contains($words, name) DESC, name LIMIT $limit",
        {"words": list(words), "limit": MAX_NAMES_READ},
    ).fetchall()
    return tuple(name for (name,) in rows)
