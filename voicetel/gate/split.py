"""Which two samples ``compare`` is about: two paths, or one set of logs split in two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.analyzers.core.dimensions import Level, check_dimensions
from voicetel.errors import NoDataError, UsageError
from voicetel.suggestion import did_you_mean

if TYPE_CHECKING:
    from datetime import datetime

    from voicetel.gate.sample import Sample


@dataclass(frozen=True, slots=True)
class Split:
    """Calls with one value of a dimension against those with another, or before a moment (UTC) against from then on."""

    names: tuple[str, str]
    dimension: str | None = None
    values: tuple[str, str] = ("", "")
    moment: datetime | None = None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What the sample has to be taken with."""
        return () if self.dimension is None else (self.dimension,)

    def of(self, sample: Sample) -> tuple[Sample, Sample]:
        """(BASE, NEW). Raises NoDataError for a value that no call has, and for a side without a call."""
        base, new = self._sides(sample)
        for name, side in zip(self.names, (base, new), strict=True):
            if not len(side):
                raise NoDataError(f"{name}: no call is on this side", hint="split elsewhere")
        return base, new

    def _sides(self, sample: Sample) -> tuple[Sample, Sample]:
        if self.moment is not None:
            return sample.split_at(self.moment)
        dimension = self.dimension or ""
        for value in self.values:
            known = sample.calls.column(dimension).unique().drop_null().to_pylist()
            if value not in known:
                hint = did_you_mean(value, known) or f"there are {', '.join(sorted(known)) or 'none'}"
                raise NoDataError(f"no call has {dimension} {value!r}", hint=hint)
        base, new = (sample.where({dimension: (value,)}) for value in self.values)
        return base, new


def parse_split(text: str) -> Split:
    """``agent_version=1.8.1:1.8.2``. Raises UsageError."""
    dimension, equals, rest = text.partition("=")
    values = tuple(rest.split(":"))
    if not equals or len(values) != 2 or not all(values):
        raise UsageError(f"--split: cannot read {text!r}", hint="write it as agent_version=1.8.1:1.8.2")
    check_dimensions((dimension,), Level.CALL, what="calls")
    base, new = values
    return Split((f"{dimension} {base}", f"{dimension} {new}"), dimension, (base, new))


def split_at(moment: datetime, text: str) -> Split:
    """Calls that started before ``moment`` against the later ones; ``text`` is how it was written."""
    return Split((f"before {text}", f"from {text} on"), moment=moment)
