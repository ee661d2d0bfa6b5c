"""Which two samples ``compare`` is about: two paths, or one set of logs split in two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.analyzers.core.dimensions import Level, check_dimensions
from voicetel.errors import NoDataError, UsageError
from voicetel.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from voicetel.gate.samples.sample import Sample


@dataclass(frozen=True, slots=True)
class Halves:
    """Two samples of one set of logs, and what each is called: ``base`` is the earlier one."""

    names: tuple[str, str]
    base: Sample
    new: Sample


@dataclass(frozen=True, slots=True)
class Split:
    """Calls with one value of a dimension against those with another, or before a moment (UTC) against from then on.

    ``text`` is what was written: the two values with a colon between them, or the moment. Values may hold colons themselves, as
    hours do; which colon is the one between them is known when the values of the calls are.
    """

    text: str
    dimension: str | None = None
    moment: datetime | None = None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What the sample has to be taken with."""
        return () if self.dimension is None else (self.dimension,)

    def of(self, sample: Sample) -> Halves:
        """Both sides. Raises NoDataError for a value that no call has, and for a side without a call."""
        if self.moment is not None:
            halves = Halves((f"before {self.text}", f"from {self.text} on"), *sample.split_at(self.moment))
        else:
            halves = self._by_values(sample, self.dimension or "")
        for name, side in zip(halves.names, (halves.base, halves.new), strict=True):
            if not len(side):
                raise NoDataError(f"{name}: no call is on this side", hint="split elsewhere")
        return halves

    def _by_values(self, sample: Sample, dimension: str) -> Halves:
        known = sample.calls.column(dimension).unique().drop_null().to_pylist()
        base, new = self._values(dimension, known)
        sides = (sample.where({dimension: (value,)}) for value in (base, new))
        return Halves((f"{dimension} {base}", f"{dimension} {new}"), *sides)

    def _values(self, dimension: str, known: Sequence[str]) -> tuple[str, str]:
        """The two values of ``known`` that the text names."""
        pairs = list(_pairs(self.text))
        # Of several colons the one with most known values beside it.
        base, new = max(pairs, key=lambda pair: sum(value in known for value in pair))
        for value in (base, new):
            if value not in known:
                hint = did_you_mean(value, known) or f"there are {', '.join(sorted(known)) or 'none'}"
                raise NoDataError(f"no call has {dimension} {value!r}", hint=hint)
        return base, new


def parse_split(text: str) -> Split:
    """``agent_version=1.8.1:1.8.2``. Raises UsageError."""
    dimension, equals, rest = text.partition("=")
    if not equals or not any(_pairs(rest)):
        raise UsageError(f"--split: cannot read {text!r}", hint="write it as agent_version=1.8.1:1.8.2")
    check_dimensions((dimension,), Level.CALL, what="calls")
    return Split(rest, dimension=dimension)


def split_at(moment: datetime, text: str) -> Split:
    """Calls that started before ``moment`` against the later ones; ``text`` is how it was written."""
    return Split(text, moment=moment)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """What is before and behind each colon that has something on both sides."""
    parts = text.split(":")
    for index in range(1, len(parts)):
        base, new = ":".join(parts[:index]), ":".join(parts[index:])
        if base and new:
            yield base, new
