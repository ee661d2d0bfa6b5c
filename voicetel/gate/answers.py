"""What ``voicetel check`` and ``voicetel compare`` answer in JSON: limits and differences with the names of their metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voicetel.errors import ExitCode
from voicetel.gate.metrics import METRICS, METRICS_WITH_PARTS
from voicetel.gate.results import Finding, Interval, LimitStatus
from voicetel.gate.slo import LEVELS, NO_DATA
from voicetel.results import digits, figure, result

if TYPE_CHECKING:
    from voicetel.gate.metric import Measure
    from voicetel.gate.results import CheckedChange, CheckedLimit, CheckResult, Comparison, Difference, SampleFigure

_VALUE: Mapping[str, Any] = {"type": ["number", "string", "null"]}
_MONEY = "Money is a string of digits, exact."
_EXIT = (int(ExitCode.OK), int(ExitCode.LIMIT_BROKEN), int(ExitCode.NO_DATA))
_UNITS = tuple(sorted({metric.unit for metric in METRICS.values()}))
_METRIC: Mapping[str, Any] = {
    "type": "string",
    "anyOf": [{"enum": list(METRICS)}, {"pattern": rf"^({'|'.join(METRICS_WITH_PARTS)})\..+"}],
}
"""A metric, or one of a single tool, model or state of the dialogue."""


@result
class LimitAnswer:
    """A limit beside the figure."""

    name: str | None = figure("As it is called in the file.")
    metric: str = figure("The figure that is limited.", schema=_METRIC)
    statistic: str = figure("Which statistic of it.")
    operator: str = figure("How the figure must lie to the bound.", choices=("<", "<=", ">", ">="))
    bound: Any = figure(_MONEY, schema=_VALUE)
    unit: str = figure("Of value and bound.", choices=_UNITS)
    where: Mapping[str, tuple[str, ...]] = figure("The calls that it is about: dimension → values.")
    level: str = figure("What it does where it is broken: fail the job, or warn.", choices=LEVELS)
    min_calls: int = figure("Of fewer calls nothing is said.")
    on_no_data: str = figure("What it is if it cannot be judged.", choices=NO_DATA)
    file: str = figure("Where it is written.")
    line: int | None = figure("From 1.")
    result: LimitStatus = figure("What became of it.")
    value: Any = figure(_MONEY, schema=_VALUE)
    n: int = figure("Values that count.")
    calls: int = figure("Calls that they are of.")
    interval: Interval | None = figure("Where the figure would lie in other such calls.")
    certain: bool | None = figure("Whether the whole interval is on the same side of the bound.")
    reason: str | None = figure("Why it was not judged.")


@result
class CheckAnswer:
    """Every limit with its figure; ``exit_code`` is that of the command."""

    paths: tuple[str, ...] = figure("What was read.")
    limits_file: str = figure("Where the limits are.")
    currency: str = figure("Of every amount.")
    calls: int = figure("Calls that were read.")
    exit_code: int = figure("0: all passed, 3: one broken, 4: one could not be judged.", choices=_EXIT)
    limits: tuple[LimitAnswer, ...] = figure("In the order of the file.")
    warnings: tuple[str, ...] = figure("What was passed over while reading.")
    rate_notes: tuple[str, ...] = figure("Rates far off their list price, where a limit is on money.")


@result
class SideAnswer:
    """A figure of one of the two samples."""

    value: Any = figure(_MONEY, schema=_VALUE)
    n: int = figure("Values that count.")
    calls: int = figure("Calls that they are of.")


@result
class DifferenceAnswer:
    """One statistic of one metric in both samples."""

    metric: str = figure("The figure that is compared.", schema=_METRIC)
    statistic: str = figure("Which statistic of it.")
    unit: str = figure("Of the values.", choices=_UNITS)
    better: str | None = figure("The direction that a release wants.", choices=("lower", "higher", None))
    base: SideAnswer = figure("The figure of BASE.")
    new: SideAnswer = figure("The figure of NEW.")
    finding: Finding = figure("What can be said of the difference.")
    change: float | None = figure("How much it changed.")
    relative: bool = figure("change and interval: 0.1 is 10 % more; else NEW − BASE.")
    interval: Interval | None = figure("Of change, at the level that the correction for many metrics leaves it.")
    p: float | None = figure("The p value, not corrected.", minimum=0, maximum=1)
    superiority: float | None = figure(
        "The chance that a value of NEW is above one of BASE; 0.5: no effect.", minimum=0, maximum=1
    )
    detectable: float | None = figure("The change that calls_needed is for.")
    calls_needed: int | None = figure("Calls a side that it takes to find it; null: there are enough.")


@result
class ChangeAnswer:
    """A change that must not be, beside what was found."""

    fail_on: str = figure("As it was written.")
    metric: str = figure("The figure that is compared.", schema=_METRIC)
    statistic: str = figure("Which statistic of it.")
    limit: float = figure("The change that must not be passed.")
    relative: bool = figure("limit, change and interval: 0.1 is 10 %.")
    result: LimitStatus = figure("What became of it.")
    change: float | None = figure("How much it changed.")
    interval: Interval | None = figure("Of change.")
    certain: bool | None = figure("Whether the whole interval is on one side of the limit.")
    reason: str | None = figure("Why it was not judged.")


@result
class SampleAnswer:
    """One of the two samples."""

    name: str = figure("As it was named.")
    calls: int = figure("Its calls.")


@result
class CompareAnswer:
    """Every difference and every change that must not be; ``exit_code`` is that of the command."""

    base: SampleAnswer = figure("The earlier sample.")
    new: SampleAnswer = figure("The later sample.")
    currency: str = figure("Of every amount.")
    alpha: float = figure("The chance that any difference at all is found between equals.")
    correction: str = figure("For many metrics.", schema={"const": "holm"})
    seed: int = figure("Of the bootstrap.")
    exit_code: int = figure(
        "0: nothing is surely past --fail-on, 3: something is, 4: too little to judge.", choices=_EXIT
    )
    differences: tuple[DifferenceAnswer, ...] = figure("One per metric and statistic.")
    fail_on: tuple[ChangeAnswer, ...] = figure("One per --fail-on.")
    warnings: tuple[str, ...] = figure("What was passed over while reading.")
    rate_notes: tuple[str, ...] = figure("Rates far off their list price, where money is compared.")


def check_answer(found: CheckResult) -> CheckAnswer:
    """Limits that were checked, as JSON has them."""
    limits = tuple(_limit(judged) for judged in found.limits)
    return CheckAnswer(
        paths=found.paths,
        limits_file=found.source,
        currency=found.currency,
        calls=found.calls,
        exit_code=int(found.exit_code),
        limits=limits,
        warnings=found.warnings,
        rate_notes=found.rate_notes,
    )


def compare_answer(found: Comparison) -> CompareAnswer:
    """Samples that were compared, as JSON has them."""
    return CompareAnswer(
        base=SampleAnswer(found.base, found.base_calls),
        new=SampleAnswer(found.new, found.new_calls),
        currency=found.currency,
        alpha=found.alpha,
        correction="holm",
        seed=found.seed,
        exit_code=int(found.exit_code),
        differences=tuple(_difference(each) for each in found.differences),
        fail_on=tuple(_change(each) for each in found.changes),
        warnings=found.warnings,
        rate_notes=found.rate_notes,
    )


def _limit(judged: CheckedLimit) -> LimitAnswer:
    limit, metric = judged.limit, judged.limit.measure.metric
    return LimitAnswer(
        name=limit.name,
        metric=metric.name,
        statistic=limit.measure.statistic,
        operator=limit.operator,
        bound=digits(limit.bound) if metric.unit == "money" else float(limit.bound),
        unit=metric.unit,
        where=limit.where,
        level=limit.level,
        min_calls=limit.min_calls,
        on_no_data=limit.on_no_data,
        file=limit.location.file,
        line=limit.location.line,
        result=judged.status,
        value=_value(judged.value, limit.measure),
        n=judged.n,
        calls=judged.calls,
        interval=judged.interval,
        certain=judged.certain,
        reason=judged.reason,
    )


def _difference(each: Difference) -> DifferenceAnswer:
    metric = each.measure.metric
    return DifferenceAnswer(
        metric=metric.name,
        statistic=each.measure.statistic,
        unit=metric.unit,
        better=metric.better,
        base=_sample_figure(each.base, each.measure),
        new=_sample_figure(each.new, each.measure),
        finding=each.finding,
        change=each.change,
        relative=each.relative,
        interval=each.interval,
        p=each.p,
        superiority=each.superiority,
        detectable=each.detectable,
        calls_needed=each.calls_needed,
    )


def _change(judged: CheckedChange) -> ChangeAnswer:
    fail_on = judged.fail_on
    return ChangeAnswer(
        fail_on=fail_on.text,
        metric=fail_on.measure.metric.name,
        statistic=fail_on.measure.statistic,
        limit=fail_on.change,
        relative=fail_on.relative,
        result=judged.status,
        change=judged.change,
        interval=judged.interval,
        certain=judged.certain,
        reason=judged.reason,
    )


def _sample_figure(side: SampleFigure, measure: Measure) -> SideAnswer:
    return SideAnswer(_value(side.value, measure), side.n, side.calls)


def _value(value: Any, measure: Measure) -> Any:
    """Money as a string of digits, everything else as a number."""
    return digits(value) if measure.metric.unit == "money" and value is not None else value
