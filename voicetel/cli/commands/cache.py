"""``voicetel cache``: what is kept between runs, whether it is right, and away with it."""

from __future__ import annotations

import typer

from voicetel.cli import diagnostics, logs, output
from voicetel.cli.options import declared as options
from voicetel.cli.options.command_group import CommandGroup
from voicetel.errors import VoicetelError

cache = typer.Typer(name="cache", cls=CommandGroup, rich_markup_mode=None)


@cache.callback(invoke_without_command=True)
def look(context: typer.Context) -> None:
    """Show, check or delete what is kept between runs."""
    if context.invoked_subcommand is None:
        output.echo(context.get_help())


@cache.command()
def info() -> None:
    """List the stores that are kept, with their sizes. Each belongs to one set of paths."""
    from voicetel.reporters.formatting import size  # noqa: PLC0415  --help does without the engine
    from voicetel.store.cache import cached_stores  # noqa: PLC0415
    from voicetel.store.directory import cache_directory  # noqa: PLC0415

    stores = cached_stores()
    for store in stores:
        output.echo(f"{store.path}  {size(store.bytes)}")
    diagnostics.note(f"{len(stores)} in {cache_directory()}, {size(sum(store.bytes for store in stores))}")


@cache.command()
def clear() -> None:
    """Delete every store. Logs are never touched; the next run reads them anew."""
    from voicetel.reporters.formatting import size  # noqa: PLC0415  --help does without the engine
    from voicetel.store.cache import clear_cache  # noqa: PLC0415

    gone = clear_cache()
    diagnostics.note(f"{len(gone)} deleted, {size(sum(store.bytes for store in gone))}")


@cache.command()
def verify(paths: options.Paths = None) -> None:
    """Read the logs anew and compare: exit 1 if what is kept says anything else."""
    from voicetel.store.cache import differing_relations  # noqa: PLC0415  --help does without the engine

    log_paths = logs.log_paths(paths)
    wrong = differing_relations(log_paths, logs.rules_of(None), diagnostics.warn)
    if wrong:
        raise VoicetelError(
            f"what is kept differs from the logs in {', '.join(wrong)}", hint="run `voicetel cache clear`"
        )
    diagnostics.note("what is kept says what the logs say")
