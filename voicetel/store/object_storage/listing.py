"""Which objects there are under a URI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicetel.errors import NoDataError
from voicetel.store.object_storage.filesystems import file_system, translated_errors
from voicetel.store.object_storage.uris import parse_uri

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.store.object_storage.uris import ObjectUri


@dataclass(frozen=True, slots=True)
class ListedObject:
    """What a listing says of an object. ``relative_path`` is its path in the folder that was listed, empty for one named outright."""

    name: str
    relative_path: str
    size: int
    mtime_ns: int


def list_objects(uri: str) -> Iterator[ListedObject]:
    """The object of that name, or all objects in the folder.

    Raises NoDataError where there is neither, or no such bucket, VoicetelError where it cannot be found out.
    """
    named = parse_uri(uri)
    system, path = file_system(named)
    try:
        with translated_errors(named):
            if not named.is_folder and named.key:
                found = system.get_file_info(path)
                if found.is_file:
                    yield _listed(named, found, "")
                    return
            entries = system.get_file_info(_selector(path))
    except FileNotFoundError as error:
        raise NoDataError(
            f"{named.name}: no such object or folder", hint="name an object, or a folder of objects up to a slash"
        ) from error
    except PermissionError as error:
        raise NoDataError(f"{named.name}: no permission to list it", hint=named.credentials_hint) from error
    base = f"{path}/"
    for entry in entries:
        if entry.is_file and entry.path.startswith(base):
            relative_path = entry.path.removeprefix(base)
            yield _listed(named.with_key(f"{named.key}/{relative_path}".strip("/")), entry, relative_path)


def _listed(uri: ObjectUri, found: Any, relative_path: str) -> ListedObject:
    return ListedObject(uri.name, relative_path, int(found.size or 0), int(found.mtime_ns or 0))


def _selector(path: str) -> Any:
    from pyarrow.fs import FileSelector  # noqa: PLC0415  paths of files do without

    return FileSelector(path, recursive=True)
