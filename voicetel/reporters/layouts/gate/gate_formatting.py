"""Figures of the gate for people: each in the unit of its metric, with the interval beside it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.results import digits
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.gate.metric import Metric
    from voicetel.gate.results import Interval

_MIN_DIGITS = 2
_OPERATORS = {"<=": "≤", ">=": "≥"}


def figure(value: float | Decimal | None, metric: Metric) -> str:
    """A figure without its unit, short enough for a table: 1,838, 0.1290, 4.2 %."""
    if value is None:
        return formatting.NOT_AVAILABLE
    match metric.unit:
        case "ms":
            return formatting.rounded(value, 0)
        case "money":
            return formatting.rounded(value, _places(value, formatting.MONEY_PLACES))
        case "share":
            return f"{formatting.rounded(100 * Decimal(str(value)), _places(100 * float(value), 1))} %"
        case "score":
            return formatting.rounded(value, 2)
        case _:
            return formatting.quantity(Decimal(str(value)))


def unit(metric: Metric, currency: str) -> str:
    """What a figure is measured in; a share carries its % with it, a count is of nothing but itself."""
    return {"ms": "ms", "s": "s", "money": visible(currency)}.get(metric.unit, "")


def with_unit(value: float | Decimal | None, metric: Metric, currency: str) -> str:
    """A figure with its unit: 1,838 ms."""
    return (
        f"{figure(value, metric)} {unit(metric, currency)}".rstrip() if value is not None else formatting.NOT_AVAILABLE
    )


def bound(operator: str, value: Decimal, metric: Metric, currency: str) -> str:
    """A limit as it was set, to the last digit: < 1500 ms, ≤ 4 %."""
    text = f"{digits(value * 100)} %" if metric.unit == "share" else digits(value)
    return f"{_OPERATORS.get(operator, operator)} {text} {unit(metric, currency)}".rstrip()


def span(interval: Interval | None, metric: Metric) -> str:
    """An interval: 1,380 – 1,620."""
    if interval is None:
        return formatting.NOT_AVAILABLE
    low, high = figure(interval.low, metric), figure(interval.high, metric)
    return f"{low.removesuffix(' %')} – {high}"


def change(value: float | None, metric: Metric, *, relative: bool) -> str:
    """A difference: +12.3 % of the figure, or +2.1 pt of a share, or in the unit of the metric."""
    if value is None:
        return formatting.NOT_AVAILABLE
    return f"{_signed(value, metric, relative=relative)}{_change_unit(metric, relative=relative)}"


def change_span(interval: Interval | None, metric: Metric, *, relative: bool) -> str:
    """The interval of a difference: +9.1 – +15.8 %."""
    if interval is None:
        return formatting.NOT_AVAILABLE
    low, high = (_signed(each, metric, relative=relative) for each in (interval.low, interval.high))
    return f"{low} … {high}{_change_unit(metric, relative=relative)}"


def where_text(where: Mapping[str, tuple[str, ...]]) -> str:
    """What calls a limit is about: agent_name=clinic-booking, language=en|ru."""
    return ", ".join(f"{name}={'|'.join(map(visible, values))}" for name, values in where.items())


def _signed(value: float, metric: Metric, *, relative: bool) -> str:
    hundredfold = relative or metric.unit == "share"
    number = value * 100 if hundredfold else value
    places = 1 if hundredfold or metric.unit in {"ms", "s", "count"} else 2
    text = formatting.rounded(abs(number), _places(number, 4) if metric.unit == "money" and not relative else places)
    if not text.strip("0.,"):
        return text
    return f"{'+' if number > 0 else '−'}{text}"


def _change_unit(metric: Metric, *, relative: bool) -> str:
    if relative:
        return " %"
    return {"share": " pt", "ms": " ms", "s": " s"}.get(metric.unit, "")


def _places(value: float | Decimal, usual: int) -> int:
    """As many decimal places as usual, more where that would leave a small number without digits."""
    exact = Decimal(str(value))
    return max(usual, _MIN_DIGITS - 1 - exact.adjusted()) if exact else usual
