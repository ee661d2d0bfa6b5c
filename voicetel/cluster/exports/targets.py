"""Where executors write Parquet to, and how the driver makes it whole: a folder that all machines share, or one of objects."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING, Protocol

from voicetel.exporters.files import MARKER, finish, marker_text, replacing, summary_of
from voicetel.exporters.lake import ParquetFile
from voicetel.exporters.object_folder import ObjectFolder
from voicetel.exporters.tables import TABLES
from voicetel.store.directory import temporary_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from voicetel.exporters.summary import ExportSummary

    Files = Mapping[str, Sequence[ParquetFile]]
    """Table → its files."""


class ExportTarget(Protocol):
    """What an export from a cluster writes into. ``location``: what executors are told; ``token``: how names of this export's files begin."""

    location: str
    token: str

    def rewrite(self, path: str, change: Callable[[Path], bool]) -> None:
        """Change a file, if ``change`` says that it did."""

    def finish(self, files: Files, counts: Mapping[str, int]) -> ExportSummary:
        """Let these files be all that there is, and list them."""


@contextlib.contextmanager
def export_target(folder: Path | str, *, with_text: bool) -> Iterator[ExportTarget]:
    """A path of a folder, or the URI of one. What was begun is gone where anything is raised.

    Raises UsageError for a folder with anything in it that no export has made.
    """
    if isinstance(folder, str):
        objects = _Objects(ObjectFolder(folder), folder)
        try:
            yield objects
        except BaseException:
            objects.clear()
            raise
        return
    with replacing(folder) as draft:
        if with_text:
            draft.chmod(0o700)
        yield _SharedFolder(draft, with_text=with_text)


class _SharedFolder:
    """A folder beside the one that is meant, whose place it takes when all is written."""

    def __init__(self, draft: Path, *, with_text: bool) -> None:
        self.location = str(draft)
        self.token = secrets.token_hex(4)
        self._draft = draft
        self._with_text = with_text

    def rewrite(self, path: str, change: Callable[[Path], bool]) -> None:
        """In its place."""
        change(self._draft / path)

    def finish(self, files: Files, counts: Mapping[str, int]) -> ExportSummary:
        """Other files are those of attempts that were lost, or done again."""
        listed = {file.path for written in files.values() for file in written}
        for path in sorted(self._draft.rglob("*"), reverse=True):
            if path.is_file() and path.relative_to(self._draft).as_posix() not in listed:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        for table in TABLES:
            (self._draft / table.name).mkdir(exist_ok=True)
        if not self._with_text:
            _share(self._draft)
        return finish(self._draft, "parquet", counts, has_text=self._with_text)


class _Objects:
    """A folder of objects. An older export stays in it until the list of the new one is written."""

    def __init__(self, folder: ObjectFolder, uri: str) -> None:
        folder.check()
        self.location = uri
        self.token = secrets.token_hex(4)
        self._folder = folder
        self._rewritten: dict[str, ParquetFile] = {}

    def rewrite(self, path: str, change: Callable[[Path], bool]) -> None:
        """An object is replaced as a whole."""
        with temporary_directory() as here:
            file = here / path
            file.parent.mkdir(parents=True)
            self._folder.get(path, file)
            if change(file):
                self._folder.put(file, path)
                self._rewritten[path] = ParquetFile.of(file, here)

    def finish(self, files: Files, counts: Mapping[str, int]) -> ExportSummary:
        """The list first: then nobody needs what is not in it."""
        found = {name: [self._rewritten.get(each.path, each) for each in some] for name, some in files.items()}
        with temporary_directory() as here:
            (here / MARKER).write_text(marker_text("parquet", counts, found), encoding="utf-8")
            self._folder.put(here / MARKER, MARKER)
        listed = {MARKER, *(each.path for some in found.values() for each in some)}
        self._folder.delete(name for name in self._folder.names() if name not in listed)
        return summary_of(counts)

    def clear(self) -> None:
        """Delete what this export has written, as far as that can be done."""
        with contextlib.suppress(Exception):  # what went wrong first is told
            self._folder.delete(name for name in self._folder.names() if f"/part_{self.token}" in name)


def _share(folder: Path) -> None:
    """Let those read the files who may read what is written here. Executors write for themselves alone."""
    umask = os.umask(0o077)
    os.umask(umask)
    for path in folder.rglob("*"):
        with contextlib.suppress(PermissionError):  # an executor of another user has written it
            path.chmod((0o777 if path.is_dir() else 0o666) & ~umask)
