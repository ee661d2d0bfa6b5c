"""The small language of limits: ``p95 < 1500`` on one sample, ``eou_latency_ms p95 +10%`` on a change between two."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from voicetel.errors import UsageError
from voicetel.gate.metric import INCOMPARABLE, Measure
from voicetel.gate.metrics import LINE_METRICS, find_measure, find_metric, split_measure
from voicetel.gate.results import FailOn

if TYPE_CHECKING:
    from voicetel.gate.metric import Unit

_NUMBER = r"(?P<number>\d+(?:\.\d+)?|\.\d+)"
_EXPECT = re.compile(
    rf"(?:(?P<statistic>[a-z]\w*)\s*)?(?P<operator><=|>=|<|>)\s*(?P<sign>-?){_NUMBER}\s*(?P<unit>%|[a-zA-Z]*)"
)
_CHANGE = re.compile(rf"(?P<measure>\S.*?)\s+(?P<sign>[+\-−]){_NUMBER}\s*(?P<unit>%|[a-zA-Z]*)")

_UNITS: dict[Unit, dict[str, Decimal]] = {
    "ms": {"": Decimal(1), "ms": Decimal(1), "s": Decimal(1000)},
    "s": {"": Decimal(1), "s": Decimal(1), "min": Decimal(60)},
    "share": {"": Decimal(1), "%": Decimal("0.01")},
    "money": {"": Decimal(1)},
    "score": {"": Decimal(1)},
    "count": {"": Decimal(1)},
}
"""What a number may be followed by, and how many of the metric's own unit it is."""


def parse_expectation(metric: str, text: str) -> tuple[Measure, str, Decimal]:
    """Read ``[statistic] (<|<=|>|>=) number [unit]`` as (measure, operator, bound in the metric's unit).

    Raises UsageError that says what is wrong with it.
    """
    found = find_metric(metric)
    match = _EXPECT.fullmatch(text.strip())
    if match is None:
        example = f"{found.statistics[0]} < 1500" if found.unit == "ms" else f"{found.statistics[0]} < 0.05"
        raise UsageError(
            f"cannot read {text!r}", hint=f'write [statistic] (<, <=, > or >=) number, such as "{example}"'
        )
    measure = find_measure(metric, match["statistic"])
    bound = Decimal(match["number"]) * _factor(measure, match["unit"], text)
    return measure, match["operator"], -bound if match["sign"] else bound


def holds(value: float | Decimal, operator: str, bound: Decimal) -> bool:
    """Whether a value keeps to a limit; compared exactly, to the last digit of what was written."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    match operator:
        case "<":
            return exact < bound
        case "<=":
            return exact <= bound
        case ">":
            return exact > bound
        case _:
            return exact >= bound


def parse_fail_on(text: str) -> FailOn:
    """Read ``metric [statistic] (+|-)number[%|pt|unit]``: how far NEW may be above or below BASE. Raises UsageError."""
    match = _CHANGE.fullmatch(text.strip())
    if match is None:
        hint = 'write metric, statistic and change, such as "eou_latency_ms p95 +10%" or "success_rate -5pt"'
        raise UsageError(f"--fail-on: cannot read {text!r}", hint=hint)
    measure = _comparable(find_measure(*split_measure(match["measure"], option="--fail-on")))
    sign = 1.0 if match["sign"] == "+" else -1.0
    relative = match["unit"] == "%"
    if relative or (match["unit"] == "pt" and measure.metric.unit == "share"):
        factor = Decimal("0.01")
    else:
        factor = _factor(measure, match["unit"], text)
    change = math.copysign(float(Decimal(match["number"]) * factor), sign)
    if relative and change <= -1:
        raise UsageError(f"--fail-on: nothing falls by 100 % or more: {text!r}")
    return FailOn(measure, change, relative, " ".join(text.split()))


def parse_measures(text: str) -> list[Measure]:
    """Read ``metric [statistic]``; without a statistic, those that are compared anyway, else all. Raises UsageError."""
    name, statistic = split_measure(text)
    if statistic is not None:
        return [_comparable(find_measure(name, statistic))]
    metric = find_metric(name)
    comparable = [each for each in metric.compared or metric.statistics if each not in INCOMPARABLE]
    if not comparable or name in LINE_METRICS:
        raise UsageError(f"{name} of two samples cannot be compared")
    return [Measure(metric, each) for each in comparable]


def _comparable(measure: Measure) -> Measure:
    if measure.metric.name in LINE_METRICS or measure.statistic in INCOMPARABLE:
        known = [each for each in measure.metric.statistics if each not in INCOMPARABLE]
        hint = f"one of {', '.join(known)}" if known and measure.metric.name not in LINE_METRICS else None
        raise UsageError(f"{measure} of two samples cannot be compared", hint=hint)
    return measure


def _factor(measure: Measure, unit: str, text: str) -> Decimal:
    units = _UNITS[measure.metric.unit]
    if unit in units:
        return units[unit]
    known = ", ".join(each for each in units if each)
    hint = f"write the number alone, or with {known}" if known else "write the number alone"
    raise UsageError(f"{measure} is not measured in {unit!r}: {text!r}", hint=hint)
