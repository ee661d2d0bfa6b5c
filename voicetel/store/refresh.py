"""Brings a store up to date: what is new is read, what is gone is left out, the rest is deduplicated and aggregated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.store import directory as directories
from voicetel.store.ingest.discovery import discover
from voicetel.store.ingest.planning import known_files_after, make_plan, paths_by_stream
from voicetel.store.segments.files import damaged_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voicetel.outcomes import Rules
    from voicetel.store.ingest.fingerprints import KnownFile
    from voicetel.store.ingest.planning import Plan
    from voicetel.store.ingest.progress import LoadProgress
    from voicetel.store.ingest.stream_matching import ReadTask
    from voicetel.store.segments.ingest_state import IngestState

MAX_ROUNDS = 4
"""How often a run plans anew because files changed between the plan and their reading."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run reads, and how. ``warn`` is told what went wrong; ``threads`` as ``open_store`` has them."""

    paths: tuple[str, ...]
    rules: Rules
    warn: Callable[[str], None]
    progress: LoadProgress | None
    threads: int | None


@dataclass(slots=True)
class OpenedStore:
    """A store as this run sees it. ``cached_store``: the kept store that it goes on from, if any."""

    directory: Path
    state: IngestState
    cached_store: Path | None = None
    is_verified: bool = False
    """Its segment files have been checked, or were written by this run."""


class Refresh:
    """Brings the store ``opened`` up to date with the logs of a run."""

    def __init__(self, opened: OpenedStore, run: Run) -> None:
        self._opened = opened
        self._run = run

    def read(self) -> str | None:
        """Do it. Gives back the name of a segment file that is not what was written, where there is one: nothing is read then."""
        files_read: dict[str, KnownFile] = {}
        has_started = False
        for nth in range(MAX_ROUNDS):
            plan = self._plan(files_read, hashes_earlier_bytes=nth > 0)
            tasks = [task for task in plan.tasks if task.bytes_to_read]
            if (
                tasks or plan.deleted_streams or self._opened.state.needs_aggregation()
            ) and not self._opened.is_verified:
                if damaged := damaged_files(self._opened.directory, self._opened.state.segment_files()):
                    return damaged[0]
                self._opened.is_verified = True
            if self._run.progress and not has_started:
                self._run.progress.start(sum(task.bytes_to_read for task in tasks))
                has_started = True
            if not tasks or not self._read(tasks, files_read):
                break
        self._aggregate(known_files_after(plan, files_read), [each.stream_id for each in plan.deleted_streams])
        return None

    def _read(self, tasks: list[ReadTask], files_read: dict[str, KnownFile]) -> bool:
        """Read the tasks, and note the files in ``files_read``. Whether some changed in between, and have to be planned anew."""
        from voicetel.store.ingest.loading import Loader  # noqa: PLC0415  the engine

        with directories.temporary_directory(self._opened.directory) as spill:
            loader = Loader(
                self._opened.directory,
                self._opened.state,
                spill,
                warn=self._run.warn,
                progress=self._run.progress,
                single_threaded=self._run.threads == 1,
            )
            found, changed = loader.read(tasks)
        files_read |= found
        return bool(changed)

    def _aggregate(self, known_files: dict[str, KnownFile], deleted_stream_ids: list[int]) -> None:
        if deleted_stream_ids or self._opened.state.needs_aggregation():
            from voicetel.store.aggregate.aggregation import Aggregation  # noqa: PLC0415  the engine

            path_of_stream = paths_by_stream(known_files)
            with directories.temporary_directory(self._opened.directory) as spill:
                aggregation = Aggregation(
                    self._opened.directory,
                    self._opened.state,
                    self._run.rules,
                    path_of_stream,
                    spill,
                    threads=self._run.threads,
                )
                aggregation.run(deleted_stream_ids)
        if known_files != self._opened.state.known_files():
            self._opened.state.replace_known_files(known_files)

    def _plan(self, files_read: dict[str, KnownFile], *, hashes_earlier_bytes: bool) -> Plan:
        known_files = self._opened.state.known_files() | files_read
        files, streams = discover(self._run.paths, self._run.warn), self._opened.state.streams().values()
        return make_plan(files, streams, known_files, self._run.warn, hashes_earlier_bytes=hashes_earlier_bytes)
