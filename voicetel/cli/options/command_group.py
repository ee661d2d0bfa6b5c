"""How a group of commands lists them in --help."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

_ANY_LENGTH = 1_000


class CommandGroup(TyperGroup):
    """Lists each command with its whole first sentence, on as many lines as it takes: Typer cuts it at the first."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, each.get_short_help_str(_ANY_LENGTH)) for name, each in found if each and not each.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
