"""Names of objects: ``s3://bucket/logs/a.jsonl?region=eu-west-1``. Whatever opens an object again is in its name, but no secret."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from voicetel.errors import UsageError

_URI = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?]*)(\?(?P<query>.*))?", re.DOTALL
)

_S3 = frozenset({"region", "scheme", "endpoint_override", "tls_ca_file_path", "tls_verify_certificates"})
_GCS = frozenset({"scheme", "endpoint_override", "retry_limit_seconds", "project_id"})
_AZURE = frozenset(
    {"enable_tls", "credential_kind", "tenant_id", "client_id", "blob_storage_authority", "dfs_storage_authority"}
)
PARAMETERS = {"s3": _S3, "gs": _GCS, "abfs": _AZURE, "abfss": _AZURE}
"""Scheme → the parameters of pyarrow's URIs that a name may have: those that are no secret."""

_ALIASES = {"s3a": "s3", "s3n": "s3", "gcs": "gs"}
"""As Hadoop calls them."""

_CREDENTIALS_HINTS = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS, or log in with gcloud",
    "abfs": "set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or log in with az",
}
_CREDENTIALS_HINTS["abfss"] = _CREDENTIALS_HINTS["abfs"]


@dataclass(frozen=True, slots=True)
class ObjectUri:
    """An object, or a folder of them: ``key`` is the path behind the bucket, decoded, without slashes at its ends.

    ``is_folder``: its name ends in a slash. ``authority`` is the bucket, for Azure the account, with or without the container.
    """

    scheme: str
    authority: str
    key: str
    query: str
    is_folder: bool = False

    @property
    def root(self) -> str:
        """The URI of the bucket, from which pyarrow makes a file system."""
        return f"{self.scheme}://{self.authority}/{self._suffix}"

    @property
    def name(self) -> str:
        """What it is called in messages and in the store, and by what it is opened again."""
        return f"{self.scheme}://{self.authority}/{_RESERVED.sub(_escape, self.key)}{self._suffix}"

    @property
    def credentials_hint(self) -> str:
        """What to do where its credentials are missing."""
        return _CREDENTIALS_HINTS[self.scheme]

    def with_key(self, key: str) -> ObjectUri:
        """Another object of the same bucket."""
        return replace(self, key=key, is_folder=False)

    @property
    def _suffix(self) -> str:
        return f"?{self.query}" if self.query else ""


_RESERVED = re.compile(r"[%?#\x00-\x1f\x7f]")
"""Characters of keys that have a meaning in a URI, or none anywhere; the others are shown as they are."""


def is_uri(path: str) -> bool:
    """Whether a path is a URI: ``scheme://…``."""
    return _URI.match(path) is not None


def local_path(path: str) -> str:
    """The path that a ``file://`` URI names; every other path as it is. Raises UsageError for one of another machine."""
    if not path.lower().startswith("file://"):
        return path
    parts = urlsplit(path)
    if parts.netloc not in {"", "localhost"}:
        raise UsageError(f"{path}: names another machine", hint="file:///path is a file of this one")
    return unquote(parts.path)


def _escape(found: re.Match[str]) -> str:
    return quote(found[0], safe="")


def canonical_name(uri: str) -> str:
    """One name of an object or folder, however it was written."""
    return parse_uri(uri).name


def parse_uri(uri: str) -> ObjectUri:
    """Parse a URI. Raises UsageError for an unknown scheme or parameter, and for one that holds credentials."""
    found = _URI.fullmatch(uri)
    if found is None:
        raise UsageError(f"{uri}: is no URI")
    named = found["scheme"].lower()
    scheme = _ALIASES.get(named, named)
    authority, query = found["authority"], found["query"] or ""
    shown = f"{named}://{authority.rpartition('@')[2]}{found['path']}"
    if scheme not in PARAMETERS:
        raise UsageError(f"{shown}: logs are not read by {named}://", hint="s3://, gs://, abfss:// and file:// are")
    user = authority.rpartition("@")[0]
    if ":" in user or (scheme == "s3" and user):
        raise UsageError(f"{shown}: credentials do not belong into a URI", hint=_CREDENTIALS_HINTS[scheme])
    if not authority.rpartition("@")[2]:
        raise UsageError(f"{shown}: names no bucket", hint=f"{named}://bucket/folder/")
    key = unquote(found["path"]).strip("/")
    return ObjectUri(scheme, authority, key, _checked(query, scheme, shown), found["path"].endswith("/"))


def _checked(query: str, scheme: str, shown: str) -> str:
    """The parameters in one order. Values are not quoted in messages: they may be secrets."""
    parameters = sorted(parse_qsl(query, keep_blank_values=True))
    for name, value in parameters:
        if name not in PARAMETERS[scheme]:
            known = ", ".join(sorted(PARAMETERS[scheme]))
            raise UsageError(
                f"{shown}: does not take the parameter {name!r}", hint=f"it takes {known}; {_CREDENTIALS_HINTS[scheme]}"
            )
        if "@" in value:
            raise UsageError(f"{shown}: credentials do not belong into {name}", hint=_CREDENTIALS_HINTS[scheme])
    return urlencode(parameters, safe=":/")
