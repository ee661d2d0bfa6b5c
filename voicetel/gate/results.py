"""What the gate gives back: limits judged, and samples compared. Shares and rates go from 0 to 1, money is as the report's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from voicetel.errors import ExitCode
from voicetel.results import figure, result

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from voicetel.gate.metric import Measure


@result
class Interval:
    """Where the truth lies, at a confidence ``level`` (0.95: 19 times out of 20)."""

    low: float = figure("Where it begins.")
    high: float = figure("Where it ends.")
    level: float = figure("The level of confidence: how often the truth lies within, 0 to 1.", minimum=0, maximum=1)


@dataclass(frozen=True, slots=True)
class FileLocation:
    """Where something stands in a configuration file. ``line`` counts from 1."""

    file: str
    line: int | None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as it was written.

    ``bound`` is in the unit of the metric: ms, a share from 0 to 1, money. ``where`` has the values that are wanted for
    each dimension of calls. ``level`` is fail or warn; ``on_no_data`` is error or warn.
    """

    measure: Measure
    operator: str
    bound: Decimal
    where: Mapping[str, tuple[str, ...]]
    level: str
    min_calls: int
    on_no_data: str
    name: str | None
    location: FileLocation


class LimitStatus(StrEnum):
    """What became of a limit."""

    PASSED = "passed"
    BROKEN = "broken"
    NOT_JUDGED = "not_judged"


LEFT_TO_CHECK = "voicetel check judges it"
"""The reason for which a page of very many calls does not judge a limit."""


@dataclass(frozen=True, slots=True)
class CheckedLimit:
    """A limit beside the figure.

    ``n`` values of ``calls`` calls count; ``interval`` is None where nothing can be said about how sure the figure is.
    ``certain``: the whole interval is on the same side of the bound. ``reason`` says why a limit was not judged.
    """

    limit: Limit
    status: LimitStatus
    value: float | Decimal | None
    n: int
    calls: int
    interval: Interval | None = None
    certain: bool | None = None
    reason: str | None = None

    @property
    def is_failure(self) -> bool:
        """It breaks the job."""
        return self.status is LimitStatus.BROKEN and self.limit.level == "fail"

    @property
    def is_missing(self) -> bool:
        """It could not be judged, and that is not allowed to pass."""
        return self.status is LimitStatus.NOT_JUDGED and self.limit.level == "fail" and self.limit.on_no_data == "error"

    @property
    def is_short_of_calls(self) -> bool:
        """It was not judged though it has a figure: fewer calls count than its ``min_calls``."""
        return self.status is LimitStatus.NOT_JUDGED and self.value is not None and self.calls < self.limit.min_calls

    @property
    def is_warning(self) -> bool:
        """It lets the job pass, but is to be seen."""
        return self.status is not LimitStatus.PASSED and not self.is_failure and not self.is_missing


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Every limit of a file, in its order. ``warnings`` is what went wrong while reading the logs.

    ``rate_notes`` are sentences on rates far off their list price, where a limit is on money: they fail nothing.
    """

    paths: tuple[str, ...]
    source: str
    currency: str
    calls: int
    limits: tuple[CheckedLimit, ...]
    warnings: tuple[str, ...] = ()
    rate_notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """A broken limit counts for more than one that could not be judged."""
        if any(each.is_failure for each in self.limits):
            return ExitCode.LIMIT_BROKEN
        return ExitCode.NO_DATA if any(each.is_missing for each in self.limits) else ExitCode.OK


class Finding(StrEnum):
    """What can be said of a difference."""

    WORSE = "worse"
    BETTER = "better"
    CHANGED = "changed"
    """There is a difference, of a figure that has no good direction."""
    UNCLEAR = "unclear"
    """The interval includes no change."""
    TOO_FEW = "too_few"
    """The sample is too small to say anything."""


@dataclass(frozen=True, slots=True)
class SampleFigure:
    """A figure of one of the two samples: ``n`` values of ``calls`` calls."""

    value: float | Decimal | None
    n: int
    calls: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure in both samples.

    ``change`` is relative (0.1: 10 % more) where ``relative``, else NEW − BASE in the unit of the metric; ``interval`` is on
    the same scale, at the level that the correction for many metrics leaves it: it excludes 0 exactly where ``finding`` says
    that there is a difference. ``p`` is not corrected. ``superiority`` is the chance that a value of NEW is above one of
    BASE, ties counting half: 0.5 where there is no effect. ``calls_needed`` is how many calls a side it takes to find a
    difference of ``detectable``, None where there are enough.
    """

    measure: Measure
    base: SampleFigure
    new: SampleFigure
    finding: Finding
    relative: bool
    change: float | None = None
    interval: Interval | None = None
    p: float | None = None
    superiority: float | None = None
    detectable: float | None = None
    calls_needed: int | None = None


@dataclass(frozen=True, slots=True)
class FailOn:
    """A change that must not be: more than ``change`` up, or, where negative, down.

    ``relative``: 0.1 is 10 %; else in the unit of the metric. ``text`` is how it was written.
    """

    measure: Measure
    change: float
    relative: bool
    text: str


@dataclass(frozen=True, slots=True)
class CheckedChange:
    """A change beside its limit; ``interval`` and ``change`` are on the scale of the limit.

    Broken where the whole interval is past the limit. ``certain``: the whole interval is on one side of it.
    """

    fail_on: FailOn
    status: LimitStatus
    change: float | None = None
    interval: Interval | None = None
    certain: bool | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two samples side by side. ``alpha`` is the chance that any difference at all is found between equals.

    ``rate_notes`` are sentences on rates far off their list price, where money is compared.
    """

    base: str
    new: str
    base_calls: int
    new_calls: int
    currency: str
    alpha: float
    seed: int
    differences: tuple[Difference, ...]
    changes: tuple[CheckedChange, ...] = ()
    warnings: tuple[str, ...] = ()
    rate_notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """As for limits; without any, a comparison always succeeds unless one side has no calls."""
        if not self.base_calls or not self.new_calls:
            return ExitCode.NO_DATA
        if any(each.status is LimitStatus.BROKEN for each in self.changes):
            return ExitCode.LIMIT_BROKEN
        unjudged = any(each.status is LimitStatus.NOT_JUDGED for each in self.changes)
        return ExitCode.NO_DATA if unjudged else ExitCode.OK
