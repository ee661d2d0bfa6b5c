"""What is typed and what a command takes of it, and which commands are loaded."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated, Any

import pytest
import typer

from voicetel.cli.options.command_group import CommandGroup, LazyCommands

Taken = dict[str, Any]


def _app(taken: list[Taken], loaded: list[str]) -> typer.Typer:
    def first(
        paths: Annotated[list[str] | None, typer.Argument()] = None,
        *,
        agent: Annotated[list[str] | None, typer.Option("--agent")] = None,
        tz: Annotated[str, typer.Option("--tz")] = "UTC",
        name: Annotated[str | None, typer.Option("--name")] = None,
        number: Annotated[int, typer.Option("--number", min=0)] = 3,
        share: Annotated[float | None, typer.Option("--share", min=0, max=1)] = None,
        flag: Annotated[bool, typer.Option("--flag")] = False,
    ) -> None:
        taken.append({each: value for each, value in locals().items() if each in ABSENT})

    def second(wanted: Annotated[str, typer.Argument()]) -> None:
        taken.append({"wanted": wanted})

    def load(function: Any) -> Any:
        loaded.append(function.__name__)
        return function

    class Verbs(CommandGroup):
        def __init__(self, *arguments: Any, **values: Any) -> None:
            super().__init__(*arguments, **values)
            self.commands = LazyCommands({"first": lambda: load(first), "second": lambda: load(second)})

    app = typer.Typer(cls=Verbs, add_completion=False, rich_markup_mode=None)
    app.callback()(lambda: None)
    return app


ABSENT = {"paths": None, "agent": None, "tz": "UTC", "name": None, "number": 3, "share": None, "flag": False}


@pytest.mark.parametrize(
    ("typed", "changed"),
    [
        ([], {}),
        (["a", "b"], {"paths": ["a", "b"]}),
        (["--agent", "x", "--agent", "1"], {"agent": ["x", "1"]}),
        (["--tz", "1", "--name", ""], {"tz": "1", "name": ""}),
        (["--number", "7", "--share", "0.5", "--flag"], {"number": 7, "share": 0.5, "flag": True}),
    ],
)
def test_what_is_typed_is_what_a_command_takes(typed: list[str], changed: Taken) -> None:
    """Texts as they stand, numbers as numbers, and what is not typed as its default."""
    taken: list[Taken] = []
    _app(taken, [])(["first", *typed], standalone_mode=False)
    assert taken == [ABSENT | changed]


@pytest.mark.parametrize(
    "typed", [["first", "--number", "x"], ["first", "--number", "-1"], ["first", "--share", "2"], ["second"]]
)
def test_what_is_wrong_is_still_refused(typed: list[str]) -> None:
    """Numbers that are none or out of their bounds, and an argument that is missing."""
    taken: list[Taken] = []
    with pytest.raises(typer.BadParameter):
        _app(taken, [])(typed, standalone_mode=False)
    assert taken == []


def test_only_the_command_that_is_run_is_loaded() -> None:
    """The others are named, and loaded when --help or completion asks for them."""
    loaded: list[str] = []
    app = _app([], loaded)
    group: Any = typer.main.get_command(app)
    assert (list(group.commands), "first" in group.commands, loaded) == (["first", "second"], True, [])
    app(["second", "x"], standalone_mode=False)
    assert loaded == ["second"]
    assert [command.name for command in group.commands.values()] == ["first", "second"]
    assert (group.commands.get("third"), dict(group.commands.items())) == (None, group.commands)


def test_a_list_of_commands_builds_none(capsys: pytest.CaptureFixture[str]) -> None:
    """Their sentences are those of their functions; parameters are not looked at."""
    group: Any = typer.main.get_command(_app([], []))
    group.commands = LazyCommands({"third": lambda: _third})
    group(["--help"], standalone_mode=False)
    assert capsys.readouterr().out.rpartition("Commands:")[2].split() == [
        "third",
        "Say",
        "one",
        "thing",
        "of",
        "1.5",
        "calls.",
    ]
    assert dict.__getitem__(group.commands, "third") is None


def _third() -> None:
    """Say one thing of 1.5 calls.

    And another.
    """


NOT_FOR_HELP = {
    "voicetel.store.opening", "voicetel.pricing", "voicetel.reporters.formatting", "importlib.metadata",
    "duckdb", "pyarrow", "polars", "numpy",
}  # fmt: skip


def test_help_loads_no_store_no_engine_and_no_prices() -> None:
    """What ``voicetel --help`` loads: nothing that reads logs, and nothing that only answers need."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "voicetel", "--help"], check=True, capture_output=True, text=True
    )
    loaded = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert not loaded & NOT_FOR_HELP
