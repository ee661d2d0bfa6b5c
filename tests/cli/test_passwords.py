"""No password is in a message, wherever it was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voicetel.errors import VoicetelError, mask_passwords

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.command import Ran

SECRET = "s3cr3tPW9"
DSN = f"postgresql://u:{SECRET}@127.0.0.1:1/x"

COMMANDS = [
    ("analyze",),
    ("calls",),
    ("call",),
    ("call", "some-id"),
    ("cost",),
    ("interruptions",),
    ("outcomes",),
    ("validate",),
    ("check",),
    ("compare",),
    ("export", "--pg"),
    ("pricing", "check"),
    ("cache", "verify"),
    ("config",),
    ("schema",),
    ("simulate",),
    ("nonsense",),
]


@pytest.mark.parametrize("dsn", [DSN, f"host=127.0.0.1 password={SECRET} dbname=x", f"ftp://u:{SECRET}@x"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_connection_string_as_a_stray_argument_is_masked(
    voicetel: Callable[..., Ran], command: tuple[str, ...], dsn: str
) -> None:
    """Behind any command, on stdout and on stderr."""
    ran = voicetel(*command, dsn)
    assert SECRET not in ran.out + ran.err


@pytest.mark.parametrize("option", ["--pricing", "--outcomes", "--since", "--by", "--agent", "--format", "--tz"])
def test_a_connection_string_as_the_value_of_another_option_is_masked(
    voicetel: Callable[..., Ran], tmp_path: Path, option: str
) -> None:
    """Every option that quotes its value."""
    ran = voicetel("analyze", option, DSN, str(tmp_path))
    assert SECRET not in ran.out + ran.err


def test_export_says_where_a_connection_string_belongs(voicetel: Callable[..., Ran]) -> None:
    """--pg takes no value, so what stands behind it is a path."""
    ran = voicetel("export", "--pg", DSN, "logs/")
    assert ran.code == 2
    assert "postgresql://u:***@127.0.0.1:1/x is a connection string, not a log; give it with --dsn" in ran.err


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://u:p@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u:p@ss/w#r?d@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u:two words@h/d", "postgresql://u:***@h/d"),
        ("postgresql:/u:p@h/d", "postgresql:/u:***@h/d"),
        ("redis://:p@h", "redis://:***@h"),
        ("https://u@h/d", "https://u@h/d"),
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("host=h password=p dbname=d", "host=h password=*** dbname=d"),
        ("host=h password = 'a \\' b' dbname=d", "host=h password = *** dbname=d"),
        ("PGPASSWORD=p voicetel", "PGPASSWORD=*** voicetel"),
        ("x?sslpassword=p&a=b", "x?sslpassword=***&a=b"),
        ('api_key = "k e y" is no', "api_key = *** is no"),
        ("input_tokens = 5", "input_tokens = 5"),
        ("the password cannot be empty", "the password cannot be empty"),
    ],
)
def test_what_is_masked_and_what_is_not(text: str, masked: str) -> None:
    """The password alone, as far as can be told; masked twice is masked once."""
    assert mask_passwords(text) == masked
    assert mask_passwords(masked) == masked


def test_an_error_of_the_library_is_masked_too() -> None:
    """Its message, and its hint."""
    error = VoicetelError(f"{DSN}: no such file", hint=f"write {DSN}")
    assert str(error) == "postgresql://u:***@127.0.0.1:1/x: no such file"
    assert error.hint == "write postgresql://u:***@127.0.0.1:1/x"
