"""From paths to a store: what is new is read, what is gone is left out, whoever else is at work.

The engine is loaded only where something is read or asked for: a report that is kept needs none of it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.errors import VoicetelError
from voicetel.store import directory as directories
from voicetel.store.ingest.discovery import STDIN, copied
from voicetel.store.refresh import OpenedStore, Refresh, Run
from voicetel.store.segments.files import damaged_files, delete_unreferenced
from voicetel.store.segments.ingest_state import IngestState
from voicetel.store.segments.state_database import (
    LAYOUT_VERSION,
    DamagedStateError,
    IncompatibleStateError,
    NewerStateError,
)
from voicetel.store.store import Store
from voicetel.store.summarized_calls import create_remaining_relations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    import duckdb

    from voicetel.outcomes import Rules
    from voicetel.store.ingest.progress import LoadProgress
    from voicetel.store.summarized_calls import SummarizedCalls


@contextlib.contextmanager
def open_store(
    paths: Sequence[str],
    rules: Rules,
    *,
    cache: bool = True,
    stdin: BinaryIO | None = None,
    progress: LoadProgress | None = None,
    warn: Callable[[str], None] | None = None,
    threads: int | None = None,
) -> Iterator[Store]:
    """Read what is new under ``paths`` and open the result.

    With ``cache`` it is kept, one store per set of paths and phrase rules. Where another run is writing to it, this one goes on
    from what is there and keeps nothing; without ``cache`` everything is read into a temporary store. ``-`` among the paths is
    ``stdin``, which is never kept. ``threads`` are those of the engine, None as many as there are cores; with one everything is
    done in turn, and in less memory.

    Raises NoDataError for a path that does not exist, VoicetelError for a store of a newer version or one that cannot be written.
    """
    warnings: list[str] = []

    def notify(message: str) -> None:
        if message in warnings:  # files that changed are planned anew
            return
        warnings.append(message)
        if warn:
            warn(message)

    with contextlib.ExitStack() as stack:
        named = tuple(paths)
        if STDIN in named and stdin is not None:
            cache = False
            stdin_copy = stack.enter_context(copied(stdin))
            named = tuple(stdin_copy if path == STDIN else path for path in named)
        opening = _Opening(stack, Run(named, rules, notify, progress, threads))
        opening.open(cache=cache)
        yield Store(tuple(paths), warnings, opening)


class _Opening:
    """One run's way to an open store."""

    def __init__(self, stack: contextlib.ExitStack, run: Run) -> None:
        self._stack = stack
        self._run = run
        self._built_with = f"{run.rules.fingerprint}/{version('duckdb')}"
        self._opened: OpenedStore | None = None

    def opened(self) -> tuple[IngestState, Path]:
        """The ingest state and the directory of the store as it is now."""
        if self._opened is None:
            raise AssertionError
        return self._opened.state, self._opened.directory

    def warn(self, message: str) -> None:
        """Say what went wrong, once."""
        self._run.warn(message)

    def open(self, *, cache: bool) -> None:
        """Bring a store up to date."""
        if cache:
            try:
                self._open_cached(directories.store_path(self._run.paths, self._run.rules.fingerprint))
            except (OSError, sqlite3.OperationalError) as error:
                if self._opened is not None:
                    raise directories.cannot_write(self._opened.directory, error) from error
                self._run.warn(f"no cache: {error}")
        if self._opened is None:
            self._open_temporary(None)

    def connect(self) -> tuple[duckdb.DuckDBPyConnection, int]:
        """A connection with the relations, and of which generation their rows are."""
        from voicetel.store.segments.relations import create_relations  # noqa: PLC0415  the engine

        opened = self.check()
        connection = self._connect_engine(opened)
        snapshot = opened.state.snapshot()
        create_relations(connection, opened.directory, snapshot.files, snapshot.dead, snapshot.known_files)
        return connection, snapshot.generation

    def connect_remaining(self, summarized: SummarizedCalls) -> tuple[duckdb.DuckDBPyConnection, int]:
        """A connection with the relations of the calls that are not among ``summarized``, and of which generation their rows are."""
        opened = self.check()
        connection = self._connect_engine(opened)
        connection.execute("SET threads = 1")
        snapshot = opened.state.snapshot()
        create_remaining_relations(connection, opened.directory, snapshot, summarized)
        return connection, snapshot.generation

    def check(self) -> OpenedStore:
        """The store, whose files are what was written; it is rebuilt where they are not."""
        opened = self._opened
        if opened is None:
            raise AssertionError
        if not opened.is_verified and (damaged := damaged_files(opened.directory, opened.state.segment_files())):
            self._rebuild(damaged[0])
            opened = self._opened or opened
        opened.is_verified = True
        return opened

    def _connect_engine(self, opened: OpenedStore) -> duckdb.DuckDBPyConnection:
        from voicetel.store.segments.relations import connect  # noqa: PLC0415  the engine

        spill = self._stack.enter_context(directories.temporary_directory(opened.directory))
        connection = self._stack.enter_context(connect(spill, self._run.threads))
        # Narrow decimals are for segment files; what reads the relations wants types that every kernel and driver knows.
        connection.execute("SET GLOBAL arrow_output_version = '1.0'")
        return connection

    def _open_cached(self, path: Path) -> None:
        directories.make_private(path.parent)
        with directories.write_lock(path) as may_write:
            if not may_write:
                self._open_temporary(path)
                return
            directories.delete_older_layout(path)
            directories.make_private(path)
            state = self._ingest_state_at(path)
            self._opened = OpenedStore(path, state)
            self._stack.callback(self._close_state)
            if not directories.has_readers(path):
                delete_unreferenced(
                    path, [*(each.name for each in state.segment_files()), *state.results.summary_files()]
                )
                directories.delete_orphaned_spills(path)
            self._stack.enter_context(directories.read_lock(path))
            self._load(self._opened)

    def _close_state(self) -> None:
        if self._opened:
            self._opened.state.close()

    def _ingest_state_at(self, path: Path) -> IngestState:
        """The ingest state of the store at ``path``, begun anew where it cannot be gone on with."""
        try:
            return IngestState(path / directories.INGEST_STATE_FILE, self._built_with)
        except NewerStateError as error:
            raise VoicetelError(
                f"the cache {path} was made by a newer voicetel (layout {error.version}, this one knows {LAYOUT_VERSION})",
                hint="upgrade voicetel, or run with --no-cache",
            ) from error
        except DamagedStateError as error:
            self._run.warn(f"the cache {path} is damaged ({error}): reading the logs anew")
        except IncompatibleStateError:
            pass
        directories.clear(path)
        return IngestState(path / directories.INGEST_STATE_FILE, self._built_with)

    def _open_temporary(self, cached_store: Path | None) -> None:
        """A store that is gone afterwards. It goes on from what ``cached_store`` has, where another run is at work on that."""
        state = None
        if cached_store is not None and (cached_store / directories.INGEST_STATE_FILE).exists():
            with contextlib.suppress(DamagedStateError, IncompatibleStateError, NewerStateError, sqlite3.Error):
                self._stack.enter_context(directories.read_lock(cached_store))
                kept = IngestState(cached_store / directories.INGEST_STATE_FILE, self._built_with)
                state = kept.copy(cached_store)
                kept.close()
        path = self._stack.enter_context(directories.temporary_directory())
        self._opened = OpenedStore(path, state or IngestState(None, self._built_with), cached_store)
        self._load(self._opened)

    def _rebuild(self, name: str) -> None:
        """Read everything anew, because a segment file is not what was written."""
        opened = self._opened
        if opened is None:
            raise AssertionError
        where = opened.cached_store or opened.directory
        self._run.warn(f"the cache {where} is damaged ({Path(name).name}): reading the logs anew")
        with directories.write_lock(where) as may_write:
            if opened.cached_store is not None or not may_write:
                self._open_temporary(None)
                return
            opened.state.close()
            directories.clear(opened.directory)
            self._opened = OpenedStore(
                opened.directory, IngestState(opened.directory / directories.INGEST_STATE_FILE, self._built_with)
            )
            self._load(self._opened)

    def _load(self, opened: OpenedStore) -> None:
        """Read what is new, leave out what is gone, deduplicate and aggregate."""
        if (damaged := Refresh(opened, self._run).read()) is not None:
            self._opened = opened
            self._rebuild(damaged)
