"""The ``voicetel`` command: registers the verbs and nothing else."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voicetel.__about__ import __version__
from voicetel.cli import diagnostics, inputs, output
from voicetel.cli.commands.cache import cache
from voicetel.cli.commands.call import call
from voicetel.cli.commands.calls import calls
from voicetel.cli.commands.check import check
from voicetel.cli.commands.compare import compare
from voicetel.cli.commands.config import config
from voicetel.cli.commands.costs.cost import cost
from voicetel.cli.commands.costs.pricing import pricing
from voicetel.cli.commands.costs.reconcile import reconcile
from voicetel.cli.commands.logs.export import export
from voicetel.cli.commands.logs.import_ import import_
from voicetel.cli.commands.logs.simulate import simulate
from voicetel.cli.commands.logs.validate import validate
from voicetel.cli.commands.outcomes import outcomes
from voicetel.cli.commands.report import report
from voicetel.cli.commands.schema import schema
from voicetel.cli.commands.services.mcp import mcp
from voicetel.cli.commands.services.serve import serve
from voicetel.cli.commands.services.watch import watch
from voicetel.cli.commands.sql import sql
from voicetel.cli.options.command_group import CommandGroup
from voicetel.cli.report_commands import command_of
from voicetel.registry import REPORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

app = typer.Typer(
    name="voicetel",
    cls=CommandGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
_WRITTEN = (
    calls, call, report, cost, reconcile, export, sql, outcomes, check, compare, validate, schema, simulate, config,
    watch, serve, mcp,
)  # fmt: skip
"""Commands that are more than their report. The others are made from the registry."""

_ORDER = ("analyze", "calls", "call", "report", "cost", "export")
"""The order of the first ones in --help."""


def _commands() -> Iterator[Callable[..., object]]:
    by_name: dict[str, Callable[..., object]] = {each.__name__: each for each in _WRITTEN}
    by_name |= {each.name: command_of(each) for each in REPORTS if each.has_command}
    yield from (by_name.pop(name) for name in _ORDER)
    yield from (by_name.pop(each.name) for each in REPORTS if each.name in by_name)
    yield from by_name.values()


for verb in _commands():
    app.command()(verb)
app.command("import")(import_)
app.add_typer(pricing)
app.add_typer(cache)


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
    context.default_map = _defaults(context.command, values)


def _defaults(command: Any, values: dict[str, Any]) -> dict[str, Any]:
    """``values`` for each command that has such options, by name; for a group of commands, one level deeper."""
    return {
        name: _defaults(verb, values)
        if hasattr(verb, "commands")
        else {each.name: values[each.name] for each in verb.params if each.name in values}
        for name, verb in command.commands.items()
    }


def main() -> None:
    """Run the command on ``sys.argv`` and exit with its status."""
    sys.exit(diagnostics.run(lambda: app(standalone_mode=False)))
