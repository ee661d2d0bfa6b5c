"""What a program can say beside the name of a report: the command's own options, typed, with a JSON Schema.

What names a file or an endpoint is no parameter: rate card, rules, limits and logs are given where the service starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.dimensions import dimension_help
from voicetel.analyzers.cost.bill import BILL_DIMENSIONS
from voicetel.errors import UsageError
from voicetel.registry import REPORTS
from voicetel.suggestion import did_you_mean_or_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicetel.registry import Report

MAX_WHOLE = 1_000_000_000
"""The largest whole number that is taken: more rows than that there are not."""

_TYPES = {str: "string", int: "integer", float: "number"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter. ``is_list``: it may be given several times, and its value is a list of texts."""

    name: str
    help: str
    type: type = str
    is_list: bool = False
    is_required: bool = False
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its value."""
        one: dict[str, Any] = {"type": _TYPES[self.type]}
        if self.minimum is not None:
            one["minimum"] = self.minimum
        if self.maximum is not None:
            one["maximum"] = self.maximum
        found = {"type": "array", "items": one} if self.is_list else one
        shown = {} if self.default is None else {"default": self.default}
        return {**found, "description": self.help, **shown}

    def value(self, given: Sequence[object]) -> Any:
        """What ``given`` means, JSON values or texts. Raises UsageError for what is of another type or out of bounds."""
        if self.is_list:
            return [self._single(each) for each in given]
        if len(given) != 1:
            raise UsageError(f"{self.name} is given {len(given)} times", hint="give it once")
        return self._single(given[0])

    def _single(self, given: object) -> Any:
        try:
            value = self._typed(given)
        except (TypeError, ValueError, OverflowError):
            raise UsageError(f"{self.name}: {str(given)[:80]!r} is no {_TYPES[self.type]}") from None
        if self.type is not str and not self._is_within(value):
            low = f"at least {self.minimum:g}" if self.minimum is not None else ""
            high = f"at most {self.maximum:g}" if self.maximum is not None else ""
            raise UsageError(f"{self.name}: {value} is out of bounds", hint=" and ".join(filter(None, (low, high))))
        return value

    def _typed(self, given: object) -> Any:
        """Raises TypeError or ValueError for a value of another type."""
        if isinstance(given, bool) or not isinstance(given, str if self.type is str else (str, int, float)):
            raise TypeError
        if isinstance(given, str):
            given.encode()  # half a surrogate pair is no text
            return self.type(given)
        return self.type(given) if self.type(given) == given else self.type(str(given))

    def _is_within(self, value: float) -> bool:
        low, high = self.minimum, self.maximum
        return (low is None or value >= low) and (high is None or value <= high)


FILTERS = (
    Parameter(
        name="since", help="Calls that started at this date or time (ISO 8601), or later; also today, yesterday."
    ),
    Parameter(name="until", help="Calls that started before this time, or on this day."),
    Parameter(name="last", help="Calls of the last 90m, 24h, 7d, 2w."),
    Parameter(name="agent", help="Calls of this agent_name only.", is_list=True),
    Parameter(name="campaign", help="Calls of this campaign only.", is_list=True),
    Parameter(name="language", help="Calls in this language only.", is_list=True),
    Parameter(
        name="where",
        help="Calls that match a condition on the columns of calls: outcome = 'fail' and duration_s > 180. Also in (…), is null, not, or, parentheses.",
    ),
    Parameter(name="tz", help="Time zone of dates and days, such as Europe/Berlin.", default="UTC"),
)

LIVE = (
    Parameter(name="minutes", help="How far back to look.", type=int, default=15, minimum=1, maximum=10080),
    Parameter(
        name="at_newest",
        help="1: the minutes before the newest turn, not before now.",
        type=int,
        default=0,
        minimum=0,
        maximum=1,
    ),
)
"""Of the figures of the last minutes."""

_LIMIT = Parameter(name="limit", help="So many rows.", type=int, default=100, minimum=1, maximum=1000)

_OWN: dict[str, tuple[Parameter, ...]] = {
    "calls": (
        Parameter(
            name="sort",
            help="Sort by a column as it is called in the answer (cost_total, eou_latency_ms_p95, duration_s, turns …):"
            " the highest first, words from A to Z. Else the oldest first.",
        ),
        _LIMIT,
        Parameter(
            name="offset", help="Leave out so many calls first.", type=int, default=0, minimum=0, maximum=MAX_WHOLE
        ),
    ),
    "report": (
        Parameter(
            name="calls",
            help="List so many calls, the slowest first.",
            type=int,
            default=100,
            minimum=0,
            maximum=10_000,
        ),
    ),
    "call": (
        Parameter(name="call_id", help="The call, or the beginning of its id.", is_required=True),
        Parameter(
            name="turns",
            help="Only these turns, counted from 1: 8, 501-1000, 501-. Else the first 1,000; at most 5,000 at once.",
        ),
    ),
    "compare": (
        Parameter(name="split", help="Calls of A against calls of B: agent_version=1.8.1:1.8.2."),
        Parameter(name="split_at", help="Calls that started before this time against later ones."),
        Parameter(
            name="metric",
            help='Only this metric, or "NAME STATISTIC" such as "eou_latency_ms p95"; several as a list.',
            is_list=True,
        ),
        Parameter(
            name="fail_on",
            help='A change that must not be surpassed: "eou_latency_ms p95 +10%".',
            is_list=True,
        ),
        Parameter(
            name="seed",
            help="Of the bootstrap: the same seed gives the same intervals.",
            type=int,
            default=0,
            minimum=0,
            maximum=MAX_WHOLE,
        ),
    ),
    "sql": (
        Parameter(
            name="query",
            help="One SELECT in DuckDB's SQL over the relations calls, turns, operations and usage.",
            is_required=True,
        ),
        _LIMIT,
        Parameter(
            name="timeout", help="Seconds that it may take.", type=float, default=30.0, minimum=0.1, maximum=3600
        ),
    ),
}
"""Parameters of reports that are more than their registry entry."""

_OTHERS = ("report", "call", "check", "compare", "validate", "sql", "sql-schema")
"""Reports that are answered from logs, though not by their registry entry alone."""


def served_reports() -> tuple[Report, ...]:
    """Every report that a program can ask for."""
    return tuple(report for report in REPORTS if report.can_be_asked or report.name in _OTHERS)


def parameters_of(report: Report) -> tuple[Parameter, ...]:
    """What can be said beside its name, in the order of the command's help."""
    found: list[Parameter] = []
    if "by" in report.takes:
        words = f"Group by {dimension_help(report.finest, *report.more_dimensions)}; several with commas."
        otherwise = f" Else {','.join(BILL_DIMENSIONS)}." if report.name == "cost" else ""
        found.append(Parameter(name="by", help=f"{words}{otherwise}", is_list=True))
    found += (
        Parameter(
            name=each.name,
            help=each.help,
            type=each.type,
            default=None if each.default_factory else each.default,
            minimum=each.minimum,
        )
        for each in report.options
    )
    found += _OWN.get(report.name, ())
    if "filters" in report.takes or report.name == "sql":
        found += FILTERS
    return tuple(found)


def schema_of(parameters: Sequence[Parameter]) -> dict[str, Any]:
    """The JSON Schema of an object with these parameters."""
    return {
        "type": "object",
        "properties": {each.name: each.schema() for each in parameters},
        "required": [each.name for each in parameters if each.is_required],
        "additionalProperties": False,
    }


def values_of(parameters: Sequence[Parameter], given: Mapping[str, Sequence[object]]) -> dict[str, Any]:
    """The value of every parameter; those that are not given have their defaults.

    Raises UsageError for a name that is no parameter, a value that means nothing, and one that is missing.
    """
    known = {each.name: each for each in parameters}
    for name in given:
        if name not in known:
            hint = did_you_mean_or_list(name[:80], known) if known else None
            raise UsageError(f"there is no parameter {name[:80]!r}", hint=hint)
    for each in parameters:
        if each.is_required and each.name not in given:
            raise UsageError(f"{each.name} is missing", hint=each.help)
    return {each.name: each.value(given[each.name]) if each.name in given else each.default for each in parameters}
