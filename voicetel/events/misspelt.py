"""Fields that the format does not have and that are likely meant to be some that it has: they are ignored, and nobody sees it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from voicetel.events.fields import ENVELOPE, EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voicetel.events.fields import Field

_OTHER_NAMES = {
    "ttft_ms": "ttfb_ms",
    "ttft": "ttfb_ms",
    "time_to_first_byte_ms": "ttfb_ms",
    "time_to_first_token_ms": "ttfb_ms",
    "prompt_tokens": "input_tokens",
    "completion_tokens": "output_tokens",
    "cached_tokens": "cached_input_tokens",
    "prompt_cached_tokens": "cached_input_tokens",
    "characters_count": "characters",
    "audio_duration": "audio_s",
    "audio_duration_s": "audio_s",
    "cost_usd": "cost",
    "transcript": "text",
    "content": "text",
}
"""What frameworks and vendors call a field of ours."""
_MIN_PREFIX_LENGTH = 4
"""A name of so many characters is taken for the beginning of a longer one."""
_TWO_EDITS_FROM = 8
"""Names of so many characters may differ from the one that is meant in two places, shorter ones in one."""


class Misspelt(NamedTuple):
    """A field as a path, operations[].ttft_ms, and the name that was likely meant."""

    field: str
    meant: str


def misspelt_fields(event: Mapping[str, Any]) -> Iterator[Misspelt]:
    """The misspelt fields of an event whose name is known. Tags are anybody's, and so is what stands in other unknown fields."""
    yield from _in_object(event, (*ENVELOPE, *EVENTS[event["event"]]), "")


def _in_object(value: Mapping[str, Any], fields: tuple[Field, ...], where: str) -> Iterator[Misspelt]:
    known = {field.name: field for field in fields}
    for name in value:
        if name not in known:
            meant = meant_by(name, tuple(known))
            if meant is not None and meant not in value:
                yield Misspelt(f"{where}{name}", meant)
    for field in fields:
        inner = value.get(field.name) if field.fields else None
        for each in inner if isinstance(inner, list) else [inner]:
            if isinstance(each, dict):
                mark = "[]" if field.kind == "list" else ""
                yield from _in_object(each, field.fields, f"{where}{field.name}{mark}.")


@cache
def meant_by(name: str, known: tuple[str, ...]) -> str | None:
    """The known name that another one stands for: but for its letters' case, shortened, or a slip away; None where none is."""
    other = _OTHER_NAMES.get(name)
    if other in known:
        return other
    plain = _plain(name)
    for each in known:
        if _plain(each) == plain:
            return each
    stem = plain.removesuffix("s")
    if len(stem) >= _MIN_PREFIX_LENGTH:
        begun = [each for each in known if _plain(each).startswith(stem)]
        if len(begun) == 1:
            return begun[0]
    near = [(edits, each) for each in known if (edits := _edits(name, each)) <= _max_edits(each)]
    return min(near)[1] if near else None


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


def _max_edits(name: str) -> int:
    return 2 if len(name) >= _TWO_EDITS_FROM else 1


def _edits(one: str, other: str) -> int:
    """How many letters are left out, put in, replaced or swapped with their neighbours between two words (optimal string alignment)."""
    if abs(len(one) - len(other)) > 2:
        return max(len(one), len(other))
    before, row = list[int](), list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
