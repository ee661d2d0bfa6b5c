"""How the command builds its verbs, and how it lists them in --help."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ANY_LENGTH = 1_000


class Command(TyperCommand):
    """A command that checks no more of what is typed than there is to check."""

    def get_params(self, ctx: Any) -> Any:
        """All parameters, that of --help too."""
        return _taken_as_typed(super().get_params(ctx))


class CommandGroup(TyperGroup):
    """Lists each command with its whole first sentence, on as many lines as it takes: Typer cuts it at the first."""

    def get_params(self, ctx: Any) -> Any:
        """All parameters, that of --help too."""
        return _taken_as_typed(super().get_params(ctx))

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands, none of which is built."""
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands."""
        commands = self.commands
        sentence = commands.sentence if isinstance(commands, LazyCommands) else lambda name: _sentence(commands[name])
        rows = [(name, sentence(name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class LazyCommands(dict[str, Any]):
    """Name → command, built when it is asked for: most runs need one of them, and loading all takes as long as a small report.

    ``sources``: name → a function that gives the function of a command, or a Typer of further commands.
    """

    def __init__(self, sources: Mapping[str, Callable[[], Any]]) -> None:
        super().__init__(dict.fromkeys(sources))
        self._sources = sources

    def __getitem__(self, name: str) -> Any:
        built = super().__getitem__(name)
        if built is None:
            built = _command(name, self._sources[name]())
            self[name] = built
        return built

    def sentence(self, name: str) -> str:
        """What --help says of a command in the list: its parameters, which take longest to build, are not in it."""
        source = self._sources[name]()
        is_group = isinstance(source, typer.Typer)
        return _sentence(self[name] if is_group else Command(name, help=inspect.getdoc(source)))

    def get(self, name: str, default: Any = None) -> Any:
        """The command of this name."""
        known = name in self
        return self[name] if known else default

    def values(self) -> Any:
        """All commands, built."""
        return [self[name] for name in self]

    def items(self) -> Any:
        """All commands with their names, built."""
        return [(name, self[name]) for name in self]


def _sentence(command: Any) -> str:
    return str(command.get_short_help_str(_ANY_LENGTH))


def _command(name: str, source: Any) -> Any:
    if isinstance(source, typer.Typer):
        return typer.main.get_group(source)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    alone.command(name, cls=Command)(source)
    return typer.main.get_command(alone)


def _taken_as_typed(parameters: list[Any]) -> list[Any]:
    """Let what is typed for text be that text, and what is not typed be absent: Typer would load pydantic to check it."""
    for each in parameters:
        about = getattr(getattr(each, "type_descriptor", None), "parameter_info", None)
        if about is not None and getattr(about, "parser", None) is None and "process_value" not in vars(each):
            each.process_value = functools.partial(_processed, each, each.process_value)
    return parameters


def _processed(parameter: Any, process: Callable[[Any, Any], Any], context: Any, value: Any) -> Any:
    """The value of a parameter: as ``process`` has it, which is asked where there is anything to check."""
    kind = parameter.type_descriptor.annotation
    is_list = parameter.multiple or parameter.nargs != 1
    if value is None:
        is_as_typed, value = not parameter.required, () if is_list else None
    elif is_list:
        is_as_typed = kind == list[str] and isinstance(value, list | tuple) and {type(each) for each in value} == {str}
    else:
        is_as_typed = type(value) is kind and kind in {str, int, float}
    if not is_as_typed:
        return process(context, value)
    return parameter.callback(context, parameter, value) if parameter.callback else value
