"""One span, wherever it came from, and the tree that spans of a trace make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicetel.importers.calls.record import as_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicetel.importers.calls.notes import Notes


@dataclass(slots=True)
class Span:
    """A span. Times are seconds since the epoch; attributes are plain values. ``children`` are in order of time."""

    id: str
    parent_id: str | None
    trace_id: str
    name: str
    scope: str
    start_s: float
    end_s: float
    attributes: dict[str, object]
    service: str | None = None
    is_error: bool = False
    children: list[Span] = field(default_factory=list)

    @property
    def seq(self) -> int:
        """A number of its own that JSON keeps exact, the same whichever other spans of its trace are there."""
        return int(self.id, 16) & (2**53 - 1)

    @property
    def duration_s(self) -> float | None:
        """How long it took; None where it ends before it begins."""
        return self.end_s - self.start_s if self.end_s >= self.start_s else None

    @property
    def rounded_duration_s(self) -> float | None:
        """The same to the ms."""
        return None if self.duration_s is None else round(self.duration_s, 3)

    def text(self, *names: str) -> str | None:
        """The first of these attributes that is a string and says something."""
        values = (self.attributes.get(name) for name in names)
        return next((value for value in values if isinstance(value, str) and value not in ("", "unknown")), None)

    def number(self, *names: str) -> float | None:
        """The first of these attributes that is a number."""
        return next((value for name in names if (value := as_number(self.attributes.get(name))) is not None), None)

    def positive(self, *names: str) -> float | None:
        """The first of these attributes that is a measure: 0 and −1 stand for "don't know"."""
        return next((value for name in names if (value := self.number(name)) is not None and value > 0), None)

    def flag(self, name: str) -> bool | None:
        """An attribute that is true or false."""
        value = self.attributes.get(name)
        return value if isinstance(value, bool) else None

    def has(self, *names: str) -> bool:
        """Whether any of these attributes is there."""
        return any(self.attributes.get(name) is not None for name in names)

    def below(self, *names: str) -> Iterator[Span]:
        """The spans of these names under it."""
        return (span for span in self.descendants() if span.name in names)

    def descendants(self) -> Iterator[Span]:
        """All spans under it, each before its own."""
        waiting = list(reversed(self.children))
        while waiting:
            span = waiting.pop()
            yield span
            waiting += reversed(span.children)


def linked(spans: Iterable[Span], notes: Notes) -> list[Span]:
    """The spans in order of time, each knowing those under it; a span that is its own ancestor has no parent."""
    by_id = {span.id: span for span in spans}
    ordered = sorted(by_id.values(), key=lambda span: (span.start_s, span.id))
    for span in ordered:
        parent = by_id.get(span.parent_id or "")
        if parent is not None and not _is_under(parent, span, by_id):
            parent.children.append(span)
        elif parent is not None:
            notes.passed_over("parentSpanId")
            span.parent_id = None
    return ordered


def _is_under(span: Span, other: Span, by_id: dict[str, Span]) -> bool:
    seen: set[str] = set()
    above: Span | None = span
    while above is not None and above.id not in seen:
        if above is other:
            return True
        seen.add(above.id)
        above = by_id.get(above.parent_id or "")
    return False


def model_tokens(span: Span, *, is_net_of_cache: bool = False) -> dict[str, float]:
    """Tokens that a span says were used, by the log's names.

    ``is_net_of_cache``: its input tokens leave out what came from the cache or went to it, which ours contain.
    """
    found = {
        "input_tokens": span.positive("gen_ai.usage.input_tokens"),
        "cached_input_tokens": span.positive(
            "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.input_cached_tokens"
        ),
        "cache_write_tokens": span.positive(
            "gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens"
        ),
        "input_audio_tokens": span.positive("gen_ai.usage.audio.input_tokens", "gen_ai.usage.input_audio_tokens"),
        "cached_input_audio_tokens": span.positive("gen_ai.usage.audio.cache_read.input_tokens"),
        "output_tokens": span.positive("gen_ai.usage.output_tokens"),
        "output_audio_tokens": span.positive("gen_ai.usage.audio.output_tokens", "gen_ai.usage.output_audio_tokens"),
    }
    known = {name: value for name, value in found.items() if value is not None}
    if is_net_of_cache and (beside := known.get("cached_input_tokens", 0) + known.get("cache_write_tokens", 0)):
        known["input_tokens"] = known.get("input_tokens", 0) + beside
    return known
