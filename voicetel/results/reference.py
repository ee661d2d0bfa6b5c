"""Every member of a result in JSON with its unit and meaning: the reference in docs/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args, get_origin

from voicetel.results.figure import is_result, members_of, without_none

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Reference:
    """One line of the reference: the path to a value in JSON, its unit, and what it means."""

    path: str
    unit: str
    doc: str


def reference(kind: Any, prefix: str = "") -> Iterator[Reference]:
    """Every member of a result in JSON. ``[]`` stands for the items of a list, NAME for the members of a mapping."""
    for member in members_of(kind):
        about = member.figure
        if about.hidden:
            continue
        path = prefix if about.inline else f"{prefix}.{member.json_name}".removeprefix(".")
        inner, _ = without_none(member.type)
        origin = get_origin(inner)
        if origin is tuple:
            inner, path = get_args(inner)[0], f"{path}[]"
        elif isinstance(origin, type) and issubclass(origin, Mapping):
            inner, path = get_args(inner)[1], f"{path}.NAME".removeprefix(".")
        if not (about.inline and is_result(inner)):
            yield Reference(path, about.unit, about.doc)
        if is_result(inner):
            yield from reference(inner, path)
