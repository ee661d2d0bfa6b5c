"""Names of objects: what they say, and that none holds a secret."""

from __future__ import annotations

import pytest

from voicetel.errors import UsageError
from voicetel.store.object_storage.uris import canonical_name, is_uri, local_path, parse_uri


def test_what_is_a_uri() -> None:
    """A scheme and two slashes; a path with a colon is a path."""
    assert is_uri("s3://bucket/a.jsonl")
    assert is_uri("abfss://logs@account.dfs.core.windows.net/2026/")
    assert not is_uri("logs/a.jsonl")
    assert not is_uri("s3:/bucket/a.jsonl")
    assert not is_uri("-")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("s3://bucket/logs/", "s3://bucket/logs"),
        ("s3a://bucket/logs", "s3://bucket/logs"),
        ("S3://bucket", "s3://bucket/"),
        ("s3://b/a?scheme=http&region=x", "s3://b/a?region=x&scheme=http"),
        ("gcs://b/a", "gs://b/a"),
        ("gs://anonymous@b/a", "gs://anonymous@b/a"),
        ("s3://b/Anrufe%20%C3%A4/a%3Fb.jsonl", "s3://b/Anrufe ä/a%3Fb.jsonl"),
        ("s3://b/100%25.jsonl", "s3://b/100%25.jsonl"),
        ("s3://b/a%0Ab", "s3://b/a%0Ab"),
    ],
)
def test_one_object_has_one_name(written: str, name: str) -> None:
    """However it is written; and by its name it is found again."""
    assert canonical_name(written) == name
    assert canonical_name(name) == name


def test_a_key_is_what_the_storage_calls_it() -> None:
    """Characters that mean something in a URI are written as %XX, and are a part of the key."""
    assert parse_uri("s3://b/x/100%25 a%3Fb%23.jsonl").key == "x/100% a?b#.jsonl"


@pytest.mark.parametrize(
    "uri",
    [
        "s3://AKIA:xyzzy-4711@bucket/logs",
        "s3://xyzzy-4711@bucket/logs",
        "s3://bucket/logs?secret_key=xyzzy-4711",
        "s3://bucket/logs?endpoint_override=user:xyzzy-4711@host:1",
        "abfss://logs:xyzzy-4711@account.dfs.core.windows.net/",
        "abfss://logs@account.dfs.core.windows.net/?sv=2026&sig=xyzzy-4711",
        "https://user:xyzzy-4711@host/logs?sig=xyzzy-4711",
        "postgresql://user:xyzzy-4711@host/db",
    ],
)
def test_credentials_are_refused_and_not_repeated(uri: str) -> None:
    """They would be seen by everybody who sees the command."""
    with pytest.raises(UsageError) as refused:
        parse_uri(uri)
    assert "xyzzy" not in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("hdfs://host/logs", "hdfs://host/logs: logs are not read by hdfs://"),
        ("s3:///logs", "s3:///logs: names no bucket"),
        ("s3://b/?colour=red", "s3://b/: does not take the parameter 'colour'"),
    ],
)
def test_what_means_nothing_is_told(uri: str, message: str) -> None:
    """In one line."""
    with pytest.raises(UsageError) as refused:
        parse_uri(uri)
    assert str(refused.value) == message


def test_files_have_uris_too() -> None:
    """Of this machine alone."""
    assert local_path("file:///var/log/a%20b.jsonl") == "/var/log/a b.jsonl"
    assert local_path("logs/a.jsonl") == "logs/a.jsonl"
    with pytest.raises(UsageError, match="names another machine"):
        local_path("file://host/var/log")
