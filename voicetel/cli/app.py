"""The ``voicetel`` command: registers the verbs and nothing else."""

from __future__ import annotations

import sys
from functools import partial
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voicetel.__about__ import __version__
from voicetel.cli import diagnostics, inputs, output
from voicetel.cli.options.command_group import CommandGroup, LazyCommands
from voicetel.registry import REPORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voicetel.registry import Report

_COMMANDS = "voicetel.cli.commands"
_WRITTEN = {
    **{name: f"{_COMMANDS}.{name}:{name}" for name in ("calls", "call", "report")},
    "cost": f"{_COMMANDS}.costs.cost:cost",
    "reconcile": f"{_COMMANDS}.costs.reconcile:reconcile",
    "export": f"{_COMMANDS}.logs.export:export",
    **{name: f"{_COMMANDS}.{name}:{name}" for name in ("sql", "outcomes", "check", "compare")},
    "validate": f"{_COMMANDS}.logs.validate:validate",
    "schema": f"{_COMMANDS}.schema:schema",
    "simulate": f"{_COMMANDS}.logs.simulate:simulate",
    "config": f"{_COMMANDS}.config:config",
    **{name: f"{_COMMANDS}.services.{name}:{name}" for name in ("watch", "serve", "mcp")},
}
"""Commands that are more than their report, and where they are. The others are made from the registry."""

_LAST = {
    "import": f"{_COMMANDS}.logs.import_:import_",
    "pricing": f"{_COMMANDS}.costs.pricing:pricing",
    "cache": f"{_COMMANDS}.cache:cache",
}
"""Commands of logs, rate cards and stores, which no report goes with."""

_ORDER = ("analyze", "calls", "call", "report", "cost", "export")
"""The order of the first ones in --help."""


def _commands() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Name → what loads it, in the order of --help."""
    by_name: dict[str, Callable[[], Any]] = {
        name: partial(resolve_name, import_path) for name, import_path in _WRITTEN.items()
    }
    by_name |= {each.name: partial(_command_of, each) for each in REPORTS if each.has_command}
    yield from ((name, by_name.pop(name)) for name in _ORDER)
    yield from ((each.name, by_name.pop(each.name)) for each in REPORTS if each.name in by_name)
    yield from by_name.items()
    yield from ((name, partial(resolve_name, import_path)) for name, import_path in _LAST.items())


def _command_of(report: Report) -> Callable[..., None]:
    from voicetel.cli.report_commands import command_of  # noqa: PLC0415  only the command that is run

    return command_of(report)


class _Verbs(CommandGroup):
    """The verbs, of which most runs load one."""

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.commands = LazyCommands(dict(_commands()))


app = typer.Typer(
    name="voicetel",
    cls=_Verbs,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        output.echo(f"voicetel {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def voicetel(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", envvar=diagnostics.DEBUG_VARIABLE, help="Show a traceback of what goes wrong.")
    ] = False,
) -> None:
    """Turn the logs of voice agents into answers: latency, cost, interruptions, outcomes.

    Nothing leaves this machine. Without PATH a command reads $VOICETEL_LOGS, else ./logs.
    """
    diagnostics.show_tracebacks(debug)
    inputs.reset()
    if context.invoked_subcommand is None:
        output.echo(context.get_help())
    else:
        _apply_settings(context)


def _apply_settings(context: typer.Context) -> None:
    """Let the project's settings stand in for options that are not given."""
    from voicetel.cli.settings import option_defaults, settings  # noqa: PLC0415  --help does without

    values = option_defaults(settings())
    output.set_default_format(values.pop("format_name", None))
    group: Any = context.command
    name = context.invoked_subcommand
    if values and name is not None and name in group.commands:
        context.default_map = {name: _defaults(group.commands[name], values)}


def _defaults(command: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Those of ``values`` that a command has options for; for a group of commands, by their names."""
    if hasattr(command, "commands"):
        return {name: _defaults(verb, values) for name, verb in command.commands.items()}
    return {each.name: values[each.name] for each in command.params if each.name in values}


def main() -> None:
    """Run the command on ``sys.argv`` and exit with its status."""
    sys.exit(diagnostics.run(lambda: app(standalone_mode=False)))
