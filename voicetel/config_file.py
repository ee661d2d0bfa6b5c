"""Reading a file that a user wrote to configure something: a rate card, outcome rules, limits. Bounded, whatever it is."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

from voicetel.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

PRICING_VARIABLE: Final = "VOICETEL_PRICING"
"""The environment variable that names the rate card, where no option does."""

SLO_FILE: Final = "slo.toml"
"""Limits are looked for in this file of the folder where a command runs, unless another is named."""

MAX_CONFIG_BYTES: Final = 4 << 20
"""A hundred times what ships. What is longer, or never ends, is no configuration."""

_WIDE: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_config(path: Path, source: str, *, hint: str | None = None, error_type: type[UsageError] = UsageError) -> str:
    """The text of a UTF-8 file, without a byte order mark. A pipe is read, too.

    ``source`` names it in messages. Raises ``error_type``, one line, for what cannot be read (then with ``hint``), is no
    UTF-8, or is longer than MAX_CONFIG_BYTES bytes: no more of it than that is ever in memory.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_CONFIG_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise error_type(f"{source}: cannot be read: {why}", hint=hint) from error
    if len(content) > MAX_CONFIG_BYTES:
        problem = f"longer than {MAX_CONFIG_BYTES >> 20} MiB: no configuration is"
        raise error_type(f"{source}: {problem}", hint="look whether it is the file that you mean")
    if content.startswith(_WIDE):
        raise error_type(f"{source}: not UTF-8: it looks like UTF-16", hint="save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise error_type(
            f"{source}: not UTF-8: {error.reason} at byte {error.start}", hint="save it as UTF-8"
        ) from error
