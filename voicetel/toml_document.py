"""A TOML text that a user wrote: its tables, and what is wrong in it refused with file, line and key.

tomllib gives no line for a value that it could read: ``line_of`` finds it in the text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, NoReturn

from voicetel.errors import UsageError

KeyPath = tuple[str | int, ...]
"""Keys from the top of the document, and the index in the array after a key that holds an array of tables."""

Table = Mapping[str, object]

_HEADER = re.compile(r"\s*(\[\[?)(.+?)\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w.\-\s])+?)\s*=""")


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """The text of a TOML file; ``source`` names it in messages, which are raised as ``error_type``."""

    source: str
    text: str
    error_type: ClassVar[type[UsageError]] = UsageError

    def read(self) -> Table:
        """The whole as tables, numbers with a point as Decimal."""
        try:
            return tomllib.loads(f"{self.text}\n", parse_float=Decimal)
        except RecursionError:
            self.fail((), "not valid TOML: nested too deeply")
        except ArithmeticError:
            self.fail((), "not valid TOML: a number that cannot be read")
        except ValueError as error:
            found = re.search(r"at line (\d+)", str(error))
            where = f"{self.source}:{found[1]}" if found else self.source
            line = f": {_excerpt(self.text.splitlines()[int(found[1]) - 1 :])}" if found else ""
            raise self.error_type(f"{where}: not valid TOML: {error}{line}") from None

    def fail(self, path: KeyPath, problem: str, hint: str | None = None) -> NoReturn:
        """Refuse what stands at ``path``."""
        line = line_of(self.text, path) if path else None
        where = f"{self.source}:{line}" if line else self.source
        key = f"{path_text(path)}: " if path else ""
        raise self.error_type(f"{where}: {key}{problem}", hint=hint)


def entries(value: object) -> list[tuple[KeyPath, Table]] | None:
    """A table, or each of an array of tables, with what its path has beyond the key's; None for anything else."""
    if isinstance(value, dict):
        return [((), value)]
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return [((index,), item) for index, item in enumerate(value)]
    return None


def path_text(path: KeyPath) -> str:
    """A path as TOML writes it, without indexes: ``llm.groq."llama-3.3-70b*"``, with control characters escaped."""
    keys = (part for part in path if isinstance(part, str))
    return ".".join(key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _quoted(key) for key in keys)


def line_of(text: str, path: KeyPath) -> int | None:
    """The line (from 1) that states ``path``, else the innermost table around it; None if neither is found."""
    wanted = _fold(path)
    best: tuple[int, int] | None = None
    table: KeyPath = ()
    sizes: dict[KeyPath, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.fullmatch(line):
            here = table = _table(_keys(header[2]), sizes, is_array=header[1] == "[[")
        elif key := _KEY.match(line):
            here = table + _keys(key[1])
        else:
            continue
        here = _fold(here)[: len(wanted)]
        if here == wanted[: len(here)] and (best is None or len(here) > best[0]):
            best = len(here), number
    return best[1] if best else None


def _table(keys: KeyPath, sizes: dict[KeyPath, int], *, is_array: bool) -> KeyPath:
    """The table that a header opens: a new entry of an array, or one inside of the latest entries."""
    path: KeyPath = ()
    for depth, key in enumerate(keys, start=1):
        path = (*path, key)
        if is_array and depth == len(keys):
            sizes[path] = sizes.get(path, 0) + 1
        if path in sizes:
            path = (*path, sizes[path] - 1)
    return path


def _keys(written: str) -> KeyPath:
    """``a."b.c"`` → ("a", "b.c"); () if it is no key."""
    try:
        value: object = tomllib.loads(f"{written} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    keys: list[str] = []
    while isinstance(value, dict):
        key, value = next(iter(value.items()))
        keys.append(key)
    return tuple(keys)


def _fold(path: KeyPath) -> KeyPath:
    return tuple(part.lower() if isinstance(part, str) else part for part in path)


def _quoted(text: str) -> str:
    escaped = "".join(
        f"\\{char}" if char in '"\\' else char if char.isprintable() else f"\\u{ord(char):04X}" for char in text
    )
    return f'"{escaped}"'


def _excerpt(lines: list[str]) -> str:
    """The first of ``lines`` as a message may show it: short, and nothing in it that a terminal would obey."""
    line = lines[0].strip()[:60] if lines else ""
    return "".join(char if char.isprintable() else "?" for char in line)
