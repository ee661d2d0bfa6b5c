"""Why there is nothing to answer from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.errors import NoDataError

if TYPE_CHECKING:
    from voicetel.store import Store


def has_calls(store: Store) -> bool:
    """Whether there is anything to answer from."""
    return store.connection.execute("SELECT 1 FROM calls LIMIT 1").fetchone() is not None


def no_calls(store: Store, *, filtered: bool) -> NoDataError:
    """The error that says why there is nothing to answer from."""
    where = ", ".join(store.paths)
    if filtered and has_calls(store):
        return NoDataError(f"{where}: no call is among those asked for", hint="widen the filters")
    refused, unsupported, _ = store.counts()
    if refused or unsupported:
        number = refused + unsupported
        lines = "1 line that does not count" if number == 1 else f"{number:,} lines that do not count"
        return NoDataError(f"{where}: no calls, and {lines}", hint="`voicetel validate` says which and why")
    folders = all(Path(path).is_dir() for path in store.paths)
    hint = "logs are files called *.jsonl or *.jsonl.gz" if folders else "`voicetel schema` says what a line looks like"
    return NoDataError(f"{where}: no calls in there", hint=hint)
