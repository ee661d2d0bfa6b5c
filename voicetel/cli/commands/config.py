"""``voicetel config``."""

from __future__ import annotations

from voicetel.cli import output
from voicetel.cli.options.groups import OutputOptions, with_option_groups
from voicetel.registry import find_report


@with_option_groups
def config(*, output_options: OutputOptions) -> None:
    """Print each setting and where it comes from.

    An option beats the environment, the environment beats [tool.voicetel] in pyproject.toml or voicetel.toml.
    """
    from voicetel.cli.settings import settings_answer  # noqa: PLC0415  --help does without

    target = output_options.target()
    output.write_report(find_report("config"), settings_answer(), target)
