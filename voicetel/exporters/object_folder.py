"""A folder of objects in storage as an export writes it: files one by one, then the list of those that count.

Nothing can be renamed there. So files have names that no other export uses, and the list (``MARKER``) is written when all of them
are there: before that an older list stands, and names older files.
"""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING, Any

from voicetel.errors import NoDataError, UsageError, VoicetelError
from voicetel.exporters.files import MARKER, PARTITION_FILE
from voicetel.store.object_storage.filesystems import file_system, translated_errors
from voicetel.store.object_storage.listing import list_objects
from voicetel.store.object_storage.uris import parse_uri

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class ObjectFolder:
    """A folder by its URI. Names are those of objects in it. Raises VoicetelError where the storage does not do what is asked."""

    def __init__(self, uri: str) -> None:
        """Only its name is looked at. Raises UsageError for one that means nothing."""
        self._uri = parse_uri(uri)
        if not self._uri.key:
            raise UsageError(f"{self._uri.name}: is a whole bucket", hint="name a folder in it")
        self._folder = f"{self._uri.key}/"

    def __str__(self) -> str:
        return self._uri.name

    def names(self) -> list[str]:
        """The objects that are there."""
        try:
            found = [each.relative_path for each in list_objects(self._uri.with_key(self._folder).name)]
        except NoDataError as error:
            if "no such object" in f"{error}":
                return []
            raise VoicetelError(f"{error}", hint=error.hint) from error
        return sorted(name for name in found if name)

    def check(self) -> None:
        """Raise UsageError where there is anything that no export has made. What one that was killed has left is no such thing."""
        strange = next((name for name in self.names() if name != MARKER and not PARTITION_FILE.fullmatch(name)), None)
        if strange is not None:
            raise UsageError(
                f"{self}: holds something that no export has made: {strange}", hint="name a new or an empty folder"
            )

    def put(self, file: Path, name: str) -> None:
        """Write an object, or replace it."""
        system, path = self._place(name)
        with file.open("rb") as source, self._errors(), system.open_output_stream(path) as target:
            shutil.copyfileobj(source, target)

    def get(self, name: str, file: Path) -> None:
        """Read an object into a file."""
        system, path = self._place(name)
        with file.open("wb") as target, self._errors(), system.open_input_stream(path) as source:
            shutil.copyfileobj(source, target)

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects, and the days that have none left."""
        gone = list(names)
        for name in gone:
            system, path = self._place(name)
            with self._errors():
                system.delete_file(path)
        days = {name.rpartition("/")[0] for name in gone} - {name.rpartition("/")[0] for name in self.names()}
        for day in sorted(days - {""}):
            system, path = self._place(day)
            with self._errors(), contextlib.suppress(FileNotFoundError):
                system.delete_dir(path)  # pyarrow has left an empty object of that name

    def _place(self, name: str) -> tuple[Any, str]:
        return file_system(self._uri.with_key(f"{self._folder}{name}"))

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            with translated_errors(self._uri):
                yield
        except PermissionError as error:
            raise VoicetelError(f"{self}: no permission to write there", hint=self._uri.credentials_hint) from error
        except NoDataError as error:
            raise VoicetelError(f"{error}", hint=error.hint) from error
