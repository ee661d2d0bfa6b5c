"""Options that go together are declared once, and mean the same in every command that has them."""

from __future__ import annotations

import inspect
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from voicetel.cli.app import app
from voicetel.cli.options.groups import OutputOptions, ReadOptions, with_option_groups
from voicetel.cli.settings import KEYS
from voicetel.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.command import Ran

FLAGS = {"pricing": "--pricing", "outcomes": "--outcomes", "tz": "--tz", "format": "--format", "cache": "--no-cache"}
"""Setting → the option that it stands in for."""


@with_option_groups
def command(
    paths: list[str] | None = None, *, form: OutputOptions, limit: int = 3, reading: ReadOptions
) -> tuple[list[str] | None, OutputOptions, int, ReadOptions]:
    """What it was given."""
    return paths, form, limit, reading


def test_a_command_has_the_options_of_its_groups_in_their_place() -> None:
    """In the order of the parameters, each with its own default."""
    parameters = inspect.signature(command).parameters
    assert {name: each.default for name, each in parameters.items()} == {
        "paths": None,
        "format_name": None,
        "json": False,
        "output_file": None,
        "limit": 3,
        "no_cache": False,
        "strict": False,
    }
    assert list(parameters) == ["paths", "format_name", "json", "output_file", "limit", "no_cache", "strict"]


def test_a_command_is_given_its_groups() -> None:
    """What is typed as options arrives as values of the groups."""
    typed = {"format_name": "md", "json": False, "output_file": None, "no_cache": True, "strict": False}
    given = command(paths=["a"], limit=4, **typed)
    assert given == (["a"], OutputOptions(format_name="md"), 4, ReadOptions(no_cache=True))


def test_a_setting_stands_in_for_its_option_in_every_command() -> None:
    """Settings find options by the name of the parameter: wherever the option is, it has that name."""
    wanted = {FLAGS[key.name]: key.option for key in KEYS if key.name in FLAGS}
    assert len(wanted) == len(FLAGS)
    found = [
        (each.name, wanted[flag]) for each in _parameters(get_command(app)) for flag in each.opts if flag in wanted
    ]
    assert len(found) > 3 * len(FLAGS)
    assert all(name == option for name, option in found)


@pytest.mark.parametrize(
    "words",
    [
        ("analyze",),
        ("calls",),
        ("call", "c-b2"),
        ("cost",),
        ("interruptions",),
        ("outcomes",),
        ("check", "--slo", "../../slo.toml"),
        ("compare", "--split", "language=en:ru"),
        ("validate",),
        ("pricing", "show"),
        ("pricing", "check"),
        ("pricing", "estimate"),
    ],
    ids=" ".join,
)
def test_no_command_writes_over_the_logs_it_reads(
    voicetel: Callable[..., Ran], tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Refused before anything is written."""
    log = tmp_path / "calls.jsonl"
    shutil.copy("logs/calls.jsonl", log)
    before = log.read_bytes()
    ran = voicetel(*words, tmp_path, "--no-cache", "-o", log)
    assert (ran.code, ran.out) == (ExitCode.USAGE, "")
    assert "is one of the logs" in ran.err
    assert log.read_bytes() == before


def _parameters(group: Any) -> Iterator[Any]:
    for each in group.commands.values():
        yield from _parameters(each) if hasattr(each, "commands") else each.params
