"""Why there is nothing to answer from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.analyzers.core.other_files import looks_like
from voicetel.errors import NoDataError

if TYPE_CHECKING:
    from voicetel.analyzers.core.selection import Selection
    from voicetel.store import Store


def has_calls(store: Store) -> bool:
    """Whether there is anything to answer from."""
    return store.has_calls()


def no_calls(store: Store, selection: Selection | None = None) -> NoDataError:
    """The error that says why there is nothing to answer from, of all calls or of those of ``selection``."""
    where = ", ".join(store.paths)
    if selection and has_calls(store):
        return NoDataError(f"{where}: no call is among those asked for", hint=_widen(store, selection))
    refused, unsupported, _ = store.counts()
    if refused or unsupported:
        number = refused + unsupported
        lines = "1 line that does not count" if number == 1 else f"{number:,} lines that do not count"
        found = next((what for path in store.paths if (what := looks_like(path))), None)
        if found:
            what, _, hint = found.partition(": ")
            return NoDataError(f"{where}: no calls, and {lines}; it looks like {what}", hint=hint)
        return NoDataError(f"{where}: no calls, and {lines}", hint="`voicetel validate` says which and why")
    folders = all(Path(path).is_dir() for path in store.paths)
    hint = "logs are files called *.jsonl or *.jsonl.gz" if folders else "`voicetel schema` says what a line looks like"
    return NoDataError(f"{where}: no calls in there", hint=hint)


def _widen(store: Store, selection: Selection) -> str:
    """What to do: where a time was asked for, it helps to know when there are calls."""
    if selection.since is None and selection.until is None:
        return "widen the filters"
    text = "SELECT min(started_at), max(started_at) FROM calls"
    ((first, last),) = store.connection.execute(text).fetchall()
    return f"the calls began between {first:%Y-%m-%d %H:%M} and {last:%Y-%m-%d %H:%M} UTC"
