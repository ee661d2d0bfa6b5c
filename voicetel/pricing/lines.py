"""Where in a TOML text a key stands: tomllib gives no line for a value that it could read."""

from __future__ import annotations

import re
import tomllib

Path = tuple[str | int, ...]
"""Keys from the top of the document, and the place in the array after a key that holds an array of tables."""

_HEADER = re.compile(r"\s*(\[\[?)(.+?)\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w.\-\s])+?)\s*=""")


def line_of(text: str, path: Path) -> int | None:
    """The line (from 1) that states ``path``, else the innermost table around it; None if neither is found."""
    wanted = _fold(path)
    best: tuple[int, int] | None = None
    table: Path = ()
    sizes: dict[Path, int] = {}
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


def _table(keys: Path, sizes: dict[Path, int], *, is_array: bool) -> Path:
    """The table that a header opens: a new entry of an array, or one inside of the latest entries."""
    path: Path = ()
    for place, key in enumerate(keys, start=1):
        path = (*path, key)
        if is_array and place == len(keys):
            sizes[path] = sizes.get(path, 0) + 1
        if path in sizes:
            path = (*path, sizes[path] - 1)
    return path


def _keys(written: str) -> Path:
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


def _fold(path: Path) -> Path:
    return tuple(part.lower() if isinstance(part, str) else part for part in path)
