"""File systems of object storage, by pyarrow, and what they say in one line when something is wrong."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from voicetel.errors import NoDataError, VoicetelError, mask_passwords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.store.object_storage.uris import ObjectUri

_NO_BUCKET = re.compile(r"NO_SUCH_BUCKET|NoSuchBucket|ContainerNotFound|bucket does not exist", re.IGNORECASE)
_MISSING = re.compile(r"^No such file or directory")
"""As pyarrow says of a folder in Google Cloud Storage, with an error that has no number."""
_DENIED = re.compile(
    r"ACCESS_DENIED|AccessDenied|PERMISSION_DENIED|AuthorizationFailure|AuthorizationPermissionMismatch|HTTP status 403|403 Forbidden",
    re.IGNORECASE,
)
_CREDENTIALS = re.compile(
    r"INVALID_ACCESS_KEY_ID|SIGNATURE_DOES_NOT_MATCH|INVALID_CLIENT_TOKEN|UNRECOGNIZED_CLIENT|MISSING_AUTHENTICATION_TOKEN"
    r"|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|ExpiredToken|AuthFailure|UNAUTHENTICATED|AuthenticationFailed"
    r"|OAuth2|credential",
    re.IGNORECASE,
)
_UNREACHABLE = re.compile(r"NETWORK_CONNECTION|Could not connect|resolve host|UNAVAILABLE|timed? ?out", re.IGNORECASE)
_DETAIL_BYTES = 160
_VARIABLES = ("AWS_", "AZURE_", "GOOGLE_", "CLOUDSDK_")


class UnreadableError(VoicetelError):
    """Object storage does not answer, or not with what was asked for."""


@functools.cache
def _cached_file_system(root: str, environment: frozenset[tuple[str, str]]) -> tuple[Any, str]:
    """One file system, with its connections, for as long as the environment is what it was."""
    from pyarrow.fs import FileSystem  # noqa: PLC0415  paths of files do without

    return FileSystem.from_uri(root)  # type: ignore[no-any-return]


def file_system(uri: ObjectUri) -> tuple[Any, str]:
    """The file system of a bucket, with credentials from the environment, and the path of ``uri`` in it.

    Raises UnreadableError where there is none, VoicetelError where this pyarrow knows none of the kind.
    """
    root = uri.root
    if uri.scheme in {"abfs", "abfss"}:
        root = _with_azure_secrets(root)
    with translated_errors(uri):
        found, base = _cached_file_system(
            root, frozenset(each for each in os.environ.items() if each[0].startswith(_VARIABLES))
        )
    return found, f"{base.rstrip('/')}/{uri.key}".strip("/")


def _with_azure_secrets(root: str) -> str:
    """The same URI with the key or token of the environment, which pyarrow would not look for."""
    scheme, _, rest = root.partition("://")
    key, token = os.environ.get("AZURE_STORAGE_KEY"), os.environ.get("AZURE_STORAGE_SAS_TOKEN")
    authority, slash, suffix = rest.partition("/")
    if key:
        container, _, host = authority.rpartition("@")
        return f"{scheme}://{container}:{quote(key, safe='')}@{host}{slash}{suffix}"
    if token:
        return f"{root}{'&' if '?' in root else '?'}{token.removeprefix('?')}"
    return root


@contextlib.contextmanager
def translated_errors(uri: ObjectUri) -> Iterator[None]:
    """What pyarrow raises as what can be told: as the OSError of a file that is gone or private, else as a VoicetelError."""
    try:
        yield
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), uri.name) from error
    except NotImplementedError as error:
        raise VoicetelError(
            f"{uri.name}: this pyarrow was built without {uri.scheme}://", hint="pip install --force-reinstall pyarrow"
        ) from error
    except (OSError, ValueError) as error:
        raise _translated(uri, str(error)) from error


def _translated(uri: ObjectUri, text: str) -> Exception:
    bucket = uri.with_key("").name
    text = text.replace(uri.key, "") if uri.key else text
    if _NO_BUCKET.search(text):
        return NoDataError(f"{bucket}: no such bucket", hint="name a bucket that is there, and its region or endpoint")
    if _MISSING.search(text):
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), uri.name)
    if _CREDENTIALS.search(text):
        return UnreadableError(f"{uri.name}: the credentials are missing or not accepted", hint=uri.credentials_hint)
    if _DENIED.search(text):
        return PermissionError(errno.EACCES, os.strerror(errno.EACCES), uri.name)
    if _UNREACHABLE.search(text):
        return UnreadableError(
            f"{uri.name}: the storage cannot be reached", hint="check the network, the region and endpoint_override"
        )
    return UnreadableError(f"{uri.name}: cannot be read: {_first_line(text)}")


def _first_line(text: str) -> str:
    line = mask_passwords(text).partition("\n")[0].partition(" (Request ID")[0]
    return re.sub(r"[?&][^\s'\"]*=[^\s'\"]*", "", line)[:_DETAIL_BYTES]
